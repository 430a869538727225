/**
 * Strategic merge patches, which `kubectl apply`, `edit`, `set` and `patch` send for built-in kinds: JSON merge patches that merge
 * some lists by an item's key, with directives for what a merge cannot say.
 */
import { fieldsOf, isFields, text, type Fields } from '../objects/fields.ts';
import { listTypeAt } from '../resources/list-types.ts';
import { badRequest } from '../http/statuses.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deleteFrom = '$deleteFromPrimitiveList/';
const orderOf = '$setElementOrder/';

/**
 * What a patch makes of a value; undefined when the patch deletes it.
 *
 * @param path Where it stands in the object.
 * @throws StatusError 400 when a directive is none.
 */
export function strategicMerge(target: unknown, patch: unknown, kind: string, path: readonly string[] = []): unknown {
  if (!isFields(patch)) return patch;
  const how = patch[directive];
  if (how === 'delete') return undefined;
  if (how === 'replace') return withoutDirectives(patch);
  if (how !== undefined && how !== 'merge') throw unknownDirective(how);

  const kept = patch[retainKeys];
  const merged = new Map(
    Object.entries(fieldsOf(target)).filter(([key]) => !Array.isArray(kept) || kept.includes(key)),
  );
  for (const [key, value] of Object.entries(patch)) {
    if (key === directive || key === retainKeys || key.startsWith(orderOf)) continue;
    const field = key.startsWith(deleteFrom) ? key.slice(deleteFrom.length) : key;
    const present = merged.get(field);
    const made =
      field === key
        ? mergeField(present, key, patch, kind, path)
        : withoutItems(present, Array.isArray(value) ? value : []);
    if (made === undefined) merged.delete(field);
    else merged.set(field, made);
  }
  putInOrder(merged, patch, kind, path);
  return Object.fromEntries(merged);
}

/** An order alone also counts: nothing in the list has changed but its order. */
function putInOrder(merged: Map<string, unknown>, patch: Fields, kind: string, path: readonly string[]): void {
  for (const [key, order] of Object.entries(patch)) {
    const field = key.slice(orderOf.length);
    if (key.startsWith(orderOf) && !(field in patch)) {
      const [list, name] = [merged.get(field), keyAt(kind, [...path, field])];
      if (Array.isArray(list) && Array.isArray(order) && name !== undefined) {
        merged.set(field, inOrder(list, order, list, name));
      }
    }
  }
}

/** What becomes of one field; undefined when it is deleted. */
function mergeField(target: unknown, key: string, patch: Fields, kind: string, path: readonly string[]): unknown {
  const value = patch[key];
  if (value === null) return undefined;
  return Array.isArray(value)
    ? mergeList(target, value, patch[orderOf + key], kind, [...path, key])
    : strategicMerge(target, value, kind, [...path, key]);
}

const withoutItems = (list: unknown, gone: readonly unknown[]): unknown =>
  Array.isArray(list) ? list.filter((item) => !gone.includes(item)) : list;

const keyAt = (kind: string, path: readonly string[]): string | undefined => listTypeAt(kind, path)?.mergeKey;

function mergeList(
  target: unknown,
  patch: readonly unknown[],
  order: unknown,
  kind: string,
  path: readonly string[],
): readonly unknown[] {
  const key = keyAt(kind, path);
  const present: readonly unknown[] = Array.isArray(target) ? target : [];
  if (key === undefined || patch.some((item) => text(item, directive) === 'replace')) {
    return patch.filter((item) => text(item, directive) === '').map(withoutDirectives);
  }
  const wanted: readonly unknown[] = Array.isArray(order) ? order : patch;
  if (key === '') return inOrder([...new Set([...present, ...patch])], wanted, present, key);

  const merged = [...present];
  for (const item of patch) {
    const name = isFields(item) ? item[key] : undefined;
    if (name === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const index = merged.findIndex((other) => isFields(other) && other[key] === name);
    const fresh = strategicMerge(index === -1 ? undefined : merged[index], item, kind, path);
    if (fresh === undefined) {
      if (index !== -1) merged.splice(index, 1);
    } else if (index === -1) merged.push(fresh);
    else merged[index] = fresh;
  }
  return inOrder(merged, wanted, present, key);
}

/**
 * Items that the order names, in that order. The others go in between, each before the first that stood behind it until now, or else to
 * the end (apimachinery, strategicpatch.normalizeElementOrder).
 */
function inOrder(
  items: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  key: string,
): readonly unknown[] {
  const nameOf = (item: unknown): unknown => (key === '' ? item : isFields(item) ? item[key] : undefined);
  const named = order.map(nameOf);
  const old = before.map(nameOf);
  const sorted = items
    .filter((item) => named.includes(nameOf(item)))
    .sort((a, b) => named.indexOf(nameOf(a)) - named.indexOf(nameOf(b)));
  let from = 0;
  for (const item of items) {
    if (named.includes(nameOf(item))) continue;
    const place = old.indexOf(nameOf(item));
    const next = sorted.findIndex((other, index) => index >= from && old.indexOf(nameOf(other)) > place);
    from = next === -1 ? sorted.length : next;
    sorted.splice(from, 0, item);
    from += 1;
  }
  return sorted;
}

/** What a patch adds is added without what it says about patching. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !key.startsWith('$') && inner !== null)
      .map(([key, inner]) => [key, withoutDirectives(inner)]),
  ) satisfies Fields;
}

const unknownDirective = (found: unknown): Error =>
  badRequest(`Unknown patch type: ${typeof found === 'string' ? found : JSON.stringify(found)} in map: $patch`);
