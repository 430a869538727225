/** Patches of every kind. */
import { configMap, deployment, type Case } from '../case.ts';

const patched = (name: string, patch: string, built: string, object = deployment): Case => ({
  name,
  files: { 'kustomization.yaml': `resources: [a.yaml]\npatches:\n${patch}`, 'a.yaml': object },
  built,
});

const inline = (text: string, more = ''): string =>
  `  - patch: |\n${text.replace(/^(?=.)/gm, '      ')}\n${more.replace(/^(?=.)/gm, '    ')}`;

const ofWeb = (spec: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n${spec}`;

const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, labels: { tier: front } }
spec: { hostnames: [a.example, b.example], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }`;

export const patching: readonly Case[] = [
  patched(
    'merges the lists of known kinds by their keys, with what the patch has first',
    inline(
      ofWeb(
        'spec: { template: { spec: { containers: [{ name: side, image: busybox }, { name: web, env: [{ name: C, value: c }, { name: B, value: new }] }] } } }',
      ),
    ),
    deployment
      .replace('containers:', 'containers:\n        - { name: side, image: busybox }')
      .replace(
        '[{ name: A, value: a }, { name: B, value: b }]',
        '[{ name: C, value: c }, { name: B, value: new }, { name: A, value: a }]',
      ),
  ),
  patched(
    'tells ports apart by number and protocol',
    inline(
      ofWeb(
        'spec: { template: { spec: { containers: [{ name: web, ports: [{ containerPort: 8080, protocol: UDP, name: dns }, { containerPort: 9090 }] }] } } }',
      ),
    ),
    deployment.replace(
      'ports: [{ containerPort: 8080, protocol: TCP }, { containerPort: 8080, protocol: UDP }]',
      'ports: [{ containerPort: 9090 }, { containerPort: 8080, protocol: TCP }, { containerPort: 8080, protocol: UDP, name: dns }]',
    ),
  ),
  patched(
    'takes away with null and with $patch: delete, and replaces with $patch: replace',
    inline(
      ofWeb(`spec:
  replicas: null
  template:
    metadata: { labels: { $patch: replace, only: this } }
    spec:
      containers:
        - name: web
          env: [{ $patch: delete, name: A }, { $patch: delete, name: gone }]
          ports: [{ $patch: replace }, { containerPort: 1 }]`),
    ),
    deployment
      .replace('  replicas: 1\n', '')
      .replace('metadata: { labels: { app: web } }\n    spec', 'metadata: { labels: { only: this } }\n    spec')
      .replace('[{ name: A, value: a }, { name: B, value: b }]', '[{ name: B, value: b }]')
      .replace(/ports: .*/, 'ports: [{ containerPort: 1 }]'),
  ),
  {
    name: 'takes whole objects away',
    files: {
      'kustomization.yaml': `resources: [a.yaml, b.yaml]\npatches:\n${inline(ofWeb('$patch: delete'))}`,
      'a.yaml': deployment,
      'b.yaml': configMap('b'),
    },
    built: configMap('b'),
  },
  patched(
    'replaces the lists of kinds that it does not know',
    inline(
      `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web }\nspec: { hostnames: [c.example] }`,
    ),
    route.replace('[a.example, b.example]', '[c.example]'),
    route,
  ),
  {
    name: 'merges lists by the keys that a kustomization tells of its kinds',
    files: {
      'kustomization.yaml': `resources: [a.yaml]\nopenapi: { path: kinds.json }\npatches:\n${inline(
        'apiVersion: example.org/v1\nkind: Thing\nmetadata: { name: t }\nspec: { parts: [{ name: two, value: new }], lists: { one: [{ id: 2 }] }, plain: [3] }',
      )}`,
      'a.yaml':
        'apiVersion: example.org/v1\nkind: Thing\nmetadata: { name: t }\nspec: { parts: [{ name: one }, { name: two, kept: 1 }], lists: { one: [{ id: 1 }] }, plain: [1, 2] }',
      'kinds.json': JSON.stringify({
        definitions: {
          Thing: {
            'x-kubernetes-group-version-kind': [{ group: 'example.org', version: 'v1', kind: 'Thing' }],
            type: 'object',
            properties: { spec: { $ref: '#/definitions/Spec' } },
          },
          Spec: {
            type: 'object',
            properties: {
              parts: {
                type: 'array',
                items: { type: 'object' },
                'x-kubernetes-patch-merge-key': 'name',
                'x-kubernetes-patch-strategy': 'merge',
              },
              lists: {
                type: 'object',
                additionalProperties: {
                  type: 'array',
                  items: { type: 'object' },
                  'x-kubernetes-patch-merge-key': 'id',
                  'x-kubernetes-patch-strategy': 'merge',
                },
              },
              plain: { type: 'array', items: { type: 'integer' } },
            },
          },
        },
      }),
    },
    built:
      'apiVersion: example.org/v1\nkind: Thing\nmetadata: { name: t }\nspec: { parts: [{ name: two, kept: 1, value: new }, { name: one }], lists: { one: [{ id: 2 }, { id: 1 }] }, plain: [3] }',
  },
  patched(
    'applies operations to all that a target selects, by patterns and labels',
    inline(
      `- { op: replace, path: /spec/hostnames/1, value: c.example }\n- { op: replace, path: /spec/new, value: 1 }\n- { op: add, path: /spec/hostnames/-, value: d.example }\n- { op: remove, path: /metadata/labels }\n- { op: add, path: /metadata/annotations, value: { a/b: c } }\n- { op: test, path: /metadata/annotations/a~1b, value: c }`,
      'target: { kind: HTTP.*, name: w.b, labelSelector: "tier in (front)" }',
    ),
    route
      .replace('b.example]', 'c.example, d.example], new: 1')
      .replace('labels: { tier: front }', 'annotations: { a/b: c }'),
    route,
  ),
  patched(
    'selects with whole patterns only',
    inline('- { op: remove, path: /spec }', 'target: { kind: HTTP, name: web }'),
    route,
    route,
  ),
  {
    name: 'merges one patch into all that its target selects, and keeps their names',
    files: {
      'kustomization.yaml':
        'resources: [a.yaml]\npatches:\n  - path: p.yaml\n    target: { kind: ConfigMap, name: a|b, annotationSelector: "!skip" }',
      'a.yaml': [configMap('a'), configMap('b', ', annotations: { skip: "" }'), configMap('c')].join('\n---\n'),
      'p.yaml': '{ apiVersion: v1, kind: ConfigMap, metadata: { name: any, labels: { x: y } }, data: { k: v } }',
    },
    built: [
      '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, labels: { x: y } }, data: { k: v } }',
      configMap('b', ', annotations: { skip: "" }'),
      configMap('c'),
    ].join('\n---\n'),
  },
  {
    name: 'lets a patch change names and kinds where it is told to, and finds by the former name',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
patches:
  - patch: '{ apiVersion: v1, kind: ConfigMap, metadata: { name: new } }'
    target: { kind: ConfigMap }
    options: { allowNameChange: true }
  - patch: '{ apiVersion: v1, kind: ConfigMap, metadata: { name: old, labels: { found: "yes" } } }'`,
      'a.yaml': `${configMap('old')}\n---\n{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { volumes: [{ name: v, configMap: { name: old } }] } }`,
    },
    built: `${configMap('new', ', labels: { found: "yes" }')}\n---\n{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { volumes: [{ name: v, configMap: { name: new } }] } }`,
  },
  {
    name: 'applies the older fields for patches too',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
patchesStrategicMerge:
  - merge.yaml
  - '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, labels: { two: "2" } } }'
patchesJson6902:
  - target: { version: v1, kind: ConfigMap, name: a }
    path: json.yaml`,
      'a.yaml': configMap('a'),
      'merge.yaml': configMap('a', ', labels: { one: "1" }'),
      'json.yaml': '- { op: add, path: /data, value: { yes: "on" } }',
    },
    built:
      '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, labels: { one: "1", two: "2" } }, data: { "true": "on" } }',
  },
  {
    name: 'refuses patches of what is not there, cannot be read, or does not fit',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
patches:
  - patch: '{ apiVersion: v1, kind: ConfigMap, metadata: { name: gone } }'
  - patch: '{ metadata: { name: a } }'
  - path: gone.yaml
  - patch: '[{ op: replace, path: /data/k, value: v }]'
    target: { kind: ConfigMap }
  - patch: '[{ op: remove, path: /metadata }]'
  - patch: '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, labels: [x] } }'`,
      'a.yaml': configMap('a', ', labels: { x: y }'),
    },
    refused: [
      'kustomization.yaml:3 patches ConfigMap gone, which is not there',
      'kustomization.yaml:4 has a patch that is neither an object',
      'kustomization.yaml:5 names the file gone.yaml, which is not there',
      'kustomization.yaml:6 cannot replace /data/k: there is no such field',
      'kustomization.yaml:8 has a JSON patch without a target',
      'kustomization.yaml:9 has a list where the object has a map',
    ],
  },
];
