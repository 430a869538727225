/** What the containers of the healthy demo cluster have said, with `{{ago 5m}}` for times, by the key of the container. */
import { logKey } from '../../packages/apiserver/reads/logs.ts';
import { strings, text } from '../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { App, Stack } from '../../runbooks/stack-type.ts';
import { ifThere, partOf } from './part.ts';
import { accessLogEntry } from './network/access-log.ts';
import { ago, type Labels, named } from './objects/build/basics.ts';
import { managed } from './controllers/envoy-gateway/managed.ts';

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

/** Pods of a namespace that carry labels. */
const podsOf = (objects: readonly KubernetesObject[], namespace: string, labels: Labels): readonly KubernetesObject[] =>
  objects.filter(
    ({ kind, metadata }) =>
      kind === 'Pod' &&
      metadata.namespace === namespace &&
      Object.entries(labels).every(([key, value]) => strings(metadata, 'labels')[key] === value),
  );

const ipOf = (pod: KubernetesObject | undefined): string => text(pod, 'status', 'podIP');

interface Request {
  app: App;
  since: string;
  duration: number;
  path: string;
  /** Which of the app's pods answered. */
  pod: number;
}

/** One request that went the whole way. */
function served(
  { app, since, duration, path, pod }: Request,
  objects: readonly KubernetesObject[],
  [envoy, proxy]: readonly [string, string],
): string {
  const route = `httproute/${app.namespace}/${app.name}/rule/0`;
  const upstream = podsOf(objects, app.namespace, named(app.name))[pod];
  return JSON.stringify(
    accessLogEntry({
      ':authority': app.hostname,
      bytes_sent: 18240,
      downstream_local_address: `${envoy}:10443`,
      downstream_remote_address: `${proxy}:41836`,
      duration,
      method: 'GET',
      protocol: 'HTTP/2',
      requested_server_name: app.hostname,
      response_code: 200,
      response_code_details: 'via_upstream',
      route_name: `${route}/match/0/${app.hostname.replaceAll('.', '_')}`,
      start_time: ago(since),
      upstream_cluster: route,
      upstream_host: `${ipOf(upstream)}:${app.containerPort}`,
      upstream_local_address: `${envoy}:52210`,
      'user-agent': 'curl/8.16.0',
      'x-envoy-origin-path': path,
      'x-forwarded-for': proxy,
    }),
  );
}

/** What programs say at their start, and little more while nothing happens. */
const started = '33d';

/** [Tailscale 1.92.3, cmd/k8s-operator/operator.go; its version is built from the release's commit] */
const operatorLog = lines(
  `{"level":"info","ts":"${ago(started)}","logger":"startReconcilers","msg":"Startup complete, operator running, version: 1.92.3-t9a08e8f1c"}`,
);

/** [Envoy Gateway 1.9.0, internal/logging, internal/provider/kubernetes and internal/infrastructure/runner] */
const envoyGatewayLog = ({ gateway: { namespace, name } }: Stack): string =>
  lines(
    `{{zap ${started}}}\tinfo\tprovider\tkubernetes/controller.go:328\treconciling gateways\t{"runner": "provider"}`,
    `{{zap ${started}}}\tinfo\tinfrastructure\trunner/runner.go:110\treceived an update\t{"runner": "infrastructure", "key": "${namespace}/${name}", "delete": false}`,
  );

/** [cert-manager 1.19.2 with client-go 0.34.1, tools/leaderelection] */
const leaderElection = (namespace: string): string =>
  lines(
    `I{{klog ${started}}}       1 leaderelection.go:257] attempting to acquire leader lease ${namespace}/cert-manager-controller...`,
    `I{{klog ${started}}}       1 leaderelection.go:271] successfully acquired lease ${namespace}/cert-manager-controller`,
  );

const updated = (since: string): string => `time="${ago(since)}" level=info msg="All records are already up to date"`;

export function logsOf(stack: Stack, objects: readonly KubernetesObject[]): ReadonlyMap<string, string> {
  const { app, apps, coredns, envoyGateway, domain } = stack;
  const keyed = (
    pods: readonly KubernetesObject[],
    container: string,
    log: string,
  ): readonly (readonly [string, string])[] =>
    pods.map(({ metadata }) => [logKey(metadata.namespace ?? '', metadata.name, container), log]);
  const envoys = podsOf(objects, envoyGateway.namespace, managed);
  const proxies = podsOf(objects, stack.tailscaleOperator.namespace, {
    'tailscale.com/parent-resource-ns': envoyGateway.namespace,
  });
  const way = [ipOf(envoys[0]), ipOf(proxies[0])] as const;
  const [second = app, last = app] = [apps[1], apps.at(-1)];
  const requests: readonly Request[] = [
    { app: last, since: '3h12m8s', duration: 9, path: '/web/', pod: 0 },
    { app, since: '41m20s', duration: 2, path: '/', pod: 0 },
    { app, since: '41m19s', duration: 2, path: '/issues/missing-sni/', pod: 1 },
    { app: second, since: '6m2s', duration: 3, path: '/', pod: 0 },
  ];
  return new Map([
    ...keyed(
      podsOf(objects, coredns.namespace, { 'k8s-app': 'kube-dns' }),
      'coredns',
      lines('.:53', `${domain}.:53`, 'CoreDNS-1.13.1', 'linux/amd64, go1.25.2'),
    ),
    ...ifThere(stack, 'externalDns', () =>
      keyed(
        podsOf(objects, partOf(stack, 'externalDns').namespace, named('external-dns')),
        'external-dns',
        lines(updated('3m'), updated('2m'), updated('1m')),
      ),
    ),
    ...keyed(
      podsOf(objects, envoyGateway.namespace, { 'control-plane': 'envoy-gateway' }),
      'envoy-gateway',
      envoyGatewayLog(stack),
    ),
    ...keyed(podsOf(objects, stack.tailscaleOperator.namespace, { app: 'operator' }), 'operator', operatorLog),
    ...keyed(
      podsOf(objects, stack.certManager.namespace, named('cert-manager')),
      'cert-manager-controller',
      leaderElection('kube-system'),
    ),
    ...keyed(envoys, 'envoy', lines(...requests.map((request) => served(request, objects, way)))),
  ]);
}
