/**
 * Runs a program to its end, within a time and an amount of output. When it is stopped, so is everything that it has started:
 * a plugin is often a script around the real one, and `execFile` of Node would leave that running.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { whenStopped } from '../runbook/stopped.ts';
import { mostPluginOutput } from './budget.ts';

export type Ended =
  | { how: 'finished'; stdout: string }
  /** `code`: `exit code 3`, or a signal or an error of this machine by its name. */
  | { how: 'failed'; code: string; stderr: string }
  | { how: 'absent' | 'late' | 'verbose' | 'stopped' };

export interface ProcessOptions {
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal: AbortSignal;
}

export function runProcess(
  command: string,
  args: readonly string[],
  { env, timeoutMs, signal }: ProcessOptions,
): Promise<Ended> {
  return new Promise((resolve) => {
    let child: ChildProcess;
    // A process group of its own can be ended as a whole; Windows has none.
    const detached = process.platform !== 'win32';
    try {
      child = spawn(command, args, { env, detached, windowsHide: true });
    } catch (error) {
      // Arguments that no process can have. Node's message quotes them, and they may be secret.
      return resolve({ how: 'failed', code: codeOf(error), stderr: '' });
    }
    const kill = (): void => killAll(child, detached);
    process.once('exit', kill);
    const settle = (ended: Ended): void => {
      clearTimeout(timer);
      letGo();
      process.off('exit', kill);
      resolve(ended);
    };
    const end = (how: 'late' | 'verbose' | 'stopped'): void => {
      kill();
      // What it has started may hold them open.
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle({ how });
    };
    const stdout = collect(child.stdout, () => end('verbose'));
    const stderr = collect(child.stderr, () => end('verbose'));
    child.once('error', (error) => {
      const code = codeOf(error);
      settle(code === 'ENOENT' ? { how: 'absent' } : { how: 'failed', code, stderr: '' });
    });
    child.once('close', (code, killedBy) => {
      const how = code === null ? String(killedBy) : `exit code ${code}`;
      settle(code === 0 ? { how: 'finished', stdout: stdout() } : { how: 'failed', code: how, stderr: stderr() });
    });
    // Nobody is there to answer a plugin's question: let it see that at once.
    child.stdin?.on('error', () => undefined).end();
    const timer = setTimeout(() => end('late'), timeoutMs);
    const letGo = whenStopped(signal, () => end('stopped'));
  });
}

/** A process that could not be started for want of file handles has no streams. */
function collect(stream: Readable | null, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > mostPluginOutput) onTooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function killAll(child: ChildProcess, isGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    if (isGroup) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended already.
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';
