/** Runs Cloudflare Pages' own emulator over a built site: the code that serves it in production, on loopback and without a network. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf } from '../../tools/tool.ts';
import type { Server } from './nginx.ts';

interface Pages extends Server {
  /** What it said as it read `_headers` and `_redirects`. */
  said: () => string;
}

/** Starting takes seconds: it tries to reach Cloudflare first, and goes on without. */
const START_MS = 45_000;

export async function startPages(dist: string): Promise<Pages> {
  const home = mkdtempSync(join(tmpdir(), 'pages-'));
  const child = spawn(
    process.execPath,
    [
      commandOf('wrangler'),
      'pages',
      'dev',
      dist,
      '--ip',
      '127.0.0.1',
      '--port',
      '0',
      '--inspector-port',
      '0',
      '--persist-to',
      home,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group, for it starts others. What it would remember goes into a folder that is thrown away.
      detached: true,
      env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', XDG_CONFIG_HOME: home, NO_COLOR: '1' },
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };

  let said = '';
  const url = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), START_MS);
    const settle = (value: string | undefined): void => {
      clearTimeout(timer);
      resolve(value);
    };
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const ready = /Ready on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (ready !== undefined) settle(ready);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', () => settle(undefined));
  });
  if (url !== undefined) return { url, stop, said: () => said };
  await stop();
  throw new Error(`"wrangler pages dev" did not start: ${said.trim() || 'it said nothing'}`);
}
