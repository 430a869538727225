/** The tables are those of Kubernetes' own tests (apimachinery: labels/selector_test.go, meta/v1/helpers_test.go). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSelector, textSelects } from '../../src/formats/label-selector-text.ts';
import { hasLabels, requirementsOf, selects, selectorText, serviceSelects } from '../../src/formats/label-selector.ts';

describe('a selector as text', () => {
  const both = { foo: 'bar', baz: 'blah' };

  it.each<[string, Record<string, string>, boolean]>([
    ['', { x: 'y' }, true],
    ['x=y', { x: 'y' }, true],
    ['x==y', { x: 'y' }, true],
    ['x=y,z=w', { x: 'y', z: 'w' }, true],
    ['x!=y,z!=w', { x: 'z', z: 'a' }, true],
    ['notin=in', { notin: 'in' }, true],
    ['x', { x: 'z' }, true],
    ['!x', { y: 'z' }, true],
    ['x>1', { x: '2' }, true],
    ['x<1', { x: '0' }, true],
    ['x=z', {}, false],
    ['x=y', { x: 'z' }, false],
    ['x=y,z=w', { x: 'w', z: 'w' }, false],
    ['x!=y,z!=w', { x: 'z', z: 'w' }, false],
    ['x', { y: 'z' }, false],
    ['!x', { x: 'z' }, false],
    ['x>1', { x: '0' }, false],
    ['x<1', { x: '2' }, false],
    ['x>1', {}, false],
    ['foo=bar,baz=blah', both, true],
    ['foo=blah', both, false],
    ['foo=bar,foobar=bar,baz=blah', both, false],
    ['foo in (bar, other)', both, true],
    ['foo in (other)', both, false],
    ['foo notin (bar)', both, false],
    ['nobody notin (bar)', both, true],
    ['x in (),y', { x: '', y: 'a' }, true],
    ['x=', { x: '' }, true],
    ['x=', {}, false],
    ['x!=a', {}, true],
    ['constructor', {}, false],
    ['!toString', {}, true],
    ['a/b=c, d in (x,y) ,!e', { 'a/b': 'c', d: 'y' }, true],
  ])('%j takes %j: %s', (selector, labels, expected) => {
    expect(parseSelector(selector)).not.toHaveProperty('refused');
    expect(textSelects(selector, labels)).toBe(expected);
  });

  it.each(['x=,z= ', 'x= ,z= ', 'x>1,z<5', 'x= '])('%j is one', (selector) => {
    expect(parseSelector(selector)).not.toHaveProperty('refused');
  });

  it.each([
    ['x=a||y=b', 'unable to parse requirement: values[0][x]: Invalid value: "a||y": a valid label must be'],
    ['x==a==b', "found '==', expected: ',' or 'end of string'"],
    ['!x=a', "found '=', expected: ',' or 'end of string'"],
    ['x<a', "for 'Gt', 'Lt' operators, the value must be an integer"],
    ['x in', "found '' expected: '('"],
    ['x in (a', "found '', expected: ',' or ')'"],
    ['x nothing y', "found 'nothing', expected: =, !=, ==, in, notin, gt, lt"],
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['-x', 'name part must consist of'],
    ['A.B/x', 'prefix part a lowercase RFC 1123 subdomain'],
  ])('%j is none, and takes nothing', (selector, why) => {
    expect(parseSelector(selector)).toEqual({ refused: expect.stringContaining(why) as string });
    expect(textSelects(selector, { x: 'a' })).toBe(false);
  });
});

describe('a selector of an object', () => {
  const expression = (operator: string, ...values: readonly string[]) => ({
    matchExpressions: [{ key: 'baz', operator, values }],
  });

  it.each<[unknown, Record<string, string>, boolean]>([
    [undefined, { foo: 'bar' }, false],
    [null, {}, false],
    [{}, {}, true],
    [{ matchLabels: null, matchExpressions: null }, { foo: 'bar' }, true],
    [{ matchLabels: { foo: 'bar' } }, { foo: 'bar', other: 'x' }, true],
    [{ matchLabels: { foo: 'bar' } }, { foo: 'baz' }, false],
    [{ matchLabels: { foo: 'bar' } }, {}, false],
    [expression('In', 'qux', 'norf'), { baz: 'norf' }, true],
    [expression('In', 'qux', 'norf'), { baz: 'x' }, false],
    [expression('In', 'qux', 'norf'), {}, false],
    [expression('NotIn', 'qux'), { baz: 'x' }, true],
    [expression('NotIn', 'qux'), {}, true],
    [expression('NotIn', 'qux'), { baz: 'qux' }, false],
    [expression('Exists'), { baz: '' }, true],
    [expression('Exists'), {}, false],
    [expression('DoesNotExist'), {}, true],
    [expression('DoesNotExist'), { baz: 'x' }, false],
    [{ ...expression('In', 'qux'), matchLabels: { foo: 'bar' } }, { foo: 'bar', baz: 'qux' }, true],
    [{ ...expression('In', 'qux'), matchLabels: { foo: 'bar' } }, { foo: 'bar' }, false],
    // What no API server accepts selects nothing.
    [expression('Exists', 'qux'), { baz: 'qux' }, false],
    [expression('In'), { baz: 'qux' }, false],
    [expression('Like', 'qux'), { baz: 'qux' }, false],
    [{ matchExpressions: [{ operator: 'Exists' }] }, {}, false],
    [{ matchExpressions: [null] }, {}, false],
    [{ matchExpressions: 'x' }, {}, false],
    [{ matchLabels: ['a'] }, {}, false],
    [{ matchLabels: { a: 1 } }, { a: '1' }, false],
    ['x', {}, false],
  ])('%j takes %j: %s', (selector, labels, expected) => expect(selects(selector, labels)).toBe(expected));

  it('is written as kubectl takes it, by key', () => {
    const selector = {
      matchLabels: { foo: 'bar', a: 'b' },
      matchExpressions: [
        { key: 'baz', operator: 'In', values: ['qux', 'norf'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'x', operator: 'NotIn', values: ['y'] },
      ],
    };
    expect(selectorText(selector)).toBe('a=b,baz in (norf,qux),foo=bar,!old,x!=y');
    expect([{}, undefined, 'x'].map(selectorText)).toEqual(['', '', '']);
  });

  it('means the same as its text', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'a.b/c');
    const some = fc.array(word, { minLength: 1, maxLength: 3 });
    const requirement = fc.oneof(
      fc.record({ key: word, operator: fc.constantFrom('In', 'NotIn'), values: some }),
      fc.record({ key: word, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    );
    const value = fc.constantFrom('a', 'b', 'c');
    const plain = requirement.map((one) =>
      'values' in one ? { ...one, values: one.values.map((text) => text[0]) } : one,
    );
    fc.assert(
      fc.property(
        fc.record({ matchLabels: fc.dictionary(word, value), matchExpressions: fc.array(plain, { maxLength: 3 }) }),
        fc.dictionary(word, value),
        (selector, labels) => {
          expect(requirementsOf(selector)).toBeDefined();
          expect(textSelects(selectorText(selector), labels)).toBe(selects(selector, labels));
        },
      ),
    );
  });
});

describe('the selector of a Service', () => {
  it.each<[Record<string, string> | null | undefined, Record<string, string> | undefined, boolean]>([
    [undefined, { a: 'b' }, false],
    [null, { a: 'b' }, false],
    [{}, { a: 'b' }, false],
    [{ a: 'b' }, { a: 'b', c: 'd' }, true],
    [{ a: 'b', c: 'd' }, { a: 'b' }, false],
    [{ a: 'b' }, undefined, false],
  ])('%j takes %j: %s', (selector, labels, expected) => expect(serviceSelects(selector, labels)).toBe(expected));

  it('is not met by what every object inherits', () => {
    expect(hasLabels({}, { constructor: 'x' })).toBe(false);
    expect(hasLabels({ a: 1 }, { a: '1' })).toBe(false);
    expect(hasLabels(undefined, {})).toBe(true);
  });
});
