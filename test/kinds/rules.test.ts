/** Rules of a kind, as the API server asks them of an object: at their places, after defaults, in its words. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kindsFromCrds } from '../../src/kinds/definitions.ts';
import type { JsonSchema } from '../../src/kinds/schema.ts';
import { judgeObject, type Judged } from '../../src/kinds/validate.ts';

const kindsOf = (spec: string): ReturnType<typeof kindsFromCrds> =>
  kindsFromCrds(
    [
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'things.example.com' },
        spec: {
          group: 'example.com',
          names: { plural: 'things', kind: 'Thing' },
          scope: 'Namespaced',
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: 'object', properties: { spec: parse(spec) as JsonSchema } } },
            },
          ],
        },
      },
    ],
    'given',
  );

const thing = (spec: string): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a' },
  spec: parse(spec) as unknown,
});

async function judge(schema: string, spec: string, old?: string): Promise<Judged> {
  const judged = await judgeObject(thing(spec), kindsOf(schema), old === undefined ? undefined : thing(old));
  if (judged === undefined) throw new Error('Nobody knows the kind.');
  return judged;
}
const said = async (...args: Parameters<typeof judge>): Promise<readonly string[]> =>
  (await judge(...args)).violations.map(({ message }) => message);

const withRule = (rule: string, properties = 'a: {type: integer}, b: {type: integer}'): string =>
  `{type: object, properties: {${properties}}, x-kubernetes-validations: [${rule}]}`;

describe('what a rule says', () => {
  it.each([
    ['its message', '{rule: self.a > 1, message: " a must be more "}', 'spec: Invalid value: a must be more'],
    ['itself, where it has none', '{rule: "self.a > 1 "}', 'spec: Invalid value: failed rule: self.a > 1'],
    [
      'what its expression makes',
      `{rule: self.a > 1, message: no, messageExpression: "'a is ' + string(self.a)"}`,
      'spec: Invalid value: a is 1',
    ],
    [
      'its message, where the expression fails',
      '{rule: self.a > 1, message: no, messageExpression: self.missing}',
      'spec: Invalid value: no',
    ],
    ['its reason', '{rule: self.a > 1, message: no, reason: FieldValueForbidden}', 'spec: Forbidden: no'],
    ['a duplicate', '{rule: self.a > 1, message: no, reason: FieldValueDuplicate}', 'spec: Duplicate value: no'],
    ['what is required', '{rule: self.a > 1, message: no, reason: FieldValueRequired}', 'spec: Required value: no'],
    ['the field that it names', '{rule: self.a > 1, message: no, fieldPath: .a}', 'spec.a: Invalid value: no'],
    [
      'a key that is not there',
      '{rule: self.b > 1, message: no}',
      'spec: Invalid value: no such key: b evaluating rule: no',
    ],
  ])('%s', async (_title, rule, message) => {
    expect(await said(withRule(rule), '{a: 1}')).toEqual([message]);
  });

  it('the reason is kept for a Status', async () => {
    const { violations } = await judge(
      withRule('{rule: self.a > 1, message: no, reason: FieldValueForbidden}'),
      '{a: 1}',
    );
    expect(violations).toMatchObject([{ reason: 'FieldValueForbidden', observed: { a: 1 } }]);
  });
});

describe('what a rule sees', () => {
  it.each([
    [
      'whole numbers as int, others as double',
      'self.a == 1 && type(self.a) == int && type(self.d) == double',
      '{a: 1, d: 2}',
      'a: {type: integer}, d: {type: number}',
    ],
    ['defaults', 'self.a == 7', '{}', 'a: {type: integer, default: 7}'],
    [
      'nothing where a field is absent or null',
      '!has(self.a) && !has(self.b)',
      '{a: null}',
      'a: {type: integer}, b: {type: integer}',
    ],
    ['no field that is not declared', '!has(self.c)', '{c: 1}', 'a: {type: integer}'],
    [
      'names that CEL does not take',
      'self.__namespace__ == "x" && self.a__dash__b == 1 && self.a__dot__b == 2 && self.a__slash__b == 3',
      '{namespace: x, a-b: 1, a.b: 2, a/b: 3}',
      'namespace: {type: string}, a-b: {type: integer}, a.b: {type: integer}, a/b: {type: integer}',
    ],
    [
      'numbers and texts in one field',
      'type(self.p) == int ? self.p > 1 : self.p == "http"',
      '{p: http}',
      'p: {x-kubernetes-int-or-string: true}',
    ],
    [
      'keys of a map as they are',
      '"a.b/c" in self.m && self.m["a.b/c"] == "x"',
      '{m: {a.b/c: x}}',
      'm: {type: object, additionalProperties: {type: string}}',
    ],
    [
      'times and durations',
      'self.t < timestamp("2027-01-01T00:00:00Z") && self.d > duration("1m")',
      '{t: "2026-01-01T00:00:00Z", d: 2m}',
      't: {type: string, format: date-time}, d: {type: string, format: duration}',
    ],
  ])('%s', async (_title, rule, spec, properties) => {
    expect(await said(withRule(JSON.stringify({ rule }), properties), spec)).toEqual(
      spec.includes('c: 1') ? ['unknown field "spec.c"'] : [],
    );
  });

  it('stands at items and values, too, with their places', async () => {
    const inner =
      '{type: object, properties: {n: {type: integer}}, x-kubernetes-validations: [{rule: self.n > 1, message: more}]}';
    const schema = `{type: object, properties: {l: {type: array, items: ${inner}}, m: {type: object, additionalProperties: ${inner}}}}`;
    expect(await said(schema, '{l: [{n: 2}, {n: 1}], m: {x: {n: 1}}}')).toEqual([
      'spec.l[1]: Invalid value: more',
      'spec.m.x: Invalid value: more',
    ]);
  });
});

describe('rules about a change', () => {
  const immutable = '{rule: self.a == oldSelf.a, message: a is immutable}';

  it('are skipped for a new object', async () => {
    expect(await said(withRule(immutable), '{a: 1}')).toEqual([]);
  });

  it('are asked of a change', async () => {
    expect(await said(withRule(immutable), '{a: 1}', '{a: 2}')).toEqual(['spec: Invalid value: a is immutable']);
    expect(await said(withRule(immutable), '{a: 1, b: 3}', '{a: 1}')).toEqual([]);
  });

  it('are asked of a new object where they take nothing for old', async () => {
    const rule =
      '{rule: "oldSelf.hasValue() ? oldSelf.value().a <= self.a : self.a == 1", message: grows from 1, optionalOldSelf: true}';
    expect(await said(withRule(rule), '{a: 2}')).toEqual(['spec: Invalid value: grows from 1']);
    expect(await said(withRule(rule), '{a: 2}', '{a: 1}')).toEqual([]);
  });

  const listed = (type: string): string =>
    `{type: object, properties: {l: {type: array, ${type}, x-kubernetes-validations: [{rule: self == oldSelf, message: same}], items: {type: object, properties: {n: {type: string}, v: {type: integer}}, x-kubernetes-validations: [{rule: self.v >= oldSelf.v, message: grows}]}}}}`;
  const byName = 'x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [n]';

  it('know an item by its key, and no order of such a list', async () => {
    expect(
      await said(listed(byName), '{l: [{n: b, v: 2}, {n: a, v: 1}]}', '{l: [{n: a, v: 1}, {n: b, v: 2}]}'),
    ).toEqual([]);
    expect(await said(listed(byName), '{l: [{n: b, v: 1}]}', '{l: [{n: a, v: 1}, {n: b, v: 2}]}')).toEqual([
      'spec.l: Invalid value: same',
      'spec.l[0]: Invalid value: grows',
    ]);
  });

  it('know no item of a list without keys', async () => {
    expect(await said(listed('x-kubernetes-list-type: atomic'), '{l: [{n: a, v: 1}]}', '{l: [{n: a, v: 2}]}')).toEqual([
      'spec.l: Invalid value: same',
    ]);
  });
});

describe('rules that are not asked, or not judged', () => {
  it('wait until the rest is right', async () => {
    expect(await said(withRule('{rule: self.a > 1, message: no}'), '{a: x}')).toEqual([
      'spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"',
      expect.stringContaining('some validation rules were not checked'),
    ]);
  });

  it('say why, and are no violation', async () => {
    const loops = `{rule: "self.l.all(a, self.l.all(b, self.l.all(c, true)))", message: slow}`;
    const properties = 'l: {type: array, items: {type: integer}}';
    const many = `{l: [${Array.from({ length: 200 }, (_, index) => index).join(', ')}]}`;
    const { violations, unjudged } = await judge(
      withRule(`${loops}, {rule: nothing(, message: odd}`, properties),
      many,
    );
    expect(violations).toEqual([]);
    expect(unjudged).toEqual([
      'spec: the rule takes more than 100000 turns: slow',
      expect.stringMatching(/^spec: the rule cannot be read here: .*: odd$/),
    ]);
  });
});
