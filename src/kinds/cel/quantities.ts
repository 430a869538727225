/** Kubernetes' functions about quantities such as `1.5Gi` and `100m` [k8s.io/apiserver 0.36, pkg/cel/library/quantity.go]. */
import { celFunc, celMethod, CelScalar, type CelFunc, type CelValue } from '@bufbuild/cel';
import { expectText, opaque, RuleError } from './opaque.ts';

const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar;
const type = 'kubernetes.Quantity';

/** A quantity in thousand millionths: nothing smaller counts [apimachinery, api/resource: Nano]. */
const nano = 1_000_000_000n;
const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** Rounded up, as Kubernetes does with what is finer than it keeps; undefined for what is no quantity. */
function quantity(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', suffix = ''] =
    /^([+-]?)(\d*)(?:\.(\d*))?((?:[KMGTPE]i)|[numkMGTPE]|[eE][+-]?\d{1,2})?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const power = binary.indexOf(suffix) + 1;
  const exponent = power > 0 ? 0 : (decimal[suffix] ?? Number(suffix.slice(1)));
  const scaled = digits * nano * 1024n ** BigInt(power) * 10n ** BigInt(Math.max(exponent, 0));
  const divisor = 10n ** BigInt(fraction.length + Math.max(-exponent, 0));
  const amount = (scaled + divisor - 1n) / divisor;
  return sign === '-' ? -amount : amount;
}

function parse(text: string): bigint {
  const amount = quantity(text);
  if (amount === undefined)
    throw new RuleError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
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
  celFunc('isQuantity', [STRING], BOOL, (text) => quantity(text) !== undefined),
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
