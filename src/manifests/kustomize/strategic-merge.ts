/**
 * Strategic merge patches, as kustomize applies them: maps are merged, lists of known kinds by the keys of their items, with what the patch
 * has first; every other list is replaced; nothing (`null`) takes a field away; `$patch` deletes or replaces [kustomize 5.5, kyaml/yaml/merge2
 * and walk].
 */
import { isObject } from '../../kinds/violation.ts';
import type { MergeType } from './merge-keys.ts';
import { Refused } from './refused.ts';
import { copyOf, type Fields } from './resource.ts';

/**
 * @param into What is patched; it is changed, and its maps stay the same objects.
 * @param patch Free to be used up.
 * @returns what it is now; undefined where the patch takes it away.
 */
export function merged(into: unknown, patch: unknown, type: MergeType | undefined): unknown {
  const shape = shapeOf(into) ?? shapeOf(patch);
  if (shape === undefined) return patch === undefined ? into : undefined;
  for (const value of [into, patch]) {
    const other = shapeOf(value);
    if (other !== undefined && other !== shape) throw new Refused(`has a ${other} where the object has a ${shape}`);
  }
  if (shape === 'map') return mergedMap(into as Fields | undefined, patch as Fields | null | undefined, type);
  if (shape === 'list') return mergedList(into as unknown[] | undefined, patch as unknown[] | null | undefined, type);
  return patch === undefined ? into : (patch ?? undefined);
}

function shapeOf(value: unknown): 'map' | 'list' | 'scalar' | undefined {
  if (value === null || value === undefined) return undefined;
  return Array.isArray(value) ? 'list' : isObject(value) ? 'map' : 'scalar';
}

function mergedMap(
  into: Fields | null | undefined,
  patch: Fields | null | undefined,
  type: MergeType | undefined,
): unknown {
  if (patch === null) return undefined;
  const directive = patch === undefined ? undefined : takeDirective(patch);
  if (directive === 'delete') return undefined;
  if (into === null || into === undefined || directive === 'replace') {
    // What is new may have directives and nothings in it, which are obeyed there too.
    return patch === undefined ? into : mergedFields(patch, copyOf(patch) as Fields, type);
  }
  if (patch === undefined && type === undefined) return into;
  return mergedFields(into, patch ?? {}, type);
}

function mergedFields(into: Fields, patch: Fields, type: MergeType | undefined): Fields {
  for (const name of new Set([...Object.keys(into), ...Object.keys(patch)])) {
    const field = type?.field?.(name);
    if (patch[name] === undefined && field === undefined) continue;
    const value = merged(into[name], patch[name], field);
    if (value === undefined) Reflect.deleteProperty(into, name);
    else into[name] = value;
  }
  return into;
}

function mergedList(
  into: unknown[] | null | undefined,
  patch: unknown[] | null | undefined,
  type: MergeType | undefined,
): unknown {
  if (patch === null) return undefined;
  if (type?.keys === undefined) return patch ?? into;
  if (into === null || into === undefined) return patch === undefined ? into : mergedItems(patch, patch, type);
  const directive = patch === undefined ? undefined : takeListDirective(patch);
  if (directive === 'delete') return undefined;
  if (directive === 'replace') return patch;
  return mergedItems(into, patch ?? [], type);
}

type Directive = 'delete' | 'replace' | 'merge';
const directives: ReadonlySet<unknown> = new Set<Directive>(['delete', 'replace', 'merge']);

function takeDirective(patch: Fields): Directive | undefined {
  const directive = patch['$patch'];
  if (directive === undefined || directive === null) return undefined;
  if (!directives.has(directive)) throw new Refused(`has a $patch that is neither delete, replace nor merge`);
  delete patch['$patch'];
  return directive as Directive;
}

/** An item that is nothing but a directive speaks of the whole list. */
function takeListDirective(patch: unknown[]): Directive | undefined {
  const index = patch.findIndex((item) => isObject(item) && item['$patch'] !== undefined);
  const item = patch[index];
  if (!isObject(item) || Object.keys(item).length > 1) return undefined;
  patch.splice(index, 1);
  return takeDirective({ ...item });
}

