/** Another stack under the same roof: nothing that is made from the stack file holds a name of anybody else. */
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

/** What programs are called, and their charts and images, whatever somebody calls what is made of them. */
const ofPrograms = new Set([
  ...['tailscale', 'tailscale-dns', 'operator', 'vault', 'cilium', 'cilium-config', 'coredns', 'kube-system'],
  ...['cert-manager', 'external-dns', 'external-secrets', 'envoy-gateway', 'docs', 'https', 'headlamp', 'jellyfin'],
  ...['handbook', 'main', 'operator-oauth', 'vault-ui'],
]);

/** The owner's own names, which are nobody else's. */
const others = [...new Set(namesIn(owners))].filter((name) => !ofPrograms.has(name) && !namesIn(stack).includes(name));

it('stands in the place of the owner’s', () => {
  expect(stack.domain).not.toBe(owners.domain);
  expect(others.length).toBeGreaterThan(20);
});

it('is what the demo is made of, to the last log line and fault', () => {
  const { objects, sound, logs, faults } = homelabOf(stack);
  const causes = faults.map(({ changes, world, mend }) => [changes, world, mend]);
  const told = JSON.stringify([objects, sound, [...logs], causes]);
  const isTold = (name: string): boolean => told.split(name).some((after, index) => index > 0 && !/^[\w-]/.test(after));
  expect(others.filter(isTold)).toEqual([]);
});
