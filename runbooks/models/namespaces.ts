/** Namespaces that are on their way out: whatever is missing in one of them went with it. */
import { refOf } from '../../src/runbook/check.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import { finding, type Finding } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { sh } from '../../src/runbook/shell.ts';

type Namespace = KubeObject<'Namespace'>;

/** Something that goes with its namespace; `X` is what its check has to add. */
export type Going<X = object> = { namespace: Namespace } & X;

/** The namespace of that name, if it is being deleted; none where namespaces could not be read. */
export function endingNamespace(name: string, all: Fact<Namespace[]>): Namespace | undefined {
  const home = all.ok ? all.value.find(({ metadata }) => metadata.name === name) : undefined;
  const isEnding = home?.metadata.deletionTimestamp !== undefined || home?.status?.phase === 'Terminating';
  return isEnding ? home : undefined;
}

/** What a check says itself: what it is called and means, and what goes with the namespace, as the sentence continues. */
type Own<X> = Pick<Finding<Going<X>>, 'headline' | 'means'> &
  Partial<Omit<Finding<Going<X>>, 'headline' | 'means' | 'message'>> & { takes: (subject: Going<X>) => string };

/** That what a check misses went with its namespace. */
export const namespaceEnding = <X = object>({ takes, ...own }: Own<X>): Finding<Going<X>> =>
  finding<Going<X>>({
    message: (subject) => `Namespace ${subject.namespace.metadata.name} is being deleted, and ${takes(subject)}.`,
    evidence: ({ namespace }) => [
      { object: refOf(namespace), path: 'status.phase', observed: 'Terminating', expected: 'Active' },
    ],
    remedies: ({ namespace }) => [
      {
        title: 'Once it is gone, create the namespace and what belongs in it again from Git.',
        commands: [sh`kubectl describe namespace ${namespace.metadata.name}`],
        disturbs: 'Nothing that works now.',
      },
    ],
    ...own,
  });
