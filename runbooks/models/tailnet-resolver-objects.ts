/** What belongs to the tailnet resolver, and how current it is: pure, from the cluster's objects. */
import { addressVersion } from '../../src/formats/cidr.ts';
import { longestGap, parseCron } from '../../src/formats/cron.ts';
import { serviceSelects } from '../../src/formats/label-selector.ts';
import { answerOf, type DnsAnswer } from '../../src/formats/corefile/answer.ts';
import { blockOnAnyPort, type Corefile } from '../../src/formats/corefile/corefile.ts';
import { parseCorefile } from '../../src/formats/corefile/parse.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { anyOf } from '../../src/runbook/told.ts';
import { partNames } from '../parts.ts';
import { onDemand } from './on-demand.ts';
import { ingressHosts, isForTailscale, isNamed, tailnetGateways, type Topology } from './topology.ts';

type Service = KubeObject<'Service'>;
type Deployment = KubeObject<'Deployment'>;
type CronJob = KubeObject<'CronJob'>;
type Job = KubeObject<'Job'>;

const own = { namespace: partNames.tailnetResolver.namespace, name: partNames.tailnetResolver.name };

export interface Resolver {
  readonly service: Service | undefined;
  readonly deployment: Deployment | undefined;
  readonly config: KubeObject<'ConfigMap'> | undefined;
  readonly updater: CronJob | undefined;
  readonly corefile: Corefile | undefined;
}

export interface ResolverValues extends Topology {
  deployments: readonly Deployment[];
  config: KubeObject<'ConfigMap'> | undefined;
  cronJobs: readonly CronJob[];
}

/** The resolver's objects: the stack's by name, else the Service that puts port 53 on the tailnet and what stands behind it. */
export function resolverOf(values: ResolverValues): Resolver | undefined {
  // Where one is not known, the others may be.
  const service = onDemand(
    () =>
      values.services.find((candidate) => isNamed(candidate, own)) ??
      values.services.find(
        (candidate) => isForTailscale(candidate) && candidate.spec?.ports?.some(({ port }) => port === 53) === true,
      ),
  );
  const deployment = onDemand(() => {
    const named = values.deployments.find((candidate) => isNamed(candidate, own));
    if (named !== undefined) return named;
    const behind = service();
    return behind && values.deployments.find((candidate) => isBehind(candidate, behind));
  });
  const updater = onDemand(() => {
    const named = values.cronJobs.find((candidate) =>
      isNamed(candidate, { namespace: own.namespace, name: partNames.tailnetResolver.updater }),
    );
    if (named !== undefined) return named;
    const namespace = (deployment() ?? service() ?? values.config)?.metadata.namespace;
    return values.cronJobs.find((candidate) => candidate.metadata.namespace === namespace);
  });
  const corefile = onDemand(() => {
    const text = values.config?.data?.['Corefile'];
    return text === undefined ? undefined : parseCorefile(text);
  });
  const isThere = anyOf(
    () => values.config !== undefined,
    () => deployment() !== undefined,
    () => service() !== undefined,
  );
  if (!isThere) return undefined;
  return {
    get config() {
      return values.config;
    },
    get corefile() {
      return corefile();
    },
    get service() {
      return service();
    },
    get deployment() {
      return deployment();
    },
    get updater() {
      return updater();
    },
  };
}

const isBehind = ({ metadata, spec }: Deployment, service: Service): boolean =>
  metadata.namespace === service.metadata.namespace &&
  serviceSelects(service.spec?.selector, spec?.template.metadata?.labels);

export function resolverAnswer({ corefile, config }: Resolver, name: string, type: string): DnsAnswer | undefined {
  const block = corefile === undefined ? undefined : blockOnAnyPort(corefile, name);
  return block === undefined ? undefined : answerOf(block, name, type, config?.data ?? {});
}

/** Every address and name at which the tailnet's Gateways can be reached, as Gateways and Services say. */
export const gatewayHosts = (values: Topology): readonly string[] => [
  ...new Set(
    tailnetGateways(values).flatMap(({ gateway, services }) => [
      ...services.flatMap(ingressHosts),
      ...(services.flatMap(ingressHosts).length > 0 ? [] : (gateway.status?.addresses ?? []).map(({ value }) => value)),
    ]),
  ),
];

/** Whether the resolver's answer for a name leads to a Gateway of the tailnet; undefined when that cannot be told. */
export function leadsToGateway(answer: DnsAnswer | undefined, hosts: readonly string[]): boolean | undefined {
  if (answer?.result.kind !== 'records') return undefined;
  const { values } = answer.result;
  // An address can be compared with addresses only, and a name with names.
  if (!values.some((value) => hosts.some((host) => isAddress(host) === isAddress(value)))) return undefined;
  return values.some((value) => hosts.includes(value.toLowerCase().replace(/\.$/, '')));
}

const isAddress = (host: string): boolean => addressVersion(host) !== undefined;

/** The Jobs that a CronJob made, latest first. */
export const jobsOf = ({ metadata }: CronJob, jobs: readonly Job[]): readonly Job[] =>
  jobs
    .filter(
      (job) =>
        job.metadata.namespace === metadata.namespace &&
        (job.metadata.ownerReferences?.some(({ kind, name }) => kind === 'CronJob' && name === metadata.name) ===
          true ||
          isNumbered(job.metadata.name, metadata.name)),
    )
    .sort((one, other) => startOf(other) - startOf(one));

/** Whether a name is another with a number after it, as the CronJob controller names its Jobs. */
const isNumbered = (name: string, base: string): boolean =>
  name.startsWith(`${base}-`) && /^\d+$/.test(name.slice(base.length + 1));

const startOf = ({ metadata, status }: Job): number =>
  new Date(status?.startTime ?? metadata.creationTimestamp ?? 0).getTime();

const day = 86_400_000;

/** The longest time between two runs of a CronJob, in milliseconds; a day where its schedule cannot be read. */
export function periodOf({ spec: { schedule, timeZone } }: CronJob, now: Date): number {
  const parsed = parseCron(schedule, timeZone);
  return 'refused' in parsed ? day : (longestGap(parsed, now) ?? day);
}
