/** What kustomizations make and fill in: ConfigMaps and Secrets, images, replicas, replacements, variables, plugins. */
import { configMap, deployment, type Case } from '../case.ts';

const plugin = (text: string): string => `  - |\n${text.replace(/^(?=.)/gm, '    ')}`;

export const filling: readonly Case[] = [
  {
    name: 'makes ConfigMaps and Secrets of literals, files and lines, under the names that people write',
    files: {
      'kustomization.yaml': `namespace: web
resources: [pod.yaml]
generatorOptions: { labels: { all: "1" }, annotations: { who: all } }
configMapGenerator:
  - name: settings
    literals: [A=1, 'B="two=2"', C=]
    files: [app.ini, other=dir/app.ini]
    envs: [a.env]
    options: { labels: { own: "2" }, immutable: true }
  - name: plain
    options: { disableNameSuffixHash: true }
secretGenerator:
  - name: token
    type: example.org/token
    literals: [token=secret]`,
      'pod.yaml':
        '{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { volumes: [{ name: v, configMap: { name: settings } }, { name: s, secret: { secretName: token } }] } }',
      'app.ini': '[app]\n',
      'dir/app.ini': 'x',
      'a.env': '# lines\n\n  D=4\nE\n',
    },
    built: `{ apiVersion: v1, kind: Pod, metadata: { name: p, namespace: web }, spec: { volumes: [{ name: v, configMap: { name: settings } }, { name: s, secret: { secretName: token } }] } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: web, labels: { all: "1", own: "2" }, annotations: { who: all } }
immutable: true
data: { A: "1", B: two=2, C: "", app.ini: "[app]\\n", other: x, D: "4", E: "" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: plain, namespace: web, labels: { all: "1" }, annotations: { who: all } }
---
apiVersion: v1
kind: Secret
metadata: { name: token, namespace: web, labels: { all: "1" }, annotations: { who: all } }
type: example.org/token
data: { token: c2VjcmV0 }`,
  },
  {
    name: 'merges what it makes into what a base makes, or replaces it',
    files: {
      'kustomization.yaml': `resources: [base]
namePrefix: p-
configMapGenerator:
  - { name: a, behavior: merge, literals: [B=2, C=3] }
  - { name: b, behavior: replace, literals: [Z=26] }`,
      'base/kustomization.yaml': `configMapGenerator:
  - { name: a, literals: [A=1, B=1], options: { labels: { l: base } } }
  - { name: b, literals: [A=1] }`,
    },
    built: `{ apiVersion: v1, kind: ConfigMap, metadata: { name: p-a, labels: { l: base } }, data: { A: "1", B: "2", C: "3" } }
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: p-b }, data: { Z: "26" } }`,
  },
  {
    name: 'refuses generators that make what is there, merge into nothing, or cannot be read; and says no value',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
configMapGenerator:
  - { name: a, literals: [A=1] }
  - { name: gone, behavior: merge }
  - { literals: [A=1] }
secretGenerator:
  - { name: s, literals: [hidden] }
  - { name: t, files: [gone.txt] }`,
      'a.yaml': configMap('a'),
    },
    refused: [
      'kustomization.yaml:3 generates ConfigMap a, which is there already',
      'kustomization.yaml:4 generates ConfigMap gone to merge one that is not there',
      'kustomization.yaml:5 generates a ConfigMap without a name',
      'kustomization.yaml:7 has a literal that is not key=value',
      'kustomization.yaml:8 names the file gone.txt, which is not there',
    ],
  },
  {
    name: 'changes images wherever containers are, and replicas',
    files: {
      'kustomization.yaml': `resources: [a.yaml, b.yaml]
images:
  - { name: docker.io/library/nginx, newName: mirror.example/nginx, newTag: "1.28" }
  - { name: busybox, digest: sha256:abc }
  - { name: other, newTag: never }
replicas: [{ name: web, count: 3 }]`,
      'a.yaml': deployment.replace(
        'containers:',
        'initContainers: [{ name: i, image: busybox:1 }, { name: j, image: example.org:5000/busybox:1 }]\n      containers:',
      ),
      'b.yaml':
        '{ apiVersion: example.org/v1, kind: Thing, metadata: { name: t }, spec: { deep: [{ containers: [{ image: busybox:1@sha256:old }] }], image: busybox } }',
    },
    built: `${deployment
      .replace(
        'containers:',
        'initContainers: [{ name: i, image: busybox@sha256:abc }, { name: j, image: example.org:5000/busybox:1 }]\n      containers:',
      )
      .replace('docker.io/library/nginx:1.27', 'mirror.example/nginx:1.28')
      .replace('replicas: 1', 'replicas: 3')}---
{ apiVersion: example.org/v1, kind: Thing, metadata: { name: t }, spec: { deep: [{ containers: [{ image: busybox@sha256:abc }] }], image: busybox } }`,
  },
  {
    name: 'refuses to scale what is not there',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\nreplicas: [{ name: gone, count: 2 }]',
      'a.yaml': configMap('a'),
    },
    refused: ['kustomization.yaml:2 scales gone, which is not there'],
  },
  {
    name: 'puts values of one object into fields of others',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
replacements:
  - source: { kind: ConfigMap, name: from, fieldPath: data.host }
    targets:
      - select: { kind: Thing }
        reject: [{ name: not }]
        fieldPaths: [spec.host, "spec.list.[name=one].value", spec.all.*.value, "metadata.annotations.[example.org/host]"]
      - select: { kind: Thing, name: t }
        fieldPaths: [spec.url]
        options: { delimiter: /, index: 2 }
      - select: { kind: Thing, name: t }
        fieldPaths: [spec.made.here]
        options: { create: true }
  - source: { kind: ConfigMap, name: from, fieldPath: data.port }
    targets: [{ select: { kind: Thing, name: t }, fieldPaths: [spec.port] }]
  - source: { kind: ConfigMap, name: from, fieldPath: data.host, options: { delimiter: ., index: 1 } }
    targets: [{ select: { kind: Thing, name: not }, fieldPaths: [spec.host] }]
  - path: more.yaml`,
      'more.yaml':
        '- source: { kind: ConfigMap, name: from }\n  targets: [{ select: { kind: Thing, name: not }, fieldPaths: [spec.from.0] }]',
      'a.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: from }
data: { host: web.example, port: "8080" }
---
apiVersion: example.org/v1
kind: Thing
metadata: { name: t, annotations: { example.org/host: "" } }
spec: { host: old, port: 80, url: https://old/path, list: [{ name: one, value: x }, { name: two, value: y }], all: [{ value: a }, { value: b }] }
---
{ apiVersion: example.org/v1, kind: Thing, metadata: { name: not }, spec: { host: old, from: [old] } }`,
    },
    built: `apiVersion: v1
kind: ConfigMap
metadata: { name: from }
data: { host: web.example, port: "8080" }
---
apiVersion: example.org/v1
kind: Thing
metadata: { name: t, annotations: { example.org/host: web.example } }
spec:
  host: web.example
  port: 8080
  url: https://web.example/path
  list: [{ name: one, value: web.example }, { name: two, value: y }]
  all: [{ value: web.example }, { value: web.example }]
  made: { here: web.example }
---
{ apiVersion: example.org/v1, kind: Thing, metadata: { name: not }, spec: { host: example, from: [from] } }`,
  },
  {
    name: 'refuses replacements from or for what is not there, or that do not fit',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
replacements:
  - { source: { kind: Gone }, targets: [{ select: { kind: ConfigMap } }] }
  - { source: { kind: ConfigMap, fieldPath: data.gone }, targets: [{ select: { kind: ConfigMap } }] }
  - { source: { kind: ConfigMap }, targets: [{ select: { kind: ConfigMap }, fieldPaths: [data.gone] }] }
  - { source: { kind: ConfigMap }, targets: [{ select: { kind: Thing }, fieldPaths: [spec.number] }] }`,
      'a.yaml': `${configMap('a')}\n---\n{ apiVersion: example.org/v1, kind: Thing, metadata: { name: t }, spec: { number: 1 } }`,
    },
    refused: [
      'kustomization.yaml:3 has a replacement from Gone, which is not there',
      'kustomization.yaml:4 has a replacement from data.gone of ConfigMap, which is not there',
      'kustomization.yaml:5 has a replacement for data.gone of ConfigMap a, which is not there',
      'kustomization.yaml:6 has a replacement that puts string into a field that has a number',
    ],
  },
  {
    name: 'fills in variables',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
namePrefix: p-
vars:
  - { name: SERVICE, objref: { apiVersion: v1, kind: Service, name: web } }
  - { name: PORT, objref: { apiVersion: v1, kind: Service, name: web }, fieldref: { fieldPath: "spec.ports[0].port" } }`,
      'a.yaml': `{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: c, image: i, args: ["http://$(SERVICE):$(PORT)", "$(OTHER) $$(PORT)"], env: [{ name: P, value: $(PORT) }] }] } }`,
    },
    built: `{ apiVersion: v1, kind: Service, metadata: { name: p-web }, spec: { ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: p-p }, spec: { containers: [{ name: c, image: i, args: ["http://p-web:80", "$(OTHER) $(PORT)"], env: [{ name: P, value: 80 }] }] } }`,
  },
  {
    name: 'runs the generators and transformers that kustomize brings',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
generators:
${plugin('apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: { name: made }\nliterals: [A=1]\n')}
transformers:
  - prefix.yaml
${plugin('apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: { name: n, namespace: web }\nunsetOnly: true\n')}
${plugin('apiVersion: builtin\nkind: LabelTransformer\nmetadata: { name: l }\nlabels: { l: "1" }\nfieldSpecs: [{ path: metadata/labels, create: true }]\n')}`,
      'prefix.yaml':
        '{ apiVersion: builtin, kind: PrefixTransformer, metadata: { name: p }, prefix: p-, fieldSpecs: [{ path: metadata/name }] }',
      'a.yaml': configMap('a', ', namespace: own'),
    },
    built: `${configMap('p-a', ', namespace: own, labels: { l: "1" }')}
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: p-made, namespace: web, labels: { l: "1" } }, data: { A: "1" } }`,
  },
  {
    name: 'tells of what it does not build, and forgives what may be in it',
    files: {
      'kustomization.yaml': `namespace: web
resources: [a.yaml, https://example.org/install.yaml, github.com/example/repo//deploy?ref=v1]
helmCharts: [{ name: chart, releaseName: c }]
generators:
${plugin('apiVersion: example.org/v1\nkind: Program\nmetadata: { name: p }\n')}
validators: [v.yaml]
patches:
  - patch: '{ apiVersion: v1, kind: Service, metadata: { name: of-the-chart } }'`,
      'a.yaml': configMap('a'),
    },
    built: configMap('a', ', namespace: web'),
    told: [
      'kustomization.yaml:2 takes https://example.org/install.yaml, which is not in these files',
      'kustomization.yaml:2 takes github.com/example/repo//deploy?ref=v1',
      'kustomization.yaml:3 renders the chart chart',
      'kustomization.yaml:5 runs the generator Program',
      'kustomization.yaml:12 patches Service of-the-chart, which is not there: it may be among what is left out',
      'kustomization.yaml:10 has a validator, which is not run',
    ],
  },
];
