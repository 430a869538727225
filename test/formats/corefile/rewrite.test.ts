/** The tables are those of CoreDNS's own tests (plugin/rewrite: name_test.go, rewrite_test.go). */
import { describe, expect, it } from 'vitest';
import type { ServerBlock } from '../../../src/formats/corefile/corefile.ts';
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import { restored, rewriteQuestion } from '../../../src/formats/corefile/rewrite.ts';

function blockOf(...rules: readonly string[]): ServerBlock {
  const [block] = parseCorefile(`. {\n${rules.map((rule) => ` rewrite ${rule}\n`).join('')}}`).blocks;
  if (block === undefined) throw new Error('no block');
  return block;
}

/** The question's name after the rules, and the name of an answer about it as it is given. */
function through(block: ServerBlock, name: string): { to: string; answer: string } {
  const result = rewriteQuestion(block, name, 'A');
  if (result.kind === 'as-asked') return { to: name, answer: name };
  if (result.kind !== 'rewritten') throw new Error(result.kind);
  const answer = restored(result, { name: result.to, type: 'A', data: '192.0.2.1' }).name;
  expect(result.isRestored).toBe(answer === name);
  return { to: result.to, answer };
}

describe('one rule', () => {
  it.each([
    ['name prefix foo bar', 'foo.example.com', 'bar.example.com', 'bar.example.com'],
    ['name prefix foo. bar.', 'foo.example.com', 'bar.example.com', 'bar.example.com'],
    ['name suffix com org', 'foo.example.com', 'foo.example.org', 'foo.example.org'],
    ['name suffix .com .org', 'foo.example.com', 'foo.example.org', 'foo.example.org'],
    [
      'name suffix .ingress.coredns.rocks nginx.coredns.rocks',
      'coredns.ingress.coredns.rocks',
      'corednsnginx.coredns.rocks',
      'corednsnginx.coredns.rocks',
    ],
    ['name prefix foo bar', 'coredns.foo', 'coredns.foo', 'coredns.foo'],
    ['name suffix com org', 'com.coredns', 'com.coredns', 'com.coredns'],
    ['name substring service svc', 'com.coredns', 'com.coredns', 'com.coredns'],
    ['name prefix foo bar answer auto', 'foo.example.com', 'bar.example.com', 'foo.example.com'],
    ['name suffix com org answer auto', 'foo.example.com', 'foo.example.org', 'foo.example.com'],
    [
      'name suffix .ingress.coredns.rocks nginx.coredns.rocks answer auto',
      'coredns.ingress.coredns.rocks',
      'corednsnginx.coredns.rocks',
      'coredns.ingress.coredns.rocks',
    ],
    ['name exact coredns.rocks service.consul answer auto', 'coredns.rocks', 'service.consul', 'coredns.rocks'],
    ['name exact coredns.rocks. service.consul.', 'coredns.rocks', 'service.consul', 'coredns.rocks'],
    ['name coredns.rocks service.consul', 'coredns.rocks', 'service.consul', 'coredns.rocks'],
    ['name exact coredns.org service.consul', 'coredns.rocks', 'coredns.rocks', 'coredns.rocks'],
    [
      'name regex (.*).coredns.rocks {1}.coredns.maps answer auto',
      'foo.coredns.rocks',
      'foo.coredns.maps',
      'foo.coredns.rocks',
    ],
    [
      'name regex (.*).coredns.rocks {1}.coredns.maps answer name (.*).coredns.maps {1}.coredns.works',
      'foo.coredns.rocks',
      'foo.coredns.maps',
      'foo.coredns.works',
    ],
    ['name regex (.*).coredns.rocks {1}.coredns.maps', 'foo.coredns.rocks', 'foo.coredns.maps', 'foo.coredns.maps'],
    // Every occurrence [strings.ReplaceAll], and whole labels only at the end of what is looked for.
    ['name substring a. b.', 'a.a.x.a.example', 'b.b.x.b.example', 'b.b.x.b.example'],
    ['name substring a b', 'aa.example', 'ab.example', 'ab.example'],
    // Groups past the ninth, and in lower case.
    ['name regex (a)(b)(c)(d)(e)(f)(g)(h)(i)(j) {10}{1}.X.example', 'abcdefghij', 'ja.x.example', 'ja.x.example'],
    ['name regex (?i)^DOCS\\.(?P<rest>.*)\\.$ a.{1}', 'docs.example', 'a.example.', 'a.example.'],
  ])('%s: %s', (rule, asked, to, answer) => {
    const found = through(blockOf(rule), asked);
    expect({ to: found.to, answer: found.answer }).toEqual({
      to: to.replace(/\.$/, ''),
      answer: answer.replace(/\.$/, ''),
    });
  });
});

