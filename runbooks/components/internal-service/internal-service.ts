/** Internal Service: leads pods to the Gateway's Envoy without leaving the cluster. */
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import {
  answersFor,
  envoyPods,
  internalService,
  namedServices,
  routedHostnames,
  selectedPods,
} from '../../models/in-cluster-names.ts';
import { mergePatch } from '../../models/patches.ts';
import { corefile, endpointSlices, httpRoutes, pods, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isManagedFor, isNamed, tailnetGateways, type TailnetGateway, type Topology } from '../../models/topology.ts';
import { isReady } from '../../models/pods.ts';
import * as envoy from '../envoy/envoy.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Service = KubeObject<'Service'>;
type Pod = KubeObject<'Pod'>;

const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  pods: plain(pods),
  corefile: plain(corefile),
};

type Values = Topology & {
  routes: readonly KubeObject<'HTTPRoute'>[];
  pods: readonly Pod[];
  corefile: KubeObject<'ConfigMap'> | undefined;
};

const { namespace, name } = stack.internalService;
const showService = sh`kubectl get service -n ${namespace} ${name} -o wide`;
const showEndpoints = sh`kubectl get endpointslice -n ${namespace} -l kubernetes.io/service-name=${name}`;
const none = 'Pods are not led to the Gateway: CoreDNS names no Service for it, and there is none.';
const disturbs = 'Pods that call the hostnames; clients on the tailnet notice nothing.';

/** The Services that CoreDNS gives pods for the hostnames, as far as they exist; else the one that is meant for it. */
function inQuestion(values: Values): {
  found: readonly Service[];
  missing: readonly { namespace: string; name: string }[];
} {
  const named = namedByCoredns(values);
  const found = values.services.filter((service) => named.some((one) => isNamed(service, one)));
  const meant = internalService(values);
  return {
    found: found.length > 0 || meant === undefined ? found : [meant],
    missing: named.filter((one) => !values.services.some((service) => isNamed(service, one))),
  };
}

const namedByCoredns = (values: Values): readonly { namespace: string; name: string }[] => {
  const data = values.corefile?.data ?? {};
  return namedServices(answersFor(parseCorefile(data['Corefile'] ?? ''), routedHostnames(values), data));
};

export const exists = defineCheck({
  id: 'internal-service/exists',
  title: 'The Service that CoreDNS gives pods exists',
  why: 'CoreDNS answers with its ClusterIP; without it the hostnames do not exist for pods.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showService],
  judge(values) {
    const { found, missing } = inQuestion(values);
    if (found.length > 0) return pass(`Service ${found.map(nameOf).join(', ')} exists.`);
    const [first] = missing;
    if (first === undefined) return skip(none);
    return fail({
      message: `CoreDNS gives pods Service ${first.namespace}/${first.name} for the routed hostnames, and it does not exist: they get NXDOMAIN.`,
      evidence: [{ object: refTo('Service', first), path: 'metadata.name', observed: 'not found', expected: 'exists' }],
      remedy: {
        title: 'Create it again from Git.',
        commands: [sh`kubectl apply -f infrastructure/gateway/internal-service.yaml`],
        disturbs: 'Nothing that works now.',
      },
    });
  },
});

/** Judges each Service by itself, if there is one. */
const eachService =
  <V extends Values>(judge: (service: Service, values: V) => Judgement | readonly Judgement[]) =>
  (values: V): Judgement | readonly Judgement[] => {
    const { found } = inQuestion(values);
    return found.length === 0 ? skip(none) : found.flatMap((service) => judge(service, values));
  };

