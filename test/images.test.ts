/** Which images this repository runs or builds on: by digest, so that a tag that somebody moves changes nothing. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { stack } from '../runbooks/stack.ts';

/** By tag alone, and why. The update bot pins the last two as soon as it runs; an entry goes when its image has a digest. */
const byTag: Readonly<Record<string, string>> = {
  [stack.app.image]: 'Our own: its digest is known once the tag is built, and the release’s notes name it.',
  'ghcr.io/headlamp-k8s/headlamp:v0.38.0': 'No digest of this release was at hand that somebody else had written down.',
  'registry.k8s.io/external-dns/external-dns:v0.22.0':
    'No digest of this release was at hand that somebody else had written down.',
};

const digested = /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;

/** Every `image` of every object. */
function imagesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'image' && typeof inner === 'string' ? [inner] : imagesIn(inner),
  );
}

const manifests = globSync('{apps,infrastructure}/**/*.yaml').sort();
const used = manifests.flatMap((file) =>
  parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => imagesIn(document.toJS())),
);

it('manifests name images with tag and digest', () => {
  expect(used.length).toBeGreaterThanOrEqual(6);
  expect(used.filter((image) => !digested.test(image) && !(image in byTag))).toEqual([]);
});

it('no exception is left over', () => {
  expect(Object.keys(byTag).filter((image) => !used.includes(image))).toEqual([]);
});

it('the Dockerfile builds on images with tag and digest, and is read by one', () => {
  const dockerfile = readFileSync('apps/docs/Dockerfile', 'utf8');
  const own = [...dockerfile.matchAll(/ AS (\w+)$/gm)].map(([, name]) => name ?? '');
  const stages = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, image]) => image ?? '');
  const foreign = stages.filter((image) => image !== 'scratch' && !own.includes(image));
  const [, reader = ''] = /^# syntax=(\S+)$/m.exec(dockerfile) ?? [];
  expect(foreign).toHaveLength(2);
  expect([reader, ...foreign].filter((image) => !digested.test(image))).toEqual([]);
});
