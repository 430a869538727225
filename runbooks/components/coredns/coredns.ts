/** CoreDNS: answers pods, and leads them to the Gateway without leaving the cluster. [CoreDNS 1.12 and 1.13] */
import { addressVersion, isInRange } from '../../../src/formats/cidr.ts';
import { answerOf } from '../../../src/formats/corefile/answer.ts';
import type { ServerBlock } from '../../../src/formats/corefile/corefile.ts';
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import {
  answersFor,
  internalService,
  parentDomain,
  routedHostnames,
  selectedPods,
  envoyPods,
  type NamedAnswer,
} from '../../models/in-cluster-names.ts';
import { isTailnetAddress } from '../../models/request.ts';
import {
  corefile,
  daemonSets,
  deployments,
  endpointSlices,
  httpRoutes,
  pods,
  topologyReads,
} from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressHosts, isNamed, type Topology } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as internal from '../internal-service/internal-service.ts';

type Service = KubeObject<'Service'>;
type ConfigMap = KubeObject<'ConfigMap'>;

const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  pods: plain(pods),
  slices: plain(endpointSlices),
  corefile: plain(corefile),
};

type Values = Topology & {
  routes: readonly KubeObject<'HTTPRoute'>[];
  pods: readonly KubeObject<'Pod'>[];
  slices: readonly KubeObject<'EndpointSlice'>[];
  corefile: ConfigMap | undefined;
};

const { namespace, configMap, deployment } = stack.coredns;
const showCorefile = sh`kubectl get configmap -n ${namespace} ${configMap} -o jsonpath='{.data.Corefile}'`;
const noCorefile = `There is no ConfigMap ${namespace}/${configMap} that could be judged.`;
const notLed = 'Pods are not led to the Gateway: no server block does it, and there is no Service for it.';
const rewriteLine = `rewrite name regex ^[a-z0-9-]+\\.${stack.domain.replaceAll('.', '\\.')}\\.$ ${stack.internalService.name}.${stack.internalService.namespace}.svc.cluster.local answer auto`;

const edit = (
  title: string,
  command = sh`kubectl edit configmap -n ${namespace} ${configMap}`,
): { title: string; commands: readonly Shell[]; disturbs: string } => ({
  title: `${title} Without the plugin reload CoreDNS needs a restart to see it.`,
  commands: [command, sh`kubectl rollout restart deployment -n ${namespace} ${deployment}`],
  disturbs: 'Nothing: CoreDNS keeps its old configuration until the new one is loaded, and restarts pod by pod.',
});

const inCorefile = (config: ConfigMap, observed: unknown, expected: unknown): Evidence => ({
  object: refOf(config),
  path: 'data.Corefile',
  observed,
  expected,
});

export const loadsCorefile = defineCheck({
  id: 'coredns/loads-its-corefile',
  title: 'CoreDNS can load its Corefile',
  why: 'A fault in it is refused as a whole: running pods keep the old one, restarted ones do not come up.',
  reads: { corefile: plain(corefile) },
  commands: [showCorefile, sh`kubectl logs -n ${namespace} -l k8s-app=kube-dns --tail=50`],
  judge({ corefile }) {
    const text = corefile?.data?.['Corefile'];
    if (corefile === undefined || text === undefined) return skip(noCorefile);
    const { faults, blocks } = parseCorefile(text);
    if (faults.length === 0) return pass(`The Corefile has ${blocks.length} server blocks.`);
    return fail({
      message: `CoreDNS refuses the Corefile of ConfigMap ${nameOf(corefile)}: ${faults.join(' ')}`,
      evidence: [inCorefile(corefile, faults, 'blocks that close, and each zone claimed once')],
      remedy: edit('Correct the Corefile.'),
    });
  },
});

/** What runs CoreDNS: the stack's Deployment, else whatever the label of the cluster's DNS selects. */
const workloadOf = (
  deployments: readonly KubeObject<'Deployment'>[],
  daemonSets: readonly KubeObject<'DaemonSet'>[],
): KubeObject<'Deployment'> | KubeObject<'DaemonSet'> | undefined =>
  deployments.find((one) => isNamed(one, { namespace, name: deployment })) ??
  [...deployments, ...daemonSets].find(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && spec?.template.metadata?.labels?.['k8s-app'] === 'kube-dns',
  );

export const ready = defineCheck({
  id: 'coredns/ready',
  title: 'CoreDNS is running',
  why: 'Without it pods resolve nothing at all.',
  needs: [loadsCorefile],
  reads: { deployments: plain(deployments), daemonSets: plain(daemonSets), pods: raw(pods) },
  commands: [sh`kubectl get deployment,pod -n ${namespace} -l k8s-app=kube-dns`],
  findings: workloadFindings({ name: 'CoreDNS', disturbs: 'Name resolution in pods, for the seconds that it takes.' }),
  judge({ deployments, daemonSets, pods }, { find }) {
    const workload = workloadOf(deployments, daemonSets);
    if (workload === undefined) return skip(`Nothing in ${namespace} runs CoreDNS by the label k8s-app=kube-dns.`);
    return judgeWorkload(workload, pods, find, {});
  },
});

