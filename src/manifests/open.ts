/**
 * Objects as far as manifests tell them. What they do not tell is not absent: whoever looks at it is told that only
 * a cluster knows (`NeedsCluster`), so that a judge which decides from the rest still decides.
 */
import { isNamespaced } from './scope.ts';
import { NeedsCluster } from '../runbook/fact.ts';
import { guarded } from '../runbook/stand-in.ts';

interface Named {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** What the API server and controllers write into an object's metadata. */
const writtenByServer = new Set([
  'creationTimestamp',
  'finalizers',
  'generation',
  'managedFields',
  'resourceVersion',
  'uid',
]);

/** What the API server writes into a spec where its author leaves it out. */
const allocated: Readonly<Record<string, ReadonlySet<string>>> = {
  Service: new Set(['clusterIP', 'clusterIPs', 'healthCheckNodePort']),
};

/** An object without what a cluster adds to it. */
export function openObject<T extends Named>(object: T): T {
  const { kind, metadata } = object;
  const name = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  const describe = (field: string): string => `The ${field} of ${name}`;
  // Without one it lands in that of whoever applies it.
  const isHomeless = metadata.namespace === undefined && isNamespaced(object);
  const left = isHomeless ? new Set([...writtenByServer, 'namespace']) : writtenByServer;
  const inner: Record<string, PropertyDescriptor> = { metadata: whole(without(metadata, left, describe)) };
  const given = allocated[kind];
  // A malformed spec is one that cannot be read, and stays so.
  const spec: unknown = Object.getOwnPropertyDescriptor(object, 'spec')?.value;
  if (given !== undefined && typeof spec === 'object' && spec !== null) {
    const absent = new Set([...given].filter((field) => !(field in spec)));
    inner['spec'] = whole(without(spec, absent, describe));
  }
  const closed = Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(object), ...inner }) as T;
  return without(closed, new Set(['status']), describe);
}

const whole = (value: object): PropertyDescriptor => ({ value, configurable: true, enumerable: true, writable: true });

/** An object in which some fields are nobody's to know. */
function without<T extends object>(object: T, fields: ReadonlySet<string>, describe: (field: string) => string): T {
  const own = Object.entries(Object.getOwnPropertyDescriptors(object)).filter(([name]) => !fields.has(name));
  const rest = Object.defineProperties({}, Object.fromEntries(own)) as T;
  return guarded(rest, (field) => {
    if (fields.has(field)) throw new NeedsCluster(describe(field));
  });
}
