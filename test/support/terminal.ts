/** Programs as processes of their own, the terminal program before all: what they print, how they end, what is typed to them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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

export interface Gathered {
  child: ChildProcess;
  /** What it has printed so far. */
  said: () => { stdout: string; stderr: string };
  /** Resolves when it has printed a text on standard output. */
  says: (text: string) => Promise<void>;
  ended: Promise<Ended>;
}

export interface Started extends Gathered {
  /** What is in its folder for temporary files. */
  left: () => readonly string[];
}

/** Keeps what a program prints, from its start on. */
export function gathered(child: ChildProcess): Gathered {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    child,
    said: () => ({ stdout, stderr }),
    says: async (text) => {
      while (!stdout.includes(text)) await once(child.stdout ?? child, 'data');
    },
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    }),
  };
}

/** Runs a command on a terminal, and types each text when what it waits for has appeared. `script` brings the terminal: apt-get install bsdutils. */
export function onTerminal(
  command: string,
  typed: readonly (readonly [after: string, text: string])[],
  options: { cwd?: string; env: NodeJS.ProcessEnv },
): Promise<Ended> {
  const child = spawn('script', ['-qec', command, '/dev/null'], options);
  const { said, ended } = gathered(child);
  let [at, from] = [0, 0];
  child.stdout.on('data', () => {
    const [after = '', text = ''] = typed[at] ?? [];
    const found = at === typed.length ? -1 : said().stdout.indexOf(after, from);
    if (found === -1) return;
    from = found + after.length;
    at += 1;
    child.stdin.write(text);
  });
  return ended;
}

/**
 * @param before A module that is loaded first, as text: what goes wrong inside the program.
 * @param input What is piped in, to its end; without it nothing comes, and no end.
 */
export function startRunbook(
  args: readonly string[],
  { env = {}, before, input }: { env?: Record<string, string>; before?: string; input?: string } = {},
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
  if (input !== undefined) child.stdin.end(input);
  return { ...gathered(child), left: () => readdirSync(temporary) };
}