export const selectsEnvoy = defineCheck({
  id: 'internal-service/selects-envoy',
  title: 'The internal Service selects the Gateway’s Envoy, and nothing else',
  why: 'A Service selects by labels, in its own namespace only; one label that differs selects nothing.',
  needs: [exists, envoy.ready],
  reads,
  commands: [
    showService,
    sh`kubectl get pod -n ${stack.envoyGateway.namespace} -l app.kubernetes.io/managed-by=envoy-gateway --show-labels`,
  ],
  judge: eachService((service, values) => {
    if (service.spec?.type === 'ExternalName')
      return skip(`Service ${nameOf(service)} is only a name for another one.`);
    if (Object.keys(service.spec?.selector ?? {}).length === 0) {
      return skip(`Service ${nameOf(service)} has no selector: its endpoints are written by hand.`);
    }
    const envoys = envoyPods(values);
    if (envoys.length === 0) return skip('No Envoy runs that it could select.');
    const selected = selectedPods(service, values.pods);
    const strangers = selected.filter((pod) => !envoys.includes(pod));
    const object = refOf(service);
    const [model] = envoys;
    const wanted = model === undefined ? {} : owningLabels(model);
    const remedy = {
      title: 'Select Envoy by the labels that Envoy Gateway gives it.',
      commands: [mergePatch('service', service.metadata, { spec: { selector: wanted } })],
      disturbs,
    };
    if (selected.length === 0) {
      const isElsewhere = !envoys.some((pod) => pod.metadata.namespace === service.metadata.namespace);
      if (isElsewhere) {
        return fail({
          message: `Service ${nameOf(service)} selects no Envoy: Envoy runs in ${model?.metadata.namespace ?? ''}, and a Service selects pods of its own namespace only.`,
          evidence: [
            {
              object,
              path: 'metadata.namespace',
              observed: service.metadata.namespace,
              expected: model?.metadata.namespace,
            },
          ],
          remedy: {
            title: 'Create the Service in Envoy’s namespace, and let CoreDNS name it there.',
            commands: [sh`kubectl get service ${place(service.metadata)} -o yaml`],
            disturbs,
          },
        });
      }
      const wrong = Object.entries(service.spec?.selector ?? {}).filter(
        ([key, value]) => !envoys.some((pod) => pod.metadata.labels?.[key] === value),
      );
      const named = (wrong.length > 0 ? wrong : Object.entries(service.spec?.selector ?? {}))
        .map((pair) => pair.join('='))
        .join(', ');
      return fail({
        message: `Service ${nameOf(service)} selects no pod: no Envoy is labelled ${named}.`,
        evidence: [
          { object, path: 'spec.selector', observed: service.spec?.selector, expected: wanted },
          ...(model === undefined
            ? []
            : [{ object: refOf(model), path: 'metadata.labels', observed: model.metadata.labels, expected: named }]),
        ],
        remedy,
      });
    }
    const [stranger] = strangers;
    if (stranger !== undefined) {
      return fail({
        message: `Service ${nameOf(service)} also selects ${strangers.map((pod) => pod.metadata.name).join(', ')}, which ${strangers.length === 1 ? 'is' : 'are'} not Envoy of a Gateway on the tailnet: ${selected.length === strangers.length ? 'no connection arrives' : 'some connections end there'}.`,
        evidence: [
          { object, path: 'spec.selector', observed: service.spec?.selector, expected: wanted },
          {
            object: refOf(stranger),
            path: 'metadata.labels',
            observed: stranger.metadata.labels,
            expected: 'not selected',
          },
        ],
        remedy,
      });
    }
    return pass(`Service ${nameOf(service)} selects ${selected.map((pod) => pod.metadata.name).join(', ')}.`);
  }),
});

/** The labels by which Envoy Gateway says whose Envoy a pod is. */
const owningLabels = ({ metadata }: Pod): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(metadata.labels ?? {}).filter(([key]) => key.startsWith('gateway.envoyproxy.io/owning-gateway')),
  );

/**
 * The port on which Envoy listens for a listener's port. What Envoy Gateway wrote into the managed Service tells; without one,
 * its rule does: ports below 1024 are shifted by 10000. [Envoy Gateway 1.6 to 1.9]
 */
function envoyPort({ services, envoyProxy }: TailnetGateway, port: number): number | string {
  const managed = services.flatMap(({ spec }) => spec?.ports ?? []).find((candidate) => candidate.port === port);
  if (managed?.targetPort !== undefined) return managed.targetPort;
  const isKept = envoyProxy?.spec.provider?.kubernetes?.useListenerPortAsContainerPort === true;
  return port < 1024 && !isKept ? port + 10_000 : port;
}

