/** Which files a kustomization holds, and what it refuses. */
import { configMap, type Case } from '../case.ts';

export const gathering: readonly Case[] = [
  {
    name: 'takes files, folders and folders of folders, and no file that it does not list',
    files: {
      'kustomization.yaml': 'resources: [a.yaml, sub, ./other/]',
      'a.yaml': configMap('a'),
      'unlisted.yaml': configMap('unlisted'),
      'sub/kustomization.yml': 'resources: [b.yaml, deep]',
      'sub/b.yaml': configMap('b'),
      'sub/deep/Kustomization': 'resources: [c.yaml]',
      'sub/deep/c.yaml': `${configMap('c')}\n---\n${configMap('d')}\n---\n`,
      'other/kustomization.yaml': 'bases: [../base]',
      'base/kustomization.yaml': 'resources: [e.yaml]',
      'base/e.yaml': `apiVersion: v1\nkind: List\nitems: [${configMap('e')}]`,
    },
    built: ['a', 'b', 'c', 'd', 'e'].map((name) => configMap(name)).join('\n---\n'),
  },
  {
    name: 'reads its fields in any case, and takes no field without a value',
    files: { 'kustomization.yaml': 'Resources: [a.yaml]\nnamespace:\npatches: ~', 'a.yaml': configMap('a') },
    built: configMap('a'),
  },
  {
    name: 'takes words for text that kubectl takes for booleans',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]',
      'a.yaml':
        'apiVersion: example.org/v1\nkind: Thing\nmetadata: { name: a }\nspec: { on: yes, off: off, mode: 0644, at: ., is: true }',
    },
    built:
      'apiVersion: example.org/v1\nkind: Thing\nmetadata: { name: a }\nspec: { "on": "yes", "off": "off", mode: 420, at: ".", is: true }',
  },
  {
    name: 'leaves out what only kustomize is to read',
    files: {
      'kustomization.yaml': 'resources: [a.yaml, b.yaml]',
      'a.yaml': configMap('a'),
      'b.yaml': configMap('b', ', annotations: { config.kubernetes.io/local-config: "true" }'),
    },
    built: configMap('a'),
  },
  {
    name: 'refuses a file that is not there, and builds the rest',
    files: { 'kustomization.yaml': 'resources:\n  - a.yaml\n  - gone.yaml\n', 'a.yaml': configMap('a') },
    refused: ['kustomization.yaml:3 lists gone.yaml, which is not there'],
  },
  {
    name: 'refuses a folder without a kustomization',
    files: { 'kustomization.yaml': 'resources: [sub]', 'sub/a.yaml': configMap('a') },
    refused: ['kustomization.yaml:1 lists the folder sub, which has no kustomization'],
  },
  {
    name: 'refuses two objects of one name',
    files: { 'kustomization.yaml': 'resources: [a.yaml, b.yaml]', 'a.yaml': configMap('a'), 'b.yaml': configMap('a') },
    refused: ['kustomization.yaml:1 adds ConfigMap a of b.yaml, which is there already, from a.yaml'],
  },
  {
    name: 'refuses a file outside its folder',
    files: { 'app/kustomization.yaml': 'resources: [../a.yaml]', 'a.yaml': configMap('a') },
    folder: 'app',
    refused: ['app/kustomization.yaml:1 names the file ../a.yaml, which is outside its folder'],
  },
  {
    name: 'refuses a circle',
    files: { 'kustomization.yaml': 'resources: [sub]', 'sub/kustomization.yaml': 'resources: [..]' },
    refused: ['sub/kustomization.yaml:1 lists .., which is, or holds, a folder that is being built'],
  },
  {
    name: 'refuses fields that it does not know, and values of another type',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\nresource: [b.yaml]\nimages:\n  - name: nginx\n    newTag: 1.27\n',
      'a.yaml': configMap('a'),
    },
    refused: [
      'kustomization.yaml:5 has images.0.newTag of the wrong type: it has to be string',
      'kustomization.yaml:2 has the field resource, which kustomize does not know',
    ],
  },
  {
    name: 'refuses another kind of the same name',
    files: {
      'kustomization.yaml': 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nresources: [a.yaml]',
      'a.yaml': configMap('a'),
    },
    refused: ['kustomization.yaml:1 has the apiVersion kustomize.toolkit.fluxcd.io/v1'],
  },
  {
    name: 'refuses two kustomizations in one folder, and none that says anything',
    files: {
      'kustomization.yaml': 'resources: [sub]',
      'sub/kustomization.yaml': 'kind: Kustomization',
      'sub/Kustomization': '',
    },
    refused: ['sub/kustomization.yaml:1 stands beside another kustomization', 'sub/kustomization.yaml:1 says nothing'],
  },
  {
    name: 'refuses what is no object, or has no name',
    files: {
      'kustomization.yaml': 'resources: [values.yaml, b.yaml]',
      'values.yaml': 'replicas: 2',
      'b.yaml': '{ apiVersion: v1, kind: ConfigMap, metadata: { generateName: b- } }',
    },
    refused: [
      'values.yaml:1 is listed as a resource and has an object without kind',
      'b.yaml:1 is listed as a resource and has a ConfigMap without a name',
    ],
  },
  {
    name: 'applies components, one after another, to all that is there',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\ncomponents: [one, two]\nnamePrefix: x-',
      'a.yaml': configMap('a'),
      'one/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [b.yaml]\nnameSuffix: "-1"',
      'one/b.yaml': configMap('b'),
      'two/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - patch: |\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: { name: b, labels: { two: "2" } }',
    },
    built: `${configMap('x-a-1')}\n---\n${configMap('x-b-1', ', labels: { two: "2" }')}`,
  },
  {
    name: 'refuses a component among resources, and a kustomization among components',
    files: {
      'kustomization.yaml': 'resources: [one]\ncomponents: [two]',
      'one/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: x-',
      'two/kustomization.yaml': 'resources: [a.yaml]',
      'two/a.yaml': configMap('a'),
    },
    refused: [
      'kustomization.yaml:1 lists one among its resources, which is a component',
      'kustomization.yaml:2 lists two among its components',
    ],
  },
];
