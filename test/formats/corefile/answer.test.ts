/** Facts are CoreDNS's own (plugin/template: template_test.go; plugin/hosts; plugin/forward; plugin/pkg/fall). */
import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../src/formats/corefile/answer.ts';
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import { stopwatch } from '../../support/work.ts';

function ask(plugins: string, name: string, type = 'A', files: Readonly<Record<string, string>> = {}, zone = '.') {
  const [block] = parseCorefile(`${zone} {\n${plugins}\n}`).blocks;
  if (block === undefined) throw new Error('no block');
  const { plugin, result } = answerOf(block, name, type, files);
  return [
    plugin,
    result.kind === 'records' ? result.values.join(' ') : result.kind === 'code' ? result.code : result.kind,
  ];
}

const serverFailure = ['template', 'SERVFAIL'];

describe('template', () => {
  const ip = 'match "(^|[.])ip-10-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]example[.]$"';
  const answer = 'answer "{{ .Name }} 60 IN A 10.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"';

  it.each<[string, string, string, string, readonly string[]]>([
    [
      'fills groups in',
      `template ANY ANY . {\n ${ip}\n ${answer}\n}`,
      'ip-10-95-12-8.example',
      'A',
      ['template', '10.95.12.8'],
    ],
    [
      'does not fall through by itself',
      `template IN A {\n ${ip}\n ${answer}\n}\nforward . 1.1.1.1`,
      'test.invalid',
      'A',
      serverFailure,
    ],
    [
      'falls through when told',
      `template IN A {\n ${ip}\n ${answer}\n fallthrough\n}\nforward . 1.1.1.1`,
      'test.invalid',
      'A',
      ['forward', 'forwarded'],
    ],
    [
      'falls through for some zones',
      `template IN A {\n ${ip}\n ${answer}\n fallthrough other.\n}\nforward . 1.1.1.1`,
      'test.invalid',
      'A',
      serverFailure,
    ],
    [
      'reads hexadecimal numbers',
      'template IN A {\n match "^ip0a(?P<b>[a-f0-9]{2})(?P<c>[a-f0-9]{2})(?P<d>[a-f0-9]{2})[.]example[.]$"\n answer "{{ .Name }} 60 IN A 10.{{ parseInt .Group.b 16 8 }}.{{ parseInt .Group.c 16 8 }}.{{ parseInt .Group.d 16 8 }}"\n}',
      'ip0a5f0c09.example',
      'A',
      ['template', '10.95.12.9'],
    ],
    [
      'fails on a group that is not there',
      'template IN ANY {\n answer "{{ .Name }} 60 IN TXT \\"{{ index .Match 2 }}\\""\n}',
      'test.example',
      'TXT',
      serverFailure,
    ],
    [
      'fails on what is no number',
      'template IN ANY {\n answer "{{ .Name }} 60 IN A 10.0.0.{{ parseInt \\"gg\\" 16 8 }}"\n}',
      'test.example',
      'A',
      serverFailure,
    ],
    ['fails on what is no record', 'template IN ANY {\n answer "{{ .Name }}"\n}', 'test.example', 'A', serverFailure],
    [
      'fails on what is no address',
      'template IN A {\n answer "{{ .Name }} 60 IN A 10.0.0.{{ .Group.x }}"\n}',
      'test.example',
      'A',
      serverFailure,
    ],
    [
      'has codes',
      'template ANY ANY {\n match "[.]invalid[.]$"\n rcode NXDOMAIN\n}',
      'test.invalid',
      'MX',
      ['template', 'NXDOMAIN'],
    ],
    [
      'is not asked for another type',
      'template IN CNAME {\n answer "{{ .Name }} 60 IN CNAME a.example."\n}',
      'test.example',
      'A',
      ['', 'nothing'],
    ],
    [
      'gives an alias for an address',
      'template IN ANY {\n answer "example.net 60 IN CNAME target.example.com"\n}',
      'example.net',
      'A',
      ['template', 'target.example.com'],
    ],
    [
      'is empty for another type',
      'template IN ANY {\n answer "{{ .Name }} 60 IN A 192.0.2.1"\n}',
      'a.example',
      'AAAA',
      ['template', 'empty'],
    ],
    [
      'is not asked for another class',
      'template CH TXT {\n answer "{{ .Name }} 60 CH TXT \\"test\\""\n}\nforward . 1.1.1.1',
      'a.example',
      'TXT',
      ['forward', 'forwarded'],
    ],
    [
      'is not asked for another zone',
      'template IN A other.example {\n rcode REFUSED\n}\nforward . 1.1.1.1',
      'a.example',
      'A',
      ['forward', 'forwarded'],
    ],
    [
      'never matches $^, and falls through',
      'template IN TXT {\n match "$^"\n rcode SERVFAIL\n fallthrough\n}\nforward . 1.1.1.1',
      'a.example',
      'TXT',
      ['forward', 'forwarded'],
    ],
    [
      'comes before forward, wherever it stands',
      'forward . 1.1.1.1\ntemplate IN A {\n answer "{{ .Name }} 60 IN A 192.0.2.1"\n}',
      'a.example',
      'A',
      ['template', '192.0.2.1'],
    ],
    [
      'takes what is left for what only the server knows',
      'template IN A {\n answer "{{ .Name }} 60 IN A {{ .Remote }}"\n}',
      'a.example',
      'A',
      ['template', 'elsewhere'],
    ],
    [
      'knows only the first of several patterns that match',
      'template IN A {\n match ^a[.] ^(?P<x>b)[.]\n answer "{{ .Name }} 60 IN A 192.0.2.{{ index .Group \\"0\\" }}"\n}',
      'c.example',
      'A',
      serverFailure,
    ],
    [
      'ignores time and case',
      'template IN A {\n answer "{{ .Name }} 1h in a 192.0.2.1"\n}',
      'A.Example',
      'A',
      ['template', '192.0.2.1'],
    ],
  ])('%s', (_title, plugins, name, type, expected) => {
    expect(ask(plugins, name, type)).toEqual(expected);
  });

  it.each([
    ['template', 'a class and a type must follow'],
    ['template IN', 'a class and a type must follow'],
    ['template XX A', 'invalid query class XX'],
    ['template IN a!', 'invalid RR class a!'],
    ['template IN A {\n match (?<a\n}', 'could not parse regex'],
    ['template IN A {\n match ^(?!a)\n}', 'Go has no lookahead'],
    ['template IN A {\n rcode WHATEVER\n}', 'unknown rcode WHATEVER'],
    ['template IN A {\n answer {{ .Name }} 60 IN A 192.0.2.1\n}', 'put the whole answer in quotes'],
  ])('CoreDNS refuses %j', (plugin, why) => {
    expect(parseCorefile(`. {\n ${plugin}\n}`).faults).toEqual([expect.stringContaining(why)]);
  });
});

