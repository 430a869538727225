/**
 * Every fault's remedy, applied as the runbook prints it: real kubectl against the demo's API server, until every runbook passes. What
 * lies outside the cluster is mended out there; what only looks is run, too, and must work.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { connect } from '../../src/cluster/connect.ts';
import type { Demo } from '../../src/demo/node/demo.ts';
import { loadFaults } from '../../src/demo/node/faults.ts';
import type { Fault } from '../../src/demo/fault.ts';
import { startScenario } from '../../src/sources/demo.ts';
import { createProbes } from '../../src/probe/probe.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { ensureKubectl, execsSince, withKubectl } from '../support/find-kubectl.ts';

/** Programs that a remedy may name and that reach beyond a cluster: they are for the reader. */
const elsewhere = /^(helm|cmctl|dig|tailscale|curl|openssl)\b/;

/** What a person would write where the remedy opens an editor: a sed script for the object. */
const edits: Readonly<Record<string, string>> = {
  'rewrite-without-answer-auto': 's/(rewrite name .*svc\\.cluster\\.local\\.?)$/\\1 answer auto/',
};

/** Faults whose trace stays for a while after they are mended. */
const lasting: Readonly<Record<string, string>> = {
  'client-by-address': 'the log tells of the refused connections for an hour',
};

/** Of the form that Vault's shares have. */
const keyShare = Buffer.alloc(33, 'share').toString('base64');

const kubectl = ensureKubectl();

/** A question whose answer may be no. */
const mayBeNo = /^kubectl auth can-i\b/;

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'remedies-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function examine(demo: Demo, kubeconfig: string): Promise<Report> {
  const cluster = connect({ source: 'demo', kubeconfig });
  const probes = createProbes({ dial: demo.dial, systemResolver: demo.systemResolver, timeoutMs: 3000 });
  try {
    return (await run({ runbooks, cluster, probes })).report;
  } finally {
    await cluster.close();
  }
}

/** What is not as it should be, in one line each. */
const complaints = (report: Report): readonly string[] => [
  ...new Set(
    report.checks
      .filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')
      .map(({ id, outcome, message }) => `${id} ${outcome}: ${message}`),
  ),
];

/** Runs a command of a remedy as a reader's shell would. (The API server is in this process: nothing here may wait for it idly.) */
async function perform(command: string, fault: Fault, kubeconfig: string): Promise<Performed> {
  const editor = join(folder, `edit-${fault.id}`);
  writeFileSync(editor, `#!/bin/sh\nexec sed -i -E '${edits[fault.id] ?? ''}' "$1"\n`);
  chmodSync(editor, 0o755);
  // A command that asks for a terminal gets one.
  const line = / -it /.test(command) ? `script -qec ${JSON.stringify(command)} /dev/null` : command;
  const shell = spawn('bash', ['-c', line], {
    timeout: 60_000,
    env: { ...withKubectl(kubectl), KUBECONFIG: kubeconfig, EDITOR: editor, KUBE_EDITOR: editor },
  });
  shell.stdin.end(`${keyShare}\n`);
  const [said, complained, status] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    new Promise<number | null>((ended) => shell.once('close', ended)),
  ]);
  return { command, status, said: `${said}${complained}` };
}

/**
 * The commands of what is wrong, worst first, without those that reach beyond the cluster. Ways are alternatives, so a reader takes the first,
 * and where the same is found again, the next; and the first once more, for what stood in its way may be mended by then.
 *
 * @param tried How many ways of each finding were tried, by its id.
 */
function remediesOf({ checks }: Report, tried: Map<string, number>): readonly string[] {
  const findings = checks.flatMap((check) => check.findings);
  const ordered = ['failed', 'warned'].flatMap((outcome) => findings.filter((one) => one.outcome === outcome));
  const ways = ordered.map(({ id, remedies }) => remedies[(tried.get(id) ?? 0) % remedies.length]);
  for (const { id } of ordered) tried.set(id, (tried.get(id) ?? 0) + 1);
  return [...new Set(ways.flatMap((way) => way?.commands ?? []).filter((command) => !elsewhere.test(command)))];
}

/** Asks until all is well, for as long as consequences may take to follow. */
async function settled(ask: () => Promise<Report>): Promise<Report> {
  for (let attempt = 1; ; attempt += 1) {
    const report = await ask();
    if (complaints(report).length === 0 || attempt === 10) return report;
    await setTimeout(300);
  }
}

interface Performed {
  command: string;
  status: number | null;
  said: string;
}

// Each has a cluster of its own, and waits most of the time for kubectl or for what follows from a remedy.
describe.each(loadFaults())('$id', { concurrent: true }, (fault) => {
  it('is cured by what the runbook says', async ({ skip }) => {
    const demo = await startScenario(fault.id);
    const kubeconfig = join(folder, fault.id);
    writeFileSync(kubeconfig, demo.kubeconfig('admin'), { mode: 0o600 });
    try {
      const before = await examine(demo, kubeconfig);
      expect(before.rootCauses).toEqual([fault.rootCause]);
      // One thing mended may show the next, as an address that has changed meanwhile does: a reader goes on until all is well.
      let report = before;
      const tried = new Map<string, number>();
      for (let round = 1; round <= 5 && complaints(report).length > 0; round += 1) {
        for (const command of remediesOf(report, tried)) {
          skip(
            / exec /.test(command) && kubectl.minor < execsSince,
            `kubectl 1.${kubectl.minor} speaks SPDY alone: ${command}`,
          );
          // Vault asks for one share a time, until there are three.
          const times = command.includes('operator unseal') ? 3 : 1;
          for (let time = 0; time < times; time += 1) {
            const { status, said } = await perform(command, fault, kubeconfig);
            if (status !== 0 && !mayBeNo.test(command))
              expect.fail(`${command}\nended with exit code ${status}:\n${said}`);
          }
        }
        if (fault.mend !== undefined) demo.mendWorld(fault.world);
        report = await settled(() => examine(demo, kubeconfig));
      }
      if (!(fault.id in lasting)) expect(complaints(report)).toEqual([]);
    } finally {
      await demo.close();
    }
  }, 180_000);
});
