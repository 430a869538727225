/** JSON patches [RFC 6902]. */
import { applyPatch, Pointer, type Operation } from 'rfc6902';
import { isObject } from '../../kinds/violation.ts';
import { Refused } from './refused.ts';
import { copyOf, type Fields } from './resource.ts';

const operations: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** The operations of a patch, as far as they are some. */
export function operationsOf(patch: readonly unknown[]): readonly Operation[] {
  return patch.map((operation) => {
    if (!isObject(operation) || !operations.has(operation['op']))
      throw new Refused(`has a patch of which an operation is none of ${[...operations].join(', ')}`);
    if (typeof operation['path'] !== 'string') throw new Refused(`has a patch of which an operation has no path`);
    return operation as unknown as Operation;
  });
}

export function applyOperations(object: Fields, patch: readonly Operation[]): void {
  for (const operation of copyOf(patch) as Operation[]) {
    const [error] = applyPatch(object, [orAdd(object, operation)]);
    if (error !== null) throw new Refused(`cannot ${operation.op} ${operation.path}: ${wrong(error?.name)}`);
  }
}

/** kustomize's own patcher takes a field of a map that is not there for one to be replaced. */
function orAdd(object: Fields, operation: Operation): Operation {
  if (operation.op !== 'replace') return operation;
  const { parent, value } = Pointer.fromJSON(operation.path).evaluate(object) as { parent: unknown; value: unknown };
  return value === undefined && isObject(parent) ? { ...operation, op: 'add' } : operation;
}

const wrong = (name: string | undefined): string =>
  name === 'TestError' ? 'another value is there' : 'there is no such field';
