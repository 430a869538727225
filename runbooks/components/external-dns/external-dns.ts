/** ExternalDNS: publishes the hostnames of exposed routes in Cloudflare. [ExternalDNS 0.19 to 0.22] */
import { parseSelector, textSelects } from '../../../src/formats/label-selector-text.ts';
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
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import {
  currentPrefix,
  domainsAllow,
  externalDnsOf,
  legacyPrefix,
  type ExternalDns,
} from '../../models/external-dns-options.ts';
import { annotatedTargets, recordsOf, recordType, type Obstacle } from '../../models/external-dns-records.ts';
import { jsonPatch, pointer } from '../../models/patches.ts';
import { deployments, httpRoutes, pods, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressOf, isNamed, tailnetGateways, type TailnetGateway, type Topology } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as externalSecrets from '../external-secrets/sync.ts';
import * as httproute from '../httproute/httproute.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

type Route = KubeObject<'HTTPRoute'>;
type Gateway = KubeObject<'Gateway'>;

const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  deployments: plain(deployments),
};

type Values = Topology & { routes: readonly Route[]; deployments: readonly KubeObject<'Deployment'>[] };

const showArguments = sh`kubectl get deployment -n ${stack.externalDns.namespace} ${stack.externalDns.deployment} -o jsonpath='{range .spec.template.spec.containers[0].args[*]}{@}{"\\n"}{end}'`;
const showRoutes = sh`kubectl get httproute -A -o json | jq -r '.items[] | "\\(.metadata.namespace)/\\(.metadata.name) \\(.spec.hostnames) \\(.metadata.annotations)"'`;
const untold = 'ExternalDNS’s flags stand neither in its arguments nor in its environment.';
const notInstalled = 'ExternalDNS is not installed, and no route asks for a record.';
const disturbs = 'Nothing: records that exist stay while ExternalDNS restarts.';

const knownPrefixes = [legacyPrefix, currentPrefix];

/** The prefixes that an ExternalDNS reads; any known one where neither flag nor version tells. */
export const prefixesOf = (options: ExternalDns | undefined): readonly string[] => options?.prefixes ?? knownPrefixes;

const isFalse = (value: string): boolean => ['', 'false', 'no', 'off', '0'].includes(value.toLowerCase());

/** Whether a route carries an expose annotation, whatever its prefix and whoever reads it. */
const isAnnotated = ({ metadata }: Route): boolean =>
  knownPrefixes.some((prefix) => {
    const value = metadata.annotations?.[`${prefix}expose`];
    return value !== undefined && !isFalse(value);
  });

/** The routes on the tailnet's Gateways that ask for a record: by the expose annotation, or by what the filter asks for. */
function exposedRoutes(values: Values, all: readonly ExternalDns[]): readonly Route[] {
  const found = tailnetGateways(values);
  return values.routes.filter(
    (route) =>
      isOn(route, found) &&
      (isAnnotated(route) ||
        all.some(
          ({ annotationFilter }) =>
            annotationFilter !== '' &&
            asksFor(annotationFilter) &&
            textSelects(annotationFilter, route.metadata.annotations),
        )),
  );
}

/** A filter that only excludes asks for nothing by itself. */
function asksFor(filter: string): boolean {
  const parsed = parseSelector(filter);
  return !('refused' in parsed) && parsed.some(({ operator }) => !['NotIn', 'DoesNotExist'].includes(operator));
}

const isOn = (route: Route, some: readonly TailnetGateway[]): boolean =>
  (route.spec.parentRefs ?? []).some((parent) =>
    some.some(({ gateway }) =>
      isNamed(gateway, { namespace: parent.namespace ?? route.metadata.namespace ?? '', name: parent.name }),
    ),
  );

const argumentsOf = ({ deployment, path }: ExternalDns, observed: unknown, expected: unknown): Evidence => ({
  object: refOf(deployment),
  path,
  observed,
  expected,
});

const editArguments = ({ deployment }: ExternalDns): Shell => sh`kubectl edit deployment ${place(deployment.metadata)}`;

