/** Kubernetes' functions about lists, sets and texts [k8s.io/apiserver 0.36, pkg/cel/library: lists.go, regex.go; cel-go, ext/sets.go]. */
import {
  celFunc,
  celMethod,
  CelScalar,
  isCelList,
  isCelMap,
  listType,
  type CelFunc,
  type CelValue,
} from '@bufbuild/cel';
import { goRegExp, isRefused } from '../../formats/go-regexp.ts';
import { RuleError } from './opaque.ts';

const { BOOL, DYN, INT, STRING } = CelScalar;
const LIST = listType(DYN);

/** Equal as CEL has it, for what rules put into lists: `1 == 1.0`, and maps and lists by what they hold. */
function isEqual(one: CelValue, other: CelValue): boolean {
  if (typeof one === 'bigint' || typeof one === 'number') {
    return (typeof other === 'bigint' || typeof other === 'number') && Number(one) === Number(other);
  }
  if (isCelList(one) && isCelList(other)) {
    const items = [...other];
    return one.size === other.size && [...one].every((item, index) => isEqual(item, items[index] ?? null));
  }
  if (isCelMap(one) && isCelMap(other)) {
    return (
      one.size === other.size &&
      [...one].every(([key, value]) => other.has(key) && isEqual(value, other.get(key) ?? null))
    );
  }
  return one === other;
}

const isIn = (item: CelValue, list: readonly CelValue[]): boolean => list.some((other) => isEqual(item, other));

type Ordered = bigint | number | string | boolean;
function ordered(value: CelValue): Ordered {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
    return value;
  throw new RuleError('no such overload');
}

const extreme = (name: 'min' | 'max'): CelFunc =>
  celMethod(name, LIST, [], DYN, function () {
    const values = [...this].map(ordered);
    const [first] = values;
    if (first === undefined) throw new RuleError(`${name} called on empty list`);
    return values.reduce((best, value) => ((name === 'min' ? value < best : value > best) ? value : best), first);
  });

const place = (name: 'indexOf' | 'lastIndexOf'): CelFunc =>
  celMethod(name, LIST, [DYN], INT, function (wanted) {
    const items = [...this];
    const found = (item: CelValue): boolean => isEqual(item, wanted);
    return BigInt(name === 'indexOf' ? items.findIndex(found) : items.findLastIndex(found));
  });

function sum(values: readonly CelValue[]): bigint | number {
  if (values.every((value) => typeof value === 'bigint'))
    return values.reduce((total: bigint, value) => total + BigInt(String(value)), 0n);
  if (values.every((value) => typeof value === 'number'))
    return values.reduce((total: number, value) => total + value, 0);
  throw new RuleError('no such overload');
}

function find(text: string, pattern: string): string {
  const compiled = goRegExp(pattern);
  if (isRefused(compiled)) throw new Error(`the pattern ${pattern} cannot be tried`);
  return compiled.exec(text)?.[0] ?? '';
}

export const listFunctions: readonly CelFunc[] = [
  celMethod('isSorted', LIST, [], BOOL, function () {
    const values = [...this].map(ordered);
    return values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
  }),
  celMethod('sum', LIST, [], DYN, function () {
    return sum([...this]);
  }),
  extreme('min'),
  extreme('max'),
  place('indexOf'),
  place('lastIndexOf'),
  celFunc('sets.contains', [LIST, LIST], BOOL, (list, others) => [...others].every((item) => isIn(item, [...list]))),
  celFunc('sets.equivalent', [LIST, LIST], BOOL, (one, other) => {
    const [left, right] = [[...one], [...other]];
    return left.every((item) => isIn(item, right)) && right.every((item) => isIn(item, left));
  }),
  celFunc('sets.intersects', [LIST, LIST], BOOL, (list, others) => [...others].some((item) => isIn(item, [...list]))),
  celMethod('find', STRING, [STRING], STRING, function (pattern) {
    return find(this, pattern);
  }),
];
