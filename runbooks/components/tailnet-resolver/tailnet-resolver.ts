/** Tailnet resolver: the CoreDNS that answers tailnet clients for the domain. [CoreDNS 1.12 and 1.13] */
import { blockOnAnyPort, pluginsOf, type Directive } from '../../../src/formats/corefile/corefile.ts';
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  warn,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { parentDomain, routedHostnames } from '../../models/in-cluster-names.ts';
import { cronJobs, deployments, httpRoutes, pods, resolverConfig, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import {
  gatewayHosts,
  leadsToGateway,
  resolverAnswer,
  resolverOf,
  type Resolver,
  type ResolverValues,
} from '../../models/tailnet-resolver-objects.ts';
import type { Topology } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as updater from './updater.ts';

export { hasEndpoints, isExposed, proxyForwards } from './service.ts';
export { updaterIsScheduled, updaterSucceeds } from './updater.ts';

type ConfigMap = KubeObject<'ConfigMap'>;

const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  deployments: plain(deployments),
  cronJobs: plain(cronJobs),
  config: plain(resolverConfig),
};

type Values = ResolverValues & { routes: readonly KubeObject<'HTTPRoute'>[] };

const { namespace, name } = stack.tailnetResolver;
const showCorefile = sh`kubectl get configmap -n ${namespace} ${name} -o jsonpath='{.data.Corefile}'`;
const notInstalled = 'The tailnet resolver is not installed.';
const noCorefile = `There is no ConfigMap ${namespace}/${name} with a Corefile that could be judged.`;
const line = ({ name: word, args }: Directive): string => [word, ...args].join(' ');

const edit = (title: string): { title: string; commands: readonly Shell[]; disturbs: string } => ({
  title,
  commands: [
    sh`kubectl edit configmap -n ${namespace} ${name}`,
    sh`kubectl rollout restart deployment -n ${namespace} ${name}`,
  ],
  disturbs: 'Name resolution of the domain on the tailnet, for the seconds of a restart.',
});

const inCorefile = (config: ConfigMap, observed: unknown, expected: unknown): Evidence => ({
  object: refOf(config),
  path: 'data.Corefile',
  observed,
  expected,
});

export const loadsCorefile = defineCheck({
  id: 'tailnet-resolver/loads-its-corefile',
  title: 'The tailnet resolver can load its Corefile',
  why: 'A fault in it is refused as a whole: a running resolver keeps the old one, a restarted one does not come up.',
  reads,
  commands: [showCorefile, sh`kubectl logs -n ${namespace} deployment/${name} --tail=50`],
  judge(values) {
    const { config, corefile } = resolverOf(values) ?? {};
    if (config === undefined || corefile === undefined) return skip(noCorefile);
    if (corefile.faults.length === 0)
      return pass(`The Corefile serves ${corefile.blocks.map(({ title }) => title).join(', ')}.`);
    return fail({
      message: `CoreDNS refuses the Corefile of ConfigMap ${nameOf(config)}: ${corefile.faults.join(' ')}`,
      evidence: [inCorefile(config, corefile.faults, 'blocks that close, and each zone claimed once')],
      remedy: edit('Correct the Corefile.'),
    });
  },
});

export const ready = defineCheck({
  id: 'tailnet-resolver/ready',
  title: 'The tailnet resolver is running',
  why: 'The tailnet sends every question for the domain to it; without it no hostname resolves there, whatever public DNS says.',
  needs: [loadsCorefile],
  reads: { ...reads, pods: raw(pods) },
  commands: [sh`kubectl get deployment,pod -n ${namespace}`],
  findings: workloadFindings({
    name: 'The tailnet resolver',
    disturbs: 'Name resolution of the domain on the tailnet, until it is back.',
  }),
  judge(values, { find }) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    if (found.deployment === undefined) {
      return fail({
        message: `There is no Deployment ${namespace}/${name} to answer for the tailnet, though its ${found.config === undefined ? 'Service' : 'configuration'} is there.`,
        evidence: [
          {
            object: refTo('Deployment', { namespace, name }),
            path: 'metadata.name',
            observed: 'not found',
            expected: 'exists',
          },
        ],
        remedy: {
          title: 'Create it again from Git, or correct its name in runbooks/stack.ts.',
          commands: [sh`kubectl apply -k infrastructure/tailscale-dns`],
          disturbs: 'Nothing that works now.',
        },
      });
    }
    return judgeWorkload(found.deployment, values.pods, find, {});
  },
});

/** The routed hostnames that the resolver is there for, and how it answers each. */
function hostnamesOf(values: Values, found: Resolver): readonly string[] {
  const all = routedHostnames(values);
  // A resolver that serves one domain is not asked for the others.
  const served = all.filter(
    (hostname) => found.corefile !== undefined && blockOnAnyPort(found.corefile, hostname) !== undefined,
  );
  return served.length > 0 ? served : all;
}

