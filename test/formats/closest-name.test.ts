import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest, likeliest, suggested } from '../../src/formats/closest-name.ts';
import { stopwatch } from '../support/work.ts';

describe('the likeliest name', () => {
  it.each([
    ['gateway', ['tailscale-gateway', 'envoy'], 'tailscale-gateway'],
    ['docs.example.org', ['docs', 'vault'], 'docs'],
    ['tailscale-gatewayy', ['gateway-api', 'tailscale-gateway'], 'tailscale-gateway'],
    ['name', ['hostname'], undefined],
    ['docs', ['docs'], undefined],
  ])('to %s among %j is %s', (name, among, expected) => expect(likeliest(name, among)).toBe(expected));
});

describe('the closest name', () => {
  it.each([
    ['tailscale-gatewayy', ['tailscale-gateway', 'other'], 'tailscale-gateway'],
    ['hostnmae', ['hostname', 'hosts'], 'hostname'],
    ['HostName', ['hostname'], 'hostname'],
    ['spce', ['spec', 'status'], 'spec'],
    ['tailscale', ['tailscale-dns'], undefined],
    ['port', ['ports', 'protocol'], 'ports'],
    ['exact', ['exact', 'exacts'], 'exacts'],
    ['name', ['hostname', 'namespace'], undefined],
    ['ab', ['cd', 'ef'], undefined],
    ['a', ['b', 'c'], undefined],
    ['docs', ['vault', 'headlamp'], undefined],
    ['', ['docs'], undefined],
    ['docs', [], undefined],
  ])('to %s among %j is %s', (name, among, expected) => expect(closest(name, among)[0]).toBe(expected));

  it('gives several, likeliest first, each once, and as many as are asked for', () => {
    const among = ['home-11', 'home-1', 'work', 'home-1', 'hone-2', 'my-home-12-eu'];
    expect(closest('home-12', new Set(among), 5)).toEqual(['home-11', 'home-1', 'hone-2']);
    expect(closest('home-12', among, 2)).toHaveLength(2);
    expect(closest('home-12', among, 0)).toEqual([]);
  });

  it('is found among thousands soon', () => {
    const among = Array.from({ length: 5000 }, (_, index) => `context-number-${index}`);
    const worked = stopwatch();
    expect(closest('context-nunber-4711', among)).toEqual(['context-number-4711']);
    expect(closest('x'.repeat(100_000), among)).toEqual([]);
    expect(worked()).toBeLessThan(500);
  });

  it('survives one mistake in a word of five letters or more', () => {
    const word = fc.stringMatching(/^[a-z]{5,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('drop', 'double', 'swap', 'replace'), (name, seed, mistake) => {
        const at = seed % (name.length - 1);
        const [before, here, next, after] = [name.slice(0, at), name[at] ?? '', name[at + 1] ?? '', name.slice(at + 2)];
        const wrong =
          before + { drop: next, double: here + here + next, swap: next + here, replace: `-${next}` }[mistake] + after;
        expect(closest(wrong, [name, 'something-else-entirely'])).toEqual(wrong === name ? [] : [name]);
      }),
    );
  });
});

describe('what somebody may mean', () => {
  const names = ['gateway-not-programmed', 'route-not-reachable', 'missing-sni', 'in-cluster-access', 'healthy'];
  it.each<[string, readonly string[]]>([
    ['missing-snj', ['missing-sni']],
    ['gateway', ['gateway-not-programmed']],
    ['gatway', ['gateway-not-programmed']],
    ['not', ['gateway-not-programmed', 'route-not-reachable']],
    ['helthy', ['healthy']],
    ['xyzzy', []],
    ['a', []],
  ])('%s', (typed, meant) => expect(suggested(typed, names)).toEqual(meant));
});
