/** Commands of remedies that can be pasted as they stand: patches say what to write, where an editor would only be opened. */
import { refOf, type Remedy } from '../../src/runbook/check.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../src/runbook/shell.ts';

interface Named {
  namespace?: string;
  name: string;
}

interface JsonOperation {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/** JSON merge patch [RFC 7386]: null deletes a field, lists are replaced. */
export const mergePatch = (resource: string, named: Named, patch: Readonly<Record<string, unknown>>): Shell =>
  sh`kubectl patch ${resource} ${place(named)} --type=merge -p ${JSON.stringify(patch)}`;

/** JSON patch [RFC 6902], for one entry of a list. */
export const jsonPatch = (resource: string, named: Named, ...operations: readonly JsonOperation[]): Shell =>
  sh`kubectl patch ${resource} ${place(named)} --type=json -p ${JSON.stringify(operations)}`;

/** A field path such as `spec.rules[0].backendRefs[1].port`, as a JSON pointer [RFC 6901]. */
export const pointer = (path: string): string =>
  `/${path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/')}`;

/** One field of an object that was read, in Git and in the cluster: what belongs there; null where the field has to go. */
export const setField = (object: KubeObject, path: string, to: unknown): Pick<Remedy, 'change' | 'commands'> => ({
  change: { object: refOf(object), path, to },
  commands: [jsonPatch(object.kind.toLowerCase(), object.metadata, operationOf(path, to))],
});

/** Added, a field takes the place of the one that is there; an entry of a list would push it back. */
const operationOf = (path: string, to: unknown): JsonOperation => {
  if (to === null) return { op: 'remove', path: pointer(path) };
  return { op: path.endsWith(']') ? 'replace' : 'add', path: pointer(path), value: to };
};
