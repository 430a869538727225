/** Fields of objects by their paths: gone to, made where they are to be, and changed [kustomize 5.5, api/filters/fieldspec]. */
import { isObject } from '../../kinds/violation.ts';
import type { FieldSpec } from './fields.ts';
import { Refused } from './refused.ts';
import { groupVersionOf, isSelected, type Fields } from './resource.ts';

export type Slot = Record<string | number, unknown>;

/** Changes what stands in a field; it is there, though perhaps without a value. */
export type Change = (holder: Slot, key: string | number) => void;

/** The steps of a path: `\/` stands for a slash. */
export const stepsOf = (path: string, between = '/'): readonly string[] =>
  path
    .replaceAll(`\\${between}`, '\u0000')
    .split(between)
    .map((step) => step.replaceAll('\u0000', between));

export const applies = (spec: FieldSpec, object: Fields): boolean =>
  isSelected(
    { ...groupVersionOf(object['apiVersion']), kind: typeof object['kind'] === 'string' ? object['kind'] : '' },
    spec,
  );

/** @param made What is put into a field that is not there and is to be made. */
export function changeFields(object: Fields, specs: readonly FieldSpec[], change: Change, made?: () => unknown): void {
  for (const spec of specs) {
    if (applies(spec, object)) changeField(object, spec, change, made);
  }
}

export function changeField(object: Fields, spec: FieldSpec, change: Change, made?: () => unknown): void {
  const steps = stepsOf((spec.path ?? '').replace(/^\//, ''));
  const make = spec.create === true ? made : undefined;
  const go = (value: unknown, depth: number, holder: Slot, key: string | number): void => {
    if (depth === steps.length) return change(holder, key);
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => {
        go(item, depth, value as unknown as Slot, index);
      });
      return;
    }
    if (!isObject(value)) throw new Refused(`wants ${spec.path ?? ''} of an object in which that is no field`);
    goInto(value, depth);
  };
  const goInto = (fields: Slot, depth: number): void => {
    const step = steps[depth] ?? '';
    const name = step.replace(/\[\]$/, '');
    const isList = name !== step;
    const isLast = depth === steps.length - 1;
    if (fields[name] === undefined || fields[name] === null) {
      if (make !== undefined && !isList) fields[name] = isLast ? make() : {};
      else if (fields[name] === undefined) return;
    }
    go(fields[name], depth + 1, fields, name);
  };
  goInto(object, 0);
}
