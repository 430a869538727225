/** What `helm --set` takes: as a table, as properties, and beside helm itself. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asText, setValues, typed } from '../../src/formats/helm-set.ts';
import type { Values } from '../../src/formats/helm-values.ts';
import { ensureHelm } from '../support/helm.ts';

const set = (text: string, before: Values = {}): unknown => {
  const values = structuredClone(before);
  return setValues(values, text) ?? values;
};

describe('a text', () => {
  it.each<[string, unknown]>([
    ['a=1', { a: 1 }],
    ['a=x,b=y', { a: 'x', b: 'y' }],
    ['a.b.c=true', { a: { b: { c: true } } }],
    ['a=null', { a: null }],
    ['a=', { a: '' }],
    ['a={1,x,true}', { a: [1, 'x', true] }],
    ['a={}', { a: [''] }],
    ['a[0]=x,a[2]=y', { a: ['x', null, 'y'] }],
    ['a[0].b=1,a[0].c=2', { a: [{ b: 1, c: 2 }] }],
    ['a[1][0]=x', { a: [null, ['x']] }],
    [String.raw`a\.b=1`, { 'a.b': 1 }],
    [String.raw`a=x\,y`, { a: 'x,y' }],
    [String.raw`node\.kubernetes\.io/role=w`, { 'node.kubernetes.io/role': 'w' }],
    ['a=007', { a: '007' }],
    ['a=0', { a: 0 }],
    ['a=-5', { a: -5 }],
    ['a=1.5', { a: '1.5' }],
    ['a=FALSE', { a: false }],
    ['a=b=c', { a: 'b=c' }],
    ['__proto__.polluted=1', JSON.parse('{"__proto__":{"polluted":1}}')],
  ])('%s', (text, values) => {
    expect(set(text)).toEqual(values);
  });

  it.each([
    ['a', 'has no value'],
    ['a,b=1', 'cannot end with ,'],
    ['a[x]=1', 'error parsing index'],
    ['a[-1]=1', 'negative -1 index'],
    ['a[99999]=1', 'greater than maximum'],
    ['a[0]b=1', 'unexpected data at end of array index'],
    ['a={1', "must terminate with '}'"],
    [`${'a.'.repeat(40)}b=1`, 'nested level'],
  ])('%s is refused', (text, why) => {
    expect(set(text)).toContain(why);
  });

  it('changes what is there, and leaves the rest of it', () => {
    expect(set('a.b=1,l[1]=z', { a: { b: 0, c: 2 }, l: ['x', 'y'] })).toEqual({ a: { b: 1, c: 2 }, l: ['x', 'z'] });
    expect(set('a.b=1', { a: 'text' })).toEqual({ a: { b: 1 } });
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

const name = fc.stringMatching(/^[a-z][a-zA-Z0-9./-]{0,8}$/);
const escaped = (text: string): string => text.replaceAll(/[\\,.[\]={}]/g, String.raw`\$&`);

describe('any value', () => {
  it('that is escaped comes back as it was, at its path', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.string({ minLength: 1 }), (path, value) => {
        const values: Values = {};
        expect(setValues(values, `${path.map(escaped).join('.')}=${escaped(value)}`, asText)).toBeUndefined();
        expect(path.reduce<unknown>((inner, step) => (inner as Values)[step], values)).toBe(value);
      }),
    );
  });

  it('never ends the program, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', '.', '[0]', '[', ']', '=', ',', '{', '}', '\\', '1', 'null', '\n')),
        (some) => {
          const why = setValues({}, some.join(''));
          expect(why === undefined || why.length > 0).toBe(true);
        },
      ),
    );
  });

  it('is typed as what it reads as, and as nothing else', () => {
    fc.assert(
      fc.property(fc.integer(), (number) => {
        expect(typed(String(number))).toBe(number);
      }),
    );
  });
});

/** Without what ends in an index, which helm 3 refuses and helm 4 does not. */
const pieces = [
  'a',
  'b',
  'a.b',
  'c[0]',
  'c[1].d',
  '=',
  '=',
  ',',
  '.',
  '{1,x}',
  '{',
  '}',
  '\\,',
  '\\.',
  'null',
  '-5',
  '007',
  'x y',
  'é',
  'a=1',
  'a[0]=x',
];

it('is what helm makes of it', () => {
  const helm = ensureHelm();
  const chart = mkdtempSync(join(tmpdir(), 'helm-set-test-'));
  mkdirSync(join(chart, 'templates'));
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: probe\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'templates/a.yaml'), 'values: {{ .Values | toJson | quote }}\n');
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 7 }), fc.boolean(), (some, isText) => {
      const text = some.join('');
      const { status, stdout } = spawnSync(helm, ['template', 'x', chart, isText ? '--set-string' : '--set', text], {
        encoding: 'utf8',
      });
      const values: Values = {};
      const why = setValues(values, text, isText ? asText : undefined);
      const [, theirs = '""'] = /^values: (.*)$/m.exec(stdout) ?? [];
      const ours = why === undefined ? withoutNulls(values) : 'refused';
      expect(ours).toEqual(status === 0 ? withoutNulls(JSON.parse(JSON.parse(theirs) as string)) : 'refused');
    }),
    { numRuns: 60 },
  );
});

/** A null takes away what a chart has, and is gone then. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([, inner]: [string, unknown]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]: [string, unknown]) => [key, withoutNulls(inner)]));
}
