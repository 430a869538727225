import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goRegExp, isRefused, type GoRegExp } from '../../src/formats/go-regexp.ts';
import { stopwatch } from '../support/work.ts';

function compiled(source: string): GoRegExp {
  const pattern = goRegExp(source);
  if (isRefused(pattern)) throw new Error(pattern.refused);
  return pattern;
}

const refusal = (source: string): string | undefined => {
  const pattern = goRegExp(source);
  return isRefused(pattern) ? pattern.refused : undefined;
};

describe('what Go understands', () => {
  it.each([
    ['(?P<host>[a-z]+)\\.example', 'docs.example', ['docs.example', 'docs']],
    ['(?<host>[a-z]+)\\.example', 'docs.example', ['docs.example', 'docs']],
    ['(?i)^DOCS$', 'docs', ['docs']],
    ['^(?:a|(b))$', 'a', ['a', '']],
    ['(?U)a+', 'aaa', ['a']],
    ['[[:digit:]]+', 'x42', ['42']],
    ['\\Q.*\\E', 'a.*b', ['.*']],
    ['\\pN', 'x7', ['7']],
    ['(?s).', '\n', ['\n']],
    ['a\\z', 'a\n', undefined],
    ['$', 'a\n', ['']],
  ])('%s on %j', (pattern, text, groups) => {
    expect(compiled(pattern).exec(text)).toEqual(groups);
    expect(compiled(pattern).test(text)).toBe(groups !== undefined);
  });

  it('counts and names groups', () => {
    const pattern = compiled('(?P<a>x)(y)(?P<c>z)?');
    expect(pattern).toMatchObject({ groups: 3, names: ['', 'a', '', 'c'] });
  });
});

describe('what Go refuses', () => {
  // The words before the bracket are those of Go's regexp/syntax.
  it.each([
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=` (Go has no lookahead)'],
    ['(?!a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?!` (Go has no lookahead)'],
    ['(?<=a)', 'error parsing regexp: invalid named capture: `(?<=a)` (Go has no lookbehind)'],
    ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1` (Go has no backreferences)'],
    ['(?>a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?>` (Go has no atomic groups)'],
    ['a++', 'error parsing regexp: invalid nested repetition operator: `++` (Go has no possessive repetition)'],
    ['(a', 'error parsing regexp: missing closing ): `(a`'],
    ['a)', 'error parsing regexp: unexpected ): `a)`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['*a', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['[b-a]', 'error parsing regexp: invalid character class range: `b-a`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['a\\', 'error parsing regexp: trailing backslash at end of expression'],
    ['(?P<n>a)(?P<n>b)', 'error parsing regexp: duplicate capture group name: `n`'],
    ['\\Z', 'error parsing regexp: invalid escape sequence: `\\Z`'],
  ])('%s', (pattern, words) => {
    expect(refusal(pattern)).toBe(words);
    expect(goRegExp(pattern)).toMatchObject({ byGo: true });
  });

  it('does not repeat ten thousand characters', () => {
    expect(refusal('('.repeat(9000))?.length).toBeLessThan(200);
  });
});

describe('what somebody wrote to stop the clock', () => {
  it.each(['^(([a-z])+.?)+!$', '(x+x+)+y', '^(a|a)*$', '(.*)*=', '(a?){1000}a{900}', '(?:[^a]{1000}){1,1}b'])(
    '%s takes no time',
    (source) => {
      const worked = stopwatch();
      const pattern = goRegExp(source);
      for (const text of ['a', 'x', 'b']) if (!isRefused(pattern)) pattern.test(`${text.repeat(8000)}!`);
      expect(worked()).toBeLessThan(1000);
    },
  );

  it('leaves what is too large untried, and says that it is not Go that refuses it', () => {
    expect(goRegExp('(a?){1000}')).toMatchObject({ byGo: false });
    expect(goRegExp('a'.repeat(10_001))).toMatchObject({ refused: 'regex pattern too long: 10001 > 10000' });
    expect(compiled('a*').test('a'.repeat(10_000))).toBe(false);
  });

  it('throws for nothing that could be written, and answers soon', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{2,',
      '}',
      '+',
      '*',
      '?',
      '|',
      '\\',
      'a',
      '.',
      '^',
      '(?P<n>',
      '(?i)',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.stringMatching(/^[a-z.]{0,200}$/), (pieces, text) => {
        const pattern = goRegExp(pieces.join(''));
        const worked = stopwatch();
        const groups = isRefused(pattern) ? undefined : pattern.exec(text);
        return (groups === undefined || text.includes(groups[0] ?? '')) && worked() < 500;
      }),
      { numRuns: 2000 },
    );
  });

  it('takes plain names as JavaScript does', () => {
    const plain = fc.stringMatching(/^[a-z.*+?|()]{0,12}$/).filter((source) => !isRefused(goRegExp(source)));
    fc.assert(
      fc.property(plain, fc.stringMatching(/^[a-z.]{0,20}$/), (source, text) => {
        let other: RegExp;
        try {
          other = new RegExp(source);
        } catch {
          return true;
        }
        return compiled(source).test(text) === other.test(text);
      }),
    );
  });
});

it('is the only way to a pattern that somebody else wrote', () => {
  // Each of these makes an expression of constants of its own.
  const own = [
    'src/assistant/discreet.ts',
    'src/demo/exec/vault.ts',
    'src/demo/node/temporary.ts',
    'src/kinds/metadata.ts',
    'src/manifests/files/documents.ts',
    'src/runbook/inputs.ts',
    'src/runbook/words.ts',
    'src/site/preview/canvas.ts',
  ];
  const makers = globSync(['src/**/*.ts', 'src/**/*.astro', 'runbooks/**/*.ts', 'packages/**/*.ts']).filter((file) =>
    /\bRegExp\(/.test(readFileSync(file, 'utf8')),
  );
  expect(makers.toSorted()).toEqual(own);
});
