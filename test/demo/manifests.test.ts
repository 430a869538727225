/**
 * The manifests in Git and the demo cluster agree, though neither is made from the other: what `kubectl diff -k` says of each folder, with
 * real kubectl against the healthy demo, is nothing. Of images only the version may differ, for the update bot proposes those of Git.
 */
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { partNames } from '../../runbooks/parts.ts';
import { type Demo, startDemo } from '../../src/demo/node/demo.ts';
import { parseImage } from '../../src/formats/image-version.ts';
import { parseObjects } from '../../packages/apiserver/objects/documents.ts';
import { ensureKubectl } from '../support/find-kubectl.ts';

const folders = globSync('{infrastructure,apps}/*/kustomization.yaml').map(dirname).sort();
const { path: kubectl } = ensureKubectl();

let demo: Demo;
let place = '';

beforeAll(async () => {
  demo = await startDemo();
  place = mkdtempSync(join(tmpdir(), 'manifests-'));
  writeFileSync(join(place, 'kubeconfig'), demo.kubeconfig('admin'), { mode: 0o600 });
});

afterAll(async () => {
  await demo.close();
  rmSync(place, { recursive: true });
});

interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** The demo is in this process: nothing here may wait for kubectl idly. */
const run = (...args: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(kubectl, ['--kubeconfig', join(place, 'kubeconfig'), ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });

/** The address is what the updater keeps current: whatever applies Git leaves it alone. */
const withoutAddress = (line: string): string => line.replace(/ IN A 100\.[0-9.]+/, ' IN A (the Gateway)');

/** An image without its version. */
const withoutVersion = (line: string): string =>
  line.replace(/(image: )(\S+)/, (_line, field: string, image: string) => field + parseImage(image).name);

/** The lines that differ, `-` of the demo and `+` of Git; a version or an address alone is no difference. */
function differences(diff: string): readonly string[] {
  const lines = diff
    .split('\n')
    .filter((line) => /^[-+](?![-+]{2} )/.test(line) && !/^[-+]\s+generation: \d+$/.test(line));
  const plain = (line: string): string => withoutVersion(withoutAddress(line));
  const gone = lines.filter((line) => line.startsWith('-')).map((line) => plain(line).slice(1));
  const come = lines.filter((line) => line.startsWith('+')).map((line) => plain(line).slice(1));
  return lines.filter((line) => !(line.startsWith('-') ? come : gone).includes(plain(line).slice(1)));
}

describe.each(folders)('%s', (folder) => {
  it.each([['apply'], ['server-side apply', '--server-side', '--force-conflicts']])(
    'changes nothing in the healthy demo: %s',
    async (_way, ...flags) => {
      const { stdout, stderr, code } = await run('diff', ...flags, '-k', folder);
      expect(differences(stdout)).toEqual([]);
      // Above 1 kubectl has not compared.
      expect(code, stderr).toBeLessThanOrEqual(1);
    },
  );
});

// Whoever has dropped the manifests has none to compare.
const itWithManifests = it.skipIf(folders.length === 0);

itWithManifests('are told apart from the demo when they differ', async () => {
  const folder = folders.find((one) => existsSync(join(one, 'httproute.yaml'))) ?? '';
  const { stdout } = await run('kustomize', folder);
  const changed = stdout.replaceAll(stack.gateway.name, 'another-gateway');
  expect(changed).not.toBe(stdout);
  writeFileSync(join(place, 'changed.yaml'), changed);
  const { stdout: diff, code } = await run('diff', '-f', join(place, 'changed.yaml'));
  expect(code).toBe(1);
  expect(differences(diff).join('\n')).toContain('another-gateway');
  expect(differences('-   image: a/b:v1\n+   image: a/b:v2@sha256:12')).toEqual([]);
  expect(differences('-   image: a/b:v1\n+   image: a/c:v1')).toHaveLength(2);
});

itWithManifests('say of each app in the stack file what it is', async () => {
  const routes = (await Promise.all(folders.map((folder) => run('kustomize', folder))))
    .flatMap(({ stdout }) => parseObjects(stdout, 'kubectl kustomize'))
    .filter(({ kind }) => kind === 'HTTPRoute')
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  const expected = [
    ...stack.apps.map(({ namespace, name }) => `${namespace}/${name}`),
    `${partNames.vault.namespace}/vault`,
  ];
  expect(routes.sort()).toEqual(expected.sort());
});
