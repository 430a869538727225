/** The terminal program as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What of this process a program that it starts takes over: where programs are, and the stack that the test stands on. */
export const ownEnvironment = {
  PATH: process.env['PATH'] ?? '',
  NODE_OPTIONS: process.env['NODE_OPTIONS'] ?? '',
} as const;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  /** What it has printed so far. */
  said: () => { stdout: string; stderr: string };
  ended: Promise<Ended>;
  /** What is in its folder for temporary files. */
  left: () => readonly string[];
}

/** @param before A module that is loaded first, as text: what goes wrong inside the program. */
export function startRunbook(
  args: readonly string[],
  { env = {}, before }: { env?: Record<string, string>; before?: string } = {},
): Started {
  const temporary = env['TMPDIR'] ?? mkdtempSync(join(tmpdir(), 'terminal-test-'));
  const first = before === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(before)}`];
  const child = spawn(process.execPath, [...first, 'src/cli/main.ts', ...args], {
    env: {
      ...ownEnvironment,
      HOME: temporary,
      TMPDIR: temporary,
      ...env,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    child,
    said: () => ({ stdout, stderr }),
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))),
    left: () => readdirSync(temporary),
  };
}