/** Replaces a flag among the arguments, or adds it; opens an editor where the flag is not known, or not given as one word. */
function setArgument(options: ExternalDns, flag: string): Shell {
  const { deployment, path } = options;
  const [name = ''] = /^--[a-z-]+=/.exec(flag) ?? [];
  const index = Number(/\[(\d+)\]/.exec(path)?.[1] ?? 0);
  const { args } = deployment.spec?.template.spec?.containers[index] ?? {};
  if (name === '' || args === undefined || args.includes(name.slice(0, -1))) return editArguments(options);
  const found = args.findIndex((argument) => argument.startsWith(name));
  return jsonPatch(
    'deployment',
    deployment.metadata,
    found === -1
      ? { op: 'add', path: `${pointer(path)}/-`, value: flag }
      : { op: 'replace', path: pointer(`${path}[${found}]`), value: flag },
  );
}

export const ready = defineCheck({
  id: 'external-dns/ready',
  title: 'ExternalDNS is running',
  why: 'While it stands still, records stay as they are: new hostnames get none, and changed targets are not followed.',
  needs: [externalSecrets.synced],
  reads: { ...reads, pods: raw(pods) },
  commands: [
    sh`kubectl get deployment,pod -n ${stack.externalDns.namespace}`,
    sh`kubectl logs -n ${stack.externalDns.namespace} deployment/${stack.externalDns.deployment} --tail=50`,
  ],
  findings: workloadFindings({
    ...{ name: 'ExternalDNS', disturbs },
    // A Secret that is not there explains a container that cannot be configured, and nothing else.
    explainedBy: (_, what) => (what === 'notConfigured' ? [externalSecrets.synced.id] : []),
  }),
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) {
      const exposed = exposedRoutes(values, all);
      if (exposed.length === 0) return skip(notInstalled);
      const wanted = { namespace: stack.externalDns.namespace, name: stack.externalDns.deployment };
      return fail({
        message: `There is no ExternalDNS, and ${exposed.length === 1 ? 'a route asks' : `${exposed.length} routes ask`} for a record (${exposed.map(nameOf).join(', ')}).`,
        evidence: [
          { object: refTo('Deployment', wanted), path: 'metadata.name', observed: 'not found', expected: 'exists' },
        ],
        remedy: {
          title: 'Install ExternalDNS, or correct its namespace and name in runbooks/stack.ts.',
          commands: [sh`kubectl apply -k infrastructure/external-dns`],
          disturbs: 'Nothing: with the same owner id it takes its own records over.',
        },
      });
    }
    return all.map((options): Judgement => {
      const judged = judgeWorkload(options.deployment, values.pods, find, {});
      // [ExternalDNS 0.22: --policy is required and has no default]
      if (judged.outcome !== 'failed' || options.hasPolicy || (options.minor ?? 0) < 22) return judged;
      return {
        ...judged,
        message: `${judged.message} From 0.22 it does not start without --policy, and it has none.`,
        evidence: [argumentsOf(options, 'no --policy', '--policy=sync or --policy=upsert-only'), ...judged.evidence],
      };
    });
  },
});

export const annotationPrefix = defineCheck({
  id: 'external-dns/annotation-prefix',
  title: 'ExternalDNS reads annotations by the prefix that is in use',
  why: 'ExternalDNS 0.22 changed its default prefix: annotations by the old one are not refused, they are not seen.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showArguments, sh`kubectl get gateway -A -o yaml | grep external-dns`],
  judge(values) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    const found = tailnetGateways(values).map(({ gateway }) => gateway);
    const told = all.filter(({ prefixes, isTold }) => prefixes !== undefined && isTold);
    if (told.length === 0) {
      return skip('Neither --annotation-prefix nor the version of its image says which prefix ExternalDNS reads.');
    }
    // Only the sources of the Gateway API read a Gateway's annotations; where no ExternalDNS has one, that is found elsewhere.
    const watching = told.filter(({ sources }) => sources.some((source) => source.startsWith('gateway-')));
    const readers = watching.length > 0 ? watching : told;
    return readers.map((options): Judgement => {
      const prefixes = prefixesOf(options);
      const [prefix = ''] = prefixes;
      const unread = found.flatMap((gateway) => {
        if (annotatedTargets(gateway, prefixes).length > 0) return [];
        const other = targetKeys(gateway).find((key) => !prefixes.some((own) => key === `${own}target`));
        // With a prefix of its own beside one that reads the annotation, it is told apart on purpose: public and internal DNS.
        const isApart =
          !options.prefixIsDefault && readers.some((one) => annotatedTargets(gateway, prefixesOf(one)).length > 0);
        return other === undefined || isApart ? [] : [{ gateway, other }];
      });
      const [first] = unread;
      if (first === undefined)
        return pass(`${nameOf(options.deployment)} reads annotations that start with ${prefix}.`);
      const default_ = options.prefixIsDefault ? ` (the default of 0.${options.minor ?? ''})` : '';
      const isInUse = [...found, ...values.routes].some(({ metadata }) =>
        Object.keys(metadata.annotations ?? {}).some((key) => prefixes.some((own) => key === `${own}target`)),
      );
      const otherPrefix = first.other.slice(0, -'target'.length);
      const mismatch: Evidence = argumentsOf(
        options,
        `--annotation-prefix=${prefix}${default_}`,
        `--annotation-prefix=${otherPrefix}`,
      );
      const annotation: Evidence = {
        object: refOf(first.gateway),
        path: 'metadata.annotations',
        observed: first.other,
        expected: `${prefix}target`,
      };
      return fail({
        message: `ExternalDNS reads annotations that start with ${prefix}${default_}, and Gateway ${nameOf(first.gateway)} carries ${first.other}: it is not seen.`,
        // One Gateway that differs from the others is at fault itself.
        evidence: isInUse ? [annotation, mismatch] : [mismatch, annotation],
        remedy: isInUse
          ? {
              title: 'Write the annotation with the prefix that ExternalDNS reads.',
              commands: [
                sh`kubectl annotate gateway ${place(first.gateway.metadata)} ${prefix}target=${stack.device.name}.${stack.tailnet}`,
              ],
              disturbs: 'Records of this Gateway’s routes change to the target.',
            }
          : {
              title: `Add the argument --annotation-prefix=${otherPrefix}, or write the annotations anew with ${prefix}.`,
              commands: [setArgument(options, `--annotation-prefix=${otherPrefix}`)],
              disturbs: 'Records change back to the target; until caches expire some clients keep the old ones.',
            },
      });
    });
  },
});

