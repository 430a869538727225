/**
 * Objects whose author means harm: every command that a runbook prints about them is pasted into a real shell, which must run the
 * programs that the runbook names and nothing else.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults, scenarioOf } from '../../src/demo/node/faults.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { now } from '../support/examine.ts';
import { literalCluster } from '../support/literal-cluster.ts';
import { judgeFolders, readFolders, writeFolder } from '../support/manifests.ts';
import { objectsOf } from '../support/objects.ts';
import { isThorough } from '../support/thorough.ts';

/** The programs that commands may name. */
const programs = ['cmctl', 'curl', 'date', 'dig', 'grep', 'helm', 'jq', 'kubectl', 'nc', 'openssl', 'sed', 'tailscale'];

/** What is made of a text; what it would do is leave a file, or hand a program an option. */
const payloads: Readonly<Record<string, (value: string) => string>> = {
  'a command': (value) => `${value}; >pwned #`,
  'a command between single quotes': (value) => `${value}'; >pwned; '`,
  'a command between double quotes': (value) => `${value}"; >pwned; "`,
  'a command in a command': (value) => `${value}$(>pwned)\`>pwned\``,
  'a line of its own': (value) => `${value}\n>pwned\n`,
  'a quote behind a backslash': (value) => `${value}\\' >pwned #`,
  'an option': (value) => `--hostile=${value}`,
};

/** Which texts of an object are changed, by the key that they stand under. */
const fields: Readonly<Record<string, (key: string) => boolean>> = {
  names: (key) => /(^name|[a-z]Name|^namespace|^key|^container)$/.test(key),
  hostnames: (key) => /^(hostnames?|dnsNames?|host|server|externalName)$/.test(key),
  'labels and annotations': (key) => key.includes('/') || /^(app|k8s-app|matchLabels|labels|selector)$/.test(key),
  'all but kinds': (key) => !/^(apiVersion|kind|creationTimestamp|.*Time|status|type)$/.test(key),
};

function changed<T>(value: T, isChanged: (key: string) => boolean, change: (text: string) => string, key = ''): T {
  const inner = (one: unknown, at: string): unknown => changed(one, isChanged, change, at);
  if (typeof value === 'string') return (isChanged(key) ? change(value) : value) as T;
  if (Array.isArray(value)) return value.map((item) => inner(item, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([at, one]) => [at, inner(one, at)])) as T;
}

const commandsOf = (report: Report): readonly string[] =>
  report.checks.flatMap(({ commands, findings }) => [
    ...commands,
    ...findings.flatMap((one) => [...one.commands, ...one.remedies.flatMap((way) => way.commands)]),
  ]);

let folder = '';
const bin = () => join(folder, 'bin');
const desk = () => join(folder, 'desk');
const record = () => join(folder, 'record');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  mkdirSync(bin());
  mkdirSync(desk());
  for (const program of programs) {
    writeFileSync(join(bin(), program), `#!/bin/sh\nprintf '%s\\0' ${program} "$@" >>${record()}\n`);
    chmodSync(join(bin(), program), 0o755);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Gives each of its arguments to a shell of its own; what the shells complain about is kept apart by a separator. */
const pasteEach = `for command; do /bin/sh -c "$command" </dev/null >/dev/null; printf '\\036' >&2; done`;

/** Pastes commands, each into a shell of its own; returns what the shells complained about and the words that programs got. */
async function paste(
  commands: readonly string[],
): Promise<{ complaints: readonly string[]; words: readonly string[] }> {
  writeFileSync(record(), '');
  const shell = spawn('/bin/sh', ['-c', pasteEach, 'sh', ...commands], {
    cwd: desk(),
    env: { PATH: bin() },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = (await text(shell.stderr)).split('\u001e');
  expect(said, 'each command was pasted').toHaveLength(commands.length + 1);
  const complaints = commands.flatMap((command, at) => (said[at] === '' ? [] : [`${command}: ${said[at] ?? ''}`]));
  return { complaints, words: readFileSync(record(), 'utf8').split('\0') };
}

async function expectHarmless(reports: readonly Report[]): Promise<void> {
  const commands = [...new Set(reports.flatMap(commandsOf))];
  expect(commands.filter((command) => /pwned|hostile/.test(command)).length, 'the values are in there').toBeGreaterThan(
    5,
  );
  const { complaints, words } = await paste(commands);
  expect(complaints).toEqual([]);
  expect(readdirSync(desk()), 'files that a command left').toEqual([]);
  expect(words.filter((word) => word.startsWith('--hostile'))).toEqual([]);
  expect(words.length).toBeGreaterThan(commands.length);
}

const each = Object.entries(payloads).map(([what, change]) => ({ what, change }));

describe.each(each)('$what', ({ change }) => {
  it('in manifests does nothing', async () => {
    const manifests = await readFolders(['infrastructure', 'apps']);
    const reports: Report[] = [];
    for (const isChanged of Object.values(fields)) {
      const objects = manifests.map(({ object }) => changed(object, isChanged, change));
      const hostile = writeFolder({ 'all.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
      reports.push((await judgeFolders([hostile])).report);
      rmSync(hostile, { recursive: true });
    }
    await expectHarmless(reports);
  });

  it('in a cluster does nothing, whatever else is wrong with it', async () => {
    const reports: Report[] = [];
    const ways = Object.values(fields);
    // Faults of every runbook, each in one way: all of them in every way would take minutes.
    const faults = loadFaults().filter((_fault, index) => isThorough || index % 4 === 0);
    for (const [index, fault] of faults.entries()) {
      const isChanged = ways[index % ways.length] ?? (() => true);
      const objects = objectsOf(scenarioOf(fault), now).map((object) => changed(object, isChanged, change));
      reports.push((await run({ runbooks, cluster: literalCluster(objects), now: () => now })).report);
    }
    await expectHarmless(reports);
  }, 300_000);
});
