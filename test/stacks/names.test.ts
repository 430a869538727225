/** The owner's names stand in the stack file, and nowhere else that others adopt. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stack } from '#stack';
import { homelabOf } from '../../src/demo/homelab.ts';
import { stack as owners } from '../../runbooks/stack.ts';

/** Every name in a stack file. */
const namesIn = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(namesIn)
      : [];

/** What programs, their charts and the components of this handbook are called, whatever somebody calls what is made of them. */
const known = new Set([
  ...['tailscale', 'tailscale-dns', 'tailscale-proxy', 'operator', 'vault', 'vault-ui', 'cilium', 'cilium-config'],
  ...['coredns', 'kube-system', 'cert-manager', 'external-dns', 'external-secrets', 'envoy-gateway'],
  ...['gateway.envoyproxy.io/gatewayclass-controller', 'docs', 'headlamp', 'jellyfin', 'handbook', 'operator-oauth'],
  // Words.
  ...['https', 'main', 'homelab', 'tag:k8s'],
]);

/** The owner's own names, which are nobody else's. */
const own = [...new Set(namesIn(owners))].filter((name) => !known.has(name) && !namesIn(stack).includes(name));

/** Those that a text names, not as a part of another name. */
const namedIn = (text: string): readonly string[] =>
  own.filter((name) => text.split(name).some((after, index) => index > 0 && !/^[\w-]/.test(after)));

it('stands in the place of the owner’s', () => {
  expect(stack.domain).not.toBe(owners.domain);
  expect(own.length).toBeGreaterThan(15);
});

it('is what the demo is made of, to the last log line and fault', () => {
  const { objects, sound, logs, faults } = homelabOf(stack);
  const causes = faults.map(({ changes, world, mend }) => [changes, world, mend]);
  expect(namedIn(JSON.stringify([objects, sound, [...logs], causes]))).toEqual([]);
});

it('is nowhere in the way: no source holds a name of the owner', () => {
  const sources = globSync('{src,runbooks,packages,tools,bench,public}/**/*.{ts,mjs,astro,css,txt}')
    .filter((file) => !file.includes('node_modules') && file !== 'runbooks/stack.ts')
    .map((file) => [file, namedIn(readFileSync(file, 'utf8'))] as const);
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.filter(([, names]) => names.length > 0)).toEqual([]);
});
