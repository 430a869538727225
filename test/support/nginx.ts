/** Runs the mirror: nginx with the configuration that the image gets, on loopback and never as root. Fetches nginx where there is none. */
import { spawn } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { policyOf } from '../../src/site/hosting/content-security-policy.ts';
import { copySite } from '../../src/site/hosting/mirror.ts';
import { nginxConfiguration } from '../../src/site/hosting/nginx.ts';
import { told, unpack, unpackedAt } from './debian-package.ts';

export interface Server {
  url: string;
  stop: () => Promise<void>;
}

/** Debian keeps nginx out of the path of those who are not root. */
const findNginx = (): string | undefined =>
  [
    process.env['NGINX_PATH'],
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => `${folder}/nginx`),
    '/usr/sbin/nginx',
    '/usr/local/sbin/nginx',
    '/opt/homebrew/bin/nginx',
    join(unpackedAt('nginx'), 'usr/sbin/nginx'),
  ].find((path) => path !== undefined && path !== '' && existsSync(path));

/**
 * Makes sure that there is an nginx.
 *
 * @throws when none is found and none could be fetched, with what was tried.
 */
export function ensureNginx(say: (text: string) => void = console.log): string {
  const tried = findNginx() === undefined ? unpack('nginx', 'No nginx found', say) : [];
  const found = findNginx();
  if (found !== undefined) return found;
  throw new Error(
    `No nginx found.${told(tried)} Install it (Debian: apt-get install nginx-light; macOS: brew install nginx), or set NGINX_PATH.`,
  );
}

/** nobody, whose number is the same on every Linux. */
const NOBODY = 65_534;

export async function startMirror(dist: string): Promise<Server> {
  const found = ensureNginx();
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
  let nginx = found;
  if (isRoot) {
    // Where nobody can reach it: the project may be in root's home.
    nginx = join(folder, 'nginx');
    copyFileSync(found, nginx);
    for (const path of [folder, temporary]) chownSync(path, NOBODY, NOBODY);
  }

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
  throw new Error(`${found} did not start with the mirror's configuration: ${said.trim() || 'it said nothing'}`);
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
