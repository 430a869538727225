/** What a cluster, or manifests, hold of the kinds from which names can be told. */
import type { Problem } from '../../runbook/fact.ts';
import type { KindName, KubeObject } from '../../runbook/kinds.ts';
import { list } from '../../runbook/read.ts';
import type { ClusterSource } from '../../runbook/source.ts';
import { known } from '../../runbook/told.ts';

const told = {
  certificates: 'Certificate',
  clusterIssuers: 'ClusterIssuer',
  clusterSecretStores: 'ClusterSecretStore',
  cronJobs: 'CronJob',
  daemonSets: 'DaemonSet',
  deployments: 'Deployment',
  envoyProxies: 'EnvoyProxy',
  gatewayClasses: 'GatewayClass',
  gateways: 'Gateway',
  httpRoutes: 'HTTPRoute',
  services: 'Service',
} as const satisfies Record<string, KindName>;

type Told = typeof told;

/** The objects of each kind; none where a kind could not be read. */
export type Facts = { readonly [Key in keyof Told]: readonly KubeObject<Told[Key]>[] };

/**
 * Reads every kind once.
 *
 * @returns the objects, and a sentence for each kind that could not be read: what it would have told is to be asked.
 */
export async function factsOf(
  source: Pick<ClusterSource, 'read'>,
): Promise<{ facts: Facts; unread: readonly string[] }> {
  const read = await Promise.all(
    Object.entries(told).map(async ([key, kind]) => {
      const fact = await source.read(list(kind, 'which names the stack has'));
      return {
        key,
        items: fact.ok ? known(fact.value as Iterable<unknown>) : [],
        problem: fact.ok ? undefined : fact.problem,
      };
    }),
  );
  const facts = Object.fromEntries(read.map(({ key, items }) => [key, items])) as unknown as Facts;
  return { facts, unread: [...new Set(read.flatMap(({ problem }) => (isLack(problem) ? [problem.message] : [])))] };
}

/** A kind that is not installed, or that manifests say nothing of, is no lack of an answer. */
const isLack = (problem: Problem | undefined): problem is Problem =>
  problem !== undefined &&
  problem.kind !== 'kind-not-installed' &&
  !problem.message.endsWith('only a cluster can tell.');
