/** The stack as it is to be: the former one, moved to another domain, with what is told and what somebody gives. Pure. */
import { didYouMean } from '../../formats/closest-name.ts';
import { Refusal } from '../../formats/refusal.ts';
import { inDomain } from '../../../runbooks/stack-naming.ts';
import { stackTroubles } from '../../../runbooks/stack-troubles.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { questions, withValue, type Question } from './questions.ts';
import type { Proposal } from './told.ts';

/** What somebody gives for a place of the stack file. */
export type Given = ReadonlyMap<string, string>;

export interface Draft {
  stack: Stack;
  /** What was taken of what is told, the last for each place. */
  taken: readonly Proposal[];
  /** What was not, for people: it cannot stand in a stack file. */
  refused: readonly string[];
}

/** What is wrong with the answers at some places of a stack. */
export const troublesAt = (stack: Stack, paths: readonly string[]): readonly string[] =>
  stackTroubles(stack).filter((trouble) => paths.some((path) => trouble.startsWith(`${path} `)));

/**
 * @param domain The domain that the names are in, which may be the former one.
 * @throws {Refusal} when what is given cannot stand in a stack file.
 */
export function draftOf(before: Stack, domain: string, proposals: readonly Proposal[], given: Given): Draft {
  let stack = inDomain(before, before.domain, domain);
  const taken = new Map<string, Proposal>();
  const refused: string[] = [];
  for (const proposal of proposals) {
    const { path, value, from } = proposal;
    if (given.has(path) || path === 'domain') continue;
    const next = withValue(stack, path, value);
    const [trouble] = troublesAt(next, [path]);
    if (trouble === undefined) {
      stack = next;
      taken.set(path, proposal);
    } else refused.push(`${from}: ${trouble}`);
  }
  for (const [path, value] of given) stack = withValue(stack, path, value);
  // A Service selects pods of its own namespace: it moves with Envoy, unless somebody or something says where it is.
  const isTold = taken.has('internalService.namespace') || given.has('internalService.namespace');
  if (!isTold && before.internalService?.namespace === before.envoyGateway.namespace) stack = besideEnvoy(stack);
  for (const path of given.keys()) {
    const [trouble] = troublesAt(stack, [path]);
    if (trouble !== undefined)
      throw new Refusal('usage', trouble, `Give it another value: --set ${path}=VALUE. Nothing was written.`);
  }
  return { stack, taken: [...taken.values()], refused };
}

const besideEnvoy = (stack: Stack): Stack => ({
  ...stack,
  internalService: stack.internalService && { ...stack.internalService, namespace: stack.envoyGateway.namespace },
});

/** The questions of which nothing tells every part. */
export function untold({ taken }: Draft, given: Given): readonly Question[] {
  const told = new Set([...taken.map(({ path }) => path), ...given.keys()]);
  return questions.filter(({ paths }) => paths.some((path) => !told.has(path)));
}

/** @throws {Refusal} when it is no `PATH=VALUE` of a name that can be given. */
export function givenIn(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(at, 0));
  const paths = questions.flatMap((question) => question.paths);
  if (paths.includes(path)) return [path, text.slice(at + 1)];
  throw new Refusal(
    'usage',
    `--set takes PATH=VALUE with a path of runbooks/stack.ts, and ${JSON.stringify(text)} is none.`,
    didYouMean(path, paths) ?? `The paths are: ${paths.join(', ')}.`,
  );
}
