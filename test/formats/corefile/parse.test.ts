/** The tables are those of Caddy 1's own tests of its lexer and parser (coredns/caddy 1.1.4, caddyfile). */
import { describe, expect, it } from 'vitest';
import { blockFor, parseZone, rootPort } from '../../../src/formats/corefile/corefile.ts';
import { tokensOf } from '../../../src/formats/corefile/lexer.ts';
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import { stopwatch } from '../../support/work.ts';

describe('words', () => {
  it.each<[string, readonly string[]]>([
    ['host:123', ['host:123']],
    ['host:123 {\n directive\n}', ['host:123', '{', 'directive', '}']],
    ['host:123 { directive }', ['host:123', '{', 'directive', '}']],
    ['a {\n #comment\n directive\n # comment\n foobar # another\n}', ['a', '{', 'directive', 'foobar', '}']],
    ['a "quoted value" b\n foobar', ['a', 'quoted value', 'b', 'foobar']],
    ['A "quoted \\"value\\" inside" B', ['A', 'quoted "value" inside', 'B']],
    ['"don\'t\\escape"', ["don't\\escape"]],
    ['"don\'t\\\\escape"', ["don't\\\\escape"]],
    ['"ends in \\\\" next', ['ends in \\\\', 'next']],
    ['A "with a\n break" {\n foobar\n}', ['A', 'with a\n break', '{', 'foobar', '}']],
    ['"C:\\php\\php-cgi.exe"', ['C:\\php\\php-cgi.exe']],
    ['empty "" string', ['empty', '', 'string']],
    ['skip those\r\nCR characters', ['skip', 'those', 'CR', 'characters']],
    ['\uFEFF:8080', [':8080']],
    ['"a"b', ['a', 'b']],
    // A comment within a word is over with the word, as the lexer forgets it there.
    ['one#two three', ['one', 'three']],
    ['x"y" z', ['x"y"', 'z']],
  ])('%j', (text, words) => {
    expect(tokensOf(text).tokens.map((token) => token.text)).toEqual(words);
  });
});

const shape = (text: string) =>
  parseCorefile(text).blocks.map(({ title, plugins }) => [title, ...plugins.map(({ name }) => name)].join(' | '));

describe('blocks', () => {
  it.each<[string, readonly string[]]>([
    ['localhost', ['localhost']],
    ['localhost\n dir1', ['localhost | dir1']],
    ['localhost:1234\n dir1 foo bar', ['localhost:1234 | dir1']],
    ['localhost {\n dir1\n}', ['localhost | dir1']],
    ['a b\n dir1 foo bar', ['a b | dir1']],
    ['a, b {\n dir1 foo bar\n}', ['a b | dir1']],
    ['a:80, b\n dir1 foo bar\n dir2 baz', ['a:80 b | dir1 | dir2']],
    ['a,\n b,\n c', ['a b c']],
    ['a, b\n dir1 foo {\n bar baz\n }\n dir2', ['a b | dir1 | dir2']],
    ['a\n dir1 {\n bar baz\n }\n dir2 {\n foo bar\n }', ['a | dir1 | dir2']],
    ['a\n dir1 {\n nested {\n foo\n }\n }\n dir2 foo bar', ['a | dir1 | dir2']],
    ['', []],
    ['""', []],
    ['a\n{\n dir1\n}\nb {\n dir2\n}', ['a | dir1', 'b | dir2']],
  ])('%j', (text, expected) => {
    expect(shape(text)).toEqual(expected);
    expect(parseCorefile(text).faults).toEqual([]);
  });

  it.each([
    ['a, {\n}', 'After the comma behind a another zone must follow.'],
    ['a\n dir1 {\n foo', 'The block of dir1 is never closed.'],
    ['a {\n dir1', 'The block of a is never closed.'],
    ['a\n dir1 {\n } }', 'A closing brace stands on the line of dir1, where CoreDNS expects none.'],
    ['a { dir1 }', 'A closing brace stands on the line of dir1, where CoreDNS expects none.'],
    ['import a b', 'import takes one file or snippet, not “a b”.'],
    ['}', 'A closing brace has no opening one.'],
    ['a {\n "dir1\n}', 'A quotation mark is never closed.'],
    ['a.example\nb.example {\n whoami\n}', 'Unknown directive “b.example”.'],
    ['. {\n}\n.:53 {\n}', 'Two server blocks claim .:53.'],
    ['(s) {\n errors\n}\n(s) {\n log\n}', 'The snippet s is defined twice.'],
  ])('refuses %j', (text, fault) => {
    expect(parseCorefile(text).faults).toContain(fault);
  });

  it('keeps blocks in blocks, and words of several lines', () => {
    const [block] = parseCorefile('. {\n a x {\n  b y {\n   c z\n  }\n  d\n }\n e "1\n2" 3\n}').blocks;
    expect(block?.plugins).toEqual([
      {
        name: 'a',
        args: ['x'],
        block: [
          { name: 'b', args: ['y'], block: [{ name: 'c', args: ['z'], block: [] }] },
          { name: 'd', args: [], block: [] },
        ],
      },
      { name: 'e', args: ['1\n2', '3'], block: [] },
    ]);
  });

  it('tells zones apart that view or addresses tell apart', () => {
    expect(parseCorefile('. {\n bind 10.0.0.1\n}\n. {\n bind 10.0.0.2\n}').faults).toEqual([]);
    expect(parseCorefile('. {\n view a {\n }\n}\n. {\n}').faults).toEqual([]);
  });

  it('answers by the longest zone, whatever port the root has', () => {
    const corefile = parseCorefile('.:1053 {\n a\n}\nexample.org:1053 {\n b\n}\nx.example.org {\n c\n}');
    expect(rootPort(corefile)).toBe(1053);
    expect(blockFor(corefile, 'X.Example.org.', 1053)?.plugins[0]?.name).toBe('b');
    expect(blockFor(corefile, 'x.example.org', 53)?.plugins[0]?.name).toBe('c');
    expect(blockFor(corefile, 'notexample.org', 1053)?.plugins[0]?.name).toBe('a');
    expect(parseZone('tls://Example.ORG.')).toEqual({ name: 'example.org', port: 853 });
    expect(parseZone('.')).toEqual({ name: '', port: 53 });
  });
});

