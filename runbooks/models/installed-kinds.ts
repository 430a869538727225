/** Whether the cluster serves the kinds that some software brings along: pure. */
import { pass, unknown, type Evidence, type Judgement, type Remedy } from '../../src/runbook/check.ts';
import { provesServed, type Fact } from '../../src/runbook/fact.ts';
import { finding, type Finding } from '../../src/runbook/finding.ts';
import { crdName, type KindName } from '../../src/runbook/kinds.ts';

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

/** Judges that the server serves each of these kinds, by what came of listing their objects. */
export function judgeKinds<K extends KindName>(
  kinds: readonly K[],
  facts: Readonly<Record<K, Fact>>,
  says: { passed: string; missing: (missing: MissingKinds) => Judgement },
): Judgement {
  const lists = kinds.map((kind) => ({ kind, fact: facts[kind] }));
  provesServed(...lists.map(({ fact }) => fact));
  const problems = lists.flatMap(({ kind, fact }) => (fact.ok ? [] : [{ kind, problem: fact.problem }]));
  const absent = problems.filter(({ problem }) => problem.kind === 'kind-not-installed').map(({ kind }) => kind);
  const [first, ...others] = absent;
  if (first !== undefined) return says.missing({ absent: [first, ...others], kinds: absent.join(', ') });
  // A list that may not be read was answered by an installed kind, or by nobody.
  const [unread] = problems;
  return unread === undefined ? pass(says.passed) : unknown(unread.problem.message, unread.problem);
}
