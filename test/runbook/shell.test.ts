/** What `sh` makes is read by a real shell as one word for each value, whatever the value holds. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { joined, place, sh, type Shell } from '../../src/runbook/shell.ts';

/** The words that a shell hands to a program. */
const words = ({ text }: Shell): readonly string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8', cwd: tmpdir() })
    .split('\0')
    .slice(0, -1);

const values: readonly (readonly [string, string])[] = [
  ['a name', 'tailscale-gateway'],
  ['an address', '[fd7a::1]:443'],
  ['a wildcard', '*.example.com'],
  ['spaces', 'a  b '],
  ['quotes', `it's "quoted"`],
  ['quotes only', "'''"],
  ['backslashes', "\\' \\\\"],
  ['a command', 'x; touch /tmp/pwn #'],
  ['$()', '$(touch pwn) ${HOME} $HOME'],
  ['backticks', '`touch pwn`'],
  ['operators', 'a|b&c>d<e(f)'],
  ['a tilde', '~'],
  ['an equals sign in front, where zsh looks for a program', '=ls'],
  ['an exclamation mark', '!!'],
  ['nothing', ''],
  ['other scripts', 'größe-名前-🙂'],
];

describe.each(values)('%s', (_title, value) => {
  it('is a word', () => {
    expect(words(sh`${value}`)).toEqual([value]);
    expect(words(sh`a ${value} b`)).toEqual(['a', value, 'b']);
  });

  it('is a part of a word', () => {
    expect(words(sh`job/${value} --key=${value} @${value}:53`)).toEqual([
      `job/${value}`,
      `--key=${value}`,
      `@${value}:53`,
    ]);
    expect(words(sh`${value}=${value}`)).toEqual([`${value}=${value}`]);
  });

  it('stays within single quotes', () => {
    expect(words(sh`-o jsonpath='{.items[?(@.name=="${value}")]} x' y`)).toEqual([
      '-o',
      `jsonpath={.items[?(@.name=="${value}")]} x`,
      'y',
    ]);
  });

  it('is the same in a fragment', () => {
    expect(words(sh`get ${place({ namespace: value, name: value })} -o yaml`)).toEqual([
      'get',
      '-n',
      value,
      value,
      '-o',
      'yaml',
    ]);
  });
});

describe('what needs no quotes', () => {
  it.each(['a', 'kube-system', 'app.kubernetes.io/name=x', 'a:443', 'a,b', 'x_y', '100%', '+short', '@a'])(
    '%s stands as it is',
    (value) => expect(sh`dig ${value}`.text).toBe(`dig ${value}`),
  );

  it('numbers and constant parts stand as written', () => {
    expect(sh`nc -w 5 'a b' "c" ${443} </dev/null | grep \\$x`.text).toBe(
      `nc -w 5 'a b' "c" 443 </dev/null | grep \\$x`,
    );
  });
});

describe('a value that begins with a dash', () => {
  it.each(['--all', '-n', '-'])('%s is no option', (value) => {
    for (const command of [sh`${value}`, sh`a ${value}`, sh`a '${value}'`, sh`${''}${value}`, sh`${value}=x`])
      expect(words(sh`x ${command}`).filter((word) => word.startsWith('-'))).toEqual([]);
    expect(sh`a|${value}`.text).toBe(`a|'<not an option: ${value}>'`);
    expect(sh`kubectl delete pod ${value} -n x`.text).toBe(`kubectl delete pod '<not an option: ${value}>' -n x`);
  });

  it('is put in where it cannot be taken for one', () => {
    expect(words(sh`job/${'-x'} --key=${'-x'} '{"a":"${'-x'}"}' ${'a'}${'-x'}`)).toEqual([
      'job/-x',
      '--key=-x',
      '{"a":"-x"}',
      'a-x',
    ]);
  });

  it('nor is a number below zero', () => {
    expect(words(sh`x ${-1}`)).toEqual(['x', '<not an option: -1>']);
  });
});

describe('what cannot be seen', () => {
  it.each([
    ['the end of a line', 'a\nb', 'a\\u000ab'],
    ['a carriage return', 'a\rb', 'a\\u000db'],
    ['an escape', '\u001b[2J', '\\u001b[2J'],
    ['a turn of the text', 'a\u202eb', 'a\\u202eb'],
    ['a separator of lines', 'a\u2028b', 'a\\u2028b'],
    ['a tag beyond the first plane', '\u{e0041}', '\\udb40\\udc41'],
    ['half a character', '\ud800', '\\ud800'],
  ])('%s is made visible', (_title, value, seen) => {
    expect(words(sh`a ${value} 'b ${value}'`)).toEqual(['a', seen, `b ${seen}`]);
    expect(sh`a ${value}`.text).toMatch(/^[ -~]+$/);
  });

  it('means the same in JSON', () => {
    const patch = { spec: { 'it’s': 'a\nb\u202e\u0085"\\' } };
    const [, json = ''] = words(sh`-p ${JSON.stringify(patch)}`);
    expect(JSON.parse(json)).toEqual(patch);
  });
});

describe('fragments', () => {
  it('stand as they are', () => {
    const where = place({ namespace: 'a b', name: 'c' });
    expect(where.text).toBe("-n 'a b' c");
    expect(sh`kubectl get pod ${where}`.text).toBe("kubectl get pod -n 'a b' c");
    expect(place({ name: 'c' }).text).toBe('c');
    expect(joined([sh`a`, where]).text).toBe("a -n 'a b' c");
  });

  it('are what `sh` made, not what looks like it', () => {
    const forged = JSON.parse('{ "text": "; touch pwn" }') as string;
    expect(words(sh`a ${forged}`)).toEqual(['a', '[object Object]']);
    // @ts-expect-error: a string is not a command.
    const commands: readonly Shell[] = [`kubectl get pod`];
    expect(commands).toHaveLength(1);
  });
});

describe('a template that cannot be made safe', () => {
  it.each<[string, () => Shell]>([
    ['a value in double quotes', () => sh`a "${'x'}"`],
    ['a value behind a backslash', () => sh`a \\${'x'}`],
    ['a fragment in quotes', () => sh`a '${sh`b`}'`],
    ['a quote that is left open', () => sh`a 'b`],
  ])('%s is refused', (_title, make) => {
    expect(make).toThrow(TypeError);
  });
});