/** Annotations of a Gateway that mean a target to some ExternalDNS. */
const targetKeys = (gateway: Gateway): readonly string[] =>
  Object.keys(gateway.metadata.annotations ?? {}).filter((key) => /^external-dns\.[a-z.]+\/target$/.test(key));

/** What keeps each exposed route from a record, by every ExternalDNS there is; a route that one of them serves is left out. */
function obstacles(values: Values, all: readonly ExternalDns[]) {
  return exposedRoutes(values, all).map((route) => {
    const tried = all.map((options) => ({
      options,
      ...recordsOf(options, route, values.gateways, prefixesOf(options)),
    }));
    const served = tried.find(({ obstacle }) => obstacle === undefined);
    return {
      route,
      served,
      tried: tried.find(({ options }) => options.sources.includes('gateway-httproute')) ?? tried[0],
    };
  });
}

/** The obstacles that lie in what ExternalDNS was told rather than in a route's place in the cluster. */
const isToldSo = ({ kind }: Obstacle): boolean => !['attachment', 'target', 'controller'].includes(kind);

export const watchesRoutes = defineCheck({
  id: 'external-dns/watches-routes',
  title: 'ExternalDNS watches the routes that ask for a record',
  why: 'Sources and filters are arguments: a word that differs from the annotation selects nothing, and nobody complains.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showArguments, showRoutes],
  judge(values) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    if (!all.some(({ isTold }) => isTold)) return skip(untold);
    const dry = all.filter(({ isDryRun }) => isDryRun);
    if (dry.length === all.length && dry[0] !== undefined) {
      return fail({
        message: `ExternalDNS ${nameOf(dry[0].deployment)} runs with --dry-run: it says what it would change and changes nothing.`,
        evidence: [argumentsOf(dry[0], '--dry-run', 'no --dry-run')],
        remedy: {
          title: 'Take the argument out again.',
          commands: [editArguments(dry[0])],
          disturbs: 'Records change as its log has announced: read it first.',
        },
      });
    }
    const routes = obstacles(values, all);
    if (routes.length === 0) return skip('No route on the tailnet’s Gateways asks for a record.');
    const kept = routes.filter(({ served, tried }) => served === undefined && tried?.obstacle !== undefined);
    const told = kept.filter(({ tried }) => tried?.obstacle !== undefined && isToldSo(tried.obstacle));
    const [first] = told;
    // What takes no route at all is told wrong; what takes some leaves it to each of the others to fit.
    const isCommon = routes.every(
      ({ served, tried }) => served === undefined && tried?.obstacle?.kind === first?.tried?.obstacle?.kind,
    );
    const obstacle = first?.tried?.obstacle;
    if (first?.tried === undefined || obstacle === undefined || !isCommon) {
      return pass(
        `ExternalDNS selects ${routes.length - told.length} of ${routes.length} routes that ask for a record.`,
      );
    }
    const { options } = first.tried;
    const observed =
      obstacle.kind === 'source'
        ? options.sources.map((source) => `--source=${source}`).join(' ') || 'no --source'
        : obstacle.flag;
    return fail({
      message: `ExternalDNS ${nameOf(options.deployment)} selects none of the ${routes.length === 1 ? 'routes' : `${routes.length} routes`} that ask for a record: with ${observed}, ${nameOf(first.route)} ${obstacle.text}.`,
      evidence: [
        argumentsOf(options, observed, expectedFlag(obstacle, first.route)),
        ...told.map(({ route }) => ({
          object: refOf(route),
          path: 'metadata.annotations',
          observed: exposeAnnotations(route),
          expected: 'selected by that argument',
        })),
      ],
      remedy: {
        title: `Correct the argument, to ${expectedFlag(obstacle, first.route)}.`,
        commands: [setArgument(options, expectedFlag(obstacle, first.route))],
        disturbs:
          'Records that were missing are made. With --policy=sync others that are no longer wanted are deleted.',
      },
    });
  },
});

