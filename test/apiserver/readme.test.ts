/** What the README of the API server tells its readers to do, done. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as whole } from 'node:stream/consumers';
import { afterAll, expect, test, vi } from 'vitest';
import { list, text } from '../../packages/apiserver/objects/fields.ts';
import { ask } from './support.ts';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('packages/apiserver/README.md', root), 'utf8');
const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);

const folder = mkdtempSync(join(tmpdir(), 'apiserver-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts an example in a folder of its own, as if the clone were there. */
function begin(index: number) {
  const file = join(folder, `example-${index}.mts`);
  writeFileSync(file, (examples[index] ?? '').replaceAll("'./packages/", `'${root.href}packages/`));
  return spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
}

test('has two examples, the first of ten lines at most', () => {
  expect(examples.length).toBe(2);
  expect(examples[0]?.trim().split('\n').length).toBeLessThanOrEqual(10);
});

test('the first starts a server that kubectl takes for a cluster, and ends when it is told to', async () => {
  const child = begin(0);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const [server = ''] = /^https:\/\/127\.0\.0\.1:\d+/.exec(String(said)) ?? [];
  const running = { server, kubeconfig: () => readFileSync(join(folder, 'kubeconfig.yaml'), 'utf8') };
  const labels = { app: 'web' };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  };
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  const made = await ask(running, '/apis/apps/v1/namespaces/default/deployments', { method: 'POST', body });
  expect(made.status).toBe(201);
  await vi.waitFor(
    async () => {
      const { json } = await ask(running, '/api/v1/namespaces/default/pods');
      expect(list(json, 'items').map((pod) => text(pod, 'status', 'phase'))).toEqual(['Running']);
    },
    { timeout: 20_000, interval: 100 },
  );
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('the second answers without a socket', async () => {
  const child = begin(1);
  const said = await whole(child.stdout);
  expect(said).toMatch(/^200 \{"kind":"NamespaceList"/);
});
