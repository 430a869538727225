/** Quantities and versions are compared by the same calls; which of the two it is, the value says. */
import { celMethod, CelScalar, type CelFunc, type CelValue } from '@bufbuild/cel';
import { expectText, textOf } from './opaque.ts';
import { compareQuantities } from './quantities.ts';
import { compareVersions, semverType } from './semver.ts';

const { BOOL, DYN, INT } = CelScalar;

function compare(one: CelValue, other: CelValue): number {
  const version = textOf(one, semverType);
  return version === undefined
    ? compareQuantities(one, other)
    : compareVersions(version, expectText(other, semverType));
}

export const comparisons: readonly CelFunc[] = [
  celMethod('isGreaterThan', DYN, [DYN], BOOL, function (other) {
    return compare(this, other) > 0;
  }),
  celMethod('isLessThan', DYN, [DYN], BOOL, function (other) {
    return compare(this, other) < 0;
  }),
  celMethod('compareTo', DYN, [DYN], INT, function (other) {
    return BigInt(compare(this, other));
  }),
];