const exposeAnnotations = ({ metadata }: Route): string =>
  Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith('external-dns.'))
    .map(([key, value]) => `${key}=${value}`)
    .join(', ') || 'none of ExternalDNS';

function expectedFlag(obstacle: Obstacle, route: Route): string {
  switch (obstacle.kind) {
    case 'source':
      return '--source=gateway-httproute';
    case 'annotation': {
      const key = knownPrefixes
        .map((prefix) => `${prefix}expose`)
        .find((name) => route.metadata.annotations?.[name] !== undefined);
      return key === undefined
        ? 'one that the routes satisfy'
        : `--annotation-filter=${key}=${route.metadata.annotations?.[key] ?? ''}`;
    }
    case 'domain':
      return `--domain-filter=${stack.domain}`;
    case 'namespace':
      return 'no --namespace';
    default:
      return 'one that the routes satisfy';
  }
}

export const routesYieldRecords = defineCheck({
  id: 'external-dns/routes-yield-records',
  title: 'Every route that asks for a record gets one',
  why: 'A route is published only if ExternalDNS selects it, its Gateway accepts it, and a listener takes its hostname.',
  needs: [envoyGateway.kindsInstalled, watchesRoutes, httproute.hostnamesAreServed, managedService.hasAddress],
  reads,
  commands: [showRoutes, showArguments],
  judge(values) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    if (!all.some(({ isTold }) => isTold)) return skip(untold);
    const routes = obstacles(values, all);
    if (routes.length === 0) return skip('No route on the tailnet’s Gateways asks for a record.');
    return routes.map(({ route, served, tried }): Judgement => {
      if (served !== undefined) {
        const records = served.records.map(({ hostname, type, target }) => `${hostname} ${type} ${target}`).join(', ');
        return pass(`HTTPRoute ${nameOf(route)} yields ${records}.`);
      }
      const obstacle = tried?.obstacle;
      if (obstacle === undefined || obstacle.kind === 'attachment' || obstacle.kind === 'target') {
        // Why a route is not accepted is for the checks of HTTPRoute and Gateway to say.
        return skip(`HTTPRoute ${nameOf(route)} yields no record: it ${obstacle?.text ?? 'is not watched'}.`);
      }
      const { path, observed, expected } = routeEvidence(route, obstacle);
      return fail({
        message: `HTTPRoute ${nameOf(route)} asks for a record and gets none: it ${obstacle.text}${obstacle.flag === undefined ? '' : ` by ${obstacle.flag}`}.`,
        evidence: [
          { object: refOf(route), path, observed, expected },
          ...(tried === undefined || obstacle.flag === undefined
            ? []
            : [argumentsOf(tried.options, obstacle.flag, 'an argument that this route satisfies')]),
        ],
        explainedBy: [envoyGateway.kindsInstalled.id, watchesRoutes.id],
        remedy: {
          title: 'Let the route carry what the arguments ask for, as the other routes do; or widen the argument.',
          commands: [
            carry(route, obstacle) ?? sh`kubectl edit httproute ${place(route.metadata)}`,
            ...(tried === undefined || carry(route, obstacle) !== undefined ? [] : [editArguments(tried.options)]),
          ],
          disturbs: 'Nothing: the record is made within an interval, mostly a minute.',
        },
      });
    });
  },
});

