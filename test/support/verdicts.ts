/** Verdicts and reports made by hand, for tests of what is done with them. */
import { worst, type Report, type RunbookReport, type Verdict } from '../../src/runbook/report.ts';

export const verdict = (some: Partial<Verdict> = {}): Verdict => ({
  id: 'gateway/programmed',
  title: 'The Gateway is programmed',
  component: 'gateway',
  outcome: 'passed',
  message: 'Gateway a/b is programmed.',
  blockedBy: [],
  problem: null,
  evidence: [],
  commands: [],
  remedy: null,
  durationMs: 0,
  ...some,
});

export const failed = (some: Partial<Verdict> = {}): Verdict =>
  verdict({
    outcome: 'failed',
    message: 'Gateway a/b is not programmed.',
    evidence: [
      {
        object: { apiVersion: 'v1', kind: 'Service', namespace: 'a', name: 'b' },
        path: 'spec.type',
        observed: null,
        expected: { a: [1] },
      },
    ],
    commands: ['kubectl get service -n a b -o yaml'],
    remedy: { title: 'Mend it.', commands: ['kubectl apply -f x', 'kubectl get x'], disturbs: 'Nothing.' },
    ...some,
  });

export const runbookReport = (checks: readonly Verdict[]): RunbookReport => ({
  id: 'test',
  title: 'A test',
  outcome: worst(checks.map(({ outcome }) => outcome)),
  rootCauses: checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id),
  checks: [...checks],
});

export const reportOf = (...runbooks: readonly (readonly Verdict[])[]): Report => ({
  version: 1,
  cluster: { source: 'live', context: 'home', server: 'https://home.example', kubernetes: 'v1.36.2' },
  startedAt: '2026-11-22T12:00:00.000Z',
  durationMs: 812,
  requests: 12,
  runbooks: runbooks.map(runbookReport),
});