export const holdsAddress = defineCheck({
  id: 'tailnet-resolver/holds-the-gateways-address',
  title: 'The tailnet resolver’s Corefile holds the Gateway’s tailnet address',
  why: 'The address stands in its Corefile as a literal: a device that registers anew gets another one.',
  needs: [
    envoyGateway.kindsInstalled,
    loadsCorefile,
    managedService.isOfTailscalesClass,
    managedService.hasAddress,
    updater.updaterIsScheduled,
    updater.updaterSucceeds,
  ],
  reads,
  commands: [showCorefile, sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.status.addresses}'`],
  judge(values) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const { config, corefile } = found;
    if (config === undefined || corefile === undefined) return skip(noCorefile);
    const hostnames = hostnamesOf(values, found);
    if (hostnames.length === 0) return skip('No route on the tailnet’s Gateways has a hostname to try.');
    const hosts = gatewayHosts(values);
    // What goes wrong in one way for many hostnames is said once.
    const alike = Map.groupBy(hostnames, (hostname) =>
      JSON.stringify([parentDomain(hostname), resolverAnswer(found, hostname, 'A')?.result]),
    );
    const findings = [...alike.values()].flatMap((group) => judgeAnswer(config, found, group, hosts, values) ?? []);
    if (findings.length > 0) return findings;
    return hosts.length === 0
      ? skip('No Gateway of the tailnet has an address yet that the answer could be compared with.')
      : pass(`${hostnames.join(', ')}: answered with an address of the Gateway (${hosts.join(', ')}).`);
  },
});

function judgeAnswer(
  config: ConfigMap,
  found: Resolver,
  alike: readonly string[],
  hosts: readonly string[],
  { services }: Topology,
): Judgement | undefined {
  const { corefile } = found;
  const [first = ''] = alike;
  const answer = resolverAnswer(found, first, 'A');
  const hostnames = alike.join(', ');
  // What a wrong rule does is not for the updater to mend.
  const own = [envoyGateway.kindsInstalled.id, loadsCorefile.id];
  const template = `template IN A ${parentDomain(first)} with the Gateway’s address`;
  if (answer === undefined) {
    return fail({
      message: `The tailnet resolver has no server block for ${hostnames}: it serves ${corefile?.blocks.map(({ title }) => title).join(', ') ?? 'nothing'}, and refuses the question.`,
      evidence: [
        inCorefile(
          config,
          corefile?.blocks.map(({ title }) => title),
          `a server block for ${parentDomain(first)}`,
        ),
      ],
      explainedBy: own,
      remedy: edit(`Serve the zone ${parentDomain(first)}, as infrastructure/tailscale-dns/configmap.yaml does.`),
    });
  }
  const { result } = answer;
  switch (result.kind) {
    case 'elsewhere':
    case 'service':
      return undefined;
    case 'forwarded':
      // Another resolver of the cluster may know the answer.
      return services.some(({ spec }) =>
        result.to.some((upstream) => spec?.clusterIP === upstream.replace(/:\d+$/, '')),
      )
        ? undefined
        : fail({
            message: `The tailnet resolver does not answer ${hostnames} itself: it asks ${result.to.join(', ')}, so tailnet clients get the public answer.`,
            evidence: [inCorefile(config, `forward . ${result.to.join(' ')}`, template)],
            explainedBy: own,
            remedy: edit(
              'Let the template for A match the hostname: it is matched in lower case with a dot at its end.',
            ),
          });
    case 'records': {
      if (leadsToGateway(answer, hosts) !== false) return undefined;
      return fail({
        message: `The tailnet resolver answers ${hostnames} with ${result.values.join(', ')}, and the Gateway is at ${hosts.join(', ')}.`,
        evidence: [inCorefile(config, result.values, hosts)],
        remedy: {
          title:
            'Let the updater write the address now. If the old one comes back, something applies an old Corefile again, such as Git: write the address there, too.',
          commands: [
            sh`kubectl create job -n ${namespace} --from=cronjob/${stack.tailnetResolver.updater} update-$(date +%s)`,
          ],
          disturbs: 'Nothing: the resolver reloads its Corefile while it answers.',
        },
      });
    }
    default:
      return fail({
        message: `The tailnet resolver answers ${hostnames} with ${result.kind === 'code' ? result.code : result.kind === 'empty' ? 'no address' : 'SERVFAIL, for no plugin takes it'}.`,
        evidence: [inCorefile(config, result.kind === 'code' ? result.code : result.kind, template)],
        explainedBy: own,
        remedy: edit('Let the template for A match the hostname: it is matched in lower case with a dot at its end.'),
      });
  }
}

/** The hostnames that may have records of their own in public DNS: those that ExternalDNS is not asked to publish. */
const notExposed = (values: Values, hostnames: readonly string[]): readonly string[] =>
  hostnames.filter((hostname) =>
    values.routes.some(
      ({ metadata, spec }) =>
        (spec.hostnames ?? []).includes(hostname) &&
        !Object.entries(metadata.annotations ?? {}).some(([key, value]) => key.endsWith('/expose') && value === 'true'),
    ),
  );

const otherTypes = ['AAAA', 'HTTPS'] as const;