describe('the other plugins', () => {
  const hosts =
    'hosts {\n 192.0.2.1 a.example A.B.example\n 2001:db8::1 a.example\n nonsense c.example\n FALL\n}\nforward . 1.1.1.1';
  const falling = hosts.replace('FALL', 'fallthrough');

  it.each<[string, string, string, readonly string[]]>([
    [falling, 'a.example', 'A', ['hosts', '192.0.2.1']],
    [falling, 'a.b.example', 'A', ['hosts', '192.0.2.1']],
    [falling, 'a.example', 'AAAA', ['hosts', '2001:db8::1']],
    [falling, 'a.b.example', 'AAAA', ['hosts', 'empty']],
    [falling, 'a.example', 'TXT', ['hosts', 'empty']],
    [falling, 'b.example', 'A', ['forward', 'forwarded']],
    [hosts.replace('FALL', ''), 'b.example', 'A', ['hosts', 'SERVFAIL']],
    [hosts.replace('FALL', 'fallthrough other.'), 'b.example', 'A', ['hosts', 'SERVFAIL']],
    ['hosts /etc/coredns/NodeHosts {\n fallthrough\n}', 'node.example', 'A', ['hosts', '192.0.2.7']],
    ['hosts /etc/coredns/other', 'node.example', 'A', ['hosts', 'elsewhere']],
    ['kubernetes cluster.local {\n pods insecure\n}', 'a.b.svc.cluster.local', 'A', ['kubernetes', 'service']],
    ['kubernetes cluster.local', 'pod-0.a.b.svc.cluster.local', 'A', ['kubernetes', 'service']],
    ['kubernetes cluster.local', 'nonsense.cluster.local', 'A', ['kubernetes', 'NXDOMAIN']],
    [
      'kubernetes cluster.local {\n fallthrough\n}\nforward . 1.1.1.1',
      'x.cluster.local',
      'A',
      ['forward', 'forwarded'],
    ],
    ['kubernetes cluster.local', 'example.org', 'A', ['', 'nothing']],
    ['file db.example', 'example.org', 'A', ['file', 'elsewhere']],
    ['forward example.org 1.1.1.1', 'a.example.org', 'A', ['forward', 'forwarded']],
    ['forward example.org 1.1.1.1', 'example.com', 'A', ['', 'nothing']],
    ['forward . 1.1.1.1 {\n except example.org\n}', 'a.example.org', 'A', ['', 'nothing']],
    // What is forwarded itself is not left out by its own name.
    ['forward example.org 1.1.1.1 {\n except example.org\n}', 'example.org', 'A', ['forward', 'forwarded']],
    ['whoami\nforward . 1.1.1.1', 'example.org', 'A', ['forward', 'forwarded']],
    ['rewrite name a.example b.cluster.local\nkubernetes cluster.local', 'a.example', 'A', ['kubernetes', 'NXDOMAIN']],
    ['rewrite name example.org. example..org.\nforward . 1.1.1.1', 'example.org', 'A', ['rewrite', 'SERVFAIL']],
    ['rewrite name regex (a?){1000} b.c\nforward . 1.1.1.1', 'example.org', 'A', ['rewrite', 'elsewhere']],
    ['errors\nlog', 'example.org', 'A', ['', 'nothing']],
  ])('%j answers %s %s', (plugins, name, type, expected) => {
    expect(ask(plugins, name, type, { NodeHosts: '192.0.2.7 node.example # a node\n' })).toEqual(expected);
  });

  it('does not stop the clock for a pattern that was written to', () => {
    const worked = stopwatch();
    const evil =
      'template IN A {\n match ^(([a-z])+.?)+!$\n fallthrough\n}\nrewrite name regex ^(([a-z])+.?)+!$ b.c\nforward . 1.1.1.1';
    expect(ask(evil, `${'a'.repeat(60)}.${'a'.repeat(60)}.${'a'.repeat(60)}.example`)).toEqual([
      'forward',
      'forwarded',
    ]);
    expect(worked()).toBeLessThan(500);
  });
});
