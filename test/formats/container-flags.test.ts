import { describe, expect, it } from 'vitest';
import { flagsOf, wordsOf } from '../../src/formats/container-flags.ts';

describe('flags', () => {
  it.each<[readonly string[], Record<string, readonly string[]>]>([
    [['--source=service'], { source: ['service'] }],
    [['--source', 'service'], { source: ['service'] }],
    [['-source=service'], { source: ['service'] }],
    [['-v', '4'], { v: ['4'] }],
    [['-v=4'], { v: ['4'] }],
    [['--v=4', '--v=5'], { v: ['4', '5'] }],
    [['--source=a', '--source', 'b', '--source=c'], { source: ['a', 'b', 'c'] }],
    [['--dry-run'], { 'dry-run': ['true'] }],
    [['--dry-run', '--source=a'], { 'dry-run': ['true'], source: ['a'] }],
    [['--dry-run', 'false'], { 'dry-run': ['true'] }],
    [['--no-dry-run'], { 'dry-run': ['false'] }],
    [['--empty='], { empty: [''] }],
    [['--filter=a=b,c in (d)'], { filter: ['a=b,c in (d)'] }],
    [['--text=two\nlines'], { text: ['two\nlines'] }],
    [['--', '--source=a'], { source: [] }],
    [['--dns.port=1053'], { 'dns.port': ['1053'] }],
    [['a', '-', '--x=1'], { x: ['1'] }],
  ])('of %j', (args, expected) => {
    const flags = flagsOf({ args }, { booleans: ['dry-run'], negations: true });
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, flags.all(name)]))).toEqual(expected);
  });

  it('are of command and arguments, and leave words', () => {
    const flags = flagsOf({ command: ['/bin/run', '--a', '1'], args: ['start', '--b', '--', '--c'] });
    expect({ a: flags.last('a'), b: flags.isOn('b'), c: flags.has('c'), words: flags.words }).toEqual({
      a: '1',
      b: true,
      c: false,
      words: ['/bin/run', 'start', '--c'],
    });
  });

  it('come from the environment where no argument gives them', () => {
    const env = [
      { name: 'EXTERNAL_DNS_SOURCE', value: 'a\nb\n' },
      { name: 'EXTERNAL_DNS_DRY_RUN', value: '1' },
      { name: 'EXTERNAL_DNS_POLICY', value: 'sync' },
      { name: 'EXTERNAL_DNS_SECRET', valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } },
    ];
    const flags = flagsOf({ args: ['--policy=upsert-only'], env }, { environment: 'EXTERNAL_DNS_' });
    expect(flags.all('source')).toEqual(['a', 'b']);
    expect(flags.isOn('dry-run')).toBe(true);
    expect(flags.all('policy')).toEqual(['upsert-only']);
    expect(flags.has('secret')).toBe(false);
    expect(flagsOf({ env }).has('source')).toBe(false);
    expect(flagsOf({ env: env.slice(0, 1) }, { environment: 'EXTERNAL_DNS_' }).isTold).toBe(true);
    expect(flagsOf(undefined).isTold).toBe(false);
  });

  it('are on and off as Go reads a bool', () => {
    const isOn = (...args: readonly string[]) => flagsOf({ args }, { negations: true }).isOn('x');
    expect([isOn('--x'), isOn('--x=true'), isOn('--x=1'), isOn('--x=t'), isOn('--no-x', '--x')]).toEqual(
      Array(5).fill(true),
    );
    expect([isOn(), isOn('--x=false'), isOn('--x=0'), isOn('--x=F'), isOn('--x', '--no-x')]).toEqual(
      Array(5).fill(false),
    );
  });

  it('take variables in, as the kubelet does', () => {
    const env = [{ name: 'POD', value: 'web' }, { name: 'LATER', valueFrom: {} }, { name: 'NONE' }];
    expect(wordsOf({ args: ['--a=$(POD)', '$$(POD)', '$(LATER)', '$(NONE)', '$POD'], env })).toEqual([
      '--a=web',
      '$(POD)',
      '$(LATER)',
      '$(NONE)',
      '$POD',
    ]);
  });

  it.each([null, undefined, { args: null }, { args: 'x', env: 'y' }, { args: [1, null, {}], env: [null, 1] }])(
    'of %j are none',
    (container) => expect(flagsOf(container).isTold).toBe(false),
  );
});