export const keepsEveryType = defineCheck({
  id: 'tailnet-resolver/keeps-every-type',
  title: 'The tailnet resolver answers every record type itself',
  why: 'A client asks for A, AAAA and HTTPS at once: what the resolver forwards comes from public DNS, and clients may prefer it.',
  needs: [envoyGateway.kindsInstalled, loadsCorefile],
  reads,
  commands: [
    showCorefile,
    ...otherTypes.map(
      (type) =>
        sh`dig +noall +answer @${stack.tailnetResolver.device}.${stack.tailnet} ${stack.splitHorizon.hostname} ${type}`,
    ),
  ],
  judge(values) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const { config } = found;
    if (config === undefined || found.corefile === undefined) return skip(noCorefile);
    const itself = hostnamesOf(values, found).filter(
      (hostname) => resolverAnswer(found, hostname, 'A')?.result.kind === 'records',
    );
    const hostnames = notExposed(values, itself);
    const [first] = hostnames;
    if (first === undefined) {
      return itself.length > 0
        ? pass('Every hostname that it answers is published with the Gateway alone, so nothing else can leak in.')
        : skip('The resolver answers no routed hostname with an address of its own.');
    }
    const leaks = otherTypes.filter((type) =>
      hostnames.some((hostname) => resolverAnswer(found, hostname, type)?.result.kind === 'forwarded'),
    );
    if (leaks.length === 0)
      return pass(`It answers ${otherTypes.join(' and ')} for ${hostnames.join(', ')} itself, too.`);
    const block = blockOnAnyPort(found.corefile, first);
    return fail({
      message: `The tailnet resolver answers ${first} for A only, and forwards ${leaks.join(' and ')} to public DNS: with a public ${leaks.join(' or ')} record, clients on the tailnet go to the public site.`,
      evidence: [
        inCorefile(
          config,
          block === undefined
            ? 'no server block'
            : [...pluginsOf(block, 'template'), ...pluginsOf(block, 'hosts'), ...pluginsOf(block, 'forward')].map(line),
          leaks.map((type) => `template IN ${type} ${parentDomain(first)} with rcode NOERROR and no answer`),
        ),
      ],
      remedy: {
        title:
          'Add a template for each of these types that answers NOERROR without a record, as infrastructure/tailscale-dns/configmap.yaml has them; then let the updater write today’s address into it.',
        commands: [
          sh`kubectl apply -f infrastructure/tailscale-dns/configmap.yaml`,
          sh`kubectl create job -n ${namespace} --from=cronjob/${stack.tailnetResolver.updater} update-$(date +%s)`,
          sh`kubectl rollout restart deployment -n ${namespace} ${name}`,
        ],
        disturbs: 'Name resolution of the domain on the tailnet, for the seconds of a restart.',
      },
    });
  },
});

export const reloads = defineCheck({
  id: 'tailnet-resolver/reloads-its-corefile',
  title: 'The tailnet resolver takes up a changed Corefile by itself',
  why: 'The updater writes a new address into the Corefile; without the plugin reload nobody reads it until a restart.',
  reads,
  commands: [showCorefile],
  judge(values) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const { config, corefile, deployment, updater: cronJob } = found;
    if (config === undefined || corefile === undefined) return skip(noCorefile);
    const containers = cronJob?.spec.jobTemplate.spec?.template.spec?.containers ?? [];
    const script = containers.flatMap(({ command = [], args = [] }) => [...command, ...args]).join('\n');
    if (/rollout\s+restart|delete\s+pod/.test(script))
      return pass('The updater restarts the resolver when it has changed the address.');
    const mounted = (deployment?.spec?.template.spec?.containers ?? []).flatMap(
      ({ volumeMounts = [] }) => volumeMounts,
    );
    const volumes = (deployment?.spec?.template.spec?.volumes ?? []).filter(
      ({ configMap }) => configMap?.name === config.metadata.name,
    );
    const sub = mounted.find(
      ({ name: volume, subPath }) => subPath !== undefined && volumes.some((one) => one.name === volume),
    );
    if (deployment !== undefined && sub !== undefined) {
      return warn({
        message: `Deployment ${nameOf(deployment)} mounts its Corefile with subPath: the file in the pod never changes, whatever the updater writes.`,
        evidence: [
          {
            object: refOf(deployment),
            path: 'spec.template.spec.containers[*].volumeMounts[*].subPath',
            observed: sub.subPath,
            expected: 'the whole directory mounted',
          },
        ],
        remedy: {
          title: 'Mount the ConfigMap as a directory.',
          commands: [sh`kubectl edit deployment ${place(deployment.metadata)}`],
          disturbs: 'Name resolution of the domain on the tailnet, for the seconds of a restart.',
        },
      });
    }
    if (corefile.blocks.some((block) => pluginsOf(block, 'reload').length > 0)) return pass('The plugin reload is on.');
    return warn({
      message: `The Corefile of ConfigMap ${nameOf(config)} has no reload: a new address is not answered until the resolver restarts.`,
      evidence: [inCorefile(config, 'no reload', 'reload 15s')],
      remedy: edit('Add “reload” to a server block; this once, restart the resolver.'),
    });
  },
});
