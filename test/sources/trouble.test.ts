/**
 * Every kind of trouble on the way to the API server, over real connections: a run ends in time, says what is the matter once, and
 * takes nothing that it could not find out for a fault.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { toText } from '../../src/report/text.ts';
import { connect, type LiveCluster } from '../../src/cluster/connect.ts';
import { troubles, type TroubleKind } from '../../packages/apiserver/node/trouble.ts';
import type { Demo } from '../../src/demo/node/demo.ts';
import { startScenario } from '../../src/sources/demo.ts';
import { painter } from '../../src/report/paint.ts';
import { openSource } from '../../src/sources/open.ts';
import { byReason } from '../../src/report/words.ts';
import { exitCode, type Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'trouble-test-'));
let demo: Demo;

beforeAll(async () => {
  demo = await startScenario('healthy');
  writeFileSync(join(folder, 'kubeconfig'), demo.kubeconfig('reader'));
});
afterAll(async () => {
  await demo.close();
  rmSync(folder, { recursive: true });
});

async function examine(timeoutMs: number): Promise<{ report: Report; requests: number }> {
  const before = demo.requests();
  const cluster: LiveCluster = connect({ kubeconfig: join(folder, 'kubeconfig'), env: {}, timeoutMs });
  try {
    const { report } = await run({ runbooks, cluster });
    return { report, requests: demo.requests() - before };
  } finally {
    await cluster.close();
  }
}

const unanswered: Readonly<Record<Exclude<TroubleKind, 'slow'>, { problem: string; says: RegExp }>> = {
  busy: { problem: 'unreachable', says: /too busy to answer \(429: too many requests, please try again later\)/ },
  'internal-error': { problem: 'unreachable', says: /\(500: etcdserver: request timed out\)/ },
  cut: { problem: 'malformed', says: /cut in the middle of its answer/ },
  silent: { problem: 'timed-out', says: /did not answer within 0\.8 s/ },
  'expired-token': { problem: 'unauthenticated', says: /user "reader".*Log in again.*\(401\)/ },
  'expired-certificate': { problem: 'unreachable', says: /certificate has expired/ },
  'foreign-certificate': { problem: 'unreachable', says: /not signed by the kubeconfig's CA/ },
};

describe('a run', () => {
  it.each(Object.entries(unanswered))('under %s is unknown, for one reason', async (kind, { problem, says }) => {
    await demo.trouble(kind as TroubleKind);
    // Only where nothing answers has anybody to wait for the end of it.
    const { report, requests } = await examine(kind === 'silent' ? 800 : 10_000);
    await demo.trouble(null);

    const checks = report.checks;
    const known = checks.filter(({ outcome }) => outcome !== 'unknown' && outcome !== 'skipped');
    expect(known.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([]);
    expect(exitCode(report)).toBe(2);
    const unknown = checks.filter(({ outcome }) => outcome === 'unknown');
    expect(new Set(unknown.map((check) => check.problem?.kind))).toEqual(new Set([problem]));
    const reasons = byReason(unknown);
    expect(reasons.map(({ reason }) => reason)).toHaveLength(1);
    expect(reasons[0]?.message).toMatch(says);

    const text = toText(report, { paint: painter({}, {}), verbose: false }).replace(/\s+/g, ' ');
    expect(text.split(`https://127.0.0.1`)).toHaveLength(2);
    // Only a busy server is asked again, and not for ever.
    expect(requests).toBeLessThanOrEqual(report.requests);
    expect(report.requests).toBeLessThan(kind === 'busy' ? 150 : 50);
  });

  it('under slow answers takes the time that it takes, though not all answers come within one timeout', async () => {
    await demo.trouble('slow');
    // Of more requests than connections the last wait longer than a timeout for their turn.
    const { report } = await examine(2800);
    await demo.trouble(null);
    expect(report.durationMs).toBeGreaterThan(2800);
    expect(exitCode(report)).toBe(0);
  });

  it('is as ever when the trouble is over', async () => {
    for (const kind of Object.keys(troubles) as TroubleKind[]) await demo.trouble(kind);
    await demo.trouble(null);
    expect(exitCode((await examine(5000)).report)).toBe(0);
  });
});

describe('silence', () => {
  it('costs one timeout, not one for every request', async () => {
    await demo.trouble('silent');
    const { report, requests } = await examine(700);
    await demo.trouble(null);
    expect(report.requests).toBeGreaterThan(20);
    // Those that waited for a free connection gave up with those that had one, and never reached the server.
    expect(requests).toBeLessThanOrEqual(16);
  });
});

describe('the choice', () => {
  it('starts a demo in trouble', async () => {
    const source = await openSource({ source: 'demo', scenario: 'healthy', trouble: 'expired-token' });
    const { report } = await run({ runbooks, cluster: source.cluster });
    await source.close();
    expect(exitCode(report)).toBe(2);
  });

  it('is of a closed set', async () => {
    await expect(openSource({ source: 'demo', scenario: 'healthy', trouble: 'toString' })).rejects.toMatchObject({
      message: 'The demo cluster knows no trouble toString.',
      hint: expect.stringContaining('slow, busy,') as string,
    });
  });
});
