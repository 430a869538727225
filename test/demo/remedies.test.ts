/**
 * Every fault's remedy, applied as the runbook prints it: real kubectl against the demo's API server, until every runbook passes. What
 * lies outside the cluster is mended out there; what only looks is run, too, and must work.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
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
const edits: Readonly<Record<string, string>> = {};

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

const rootCauses = (report: Report): readonly string[] => [
  ...new Set(report.runbooks.flatMap((one) => one.rootCauses)),
];

/** What is not as it should be, in one line each. */
const complaints = (report: Report): readonly string[] => [
  ...new Set(
    report.runbooks
      .flatMap(({ checks }) => checks)
      .filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')
      .map(({ id, outcome, message }) => `${id} ${outcome}: ${message}`),
  ),
];

/** Runs a command of a remedy as a reader's shell would. (The API server is in this process: nothing here may wait for it idly.) */
async function perform(command: string, fault: Fault, kubeconfig: string): Promise<Performed> {
  const editor = join(folder, `edit-${fault.id}`);
  writeFileSync(editor, `#!/bin/sh\nexec sed -i -E '${edits[fault.id] ?? ''}' "$1"\n`);
  chmodSync(editor, 0o755);
  const shell = spawn('bash', ['-c', command], {
    timeout: 20_000,
    env: { ...process.env, KUBECONFIG: kubeconfig, EDITOR: editor, KUBE_EDITOR: editor },
  });
  shell.stdin.end('a-key-share\n');
  const [said, complained, status] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    new Promise<number | null>((ended) => shell.once('close', ended)),
  ]);
  return { command, status, said: `${said}${complained}` };
}

interface Performed {
  command: string;
  status: number | null;
  said: string;
}

describe.each(loadFaults())('$id', (fault) => {
  it('is cured by what the runbook says', async () => {
    const demo = await startScenario(fault.id);
    const kubeconfig = join(folder, fault.id);
    writeFileSync(kubeconfig, demo.kubeconfig('admin'), { mode: 0o600 });
    try {
      const before = await examine(demo, kubeconfig);
      expect(rootCauses(before)).toEqual([fault.rootCause]);
      const verdict = before.runbooks
        .flatMap(({ checks }) => checks)
        .find(({ id, outcome }) => id === fault.rootCause && outcome === 'failed');
      const commands = verdict?.remedy?.commands ?? [];
      if (fault.mend !== undefined) demo.mendWorld(fault.world);
      const done: Performed[] = [];
      for (const command of commands.filter((one) => !elsewhere.test(one))) {
        // Vault asks for one share a time, until there are three.
        const times = command.includes('operator unseal') ? 3 : 1;
        for (let time = 0; time < times; time += 1) done.push(await perform(command, fault, kubeconfig));
      }
      expect(done.filter(({ status }) => status !== 0)).toEqual([]);
      await expect
        .poll(async () => complaints(await examine(demo, kubeconfig)), { timeout: 10_000, interval: 300 })
        .toEqual([]);
    } finally {
      await demo.close();
    }
  }, 60_000);
});
