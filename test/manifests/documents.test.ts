/** Files as people keep them: each is read, or told of, and none ends the run for the others. */
import { describe, expect, it } from 'vitest';
import { documentsOf } from '../../src/manifests/files/documents.ts';
import { objectsOf } from '../../src/manifests/files/objects.ts';
import { noteText } from '../../src/manifests/manifest.ts';

interface Read {
  names: readonly string[];
  notes: readonly string[];
}

function read(text: string): Read {
  const { documents, fault } = documentsOf('a.yaml', text);
  const objects = documents.map(objectsOf);
  const notes = [...(fault === undefined ? [] : [fault]), ...objects.flatMap((one) => [...one.notes, ...one.faults])];
  return {
    names: objects.flatMap(({ manifests }) => manifests.map(({ object }) => `${object.kind} ${object.metadata.name}`)),
    notes: notes.map(noteText),
  };
}

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;

describe('a file', () => {
  it.each<[string, string, Read]>([
    [
      'with a mark of its encoding and Windows’ ends of lines',
      `\uFEFF${configMap('a').replaceAll('\n', '\r\n')}`,
      { names: ['ConfigMap a'], notes: [] },
    ],
    [
      'of JSON',
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }),
      { names: ['Pod a'], notes: [] },
    ],
    ['that is empty, or a comment', '# nothing\n---\n', { names: [], notes: [] }],
    [
      'with an alias as a key, as kubectl reads it',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: &app web }\ndata:\n  *app: "1"\n`,
      { names: ['ConfigMap web'], notes: [] },
    ],
    [
      'that is broken after its first document',
      `${configMap('a')}---\nx: [1\n`,
      {
        names: ['ConfigMap a'],
        notes: [
          expect.stringMatching(
            /^a\.yaml:6:1 is not YAML: .+\. A template has to be rendered first \(helm template\); .+$/,
          ) as string,
        ],
      },
    ],
    [
      'whose alias leads nowhere',
      'apiVersion: v1\nkind: *missing\n',
      { names: [], notes: [expect.stringContaining('is not YAML: Unresolved alias') as string] },
    ],
    [
      'that provisions something else',
      'apiVersion: 1\ndatasources: [{ name: a }]\n',
      { names: [], notes: ['a.yaml holds no object (Helm values, perhaps): left out.'] },
    ],
    [
      'with a template’s braces as a key',
      'replicas: {{ .Values.replicas }}\n',
      { names: [], notes: ['a.yaml holds no object (Helm values, perhaps): left out.'] },
    ],
    [
      'that SOPS encrypts as a whole',
      'apiVersion: ENC[AES256_GCM,data:aa,type:str]\nkind: ENC[AES256_GCM,data:aa,type:str]\nsops: { version: 3.9.0 }\n',
      { names: [], notes: ['a.yaml is encrypted with SOPS as a whole: left out.'] },
    ],
    [
      'with an object that says no kind',
      `apiVersion: v1\nmetadata: { name: a }\n---\n${configMap('b')}`,
      {
        names: ['ConfigMap b'],
        notes: ['a.yaml:1:1 has an object without kind. Every object of Kubernetes says its apiVersion and kind.'],
      },
    ],
  ])('%s', (_title, text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

describe('a List', () => {
  it('is opened, and a List in it', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }] }],
    };
    expect(read(JSON.stringify(list)).names).toEqual(['Pod a']);
  });

  it('of a kind says the kind for its items, as a server’s answer does', () => {
    expect(
      read('apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRouteList\nitems: [{ metadata: { name: a } }]\n').names,
    ).toEqual(['HTTPRoute a']);
  });

  it('with something else in it holds the rest', () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n  - null\n  - 5\n  - { apiVersion: v1, kind: Pod, metadata: { name: a } }\n';
    expect(read(text)).toEqual({
      names: ['Pod a'],
      notes: [4, 5].map(
        (line) =>
          `a.yaml:${line}:5 has an item that is no object. Every object of Kubernetes says its apiVersion and kind.`,
      ),
    });
  });

  it('tells where a field of an item stands', () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: a\n';
    const [document] = documentsOf('a.yaml', text).documents;
    const [manifest] = document === undefined ? [] : objectsOf(document).manifests;
    expect(manifest?.place(['metadata', 'name'])).toEqual({ line: 7, column: 7 });
  });
});
