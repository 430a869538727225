/** What the tailnet resolver's checks share: what they read, and that they judge only what is there. */
import { blockOnAnyPort, type Corefile } from '../../../src/formats/corefile/corefile.ts';
import { refTo, skip, type Evidence, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import type { KindName, KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { isNone } from '../../../src/runbook/told.ts';
import { routedHostnames } from '../../models/in-cluster-names.ts';
import { cronJobs, deployments, httpRoutes, resolverConfig, topologyReads } from '../../models/reads.ts';
import { resolverOf, type Resolver, type ResolverValues } from '../../models/tailnet-resolver-objects.ts';
import { partNames } from '../../parts.ts';

export const reads = {
  ...topologyReads,
  deployments: plain(deployments),
  cronJobs: plain(cronJobs),
  config: plain(resolverConfig),
};

export const routedReads = { ...reads, routes: plain(httpRoutes) };

export type RoutedValues = ResolverValues & { routes: readonly KubeObject<'HTTPRoute'>[] };

const own = { namespace: partNames.tailnetResolver.namespace, name: partNames.tailnetResolver.name };

export const showCorefile = sh`kubectl get configmap ${place(own)} -o jsonpath='{.data.Corefile}'`;
export const noCorefile = `There is no ConfigMap ${own.namespace}/${own.name} with a Corefile that could be judged.`;

/** A resolver whose Corefile is in sight. */
export interface Configured extends Resolver {
  config: KubeObject<'ConfigMap'>;
  corefile: Corefile;
}

type Judged = Judgement | readonly Judgement[];

/** Judges the resolver where there is one. */
export function whereInstalled(values: ResolverValues, judge: (found: Resolver) => Judged): Judged {
  const found = resolverOf(values);
  return found === undefined ? skip('The tailnet resolver is not installed.') : judge(found);
}

/** Judges the resolver where its Corefile is in sight. */
export const whereConfigured = (values: ResolverValues, judge: (found: Configured) => Judged): Judged =>
  whereInstalled(values, (found) => (isConfigured(found) ? judge(found) : skip(noCorefile)));

const isConfigured = (found: Resolver): found is Configured =>
  found.config !== undefined && found.corefile !== undefined;

/** The routed hostnames that the resolver is there for. */
export function hostnamesOf(values: RoutedValues, { corefile }: Configured): readonly string[] {
  const all = routedHostnames(values);
  // A resolver that serves one domain is not asked for the others.
  const served = all.filter((hostname) => blockOnAnyPort(corefile, hostname) !== undefined);
  return isNone(served) ? all : served;
}

/** That an object of the resolver's is not there. */
export const absent = (kind: KindName, wanted: { namespace: string; name: string }): Evidence => ({
  object: refTo(kind, wanted),
  path: 'metadata.name',
  observed: 'not found',
  expected: 'exists',
});

/** What it takes to have the resolver read its Corefile. */
export const restart = sh`kubectl rollout restart deployment ${place(own)}`;
export const restartDisturbs = 'Name resolution of the domain on the tailnet, for the seconds of a restart.';

/** A way that changes the Corefile by hand. */
export const edit = (title: string): Remedy => ({
  title,
  commands: [sh`kubectl edit configmap ${place(own)}`, restart],
  disturbs: restartDisturbs,
});

/** Lets an updater run now. */
export const runUpdater = ({ namespace, name }: { namespace?: string; name: string }): Shell =>
  sh`kubectl create job -n ${namespace ?? 'default'} --from=cronjob/${name} update-$(date +%s)`;

/** The stack's updater. */
export const updater = { namespace: partNames.tailnetResolver.namespace, name: partNames.tailnetResolver.updater };
