/** Whether the cluster serves the kinds that some software brings along: pure. */
import { pass, unknown, type Evidence, type Judgement, type Remedy } from '../../src/runbook/check.ts';
import { provesServed, type Fact } from '../../src/runbook/fact.ts';
import { finding, type Finding } from '../../src/runbook/finding.ts';
import { crdName, kinds, type KindName } from '../../src/runbook/kinds.ts';
import { raw, type ListRead, type Need } from '../../src/runbook/read.ts';
import { sh, type Shell } from '../../src/runbook/shell.ts';
import type { ComponentId } from '../components.ts';
import * as shared from './reads.ts';

/** Kinds that the server does not serve; `X` is what their check has to add. */
export type MissingKinds<X = object> = { absent: readonly [KindName, ...KindName[]]; kinds: string } & X;

const definition = (kind: KindName): Evidence => ({
  object: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: crdName(kind) },
  path: 'metadata.name',
  observed: 'not installed',
  expected: 'installed',
});

/** That kinds are missing which belong together: one installation brings them all. */
export const kindsMissing = <X = object>({
  isDeployed,
  remedies,
}: {
  /** The software that is there without them, where that is known. */
  isDeployed?: string;
  remedies: Finding<MissingKinds<X>>['remedies'] | readonly [Remedy, ...Remedy[]];
}): Finding<MissingKinds<X>> =>
  finding<MissingKinds<X>>({
    headline: 'The cluster does not know {kinds}',
    means: 'A CustomResourceDefinition is missing, so the API server has no such objects, and no controller sees any.',
    message: ({ absent, kinds }) => {
      const isOne = absent.length === 1;
      return `${isDeployed === undefined ? 'The' : `${isDeployed} is deployed, and the`} ${isOne ? 'kind' : 'kinds'} ${kinds} ${isOne ? 'is not installed: the CustomResourceDefinition is' : 'are not installed: the CustomResourceDefinitions are'} missing.`;
    },
    evidence: ({ absent: [first, ...others] }) => [definition(first), ...others.map(definition)],
    remedies: typeof remedies === 'function' ? remedies : () => remedies,
  });

/** Whose definitions each component brings along, by their API groups. */
const broughtBy = {
  'cert-manager': ['cert-manager.io', 'acme.cert-manager.io'],
  'envoy-gateway': ['gateway.networking.k8s.io', 'gateway.envoyproxy.io'],
  'external-secrets': ['external-secrets.io'],
} as const satisfies Partial<Record<ComponentId, readonly string[]>>;

type Bringer = keyof typeof broughtBy;

/** Every list that checks read of the kinds that a component brings: a check that reads another kind of it makes that one wanted, too. */
const listsOf = (component: Bringer): readonly ListRead[] => {
  const groups: readonly string[] = broughtBy[component];
  const all: readonly object[] = Object.values(shared);
  return all.filter(isList).filter(({ kind }) => groups.includes(kinds[kind].group));
};

const isList = (read: object): read is ListRead => 'type' in read && read.type === 'list';

/** What tells whether the kinds of a component are installed: what comes of listing the objects of each, by its name. */
export const kindReads = (component: Bringer): Readonly<Record<string, Need<Fact>>> =>
  Object.fromEntries(listsOf(component).map((read) => [read.kind, raw(read)]));

export const showKinds = (component: Bringer): Shell => sh`kubectl get crd | grep -E ${broughtBy[component].join('|')}`;

/**
 * Judges that the server serves each kind that a component brings along.
 *
 * @param values Those of `kindReads`, and whatever else the check reads.
 */
export function judgeKinds(
  component: Bringer,
  values: Readonly<Record<string, unknown>>,
  missing: (missing: MissingKinds) => Judgement,
): Judgement {
  const lists = listsOf(component).map(({ kind }) => ({ kind, fact: values[kind] as Fact }));
  provesServed(...lists.map(({ fact }) => fact));
  const problems = lists.flatMap(({ kind, fact }) => (fact.ok ? [] : [{ kind, problem: fact.problem }]));
  const absent = problems.filter(({ problem }) => problem.kind === 'kind-not-installed').map(({ kind }) => kind);
  const [first, ...others] = absent;
  if (first !== undefined) return missing({ absent: [first, ...others], kinds: absent.join(', ') });
  // A list that may not be read was answered by an installed kind, or by nobody.
  const [unread] = problems;
  return unread === undefined
    ? pass(`${lists.map(({ kind }) => kind).join(', ')} are all served.`)
    : unknown(unread.problem.message, unread.problem);
}