export const portReachesEnvoy = defineCheck({
  id: 'internal-service/port-reaches-envoy',
  title: 'The internal Service leads to the port on which Envoy listens',
  why: 'Envoy runs unprivileged: its listener for port 443 is on 10443 in the pod, and nothing listens on 443.',
  needs: [exists, selectsEnvoy],
  reads,
  commands: [
    sh`kubectl get service -n ${namespace} ${name} -o jsonpath='{.spec.ports}'`,
    sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway -o jsonpath='{.items[*].spec.ports}'`,
  ],
  judge: eachService((service, values) => {
    if (service.spec?.type === 'ExternalName')
      return skip(`Service ${nameOf(service)} is only a name for another one.`);
    const selected = selectedPods(service, envoyPods(values));
    const behind = tailnetGateways(values).filter(({ gateway }) => selected.some((pod) => isManagedFor(pod, gateway)));
    if (behind.length === 0) return skip(`Service ${nameOf(service)} selects no Envoy whose ports could be compared.`);
    return behind.map((found) => judgePorts(service, found, selected));
  }),
});

function judgePorts(service: Service, found: TailnetGateway, envoys: readonly Pod[]): Judgement {
  const object = refOf(service);
  const own = service.spec?.ports ?? [];
  const https = found.gateway.spec.listeners.filter(({ protocol }) => protocol === 'HTTPS').map(({ port }) => port);
  const patch = (port: number): Shell =>
    mergePatch('service', service.metadata, {
      spec: { ports: [{ name: 'https', protocol: 'TCP', port, targetPort: envoyPort(found, port) }] },
    });
  const [first] = https;
  if (first !== undefined && !own.some(({ port }) => https.includes(port))) {
    return fail({
      message: `Service ${nameOf(service)} has no port ${first}, on which pods connect for https (it has ${own.map(({ port }) => port).join(', ') || 'none'}).`,
      evidence: [{ object, path: 'spec.ports[*].port', observed: own.map(({ port }) => port), expected: first }],
      remedy: { title: 'Give it the listener’s port.', commands: [patch(first)], disturbs },
    });
  }
  const containerPorts = envoys.flatMap(({ spec }) => spec?.containers.flatMap(({ ports = [] }) => ports) ?? []);
  const resolve = (port: number | string): number | undefined =>
    typeof port === 'number' ? port : containerPorts.find((candidate) => candidate.name === port)?.containerPort;
  const listened = found.gateway.spec.listeners.map(({ port }) => port);
  const wrong = own
    .filter(({ port }) => listened.includes(port))
    .map(({ port, targetPort = port }) => ({ port, targetPort, expected: envoyPort(found, port) }))
    .find(({ targetPort, expected }) => {
      const [has, wants] = [resolve(targetPort), resolve(expected)];
      // A name that the pods do not explain says nothing where they list no ports at all.
      if (has === undefined) return containerPorts.length > 0;
      return wants !== undefined && has !== wants;
    });
  if (wrong === undefined) return pass(`Service ${nameOf(service)} leads to Envoy’s own ports.`);
  const also: readonly Evidence[] = found.services.map((managed) => ({
    object: refOf(managed),
    path: 'spec.ports[*].targetPort',
    observed: wrong.expected,
    expected: 'the same in the internal Service',
  }));
  return fail({
    message: `Service ${nameOf(service)} leads port ${wrong.port} to ${wrong.targetPort} in the pod, and Envoy listens on ${wrong.expected}: connections are refused.`,
    evidence: [
      {
        object,
        path: `spec.ports[?(@.port==${wrong.port})].targetPort`,
        observed: wrong.targetPort,
        expected: wrong.expected,
      },
      ...also,
    ],
    remedy: { title: `Set targetPort to ${wrong.expected}.`, commands: [patch(wrong.port)], disturbs },
  });
}

export const hasEndpoints = defineCheck({
  id: 'internal-service/has-endpoints',
  title: 'The internal Service has ready endpoints',
  why: 'Its ClusterIP answers only while a ready pod stands behind it.',
  needs: [exists, selectsEnvoy, portReachesEnvoy, envoy.ready],
  reads: { ...reads, slices: plain(endpointSlices) },
  commands: [showEndpoints],
  judge: eachService((service, values: Values & { slices: readonly KubeObject<'EndpointSlice'>[] }) => {
    if (service.spec?.type === 'ExternalName')
      return skip(`Service ${nameOf(service)} is only a name for another one.`);
    const own = values.slices.filter(
      ({ metadata }) =>
        metadata.namespace === service.metadata.namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
    );
    const ready = own
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false);
    if (ready.length > 0) {
      return pass(
        `Service ${nameOf(service)} has ${ready.length === 1 ? '1 ready endpoint' : `${ready.length} ready endpoints`}.`,
      );
    }
    const pods = selectedPods(service, values.pods).filter(isReady);
    if (own.length === 0) {
      return skip(
        pods.length > 0
          ? `Nobody keeps an EndpointSlice of Service ${nameOf(service)} that could be read; the pods that it selects are ready.`
          : `Service ${nameOf(service)} has no EndpointSlice, and selects no pod that is ready.`,
      );
    }
    const [slice] = own;
    return fail({
      message: `Service ${nameOf(service)} has no ready endpoint${pods.length > 0 ? `, though ${pods.map((pod) => pod.metadata.name).join(', ')} ${pods.length === 1 ? 'is' : 'are'} ready` : ''}: pods’ connections to it fail.`,
      evidence: [
        { object: refOf(service), path: 'its ready endpoints', observed: 0, expected: 'at least 1' },
        ...(slice === undefined
          ? []
          : [{ object: refOf(slice), path: 'endpoints', observed: slice.endpoints ?? [], expected: 'a ready one' }]),
      ],
      remedy: {
        title: 'Look at the pods that it selects and at the events of the Service.',
        commands: [sh`kubectl describe service ${place(service.metadata)}`, showEndpoints],
        disturbs: 'Nothing: reading only.',
      },
    });
  }),
});
