/**
 * Every fault in the demo itself, through its API server, its gateway and its resolvers, with probes: each has its root cause and
 * no other. What is wrong where no object tells shows here only.
 */
import { expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../../src/demo/node/faults.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { openSource } from '../../src/sources/open.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';

async function examine(scenario: string): Promise<Report> {
  const source = await openSource({ source: 'demo', scenario });
  try {
    if (source.probes === undefined) throw new Error('The demo has probes.');
    return (await run({ runbooks, cluster: source.cluster, probes: source.probes })).report;
  } finally {
    await source.close();
  }
}

/** The namespaces that the report's commands name. */
const namespacesIn = ({ checks }: Report): readonly string[] =>
  checks
    .flatMap(({ commands, findings }) => [
      ...commands,
      ...findings.flatMap(({ remedies }) => remedies.flatMap((remedy) => remedy.commands)),
    ])
    .flatMap((command) => [...command.matchAll(/ (?:-n|--namespace)[ =](\S+)/g)].map(([, name]) => name ?? ''));

/** Those that are there, and the one that a fault makes. */
const namespaces = [
  'certificates',
  ...loadObjects().flatMap(({ kind, metadata }) => (kind === 'Namespace' ? [metadata.name] : [])),
];

it.each(loadFaults())('$id', async ({ id, rootCause, runbook }) => {
  const report = await examine(id);
  expect(report.rootCauses).toEqual([rootCause]);
  expect(report.runbooks.find((one) => one.id === runbook)?.rootCauses).toEqual([rootCause]);
  const found = report.checks.flatMap(({ findings }) => findings).find((one) => one.id === rootCause);
  expect(found?.remedies.length).toBeGreaterThan(0);
  expect(found?.evidence[0]?.object.name).toBeTruthy();
  expect(namespacesIn(report).filter((name) => !namespaces.includes(name))).toEqual([]);
});

it('healthy', async () => {
  const { runbooks: all } = await examine('healthy');
  expect(all.filter(({ outcome }) => outcome !== 'passed').map(({ id }) => id)).toEqual([]);
});
