/** Verdicts and reports made by hand, for tests of what is done with them. */
import {
  rootCausesOf,
  worst,
  type Finding,
  type Report,
  type RunbookResult,
  type Verdict,
} from '../../src/runbook/report.ts';

export const finding = (some: Partial<Finding> = {}): Finding => ({
  id: 'gateway/programmed#symptom',
  outcome: 'failed',
  headline: 'Gateway a/b is not programmed',
  message: 'Gateway a/b is not programmed.',
  quote: null,
  evidence: [
    {
      object: { apiVersion: 'v1', kind: 'Service', namespace: 'a', name: 'b' },
      path: 'spec.type',
      observed: null,
      expected: { a: [1] },
      source: null,
    },
  ],
  remedies: [
    { title: 'Mend it.', change: null, commands: ['kubectl apply -f x', 'kubectl get x'], disturbs: 'Nothing.' },
  ],
  commands: ['kubectl get service -n a b -o yaml'],
  page: '/reference/findings/#gateway-programmed-symptom',
  accepted: null,
  ...some,
});

export const verdict = (some: Partial<Verdict> = {}): Verdict => ({
  id: 'gateway/programmed',
  title: 'The Gateway is programmed',
  component: 'gateway',
  outcome: 'passed',
  message: 'Gateway a/b is programmed.',
  blockedBy: [],
  problem: null,
  commands: [],
  durationMs: 0,
  findings: [],
  ...some,
});

/** A verdict of its outcome, with one finding of it. */
export const having = (found: Partial<Finding>, some: Partial<Verdict> = {}): Verdict => {
  const one = finding(found);
  return verdict({ outcome: one.outcome, message: one.message, findings: [one], ...some });
};

export const failed = (found: Partial<Finding> = {}, some: Partial<Verdict> = {}): Verdict => having(found, some);

export const runbookResult = (checks: readonly Verdict[]): RunbookResult => ({
  id: 'test',
  title: 'A test',
  outcome: worst(checks.map(({ outcome }) => outcome)),
  rootCauses: rootCausesOf(checks),
  checks,
});

/** A report of runbooks of some verdicts each; where the ids are alike, the first stands. */
export function reportOf(...runbooks: readonly (readonly Verdict[])[]): Report {
  const checks = [
    ...new Map(
      runbooks
        .flat()
        .reverse()
        .map((check) => [check.id, check]),
    ).values(),
  ].reverse();
  return {
    version: 2,
    cluster: { source: 'live', context: 'home', server: 'https://home.example', kubernetes: 'v1.36.2', user: null },
    startedAt: '2026-11-22T12:00:00.000Z',
    durationMs: 812,
    requests: 12,
    rootCauses: rootCausesOf(checks),
    runbooks: runbooks.map((own) => ({ ...runbookResult(own), checks: own.map(({ id }) => id) })),
    checks,
  };
}