describe('several rules', () => {
  const block = blockOf(
    'stop name from.nl. to.nl.',
    'stop name regex (core)\\.(dns)\\.(rocks)\\.(nl) {2}.{1}.{3}.{4} answer name (dns)\\.(core)\\.(rocks)\\.(nl) {2}.{1}.{3}.{4}',
    'stop name exact from.exact.nl. to.nl.',
    'stop name prefix prefix to',
    'stop name suffix .suffix. .nl.',
    'stop name substring from.substring to',
    'stop name regex (f.*m)\\.regex\\.(nl) to.{2}',
    'continue name regex consul\\.(rocks) core.dns.{1}',
    'stop name core.dns.rocks to.nl.',
    'stop type ANY HINFO',
  );

  it.each([
    ['from.nl', 'to.nl'],
    ['a.nl', 'a.nl'],
    ['from.exact.nl', 'to.nl'],
    ['prefix.nl', 'to.nl'],
    ['to.suffix', 'to.nl'],
    ['from.substring.nl', 'to.nl'],
    ['from.regex.nl', 'to.nl'],
    ['consul.rocks', 'to.nl'],
    ['core.dns.rocks.nl', 'dns.core.rocks.nl'],
  ])('%s becomes %s', (from, to) => {
    expect(through(block, from).to).toBe(to);
  });

  it('changes the type where a rule for it comes first', () => {
    expect(rewriteQuestion(block, 'a.nl', 'ANY')).toEqual({ kind: 'as-asked', type: 'HINFO' });
    expect(rewriteQuestion(block, 'from.nl', 'ANY')).toMatchObject({ kind: 'rewritten', type: 'ANY' });
  });

  it('puts values back too, in the opposite order', () => {
    const both = blockOf('continue name suffix .one .two answer auto', 'stop name suffix .two .three answer auto');
    const result = rewriteQuestion(both, 'docs.one', 'CNAME');
    if (result.kind !== 'rewritten') throw new Error(result.kind);
    expect(result).toMatchObject({ to: 'docs.three', isRestored: true });
    expect(restored(result, { name: 'docs.three', type: 'CNAME', data: 'other.three' })).toEqual({
      name: 'docs.one',
      type: 'CNAME',
      data: 'other.one',
    });
    const values = blockOf('name regex (.*)\\.a {1}.b answer auto answer value (.*)\\.b {1}.c');
    const valued = rewriteQuestion(values, 'x.a', 'A');
    if (valued.kind !== 'rewritten') throw new Error(valued.kind);
    expect(restored(valued, { name: 'x.b', type: 'CNAME', data: 'y.b.' })).toEqual({
      name: 'x.a',
      type: 'CNAME',
      data: 'y.c',
    });
  });

  it('leaves a name alone that no rule can be, and says so', () => {
    expect(rewriteQuestion(blockOf('name example.org. example..org.'), 'example.org', 'A').kind).toBe('invalid');
    expect(rewriteQuestion(blockOf('name regex (a?){1000} x.y'), 'example.org', 'A').kind).toBe('untried');
  });
});

describe('rules that CoreDNS refuses', () => {
  const refused = (rule: string): boolean => parseCorefile(`. {\n rewrite ${rule}\n}`).faults.length > 0;

  it.each([
    ['stop name exact srv3.coredns.rocks srv4.coredns.rocks', false],
    ['stop name srv1.coredns.rocks srv2.coredns.rocks', false],
    ['stop name regex srv1.coredns.rocks 10', false],
    ['stop name regex (.*).coredns.rocks {1}.coredns.rocks', false],
    ['stop name regex (.*).coredns.rocks {1}.{2}.coredns.rocks', true],
    ['stop name suffix staging.mydomain.com coredns.rock answer', true],
    ['stop name suffix staging.mydomain.com coredns.rock answer name', true],
    ['stop name suffix staging.mydomain.com coredns.rock answer other', true],
    ['stop name suffix staging.mydomain.com coredns.rock answer auto', false],
    ['stop name regex staging.mydomain.com coredns.rock answer name coredns.rock staging.mydomain.com', false],
    [
      'stop name regex staging.mydomain.com coredns.rock answer name (.*).coredns.rock {1}.{2}.staging.mydomain.com',
      true,
    ],
    ['stop name regex a.com b.com answer name (.*).b {1}.a name (.*).b {1}.a', false],
    ['stop name regex a.com b.com answer name (.*).b {1}.a name (.*).b', true],
    ['stop name regex a.com b.com answer name (.*).b {1}.a answer value (.*).b {1}.a', false],
    ['stop name suffix a.com. b.com. answer value (.*).b {1}.a name (.*).b {1}.a', false],
    ['foo', true],
    ['name', true],
    ['name a.com', true],
    ['name a.com b.com c.com', true],
    ['name substring a.com b.com c.com', true],
    ['name regex ([a]\\.com new-{1}.com', true],
    ['name regex (bdns)\\.(core) {2}.{1} NoAnswer name (core)\\.(bdns) {2}.{1}', true],
    ['name regex (cdns)\\.(core) {2}.{1} answer ttl (core)\\.(cdns) {2}.{1}', true],
    ['type a', true],
    ['type any a a', true],
    ['type any a', false],
    ['class ch in in', true],
    ['class ch in', false],
    ['unknown-action name a.com b.com', true],
    ['continue name a.com b.com', false],
    ['answer name a b', true],
    ['name regex (?=a)b c', true],
    ['name regex (a)\\1 c', true],
    [`name regex ${'a'.repeat(10_001)} b`, true],
    ['name regex a b answer auto answer name a b', true],
  ])('%s', (rule, isRefused) => {
    expect(refused(rule)).toBe(isRefused);
  });

  it('reads a rule from a block too', () => {
    const block = parseCorefile('. {\n rewrite stop {\n  name regex (.*)\\.a {1}.b\n  answer auto\n }\n}').blocks[0];
    expect(block && through(block, 'x.a')).toEqual({ to: 'x.b', answer: 'x.a' });
  });

  it('names what Go does not have', () => {
    expect(parseCorefile('. {\n rewrite name regex (?=a)b c\n}').faults).toEqual([
      'rewrite name regex (?=a)b c: invalid regex matching pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=` (Go has no lookahead).',
    ]);
  });
});