/** How a route comes to carry the annotation that the arguments ask for; undefined where they ask for something else. */
function carry({ metadata }: Route, { kind, flag = '' }: Obstacle): Shell | undefined {
  const [, key, value] = /^--annotation-filter=([^=!,\s]+)=([\w.-]+)$/.exec(flag) ?? [];
  return kind === 'annotation' && key !== undefined && value !== undefined
    ? sh`kubectl annotate httproute ${place(metadata)} ${key}=${value} --overwrite`
    : undefined;
}

function routeEvidence(route: Route, obstacle: Obstacle): { path: string; observed: unknown; expected: unknown } {
  switch (obstacle.kind) {
    case 'domain':
      return { path: 'spec.hostnames', observed: route.spec.hostnames ?? [], expected: obstacle.flag };
    case 'label':
      return { path: 'metadata.labels', observed: route.metadata.labels ?? {}, expected: obstacle.flag };
    case 'namespace':
      return { path: 'metadata.namespace', observed: route.metadata.namespace, expected: obstacle.flag };
    case 'gateway':
      return { path: 'spec.parentRefs', observed: route.spec.parentRefs ?? [], expected: obstacle.flag };
    case 'controller':
      return { path: 'metadata.annotations', observed: exposeAnnotations(route), expected: 'no controller annotation' };
    default:
      return { path: 'metadata.annotations', observed: exposeAnnotations(route), expected: obstacle.flag };
  }
}

