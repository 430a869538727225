/** Runs the mirror: nginx with the configuration that the image gets, on loopback and never as root. Installs nginx where that is allowed. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { policyOf } from '../../src/site/hosting/content-security-policy.ts';
import { copySite } from '../../src/site/hosting/mirror.ts';
import { nginxConfiguration } from '../../src/site/hosting/nginx.ts';

export interface Server {
  url: string;
  stop: () => Promise<void>;
}

/** Debian keeps nginx out of the path of those who are not root. */
const findNginx = (): string | undefined =>
  [process.env['NGINX_PATH'], ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => `${folder}/nginx`)]
    .concat('/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx')
    .find((path) => path !== undefined && path !== '' && existsSync(path));

const installation: readonly (readonly [string, ...string[]])[] = [
  ['apt-get', 'update', '-qq'],
  ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'nginx-light'],
];

/** @throws when there is no nginx and none could be installed, with what was tried. */
function ensureNginx(): string {
  const found = findNginx();
  if (found !== undefined) return found;
  const tried: string[] = [];
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    for (const [program, ...args] of installation) {
      console.log(`No nginx found; running: ${[program, ...args].join(' ')}`);
      // Debian starts a service as it installs one, unless the policy forbids it; port 80 is none of ours.
      const { status } = spawnSync(program, args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      });
      tried.push(`${[program, ...args].join(' ')} (exit code ${status ?? 'none'})`);
      if (status !== 0) break;
    }
    const installed = findNginx();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    `No nginx found.${tried.length > 0 ? ` Tried: ${tried.join('; ')}.` : ''} Install it (Debian: apt-get install nginx-light; macOS: brew install nginx), or set NGINX_PATH.`,
  );
}

/** nobody, whose number is the same on every Linux. */
const NOBODY = 65_534;

export async function startMirror(dist: string): Promise<Server> {
  const nginx = ensureNginx();
  const isRoot = process.getuid?.() === 0;
  const folder = mkdtempSync(join(tmpdir(), 'mirror-'));
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  copySite(dist, join(folder, 'site'));
  const port = await freePort();
  const configuration = nginxConfiguration({
    contentSecurityPolicy: policyOf(dist),
    listen: `127.0.0.1:${port}`,
    root: join(folder, 'site'),
    temporary,
    accessLog: join(temporary, 'access.log'),
  });
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  if (isRoot) for (const path of [folder, temporary]) chownSync(path, NOBODY, NOBODY);

  const child = spawn(nginx, ['-p', temporary, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };

  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; child.exitCode === null && tries < 200; tries++) {
    const isUp = await fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await stop();
  throw new Error(`${nginx} did not start with the mirror's configuration: ${said.trim() || 'it said nothing'}`);
}

/** The port is free again when nginx asks for it: nginx takes no port 0. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port')),
      );
    });
  });
