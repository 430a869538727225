/**
 * How much a rule may cost. A rule is somebody's text, and a loop within a loop over a long list can outlast any patience: each turn of
 * a loop counts, and so does what is put together into something longer.
 *
 * The API server counts much finer (a million units a call [k8s.io/apiserver 0.36, pkg/apis/cel/config.go]); its `maxItems` are judged before.
 */
import { celFunc, celListConcat, CelScalar, listType, type CelFunc } from '@bufbuild/cel';

const { BOOL, DYN, STRING } = CelScalar;
const LIST = listType(DYN);

/** Turns of loops that one rule may take at one place. */
export const turns = 100_000;
/** As many as an object can have items, and characters that a rule may put together. */
const longest = { list: 100_000, text: 10_000_000 };

export const tick = '__tick__';

export class TooCostly extends Error {
  override readonly name = 'TooCostly';
}

export interface Budget {
  functions: readonly CelFunc[];
  /** Before a rule is evaluated. */
  refill: () => void;
  isSpent: () => boolean;
}

export function createBudget(limit = turns): Budget {
  let left = limit;
  const spend = (turns: number): void => {
    left -= turns;
    if (left < 0) throw new TooCostly(`It takes more than ${limit} turns`);
  };
  return {
    refill: () => {
      left = limit;
    },
    isSpent: () => left < 0,
    functions: [
      celFunc(tick, [], BOOL, () => {
        spend(1);
        return true;
      }),
      celFunc('_+_', [LIST, LIST], LIST, (one, other) => {
        if (one.size + other.size > longest.list) spend(Infinity);
        return celListConcat(one, other);
      }),
      celFunc('_+_', [STRING, STRING], STRING, (one, other) => {
        if (one.length + other.length > longest.text) spend(Infinity);
        return one + other;
      }),
    ],
  };
}
