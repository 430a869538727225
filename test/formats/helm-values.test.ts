/** How values are laid over one another: by helm, and by kustomize. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeAsKustomize, mergeValues, type Values } from '../../src/formats/helm-values.ts';

describe('helm', () => {
  it.each<[string, Values, Values, Values]>([
    ['joins maps', { a: { x: 1 } }, { a: { y: 2 } }, { a: { x: 1, y: 2 } }],
    ['replaces lists', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['replaces a map by a text', { a: { x: 1 } }, { a: 'b' }, { a: 'b' }],
    ['replaces a text by a map', { a: 'b' }, { a: { x: 1 } }, { a: { x: 1 } }],
    ['keeps a null, which takes away what the chart has', { a: { x: 1 } }, { a: null }, { a: null }],
    ['keeps an empty map beside what is there', { a: { x: 1 } }, { a: {} }, { a: { x: 1 } }],
  ])('%s', (_what, under, over, joined) => {
    expect(mergeValues(under, over)).toEqual(joined);
  });
});

it('kustomize takes away what a null stands for, and the null', () => {
  expect(mergeAsKustomize({ a: { x: 1, y: 2 } }, { a: { x: null } })).toEqual({ a: { y: 2 } });
  expect(mergeAsKustomize({}, { a: { x: null } })).toEqual({ a: {} });
  expect(mergeAsKustomize({ a: [1] }, { a: [2] })).toEqual({ a: [2] });
});

const { values } = fc.letrec<{ values: Values; value: unknown }>((tie) => ({
  values: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, 1, 'x', true), fc.constant([1]), tie('values')),
}));

describe('any values', () => {
  it('laid over any others win, and change neither', () => {
    fc.assert(
      fc.property(values, values, (under, over) => {
        const before = JSON.stringify([under, over]);
        const joined = mergeValues(under, over);
        expect(mergeValues(joined, over)).toEqual(joined);
        expect(JSON.stringify([under, over])).toBe(before);
        for (const [name, value] of Object.entries(over))
          if (typeof value !== 'object' || value === null || Array.isArray(value)) expect(joined[name]).toEqual(value);
      }),
    );
  });

  it('that are laid over nothing, or over themselves, stay as they are', () => {
    fc.assert(
      fc.property(values, (one) => {
        expect(mergeValues({}, one)).toEqual(one);
        expect(mergeValues(one, {})).toEqual(one);
        expect(mergeValues(one, one)).toEqual(one);
      }),
    );
  });
});
