/** Paths of fields as replacements write them: `spec.containers.[name=web].image`, `spec.rules.0.host`, `spec.*` [kustomize 5.5, kyaml/yaml/match.go]. */
import { goRegExp } from '../../formats/go-regexp.ts';
import { isObject } from '../../kinds/violation.ts';
import { stepsOf, type Slot } from './field-specs.ts';
import { Refused } from './refused.ts';

export interface Field {
  holder: Slot;
  key: string | number;
  /** Whether it was made for this. */
  isNew: boolean;
}

/** Steps of a path: a bracket holds together what is in it. */
export function splitPath(path: string): readonly string[] {
  const steps: string[] = [];
  let open: string[] | undefined;
  for (const step of stepsOf(path, '.')) {
    if (open === undefined && (!step.startsWith('[') || step.endsWith(']'))) {
      steps.push(step);
      continue;
    }
    open = [...(open ?? []), step];
    if (!step.endsWith(']')) continue;
    steps.push(closed(open));
    open = undefined;
  }
  return open === undefined ? steps : [...steps, closed(open)];
}

/** A bracket without `=` is there only for the dots in a name. */
function closed(parts: readonly string[]): string {
  const whole = parts.join('.');
  return whole.includes('=') ? whole : whole.replace(/^\[+|\]+$/g, '');
}

/** @param make What a field is given that is not there and is to be made. */
export const fieldsAt = (object: object, path: readonly string[], make?: () => unknown): readonly Field[] =>
  go(object, path, { make, isItem: matches });

/** The one field that a path leads to, in which items are told by their whole value. */
export const fieldAt = (object: object, path: readonly string[]): Field | undefined =>
  go(object, path, { make: undefined, isItem: (wanted) => (text) => text === wanted })[0];

interface Way {
  make: (() => unknown) | undefined;
  /** Whether a text is that of the item that is wanted. */
  isItem: (wanted: string) => (text: string) => boolean;
}

function matches(wanted: string): (text: string) => boolean {
  const pattern = goRegExp(wanted);
  if ('refused' in pattern)
    throw new Refused(`has a replacement for ${wanted}, a pattern that cannot be read: ${pattern.refused}`);
  return (text) => pattern.test(text);
}

function go(object: object, path: readonly string[], { make, isItem: test }: Way): readonly Field[] {
  const root: Slot = { root: object };
  let fields: readonly Field[] = [{ holder: root, key: 'root', isNew: false }];
  for (const [index, step] of path.entries()) {
    const made = make && ((): unknown => madeFor(path[index + 1], make));
    fields = fields.flatMap((field) => stepInto(field, step, { make: made, isItem: test }));
  }
  return fields;
}

/** What a step leads into: a list where the next is an item's, a map where it is a field's. */
function madeFor(next: string | undefined, make: () => unknown): unknown {
  if (next === undefined) return make();
  return isItem(next) || isIndex(next) ? [] : {};
}

const isIndex = (step: string): boolean => /^\d+$/.test(step);
const isItem = (step: string): boolean => step.startsWith('[') && step.endsWith(']');

function stepInto({ holder, key }: Field, step: string, way: Way): readonly Field[] {
  const { make: made } = way;
  const value = holder[key];
  if (Array.isArray(value)) return intoList(value, step, way);
  if (isIndex(step) && !isObject(value)) throw new Refused(`has a replacement for item ${step} of what is no list`);
  if (step === '*' && isObject(value)) throw new Refused('has a replacement for every item of what is no list');
  if (isItem(step)) throw new Refused(`has a replacement for the item ${step} of what is no list`);
  if (!isObject(value)) return [];
  const fields = value as Slot;
  if (fields[step] !== undefined) return [{ holder: fields, key: step, isNew: false }];
  if (made === undefined) return [];
  fields[step] = made();
  return [{ holder: fields, key: step, isNew: true }];
}

function intoList(list: unknown[], step: string, { make: made, isItem: testOf }: Way): readonly Field[] {
  const slot = list as unknown as Slot;
  if (step === '*') return list.map((_item, key) => ({ holder: slot, key, isNew: false }));
  if (isIndex(step)) {
    const key = Number(step);
    const isNew = key === list.length && made !== undefined;
    if (isNew) list.push(made());
    else if (key >= list.length)
      throw new Refused(`has a replacement for item ${step} of a list that has ${list.length}`);
    return [{ holder: slot, key, isNew }];
  }
  if (!isItem(step)) throw new Refused(`has a replacement for the field ${step} of a list`);
  const [name = '', ...rest] = step.slice(1, -1).split('=');
  const wanted = rest.join('=');
  const isWanted = testOf(wanted);
  const found = list.flatMap((item, key): readonly Field[] => {
    const text = name === '' ? item : isObject(item) ? item[name] : undefined;
    return ['string', 'number', 'boolean'].includes(typeof text) && isWanted(String(text))
      ? [{ holder: slot, key, isNew: false }]
      : [];
  });
  if (found.length > 0 || made === undefined) return found;
  list.push(name === '' ? wanted : { [name]: wanted });
  return [{ holder: slot, key: list.length - 1, isNew: false }];
}
