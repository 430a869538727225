/** `npm start` in a copy of the project, with a home and caches of its own: what it holds, and what it does when a file is edited. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { stack } from '../../runbooks/stack.ts';

/** In the project, so that packages are found, and not under a folder that nobody watches. */
const folder = resolve('.start-test');
const parts = ['astro.config.mjs', 'package.json', 'tsconfig.json', 'src', 'runbooks', 'packages', 'content', 'public'];
const more = ['apps', 'infrastructure', 'tools'];
const page = 'issues/gateway-not-programmed';
let handbook: ChildProcess;
let site = '';
let output = '';

const get = async (path: string): Promise<string> => {
  const response = await fetch(`${site}/${path}/`);
  expect(response.status).toBe(200);
  return response.text();
};

const until = (isSo: () => boolean | Promise<boolean>): Promise<boolean> =>
  vi.waitUntil(isSo, { timeout: 30_000, interval: 100 });

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const part of [...parts, ...more]) cpSync(part, join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  const port = await freePort();
  site = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
  const named = ['--gateway', 'net/in', '--domain', 'lab.example'];
  handbook = spawn(process.execPath, ['src/server/start.ts', '--port', String(port), ...named], { cwd: folder, env });
  for (const end of [handbook.stdout, handbook.stderr])
    end?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => output.includes('Another cluster:'));
});

afterAll(async () => {
  const ended = new Promise((done) => handbook.once('exit', done));
  handbook.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

it.runIf(process.platform === 'linux')('holds at most 400 MB after the first page', async () => {
  await get(page);
  const status = readFileSync(`/proc/${handbook.pid ?? 0}/status`, 'utf8');
  expect(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024).toBeLessThan(400);
});

it('speaks of the Gateway and the domain that it was given, in pages and runs, and says so', async () => {
  expect(output).toContain('Its pages speak of Gateway net/in and lab.example, as you named them');
  expect(output).not.toContain('npm run record');
  const html = await get('issues/gateway-not-programmed');
  expect(html).toContain('kubectl get gateway -n net in');
  // Where the site itself is published is not for a start to say.
  const spoken = html.replaceAll(stack.site.url, '');
  expect(spoken).toContain('lab.example');
  expect(spoken).not.toContain(stack.domain);
  expect(spoken).not.toContain(stack.gateway.name);
});

it.each([
  { args: ['--help'], code: 0, says: '--gateway NAMESPACE/NAME  the Gateway that is meant' },
  { args: ['--domain', 'lab'], code: 64, says: 'Write it as in --domain ' },
])('$args is told at once', ({ args, code, says }) => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
  const ended = spawnSync(process.execPath, ['src/server/start.ts', ...args], { cwd: folder, env, encoding: 'utf8' });
  expect(ended.stdout + ended.stderr).toContain(says);
  expect(ended.status).toBe(code);
});

it.each([
  { what: 'a page', file: `content/${page}.md`, added: '\nA sentence that nobody wrote before.\n' },
  {
    what: 'a component of the site',
    file: 'src/site/components/MarkdownContent.astro',
    added: '\n<p>A sentence that nobody wrote before, either.</p>\n',
  },
])('shows an edit of $what at once', async ({ file, added }) => {
  const sentence = /A sentence[^.]*\./.exec(added)?.[0] ?? '';
  expect(await get(page)).not.toContain(sentence);
  appendFileSync(join(folder, file), added);
  await until(async () => (await get(page)).includes(sentence));
});

it('says where the site’s own code went wrong, by its line', async () => {
  const file = join(folder, 'src/site/components/MarkdownContent.astro');
  appendFileSync(file, '\n<p>{(undefined as unknown as { wrong: string }).wrong}</p>\n');
  const line = readFileSync(file, 'utf8').split('\n').length - 1;
  await until(async () => {
    await fetch(`${site}/${page}/`).then((response) => response.text());
    return output.includes(`MarkdownContent.astro:${line}:`);
  });
});

it('says that a runbook which changed needs another start', async () => {
  appendFileSync(join(folder, 'runbooks/stack.ts'), '\n// Something else.\n');
  await until(() => output.includes('runbooks/stack.ts has changed.'));
});

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}