function mergedItems(into: unknown[], patch: unknown[], type: MergeType): unknown[] {
  const { keys = [], items } = type;
  if (keys.length === 0) return [...new Set([...patch, ...into])];
  const identities = tellApart([...patch, ...into], keys);
  let rest = into;
  const found: unknown[] = [];
  let used: readonly string[] = keys;
  for (const identity of identities) {
    used = usedKeys(identities, keys);
    const isIt = (item: unknown): boolean => isObject(item) && used.every((key) => is(item[key], identity[key] ?? ''));
    const item = merged(oneOf(into, identity), oneOf(patch, identity), items);
    if (item === undefined || (isObject(item) && Object.keys(item).length === 0)) {
      rest = rest.filter((other) => !isIt(other));
      continue;
    }
    if (isObject(item)) for (const key of used) if (identity[key] !== '') (item as Fields)[key] ??= identity[key];
    put(found, item, isIt);
  }
  return behind(found, rest, used);
}

/** What of the list was there comes after what is patched; an item that both have stays one. */
function behind(found: unknown[], rest: readonly unknown[], used: readonly string[]): unknown[] {
  for (const item of rest) {
    const given = isObject(item) ? used.filter((key) => item[key] !== undefined && item[key] !== null) : [];
    const same = (other: unknown): boolean =>
      given.length > 0 && isObject(other) && isObject(item) && given.every((key) => is(other[key], textOf(item[key])));
    if (used.length > 1) found.splice(0, found.length, ...found.filter((other) => !same(other)), item);
    else put(found, item, same);
  }
  return found;
}

function put(list: unknown[], item: unknown, isIt: (other: unknown) => boolean): void {
  const index = list.findIndex(isIt);
  if (index === -1) list.push(item);
  else list[index] = item;
}

type Identity = Readonly<Record<string, string>>;

/** What tells items apart, once each; one that leaves a key out is the one that has it, where the rest is the same. */
function tellApart(list: readonly unknown[], keys: readonly string[]): readonly Identity[] {
  const seen = new Set<string>();
  const identities: Identity[] = [];
  for (const item of list) {
    const identity = Object.fromEntries(keys.map((key) => [key, isObject(item) ? textOf(item[key]) : '']));
    const text = JSON.stringify(identity);
    if (!seen.has(text) && Object.values(identity).some((value) => value !== '')) identities.push(identity);
    seen.add(text);
  }
  if (keys.length < 2) return identities;
  for (const [index, one] of identities.entries()) {
    for (const [other, two] of identities.entries()) {
      const both = joined(one, two, keys);
      if (both !== undefined) identities[index] = identities[other] = both;
    }
  }
  return identities;
}

function joined(one: Identity, two: Identity, keys: readonly string[]): Identity | undefined {
  let common = false;
  const both: Record<string, string> = {};
  for (const key of keys) {
    const [a = '', b = ''] = [one[key], two[key]];
    if (a === b) common = true;
    else if (a !== '' && b !== '') return undefined;
    both[key] = a === '' ? b : a;
  }
  return common ? both : undefined;
}

/** The keys that any item has; all where none has one. */
function usedKeys(identities: readonly Identity[], keys: readonly string[]): readonly string[] {
  const used = keys.filter((key) => identities.some((identity) => identity[key] !== ''));
  return used.length === 0 ? keys : used;
}

const oneOf = (list: readonly unknown[], identity: Identity): unknown =>
  list.find(
    (item) =>
      isObject(item) && usedKeys([identity], Object.keys(identity)).every((key) => textOf(item[key]) === identity[key]),
  );

/** An empty wish takes any value that is there. */
const is = (value: unknown, wanted: string): boolean =>
  wanted === '' ? value !== undefined && value !== null : textOf(value) === wanted;

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
