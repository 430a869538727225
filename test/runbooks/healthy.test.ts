/** A healthy cluster, in whatever shape it is built: nothing is found, and what is skipped is said. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { runbooks } from '../../runbooks/index.ts';
import { problemKinds } from '../../src/runbook/fact.ts';
import { exitCode, type Outcome, type Report } from '../../src/runbook/report.ts';
import { examine, type ProbeAnswer } from '../support/examine.ts';

const probing = ['managed-service/answers-on-the-tailnet', 'envoy/completes-handshake'];

const answersOf = (host: string, name = 'docs.sudhanva.me'): Readonly<Record<string, ProbeAnswer>> => ({
  [`tcp ${host}:443`]: { connected: true, ms: 12 },
  [`tls ${host}:443 ${name}`]: {
    outcome: 'completed',
    ms: 30,
    subject: 'CN=*.sudhanva.me',
    names: ['*.sudhanva.me'],
    issuer: 'R11',
    notBefore: '2026-10-24T12:00:00Z',
    notAfter: '2027-01-22T12:00:00Z',
  },
  [`tls ${host}:443 runbook-probe.invalid`]: { outcome: 'closed', ms: 3, error: 'read ECONNRESET' },
});

const idsWith = ({ checks }: Report, outcome: Outcome): readonly string[] =>
  checks.filter((check) => check.outcome === outcome).map(({ id }) => id);

/** The runbooks about the way in, for which it is known what each variant makes inapplicable. */
const ingress = runbooks.filter(({ id }) => ['gateway-not-programmed', 'cilium-socket-lb', 'missing-sni'].includes(id));
const ingressComponents = [
  'cilium',
  'client',
  'envoy',
  'envoy-gateway',
  'envoyproxy',
  'gateway',
  'gatewayclass',
  'httproute',
  'managed-service',
  'tailscale-operator',
  'tailscale-proxy',
];

/** Asserts that no runbook finds anything, and that of the checks about the way in exactly these have nothing to judge. */
function expectQuiet(report: Report, skipped: readonly string[]): void {
  const loud = report.checks
    .filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')
    .map(({ id, message }) => [id, message]);
  expect(loud).toEqual([]);
  expect(exitCode(report)).toBe(0);
  const own = new Set<string>(ingress.flatMap(({ checks }) => checks.map(({ id }) => id)));
  const isOwn = (id: string): boolean => own.has(id) && ingressComponents.includes(id.split('/')[0] ?? '');
  expect(idsWith(report, 'skipped').filter(isOwn).sort()).toEqual(skipped.filter(isOwn).sort());
}

describe('the healthy demo cluster', () => {
  it('passes every check, and skips what needs probes when they are off', async () => {
    expectQuiet(await examine(runbooks), probing);
  });

  it('passes every check about the way in when probes are on', async () => {
    const report = await examine(ingress, { probes: answersOf('100.101.102.103') });
    expectQuiet(report, []);
    expect(idsWith(report, 'passed').length).toBeGreaterThan(30);
  });

  it('names no root cause', async () => {
    expect((await examine(runbooks)).rootCauses).toEqual([]);
  });
});

const variantSchema = z.strictObject({
  name: z.string(),
  /** Checks that have nothing to judge here, beside those that need probes. */
  skips: z.array(z.string()).default([]),
  changes: z
    .array(
      z.strictObject({
        op: z.enum(['create', 'merge', 'delete']),
        object: z.looseObject({
          apiVersion: z.string(),
          kind: z.string(),
          metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
        }),
      }),
    )
    .default([]),
  problems: z.record(z.string(), z.enum(problemKinds)).optional(),
});

const variants = z
  .strictObject({ parts: z.record(z.string(), z.unknown()), variants: z.array(variantSchema) })
  .parse(
    parse(readFileSync(new URL('variants.yaml', import.meta.url), 'utf8'), { merge: true, maxAliasCount: -1 }),
  ).variants;

describe('a cluster that is built otherwise and is as healthy', () => {
  it.each(variants)('$name', async ({ skips, changes, problems }) => {
    expectQuiet(await examine(ingress, { changes, problems }), [...probing, ...skips]);
  });
});