export const targetIsTheDevice = defineCheck({
  id: 'external-dns/target-is-the-device',
  title: 'The Gateway’s target annotation names the device that the tailnet knows',
  why: 'Records point where the annotation says. Without it the Gateway’s address is published, and goes stale with it.',
  needs: [
    envoyGateway.kindsInstalled,
    annotationPrefix,
    tailscaleProxy.deviceName,
    managedService.isOfTailscalesClass,
    managedService.hasAddress,
  ],
  reads,
  commands: [
    sh`kubectl get gateway -A -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.metadata.annotations}{"\\n"}{end}'`,
    sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway -o jsonpath='{.items[*].status.loadBalancer.ingress[*].hostname}'`,
  ],
  judge(values) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    const exposed = exposedRoutes(values, all);
    const found = tailnetGateways(values).filter((one) => exposed.some((route) => isOn(route, [one])));
    if (found.length === 0) return skip('No Gateway of the tailnet has a route that asks for a record.');
    const prefixes = [...new Set(all.flatMap(prefixesOf))];
    return found.map((one) => judgeTarget(one, prefixes));
  },
});

function judgeTarget({ gateway, services }: TailnetGateway, prefixes: readonly string[]): Judgement {
  const ingress = services.flatMap(ingressOf);
  const hosts = ingress.flatMap(({ hostname }) =>
    hostname === undefined ? [] : [hostname.toLowerCase().replace(/\.$/, '')],
  );
  const addresses = ingress.flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
  const targets = annotatedTargets(gateway, prefixes);
  const [prefix = legacyPrefix] = prefixes;
  const key = prefixes.map((own) => `${own}target`).find((name) => gateway.metadata.annotations?.[name] !== undefined);
  const device = hosts[0] ?? `${stack.device.name}.${stack.tailnet}`;
  const path = 'metadata.annotations';
  const annotate = (name: string): Shell =>
    sh`kubectl annotate gateway ${place(gateway.metadata)} ${name}=${device} --overwrite`;
  if (targets.length === 0) {
    const published = (gateway.status?.addresses ?? []).map(({ value }) => value);
    return fail({
      message: `Gateway ${nameOf(gateway)} has no annotation ${prefix}target, so ExternalDNS publishes ${published.length === 0 ? 'its addresses, and it has none' : `its addresses: ${published.map((value) => `${recordType(value)} ${value}`).join(', ')}`}.`,
      evidence: [{ object: refOf(gateway), path, observed: 'no target', expected: `${prefix}target: ${device}` }],
      // That it has no address to publish is not what is wrong here.
      explainedBy: [envoyGateway.kindsInstalled.id, annotationPrefix.id],
      remedy: {
        title: 'Annotate the Gateway with the device’s name. The annotation counts on the Gateway only, not on routes.',
        commands: [annotate(`${prefix}target`)],
        disturbs: 'A records are replaced by CNAMEs; caches keep the old answer for its time to live.',
      },
    });
  }
  if (hosts.length === 0)
    return skip(`Gateway ${nameOf(gateway)} has no device name yet that its target could be compared with.`);
  const wrong = targets.filter((target) =>
    recordType(target) === 'CNAME'
      ? // A name outside the tailnet may lead there by a record of its own.
        target.endsWith('.ts.net') && !hosts.includes(target)
      : addresses.length > 0 && !addresses.includes(target),
  );
  if (wrong.length === 0) return pass(`Gateway ${nameOf(gateway)} publishes ${targets.join(', ')}.`);
  return fail({
    message: `Gateway ${nameOf(gateway)} publishes ${wrong.join(', ')}, and its device is called ${hosts.join(', ')}: hostnames lead to a device that does not answer for it.`,
    evidence: [
      {
        object: refOf(gateway),
        path: `${path}["${key ?? `${prefix}target`}"]`,
        observed: wrong.join(','),
        expected: device,
      },
      ...services.map((service) => ({
        object: refOf(service),
        path: 'status.loadBalancer.ingress[*].hostname',
        observed: hosts.join(', '),
        expected: 'the target of the Gateway',
      })),
    ],
    remedy: {
      title: 'Write the device’s real name into the annotation, in Git.',
      commands: [annotate(key ?? `${prefix}target`)],
      disturbs: 'Every record of this Gateway changes; caches keep the old answer for its time to live.',
    },
  });
}

export const leavesSplitHorizonAlone = defineCheck({
  id: 'external-dns/leaves-split-horizon-alone',
  title: 'No route asks ExternalDNS for the split-horizon hostname',
  why: 'Its public record leads to the public site; ExternalDNS would put one that leads to the tailnet in its place.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showRoutes],
  judge(values) {
    const { hostname } = stack.splitHorizon;
    const all = externalDnsOf(values.deployments);
    const routes = values.routes.filter(({ spec }) =>
      (spec.hostnames ?? []).some((name) => name.toLowerCase() === hostname),
    );
    if (routes.length === 0) return skip(`No route serves ${hostname}.`);
    return routes.map((route): Judgement => {
      const publishing = all.find((options) =>
        recordsOf(options, route, values.gateways, prefixesOf(options)).records.some(
          (record) => record.hostname === hostname,
        ),
      );
      const isExcluded = all.length > 0 && !all.some((options) => domainsAllow(options, hostname));
      if (publishing === undefined && (isExcluded || !isAnnotated(route))) {
        return pass(`HTTPRoute ${nameOf(route)} leaves ${hostname} to its public record.`);
      }
      if (publishing !== undefined && publishing.annotationFilter === '' && !isAnnotated(route)) {
        return fail({
          message: `ExternalDNS ${nameOf(publishing.deployment)} runs without --annotation-filter, so it publishes every route, and ${hostname} with them.`,
          evidence: [
            argumentsOf(publishing, 'no --annotation-filter', `--annotation-filter=${legacyPrefix}expose=true`),
            {
              object: refOf(route),
              path: 'spec.hostnames',
              observed: hostname,
              expected: 'a record that ExternalDNS leaves alone',
            },
          ],
          remedy: {
            title: `Restore the argument, then make sure that ${hostname} leads to ${stack.splitHorizon.pages} again.`,
            commands: [editArguments(publishing), sh`dig +short ${hostname} @1.1.1.1`],
            disturbs: 'Records of routes without the annotation are deleted, as far as ExternalDNS owns them.',
          },
        });
      }
      const annotation = Object.entries(route.metadata.annotations ?? {}).find(([key]) => key.endsWith('/expose'));
      return fail({
        message: `HTTPRoute ${nameOf(route)} asks for a public record of ${hostname}, which belongs to ${stack.splitHorizon.pages}: ExternalDNS leaves a record that is not its own alone, and makes one that leads to the tailnet as soon as that is gone.`,
        evidence: [
          {
            object: refOf(route),
            path: 'metadata.annotations',
            observed: annotation === undefined ? exposeAnnotations(route) : annotation.join('='),
            expected: 'no expose annotation',
          },
        ],
        remedy: {
          title: `Take the annotation out, in Git too. If ExternalDNS has made its own record, it then deletes that: restore the public one (CNAME ${stack.splitHorizon.pages}).`,
          commands: [
            sh`kubectl annotate httproute ${place(route.metadata)} ${annotation?.[0] ?? `${legacyPrefix}expose`}-`,
            sh`dig +short ${hostname} @1.1.1.1`,
          ],
          disturbs: 'Public visitors of the hostname, where ExternalDNS made the record, until the public one is back.',
        },
      });
    });
  },
});
