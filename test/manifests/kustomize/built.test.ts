/**
 * Kustomizations are built as kubectl builds them. What comes of each is written out, so that this proves something without kubectl; where there
 * is one, it has to say the same.
 */
import { execFile, spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { buildKustomization, type Built } from '../../../src/manifests/kustomize/build.ts';
import { asServed } from '../../../src/manifests/scope.ts';
import { treeOfFiles } from '../../../src/manifests/files/tree.ts';
import type { FileNote } from '../../../src/manifests/manifest.ts';
import { writeFolder } from '../../support/manifests.ts';
import type { Case } from './case.ts';
import { filling } from './cases/filling.ts';
import { gathering } from './cases/gathering.ts';
import { naming } from './cases/naming.ts';
import { patching } from './cases/patching.ts';

const cases = [...gathering, ...naming, ...patching, ...filling];

interface Thing {
  kind: string;
  metadata: { name: string; namespace?: string };
}

const objectsIn = (text: string): readonly Thing[] =>
  parseAllDocuments(text).flatMap((document) => {
    const value = document.toJS() as Thing | null;
    return value === null ? [] : [value];
  });

/** In an order of their own, for kustomize's is of no matter. */
const sorted = (objects: readonly object[]): readonly object[] =>
  [...objects].sort((one, other) => (key(one) < key(other) ? -1 : 1));
const key = (object: object): string => {
  const { kind, metadata } = object as Thing;
  return `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
};

const build = async (folder: string, within = '.'): Promise<Built> =>
  buildKustomization(treeOfFiles(), join(folder, within));

const said =
  (folder: string) =>
  ({ file, place, message }: FileNote): string =>
    `${relative(folder, file)}:${place?.line ?? 0} ${message.replaceAll(`${folder}/`, '')}`;

describe.each(cases)('kustomize $name', ({ files, folder: within, built, refused = [], told = [] }: Case) => {
  const folder = writeFolder(files);

  it('as it is written here', async () => {
    const { manifests, faults, notes } = await build(folder, within);
    expect(faults.map(said(folder))).toEqual(refused.map((text) => expect.stringContaining(text) as string));
    expect(notes.map(said(folder))).toEqual(told.map((text) => expect.stringContaining(text) as string));
    const objects = manifests.map((one) => asServed(one).object);
    if (built !== undefined) expect(sorted(objects)).toEqual(sorted(objectsIn(built)));
  });
});

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

describe.skipIf(!hasKubectl)(`kubectl kustomize${hasKubectl ? '' : ' (there is no kubectl here)'}`, () => {
  it.each(cases.filter(({ told }) => told === undefined))('agrees: $name', async ({ files, folder: within, built }) => {
    const folder = writeFolder(files);
    const answer = await promisify(execFile)('kubectl', ['kustomize', join(folder, within ?? '.')]).catch(
      () => undefined,
    );
    if (built === undefined) expect(answer).toBeUndefined();
    else expect(sorted(withoutHashes(objectsIn(answer?.stdout ?? '')))).toEqual(sorted(objectsIn(built)));
  });
});

/** Names as people write them, and no namespace where kustomize only did not know better. */
function withoutHashes(objects: readonly Thing[]): readonly object[] {
  const names = objects
    .filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')
    .map(({ metadata }) => metadata.name);
  const text = names.reduce(
    (whole, name) => whole.replaceAll(`"${name}"`, `"${name.replace(/-[a-z0-9]{10}$/, '')}"`),
    JSON.stringify(objects),
  );
  return (JSON.parse(text) as Thing[]).map((object) => {
    if (object.kind === 'GatewayClass') delete object.metadata.namespace;
    return object;
  });
}
