/** A healthy cluster behind a proxy that lies: what cannot be known is unknown, and nothing is found that is not there. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { runbooks } from '../../runbooks/index.ts';
import { connect } from '../../src/cluster/connect.ts';
import type { Demo } from '../../src/demo/node/demo.ts';
import { startScenario } from '../../src/sources/demo.ts';
import { createProbes } from '../../src/probe/probe.ts';
import { run } from '../../src/runbook/run.ts';
import { createAuthority, type Authority, type KeyPair } from '../support/certificates.ts';
import { base64, kubeconfig, temporaryDirectory, write } from './files.ts';
import { lies, startLyingProxy, type Lie } from './lying-proxy.ts';

let demo: Demo;
let authority: Authority;
let own: KeyPair;

beforeAll(async () => {
  demo = await startScenario('healthy');
  authority = await createAuthority();
  own = await authority.server(['127.0.0.1']);
});
afterAll(() => demo.close());

async function outcomesBehind(lie: Lie) {
  const proxy = await startLyingProxy(own, demo.server, lie);
  const config = parse(demo.kubeconfig('reader')) as { users: [{ user: { token: string } }] };
  const entry = { server: proxy.url, 'certificate-authority-data': base64(authority.cert) };
  const file = write(temporaryDirectory(), 'config', kubeconfig(entry, config.users[0].user));
  const cluster = connect({ kubeconfig: file, env: {}, timeoutMs: 5000 });
  onTestFinished(() => cluster.close());
  const probes = createProbes({ dial: demo.dial, systemResolver: demo.systemResolver, timeoutMs: 5000 });
  const { report } = await run({ runbooks, cluster, probes });
  return { lied: proxy.lied(), checks: report.checks };
}

test('the truth is passed on, and found in order', async () => {
  const { checks } = await outcomesBehind(lies['answers late']);
  expect(checks.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')).toEqual([]);
});

test.each(Object.entries(lies))('a proxy that %s', async (what, lie) => {
  const { lied, checks } = await outcomesBehind(lie);
  expect(lied).toBeGreaterThan(4);
  const found = checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned' || outcome === 'blocked');
  expect(found.map(({ id, message }) => [id, message])).toEqual([]);
  const unknown = checks.filter(({ outcome }) => outcome === 'unknown');
  expect(unknown.length > 0).toBe(what !== 'answers late');
  expect(unknown.map(({ message }) => message).join('\n')).not.toMatch(/undefined|NaN|\[object/);
});
