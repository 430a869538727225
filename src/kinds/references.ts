/**
 * Follows the relations that name objects: from an object to what it names, and, among objects that are at hand, back from one that is named
 * to those that name it. Pure.
 */
import { serviceOfUrl } from '../formats/service-url.ts';
import { groupOf } from './kind.ts';
import { relations, type Relation } from './relations.ts';
import { withoutNamespace } from './scope.ts';
import { isObject, type Step } from './violation.ts';

/** An object that another one names. */
export interface Reference {
  relation: Relation;
  /** Where the name stands. */
  path: readonly Step[];
  /** The API group of the kind, where the reference tells it. */
  group: string | undefined;
  kind: string;
  /** Empty for a kind without namespaces. */
  namespace: string;
  name: string;
  /** The port that is asked of a Service. */
  port?: number;
  /** The key that is asked of a Secret or ConfigMap. */
  key?: string;
  /** The listener, port or rule that is asked for by its name. */
  section?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** An object, as far as its references are concerned. */
export interface Referring {
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** An object that may be named. */
export interface Nameable extends Referring {
  apiVersion: string;
}

const byKind: ReadonlyMap<string, readonly Relation[]> = Map.groupBy(relations, ({ from }) => from);

/** What an object names, in the order of the table; not what is written because of it. */
export const referencesOf = (object: Referring): readonly Reference[] =>
  (byKind.get(object.kind) ?? []).filter(({ written }) => written !== true).flatMap((one) => follow(object, one));

/** What is written because of an object, by the name that others refer to. */
export const writtenFor = (object: Referring): readonly Reference[] =>
  (byKind.get(object.kind) ?? []).filter(({ written }) => written === true).flatMap((one) => follow(object, one));

/**
 * The relation of a kind at a path, as the table has it.
 *
 * @param name Where several relations share the path, the field with the name.
 * @throws where there is none: it is asked for by who wrote the code.
 */
export function relationAt(from: string, path: string, name?: string): Relation {
  const found = byKind.get(from)?.find((one) => one.path === path && (name ?? one.name) === one.name);
  if (found === undefined) throw new Error(`No relation of ${from} stands at ${path}.`);
  return found;
}

/**
 * What an object names by one relation, and no other field of it is looked at.
 *
 * @param home Namespace that is meant where neither the reference nor the object has one; the relation's own when left out.
 */
export function follow(object: Referring, relation: Relation, home = relation.home): readonly Reference[] {
  const { path, ownName } = relation;
  const found = places(object, path.split('.'), []).flatMap((place) => referenceAt(object, relation, place, home));
  if (found.length > 0 || ownName !== true) return found;
  return referenceAt(
    object,
    { ...relation, name: '' },
    { value: object.metadata.name, path: ['metadata', 'name'] },
    home,
  );
}

interface Place {
  value: unknown;
  path: readonly Step[];
}

function referenceAt(
  object: Referring,
  relation: Relation,
  { value, path }: Place,
  home: string | undefined,
): readonly Reference[] {
  if (relation.url === true) return addressed(relation, { value, path });
  const holder = relation.name === '' ? {} : fields(value);
  const name = relation.name === '' ? value : holder[relation.name];
  const kind = kindOf(holder, relation);
  if (typeof name !== 'string' || name === '' || kind === undefined || !isMeant(holder, relation)) return [];
  const namespace = namespaceOf(object, holder, relation, kind) ?? home;
  if (namespace === undefined) return [];
  return [
    {
      ...{ relation, kind, namespace, name, group: groupIn(holder, relation) },
      path: relation.name === '' ? path : [...path, relation.name],
      ...asked(holder, relation),
    },
  ];
}

function addressed(relation: Relation, { value, path }: Place): readonly Reference[] {
  const service = typeof value === 'string' ? serviceOfUrl(value) : undefined;
  return service === undefined ? [] : [{ ...{ relation, path, kind: 'Service', group: undefined }, ...service }];
}

/** Whether the reference is of this relation, and leads to what has to be there. */
const isMeant = (holder: Fields, { optional, when }: Relation): boolean =>
  (optional === undefined || holder[optional] !== true) && (when === undefined || holder[when.field] === when.is);

function asked(holder: Fields, { port, key, section }: Relation): Pick<Reference, 'port' | 'key' | 'section'> {
  const [wanted, inside, part] = [port, key, section].map((field) => field && fieldAt(holder, field));
  return {
    ...(typeof wanted === 'number' ? { port: wanted } : {}),
    ...(typeof inside === 'string' && inside !== '' ? { key: inside } : {}),
    ...(typeof part === 'string' && part !== '' ? { section: part } : {}),
  };
}

const fieldAt = (holder: Fields, field: string): unknown =>
  field.split('.').reduce<unknown>((value, step) => fields(value)[step], holder);

const kindOf = (holder: Fields, { to }: Relation): string | undefined =>
  typeof to === 'string' ? to : (textOf(holder[to.field]) ?? to.otherwise);

const groupIn = (holder: Fields, { group }: Relation): string | undefined =>
  group === undefined ? undefined : (textOf(holder[group.field], group.orEmpty !== true) ?? group.otherwise);

function namespaceOf(object: Referring, holder: Fields, { namespace }: Relation, kind: string): string | undefined {
  if (withoutNamespace.has(kind)) return '';
  const told = namespace === undefined ? undefined : textOf(holder[namespace]);
  return told ?? (withoutNamespace.has(object.kind) ? undefined : (object.metadata.namespace ?? 'default'));
}

/** The places of a path, in which `[]` stands for each item of a list. */
export function places(value: unknown, [step, ...rest]: readonly string[], path: readonly Step[]): readonly Place[] {
  if (step === undefined) return [{ value, path }];
  const field = step.replace('[]', '');
  const inner = fields(value)[field];
  if (!step.endsWith('[]')) return inner === undefined ? [] : places(inner, rest, [...path, field]);
  return (Array.isArray(inner) ? inner : []).flatMap((item, index) => places(item, rest, [...path, field, index]));
}

const fields = (value: unknown): Fields => (isObject(value) ? value : {});

const textOf = (value: unknown, mayBeEmpty = false): string | undefined =>
  typeof value === 'string' && (mayBeEmpty || value !== '') ? value : undefined;

/** Whether a reference leads to an object. Of one that was not read more is known of its kind and place than of its name. */
export const leadsTo = (reference: Reference, { apiVersion, kind, metadata }: Nameable): boolean =>
  reference.kind === kind &&
  (reference.group === undefined || reference.group === groupOf(apiVersion)) &&
  reference.namespace === (metadata.namespace ?? '') &&
  reference.name === metadata.name;

/** Who names an object, and where. */
export interface Referrer<O extends Referring> {
  by: O;
  reference: Reference;
}

/**
 * The way back: of some objects, those that name another one. Built once, asked for each.
 *
 * @param following What is followed of each; everything that it names when left out.
 */
export function referrers<O extends Referring>(
  objects: readonly O[],
  following: (object: O) => readonly Reference[] = referencesOf,
): (named: Nameable) => readonly Referrer<O>[] {
  // Told with the list's own methods: one that holds some of what there is stays so.
  const all = objects.flatMap((by) => following(by).map((reference) => ({ by, reference })));
  return (named) => all.filter(({ reference }) => leadsTo(reference, named));
}
