/**
 * Every fault's remedy, applied as the runbook prints it: real kubectl against the demo's API server, until every runbook passes. What
 * lies outside the cluster is mended out there; what only looks is run, too, and must work.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { connect } from '../../src/cluster/connect.ts';
import type { Demo } from '../../src/demo/demo.ts';
import { loadFaults, type Fault } from '../../src/demo/faults.ts';
import { startScenario } from '../../src/local/demo.ts';
import { createProbes } from '../../src/probe/probe.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';

/** Programs that a remedy may name and that reach beyond a cluster: they are for the reader. */
const elsewhere = /^(helm|cmctl|dig|tailscale|curl|openssl)\b/;

/** What a person would write where the remedy opens an editor: a sed script for the object. */
const edits: Readonly<Record<string, string>> = {
};

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'remedies-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function examine(demo: Demo, kubeconfig: string): Promise<Report> {
  const cluster = connect({ source: 'demo', kubeconfig });
  const probes = createProbes({ dial: demo.dial, systemResolver: demo.systemResolver, timeoutMs: 1000 });
  try {
    return (await run({ runbooks, cluster, probes })).report;
  } finally {
    await cluster.close();
  }
}

const rootCauses = (report: Report): readonly string[] => [...new Set(report.runbooks.flatMap((one) => one.rootCauses))];

/** Runs a command of a remedy as a reader's shell would. */
function perform(command: string, fault: Fault, kubeconfig: string): { command: string; status: number | null; said: string } {
  const editor = join(folder, `edit-${fault.id}`);
  writeFileSync(editor, `#!/bin/sh\nexec sed -i -E '${edits[fault.id] ?? ''}' "$1"\n`);
  chmodSync(editor, 0o755);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    encoding: 'utf8',
    input: 'a-key-share\n',
    timeout: 15_000,
    env: { ...process.env, KUBECONFIG: kubeconfig, EDITOR: editor, KUBE_EDITOR: editor },
  });
  return { command, status, said: `${stdout}${stderr}` };
}

describe.each(loadFaults())('$id', (fault) => {
  it('is cured by what the runbook says', async () => {
    const demo = await startScenario(fault.id);
    const kubeconfig = join(folder, fault.id);
    writeFileSync(kubeconfig, demo.kubeconfig('admin'), { mode: 0o600 });
    try {
      const before = await examine(demo, kubeconfig);
      expect(rootCauses(before)).toEqual([fault.rootCause]);
      const verdict = before.runbooks.flatMap(({ checks }) => checks).find(({ id, outcome }) => id === fault.rootCause && outcome === 'failed');
      const commands = verdict?.remedy?.commands ?? [];
      if (fault.mend !== undefined) demo.mendWorld(fault.world);
      const done = commands.filter((command) => !elsewhere.test(command)).flatMap((command) => {
        // Vault asks for one share a time, until there are three.
        const times = command.includes('operator unseal') ? 3 : 1;
        return Array.from({ length: times }, () => perform(command, fault, kubeconfig));
      });
      expect(done.filter(({ status }) => status !== 0)).toEqual([]);
      await expect.poll(async () => (await examine(demo, kubeconfig)).runbooks.filter(({ outcome }) => outcome !== 'passed').map(({ id, checks }) => [id, checks.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped').map(({ id: check, message }) => `${check}: ${message}`)]), { timeout: 10_000, interval: 300 }).toEqual([]);
    } finally {
      await demo.close();
    }
  }, 60_000);
});
