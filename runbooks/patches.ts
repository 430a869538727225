/** Commands of remedies that can be pasted as they stand: patches say what to write, where an editor would only be opened. */

interface Named {
  namespace?: string;
  name: string;
}

interface JsonOperation {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

const place = ({ namespace, name }: Named): string => (namespace === undefined ? name : `-n ${namespace} ${name}`);

/** JSON in single quotes, for a shell. */
const quoted = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", "'\\''")}'`;

/** JSON merge patch [RFC 7386]: null deletes a field, lists are replaced. */
export const mergePatch = (resource: string, named: Named, patch: Readonly<Record<string, unknown>>): string =>
  `kubectl patch ${resource} ${place(named)} --type=merge -p ${quoted(patch)}`;

/** JSON patch [RFC 6902], for one entry of a list. */
export const jsonPatch = (resource: string, named: Named, ...operations: readonly JsonOperation[]): string =>
  `kubectl patch ${resource} ${place(named)} --type=json -p ${quoted(operations)}`;

/** A field path such as `spec.rules[0].backendRefs[1].port`, as a JSON pointer [RFC 6901]. */
export const pointer = (path: string): string =>
  `/${path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/')}`;
