/** Kubernetes' functions about lists, sets and texts [k8s.io/apiserver 0.36, pkg/cel/library: lists.go, regex.go; cel-go, ext/{sets,lists}.go]. */
import {
  celFunc,
  celMethod,
  CelScalar,
  isCelList,
  isCelMap,
  listType,
  type CelFunc,
  type CelInput,
  type CelList,
  type CelValue,
} from '@bufbuild/cel';
import { goRegExp, isRefused, maxText, type GoRegExp } from '../../formats/go-regexp.ts';
import { sortedByKeys } from './macros.ts';
import { none, some } from './optionals.ts';
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

/** Comparisons of items, each with each; more take long. */
const mostComparisons = 25_000_000;

/** @throws {Error} for lists that are too long to be compared item by item. */
function bounded(one: CelList, other: CelList): void {
  if (one.size * other.size > mostComparisons)
    throw new Error(`lists of ${one.size} and ${other.size} items are not compared here`);
}

const everyIn = (items: CelList, list: CelList): boolean => {
  bounded(items, list);
  const all = [...list];
  return [...items].every((item) => isIn(item, all));
};

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

/** @throws {Error} where nothing can be said, by the pattern or by the length of the text. */
function compiled(text: string, pattern: string): GoRegExp {
  const found = goRegExp(pattern);
  if (isRefused(found)) throw new Error(`the pattern ${pattern} cannot be tried`);
  if (text.length > maxText) throw new Error(`a text of ${text.length} characters cannot be searched`);
  return found;
}

/** In order, where all are of one type that has one. */
function sortedBy(list: readonly CelValue[], keys: readonly CelValue[]): readonly CelValue[] {
  const of = keys.map(ordered);
  if (new Set(of.map((key) => typeof key)).size > 1) throw new RuleError('list elements must have the same type');
  const order = [...of.keys()].sort((one, other) => compare(of[one] ?? 0, of[other] ?? 0));
  return order.map((index) => list[index] ?? null);
}

const compare = (one: Ordered, other: Ordered): number => (one < other ? -1 : one > other ? 1 : 0);

function flattened(list: readonly CelValue[], depth: bigint): readonly CelValue[] {
  if (depth < 0n) throw new RuleError('level must be non-negative');
  return depth === 0n ? list : list.flatMap((item) => (isCelList(item) ? flattened([...item], depth - 1n) : [item]));
}

function sliced(list: readonly CelValue[], start: bigint, end: bigint): readonly CelValue[] {
  const cannot = (why: string): never => {
    throw new RuleError(`cannot slice(${start}, ${end}), ${why}`);
  };
  if (start < 0n || end < 0n) return cannot('negative indexes not supported');
  if (start > end) return cannot('start index must be less than or equal to end index');
  if (end > BigInt(list.length)) return cannot(`list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

/** More than any rule needs; a list of what a rule says is as long as it says. */
const longestRange = 100_000n;

function range(size: bigint): CelInput {
  if (size < 0n) throw new RuleError('size must be non-negative');
  if (size > longestRange) throw new Error(`a list of ${size} numbers is not made here`);
  return Array.from({ length: Number(size) }, (_, index) => BigInt(index));
}

const end = (name: 'first' | 'last'): CelFunc =>
  celMethod(name, LIST, [], DYN, function () {
    const item = [...this].at(name === 'first' ? 0 : -1);
    return item === undefined ? none() : some(item);
  });

/** Of cel-go's extension about lists, version 3 [ext/lists.go]; `sortBy` comes here as the call that `macros.ts` makes of it. */
const extension: readonly CelFunc[] = [
  celMethod('distinct', LIST, [], LIST, function () {
    bounded(this, this);
    const kept: CelValue[] = [];
    for (const item of this) if (!isIn(item, kept)) kept.push(item);
    return kept;
  }),
  celMethod('reverse', LIST, [], LIST, function () {
    return [...this].reverse();
  }),
  celMethod('sort', LIST, [], LIST, function () {
    return [...sortedBy([...this], [...this])];
  }),
  celMethod(sortedByKeys, LIST, [LIST], LIST, function (keys) {
    return [...sortedBy([...this], [...keys])];
  }),
  celMethod('flatten', LIST, [], LIST, function () {
    return [...flattened([...this], 1n)];
  }),
  celMethod('flatten', LIST, [INT], LIST, function (depth) {
    return [...flattened([...this], depth)];
  }),
  celMethod('slice', LIST, [INT, INT], LIST, function (from, to) {
    return [...sliced([...this], from, to)];
  }),
  celFunc('lists.range', [INT], DYN, range),
  end('first'),
  end('last'),
];

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
  celFunc('sets.contains', [LIST, LIST], BOOL, (list, others) => everyIn(others, list)),
  celFunc('sets.equivalent', [LIST, LIST], BOOL, (one, other) => everyIn(one, other) && everyIn(other, one)),
  celFunc('sets.intersects', [LIST, LIST], BOOL, (list, others) => {
    bounded(others, list);
    const all = [...list];
    return [...others].some((item) => isIn(item, all));
  }),
  celMethod('find', STRING, [STRING], STRING, function (pattern) {
    return compiled(this, pattern).exec(this)?.[0] ?? '';
  }),
  celMethod('findAll', STRING, [STRING], DYN, function (pattern) {
    return [...compiled(this, pattern).all(this)];
  }),
  celMethod('findAll', STRING, [STRING, INT], DYN, function (pattern, most) {
    const found = compiled(this, pattern).all(this);
    return [...(most < 0n ? found : found.slice(0, Number(most)))];
  }),
  ...extension,
];
