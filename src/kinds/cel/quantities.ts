/** Kubernetes' functions about quantities such as `1.5Gi` and `100m` [k8s.io/apiserver 0.36, pkg/cel/library/quantity.go]. */
import { celFunc, celMethod, CelScalar, type CelFunc, type CelValue } from '@bufbuild/cel';
import { nano, parseQuantity, quantityText } from '../quantity.ts';
import { expectText, opaque, RuleError } from './opaque.ts';

const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar;
const type = 'kubernetes.Quantity';

function parse(text: string): bigint {
  const amount = parseQuantity(text);
  if (amount === undefined) throw new RuleError(quantityText);
  return amount;
}

/** What `quantity()` made, kept in thousand millionths. */
const amountOf = (value: CelValue): bigint =>
  typeof value === 'bigint' ? value * nano : BigInt(expectText(value, type));
const isWhole = (amount: bigint): boolean => amount % nano === 0n;
const compare = (one: bigint, other: bigint): number => (one === other ? 0 : one > other ? 1 : -1);

/** -1, 0 or 1. */
export const compareQuantities = (one: CelValue, other: CelValue): number => compare(amountOf(one), amountOf(other));
const made = (amount: bigint): ReturnType<typeof opaque> => opaque(type, String(amount));

export const quantityFunctions: readonly CelFunc[] = [
  celFunc('isQuantity', [STRING], BOOL, (text) => parseQuantity(text) !== undefined),
  celFunc('quantity', [STRING], DYN, (text) => made(parse(text))),
  celMethod('isInteger', DYN, [], BOOL, function () {
    return isWhole(amountOf(this));
  }),
  celMethod('asInteger', DYN, [], INT, function () {
    const amount = amountOf(this);
    if (!isWhole(amount)) throw new RuleError('cannot convert value to integer');
    return amount / nano;
  }),
  celMethod('asApproximateFloat', DYN, [], DOUBLE, function () {
    return Number(amountOf(this)) / Number(nano);
  }),
  celMethod('sign', DYN, [], INT, function () {
    return BigInt(compare(amountOf(this), 0n));
  }),
  celMethod('add', DYN, [DYN], DYN, function (other) {
    return made(amountOf(this) + amountOf(other));
  }),
  celMethod('sub', DYN, [DYN], DYN, function (other) {
    return made(amountOf(this) - amountOf(other));
  }),
];