/** What a hostname's answer is worth to a pod. */
type Worth =
  | { kind: 'inside' }
  | { kind: 'outside' }
  /** It leads nowhere; `missing` where a Service that does not exist is the reason. */
  | { kind: 'broken'; because: string; observed: string; expected: string; isMissing?: boolean };

const line = (words: { name: string; args: readonly string[] } | undefined): string =>
  words === undefined ? '' : [words.name, ...words.args].join(' ');

const fqdn = ({ metadata }: Service): string => `${metadata.name}.${metadata.namespace ?? ''}.svc.cluster.local`;

function worthOf({ answer, block }: NamedAnswer, values: Values): Worth {
  if (answer === undefined || block === undefined) return { kind: 'outside' };
  const { result, rewritten } = answer;
  const meant = internalService(values);
  const expected = meant === undefined ? rewriteLine : fqdn(meant);
  switch (result.kind) {
    case 'elsewhere':
      return { kind: 'inside' };
    case 'service': {
      const service = values.services.find((candidate) => isNamed(candidate, result));
      const observed = rewritten === undefined ? `${result.namespace}/${result.name}` : line(rewritten.by);
      if (service === undefined) {
        const because = `leads to Service ${result.namespace}/${result.name}, which does not exist`;
        const wanted = meant === undefined ? 'a Service that exists' : expected;
        return { kind: 'broken', because, observed, expected: wanted, isMissing: true };
      }
      const envoys = envoyPods(values);
      const leadsAstray =
        meant !== undefined &&
        service !== meant &&
        envoys.length > 0 &&
        selectedPods(service, values.pods).length > 0 &&
        selectedPods(service, envoys).length === 0;
      return leadsAstray
        ? {
            kind: 'broken',
            because: `leads to Service ${nameOf(service)}, behind which there is no Envoy`,
            observed,
            expected,
          }
        : { kind: 'inside' };
    }
    case 'records': {
      const stale = result.values.filter((address) => isForeign(address, values));
      return stale.length === 0 || stale.length < result.values.length
        ? { kind: 'inside' }
        : {
            kind: 'broken',
            because: `is answered with ${stale.join(', ')}, which is the address of no Service and no Gateway`,
            observed: stale.join(', '),
            expected: meant?.spec?.clusterIP ?? expected,
          };
    }
    case 'forwarded':
      return forwardedWorth(result.to, answer, values, expected);
    case 'empty':
      return { kind: 'broken', because: 'is answered without an address', observed: answer.plugin, expected };
    default:
      return rewritten === undefined
        ? { kind: 'outside' }
        : {
            kind: 'broken',
            because: `is rewritten to ${rewritten.to}, which no plugin of that server block answers: the plugin kubernetes does not stand in it, or not for cluster.local`,
            observed: block.plugins.map(({ name }) => name).join(', '),
            expected: 'kubernetes cluster.local',
          };
  }
}

/** Whether an address that looks like the cluster's or the tailnet's belongs to nobody there. */
function isForeign(address: string, { services, gateways, pods }: Values): boolean {
  if (addressVersion(address) === undefined) return false;
  const clusterIps = services.flatMap(({ spec }) => spec?.clusterIPs ?? [spec?.clusterIP ?? '']);
  const known = [
    ...clusterIps,
    ...services.flatMap(({ spec }) => spec?.externalIPs ?? []),
    ...services.flatMap(ingressHosts),
    ...gateways.flatMap(({ status }) => (status?.addresses ?? []).map(({ value }) => value)),
    ...pods.flatMap(({ status }) => [status?.podIP, status?.hostIP]),
  ];
  return !known.includes(address) && (isTailnetAddress(address) || isInServiceRange(address, services));
}

/** What installers give Services to have addresses from: kubeadm's range is wider than most. */
const widestRange = '10.96.0.0/12';

/** Near enough without the API server's own range: the addresses around one that a Service has. */
const isInServiceRange = (address: string, services: readonly Service[]): boolean =>
  services.some(({ spec: { clusterIP = '' } = {} }) =>
    addressVersion(clusterIP) === 6
      ? isInRange(address, `${clusterIP}/108`)
      : isInRange(address, `${clusterIP}/16`) || (isInRange(clusterIP, widestRange) && isInRange(address, widestRange)),
  );

