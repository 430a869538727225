/** Who asks, and how, is known before anything is asked. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { identityLines, type Identity } from '../../src/cluster/identity.ts';
import { kubeconfig, temporaryDirectory, write } from './files.ts';

const identityOf = (cluster: object, user: object): Identity => {
  const file = write(temporaryDirectory(), 'config', kubeconfig(cluster, user));
  const opened = connect({ kubeconfig: file, env: {} });
  expect(opened.requests()).toBe(0);
  expect(opened.identity).toMatchObject({ server: opened.server, context: 'home', origin: file });
  return opened.identity;
};

test('an ordinary user is one line', () => {
  const identity = identityOf({ server: 'https://me:sesame@home:6443' }, { token: 'sesame' });
  expect(identity).toMatchObject({ user: 'home-user', impersonates: null, plugin: null, tlsVerified: true });
  expect(identityLines(identity)).toEqual([
    `Asks https://home:6443 (context home of ${identity.origin}) as user home-user.`,
  ]);
});

test('somebody else is named with all that goes with it', () => {
  const identity = identityOf(
    { server: 'https://home:6443' },
    { as: 'admin', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { scopes: ['view', 'logs'] } },
  );
  expect(identity.impersonates).toEqual({
    user: 'admin',
    uid: '7',
    groups: ['a', 'b'],
    extra: { scopes: ['view', 'logs'] },
  });
  expect(identityLines(identity)[1]).toBe('Impersonates admin with uid 7, groups a, b, scopes view, logs.');
});

test('a plugin is named before it runs, without its arguments', () => {
  const mark = path.join(temporaryDirectory(), 'mark');
  const exec = { command: 'touch', args: [mark, 'sesame'], apiVersion: 'client.authentication.k8s.io/v1' };
  const identity = identityOf({ server: 'https://home:6443' }, { exec });
  expect(identity.plugin).toBe('touch');
  expect(identityLines(identity)[1]).toBe('Logs in with the plugin touch, which runs now.');
  expect(JSON.stringify(identity)).not.toContain('sesame');
  expect(existsSync(mark)).toBe(false);
});

test('what anybody can answer is said', () => {
  const unverified = identityOf({ server: 'https://home:6443', 'insecure-skip-tls-verify': true }, {});
  expect(unverified.tlsVerified).toBe(false);
  expect(identityLines(unverified)[1]).toMatch(/^TLS is not verified: anybody/);
  const plain = identityOf({ server: 'http://home:8001' }, {});
  expect(plain.tlsVerified).toBe(false);
  expect(identityLines(plain)[1]).toMatch(/^Nothing is encrypted: anybody/);
});

test('nobody in particular is said to be so', () => {
  const identity: Identity = { ...identityOf({ server: 'https://home:6443' }, {}), user: '' };
  expect(identityLines(identity)[0]).toMatch(/as nobody in particular\.$/);
});

test('names that are long are shortened', () => {
  const long = 'x'.repeat(100_000);
  const lines = identityLines(identityOf({ server: 'https://home:6443' }, { as: long, 'as-groups': [long] }));
  expect(lines.join('').length).toBeLessThan(2000);
});
