import { describe, expect, test } from 'vitest';
import { applyChange } from '../../packages/apiserver/state/changes.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { mergeDocuments, parseObjects } from '../../packages/apiserver/objects/documents.ts';
import { mergePatch } from '../../packages/apiserver/objects/merge-patch.ts';
import { servedResources, store } from '../../packages/apiserver/state/store.ts';
import { groupVersion } from '../../packages/apiserver/resources/resources.ts';

const now = new Date('2026-11-22T12:00:00Z');
const configMap = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'docs', name: 'settings' },
  data,
});

describe('reading YAML', () => {
  test('leaves out what is no object', () => {
    const yaml = [
      'replicas: 1',
      '---',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: { name: x }',
      '---',
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: docs }',
    ].join('\n');
    expect(parseObjects(yaml, 'test.yaml').map(({ kind }) => kind)).toEqual(['Namespace']);
  });

  test('names the file that is not YAML', () => {
    expect(() => parseObjects('a: [', 'bad.yaml')).toThrow('bad.yaml is not YAML');
  });

  test('documents of the same object become one: maps merge, lists are replaced', () => {
    const [merged] = mergeDocuments([
      { ...configMap({ a: '1', b: '2' }), list: [1, 2] },
      { ...configMap({ b: '3' }), list: [3] },
    ]);
    expect(merged).toMatchObject({ data: { a: '1', b: '3' }, list: [3] });
  });

  test('every object of the repository belongs to a kind that is served, and to a namespace if its kind has one', () => {
    const objects = store(loadObjects(), now);
    const resources = servedResources(objects);
    const misplaced = objects.filter(({ apiVersion, kind, metadata }) => {
      const resource = resources.find(
        (candidate) =>
          candidate.kind === kind &&
          candidate.versions.some((version) => groupVersion(candidate.group, version) === apiVersion),
      );
      return resource?.namespaced !== (metadata.namespace !== undefined);
    });
    expect(misplaced.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
    expect(new Set(objects.map(({ metadata }) => metadata.uid)).size).toBe(objects.length);
  });
});

describe('changes', () => {
  test('a merge is a JSON merge patch: null deletes', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: 3 }, d: [2] })).toEqual({
      a: { c: 2, e: 3 },
      d: [2],
    });
  });

  test('create, merge and delete', () => {
    const old = configMap({ a: '1', b: '1' });
    const object = configMap({ a: '2' });
    expect(applyChange(undefined, { op: 'create', object })).toEqual(object);
    expect(applyChange(old, { op: 'merge', object })).toEqual(configMap({ a: '2', b: '1' }));
    expect(applyChange(old, { op: 'delete', object })).toBeUndefined();
  });

  test('a change that does not fit is an error', () => {
    const other = { ...configMap({}), metadata: { namespace: 'docs', name: 'othr' } };
    expect(() => applyChange(undefined, { op: 'merge', object: other })).toThrow('docs/othr, which does not exist');
    expect(() => applyChange(undefined, { op: 'delete', object: other })).toThrow('does not exist');
    expect(() => applyChange(other, { op: 'create', object: other })).toThrow('exists');
  });
});

describe('what an API server fills in', () => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'docs', name: 'docs' } };
  const replicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: 'docs',
      name: 'docs-1',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'docs' }],
    },
  };
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'docs', name: 'docs.1' },
    involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'docs', name: 'docs' },
  };
  const find = (kind: string, name: string) =>
    store([deployment, replicaSet, event, configMap({ at: '{{ago 1d2h3m4s}}', until: '{{in 61d}}' })], now).find(
      (object) => object.kind === kind && object.metadata.name === name,
    );

  test('a uid that is the same in every run, and that owners and Events refer to', () => {
    const uid = find('Deployment', 'docs')?.metadata.uid;
    expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(find('ReplicaSet', 'docs-1')?.metadata.ownerReferences).toMatchObject([{ uid }]);
    expect(find('Event', 'docs.1')?.involvedObject).toMatchObject({ uid });
  });

  test('times: thirty days ago unless said otherwise, relative ones resolved', () => {
    expect(find('Deployment', 'docs')?.metadata.creationTimestamp).toBe('2026-10-23T12:00:00Z');
    expect(find('ConfigMap', 'settings')?.data).toEqual({ at: '2026-11-21T09:56:56Z', until: '2027-01-22T12:00:00Z' });
  });

  test('generation, for the kinds that have one', () => {
    expect(find('Deployment', 'docs')?.metadata.generation).toBe(1);
    expect(find('ConfigMap', 'settings')?.metadata.generation).toBeUndefined();
  });

  test('a Namespace for everything that lives in one', () => {
    expect(find('Namespace', 'docs')).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'docs' } },
      status: { phase: 'Active' },
    });
  });
});
