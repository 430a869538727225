/** Each finding stands at its own place, however many there are and whatever object shares its name. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Manifest } from '../../src/manifests/manifest.ts';
import { manifestsRunbook } from '../../src/manifests/runbook.ts';
import { manifestCluster } from '../../src/manifests/source.ts';
import { run } from '../../src/runbook/run.ts';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ports: [{ port: 80 }] }\n`;

it('tells each of many, with file, line and column', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`s${index}.yaml`, service(`Wrong_${index}`)]),
  );
  const folder = writeFolder(files);
  const { report } = await judgeFolders([folder], []);
  const found = report.checks.flatMap(({ findings }) => findings).filter(({ id }) => id.endsWith('#refused'));
  expect(found).toHaveLength(60);
  for (const { evidence } of found) {
    const [piece] = evidence;
    const index = piece?.object.name.replace('Wrong_', '') ?? '';
    expect(piece?.source).toEqual({ file: join(folder, `s${index}.yaml`), line: 3, column: 13 });
  }
});

it('names the second of two objects that share a name, not the first', async () => {
  const folder = writeFolder({ 'a.yaml': service('web'), 'b.yaml': `# Once more.\n${service('web')}` });
  const { report } = await judgeFolders([folder], []);
  const [found] = report.checks.flatMap(({ findings }) => findings).filter(({ id }) => id.endsWith('#stands-twice'));
  expect(found?.evidence[0]?.source).toMatchObject({ file: join(folder, 'b.yaml'), line: 2 });
});

it('offers of what kustomize builds the command that shows the fault, and of a file the other', async () => {
  const remedy = async (builtFrom?: string): Promise<readonly string[] | undefined> => {
    const manifest: Manifest = {
      ...{ object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }, file: 'a b/x.yaml' },
      place: () => ({ line: 1, column: 1 }),
      ...(builtFrom === undefined ? {} : { builtFrom }),
    };
    const wrong = {
      what: 'refused',
      outcome: 'failed',
      path: 'x',
      observed: 1,
      expected: '2',
      message: 'm',
      advice: 'a',
    } as const;
    const runbook = manifestsRunbook(
      [manifest],
      {
        findings: [{ ...wrong, manifest, place: { line: 1, column: 1 } }],
        unknown: [],
        undecided: [],
        unjudged: [],
        releases: new Map(),
      },
      [],
      { componentOf: () => 'gateway', titleOf: () => 'Gateway' },
    );
    const { report } = await run({
      runbooks: [runbook],
      cluster: manifestCluster([manifest], { name: 'a', isStack: true }),
    });
    return report.checks[0]?.findings[0]?.remedies[0]?.commands;
  };
  expect(await remedy()).toEqual(["kubectl apply --dry-run=server --validate=strict -f 'a b/x.yaml'"]);
  expect(await remedy('a b')).toEqual([
    "kubectl kustomize 'a b' | kubectl apply --dry-run=server --validate=strict -f -",
  ]);
});