describe('imports and variables', () => {
  it('puts snippets in, at the top, in a block and in a plugin’s block', () => {
    const text =
      '(keys) {\n a.example {\n  log\n }\n}\n(log) {\n errors\n log\n}\n(opts) {\n max_fails 3\n}\nimport keys\n. {\n import log\n forward . 1.1.1.1 {\n  import opts\n }\n}';
    expect(shape(text)).toEqual(['a.example | log', '. | errors | log | forward']);
    expect(parseCorefile(text).blocks[1]?.plugins[2]?.block).toEqual([{ name: 'max_fails', args: ['3'], block: [] }]);
  });

  it('names the files that are not in sight', () => {
    const { imports, faults } = parseCorefile('import custom/*.server\n. {\n import custom/*.override\n}');
    expect({ imports, faults }).toEqual({ imports: ['custom/*.server', 'custom/*.override'], faults: [] });
  });

  it('refuses a snippet that is being expanded', () => {
    const { faults } = parseCorefile(`(s) {\n errors\n import s\n}\n. {\n${' import s\n'.repeat(12)}}`);
    expect(faults).toEqual(['The snippet s imports itself.']);
    expect(parseCorefile('(a) {\n import b\n}\n(b) {\n import a\n}\n. {\n import b\n}').faults).toEqual([
      'The snippet b imports itself.',
    ]);
  });

  it('counts what is expanded', () => {
    const nested = Array.from({ length: 40 }, (_, at) => `(a${at + 1}) {\n import a${at}\n import a${at}\n}\n`).join(
      '',
    );
    const worked = stopwatch();
    const { faults } = parseCorefile(`(a0) {\n errors\n}\n${nested}. {\n import a40\n}`);
    expect(faults).toEqual([expect.stringMatching(/^More than 10000 imports/)]);
    expect(worked()).toBeLessThan(1000);
  });

  it('takes variables from the environment, and names those that are not in sight', () => {
    const text = '{$ZONE}:{$PORT} {\n forward . {$UPSTREAM} {%OTHER%}\n}';
    const corefile = parseCorefile(text, { ZONE: 'example.org', PORT: '1053', UPSTREAM: '1.1.1.1' });
    expect(corefile.blocks[0]?.zones).toEqual([{ name: 'example.org', port: 1053 }]);
    expect(corefile.blocks[0]?.plugins[0]?.args).toEqual(['.', '1.1.1.1', '{%OTHER%}']);
    expect(corefile.variables).toEqual(['OTHER']);
  });

  it('is not stopped by depth or length', () => {
    const worked = stopwatch();
    expect(parseCorefile(`. {\n a {\n${'b {\n'.repeat(100_000)}`).faults).toEqual([
      'The block of a is never closed.',
      expect.any(String),
    ]);
    expect(parseCorefile(`. {\n${'rewrite name regex (.*)x y.z\n'.repeat(60_000)}}`).faults).toEqual([]);
    expect(worked()).toBeLessThan(4000);
  });
});