function forwardedWorth(
  to: readonly string[],
  { rewritten }: { rewritten?: { to: string } },
  values: Values,
  expected: string,
): Worth {
  const addresses = to.map((upstream) => upstream.replace(/^[a-z]+:\/\//, '').replace(/^([\d.]+):\d+$/, '$1'));
  const isLoop = addresses.some((address) => ['127.0.0.1', '::1', 'localhost'].includes(address));
  const upstream = values.services.find(({ spec }) => addresses.some((address) => spec?.clusterIP === address));
  if (isLoop) return { kind: 'inside' };
  if (upstream !== undefined) {
    const own = values.slices.filter(
      ({ metadata }) =>
        metadata.namespace === upstream.metadata.namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === upstream.metadata.name,
    );
    const ready = own
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false);
    return own.length === 0 || ready.length > 0
      ? { kind: 'inside' }
      : {
          kind: 'broken',
          because: `is asked of Service ${nameOf(upstream)}, which has no ready endpoint`,
          observed: `forward . ${to.join(' ')}`,
          expected: 'a resolver that answers',
        };
  }
  const gone = addresses.find((address) => isInServiceRange(address, values.services));
  if (gone !== undefined) {
    return {
      kind: 'broken',
      because: `is asked of ${gone}, which is the ClusterIP of no Service`,
      observed: `forward . ${to.join(' ')}`,
      expected: 'the ClusterIP of a resolver, or a rewrite to the internal Service',
    };
  }
  if (rewritten === undefined) return { kind: 'outside' };
  return {
    kind: 'broken',
    because: `is rewritten to ${rewritten.to} and then asked of ${to.join(', ')}, which knows no cluster.local: the plugin kubernetes does not stand in that server block`,
    observed: `forward . ${to.join(' ')}`,
    expected: `kubernetes cluster.local, for ${expected}`,
  };
}

export const leadsInside = defineCheck({
  id: 'coredns/leads-to-the-internal-service',
  title: 'CoreDNS leads pods to the Gateway for every routed hostname',
  why: 'Pods cannot route to tailnet addresses: for them the hostnames must resolve to something inside the cluster.',
  needs: [envoyGateway.kindsInstalled, loadsCorefile, ready, internal.exists],
  reads,
  commands: [showCorefile],
  judge(values) {
    const config = values.corefile;
    const text = config?.data?.['Corefile'];
    if (config === undefined || text === undefined) return skip(noCorefile);
    const parsed = parseCorefile(text);
    const hostnames = routedHostnames(values);
    if (hostnames.length === 0) return skip('No route on the tailnet’s Gateways has a hostname to try.');
    const tried = answersFor(parsed, hostnames, config.data ?? {}).map((named) => ({
      ...named,
      worth: worthOf(named, values),
    }));
    const findings = new Map<string, Judgement>();
    for (const { hostname, worth } of tried) {
      if (worth.kind !== 'broken' || findings.has(worth.because)) continue;
      const meant = internalService(values);
      // A Service that is gone is its own fault; a name that differs from the one that is there is the Corefile's.
      const isItsOwn = worth.isMissing === true && meant === undefined;
      findings.set(
        worth.because,
        fail({
          message: `For pods, ${hostname} ${worth.because}.`,
          evidence: [inCorefile(config, worth.observed, worth.expected)],
          explainedBy: isItsOwn ? [internal.exists.id] : [envoyGateway.kindsInstalled.id, loadsCorefile.id],
          remedy: edit('Correct the server block.'),
        }),
      );
    }
    if (findings.size > 0) return [...findings.values()];

    const inside = tried.filter(({ worth }) => worth.kind === 'inside');
    const outside = tried.filter(({ worth }) => worth.kind === 'outside');
    // A rule for a whole domain should take each of its names; rules for single names leave the others alone on purpose.
    const missed = outside.filter(({ hostname, block }) =>
      inside.some(
        (one) =>
          one.block === block &&
          parentDomain(one.hostname) === parentDomain(hostname) &&
          one.answer?.rewritten?.isPerName !== true &&
          one.answer?.plugin !== 'hosts',
      ),
    );
    const [first] = inside.length === 0 ? outside : missed;
    if (first === undefined) {
      return pass(`CoreDNS leads pods to the Gateway for ${inside.map(({ hostname }) => hostname).join(', ')}.`);
    }
    if (inside.length === 0 && internalService(values) === undefined && !hasRule(first.block, first.hostname)) {
      return parsed.imports.length > 0
        ? skip(`The Corefile leads no hostname inside by itself, and imports ${parsed.imports.join(', ')}.`)
        : skip(notLed);
    }
    if (inside.length === 0 && parsed.imports.length > 0) {
      return skip(
        `What the Corefile imports (${parsed.imports.join(', ')}) may lead hostnames inside; it is not in sight.`,
      );
    }
    const names = (inside.length === 0 ? outside : missed).map(({ hostname }) => hostname).join(', ');
    const rules = (first.block?.plugins ?? [])
      .filter(({ name }) => name === 'rewrite' || name === 'template')
      .map(line);
    const isOwnBlock = first.block?.zones.some(({ name }) => name !== '') === true;
    const message =
      rules.length > 0
        ? `CoreDNS has a rule for the hostnames that does not match ${names}: ${rules.join('; ')}.`
        : isOwnBlock
          ? `CoreDNS has a server block for ${first.block?.title ?? ''}, and nothing in it leads ${names} to the Gateway.`
          : `CoreDNS has no server block for ${parentDomain(first.hostname)}: pods ask public DNS for ${names}, and get an address that they cannot route to.`;
    return fail({
      message,
      evidence: [
        inCorefile(
          config,
          rules.length > 0 ? rules : `server blocks for ${parsed.blocks.map(({ title }) => title).join(', ')}`,
          rewriteLine,
        ),
      ],
      explainedBy: [envoyGateway.kindsInstalled.id, loadsCorefile.id],
      remedy:
        rules.length > 0
          ? edit('Correct the expression. It is matched against the name in lower case with a dot at its end.')
          : edit(
              `Add a server block for ${parentDomain(first.hostname)}: apply the Corefile from Git again, or write the block into the one that is there.`,
              sh`kubectl apply -f infrastructure/coredns/configmap.yaml`,
            ),
    });
  },
});

/** Whether a block that is not the root's claims the name: somebody meant to treat it apart. */
const hasRule = (block: ServerBlock | undefined, hostname: string): boolean =>
  block?.zones.some(({ name }) => name !== '' && (name === parentDomain(hostname) || name === hostname)) === true;

export const restoresNames = defineCheck({
  id: 'coredns/answers-by-the-name-asked',
  title: 'CoreDNS answers by the name that was asked for',
  why: 'A rewritten name must be put back into the answer (answer auto): resolvers reject an answer about another name.',
  needs: [loadsCorefile, leadsInside],
  reads,
  commands: [showCorefile],
  judge(values) {
    const config = values.corefile;
    const text = config?.data?.['Corefile'];
    if (config === undefined || text === undefined) return skip(noCorefile);
    const rewritten = answersFor(parseCorefile(text), routedHostnames(values), config.data ?? {}).flatMap(
      ({ hostname, answer }) => (answer?.rewritten === undefined ? [] : [{ hostname, ...answer.rewritten }]),
    );
    const [first] = rewritten.filter(({ isRestored }) => !isRestored);
    if (first === undefined) {
      return rewritten.length === 0
        ? skip('CoreDNS rewrites none of the hostnames.')
        : pass(
            `CoreDNS puts the name back into its answer for ${rewritten.map(({ hostname }) => hostname).join(', ')}.`,
          );
    }
    return fail({
      message: `CoreDNS answers a question for ${first.hostname} with a record of ${first.to}: the rule lacks “answer auto”, and resolvers reject the answer.`,
      evidence: [inCorefile(config, line(first.by), `${line(first.by)} answer auto`)],
      explainedBy: [loadsCorefile.id],
      remedy: edit('End the rule with “answer auto”.'),
    });
  },
});

export const answersApex = defineCheck({
  id: 'coredns/answers-the-apex',
  title: 'CoreDNS answers the rest of the zone too',
  why: 'A server block takes over its whole zone: what no plugin in it answers is SERVFAIL for pods, though it resolves everywhere else.',
  needs: [loadsCorefile],
  reads,
  commands: [showCorefile],
  judge(values) {
    const config = values.corefile;
    const text = config?.data?.['Corefile'];
    if (config === undefined || text === undefined) return skip(noCorefile);
    const hostnames = routedHostnames(values);
    const domains = new Set([stack.domain, ...hostnames.map(parentDomain)]);
    const own = parseCorefile(text).blocks.flatMap((block) =>
      block.zones.filter(({ name }) => domains.has(name)).map(({ name }) => ({ block, apex: name })),
    );
    if (own.length === 0) return skip('No server block takes over the domain.');
    return own.map(({ block, apex }): Judgement => {
      const { plugin, result } = answerOf(block, apex, 'A', config.data ?? {});
      if (result.kind !== 'nothing') return pass(`${apex} is answered by the plugin ${plugin}.`);
      return fail({
        message: `In the server block ${block.title} no plugin answers ${apex} itself, nor any name that its rules do not match: pods get SERVFAIL.`,
        evidence: [inCorefile(config, block.plugins.map(line), 'also forward . 1.1.1.1 1.0.0.1')],
        explainedBy: [loadsCorefile.id],
        remedy: edit('Add “forward . 1.1.1.1 1.0.0.1” to the block: it answers what the rules leave.'),
      });
    });
  },
});
