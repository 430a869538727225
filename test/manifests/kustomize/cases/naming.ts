/** Namespaces, prefixes and suffixes, labels and annotations, and what follows them. */
import { configMap, deployment, type Case } from '../case.ts';

export const naming: readonly Case[] = [
  {
    name: 'gives its namespace to what stands in one, and its name to Namespaces',
    files: {
      'kustomization.yaml': 'namespace: prod\nresources: [a.yaml]',
      'a.yaml': [
        configMap('a', ', namespace: elsewhere'),
        '{ apiVersion: v1, kind: Namespace, metadata: { name: _ } }',
        '{ apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: envoy } }',
        '{ apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: { name: r } }',
        '{ apiVersion: v1, kind: ServiceAccount, metadata: { name: s } }',
        `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: b }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }
subjects:
  - { kind: ServiceAccount, name: s, namespace: default }
  - { kind: ServiceAccount, name: default, namespace: other }
  - { kind: ServiceAccount, name: unknown, namespace: other }`,
        '{ apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: { name: v1.x }, spec: { service: { name: x, namespace: y } } }',
      ].join('\n---\n'),
    },
    built: [
      configMap('a', ', namespace: prod'),
      '{ apiVersion: v1, kind: Namespace, metadata: { name: prod } }',
      '{ apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: envoy } }',
      '{ apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: { name: r } }',
      '{ apiVersion: v1, kind: ServiceAccount, metadata: { name: s, namespace: prod } }',
      `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: b }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }
subjects:
  - { kind: ServiceAccount, name: s, namespace: prod }
  - { kind: ServiceAccount, name: default, namespace: prod }
  - { kind: ServiceAccount, name: unknown, namespace: other }`,
      '{ apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: { name: v1.x }, spec: { service: { name: x, namespace: prod } } }',
    ].join('\n---\n'),
  },
  {
    name: 'gives the outermost namespace, and none to what another kustomization holds',
    files: {
      'kustomization.yaml': 'namespace: outer\nresources: [inner]',
      'inner/kustomization.yaml': 'namespace: inner\nresources: [a.yaml]',
      'inner/a.yaml': configMap('a'),
      'inner/below/kustomization.yaml': 'resources: [b.yaml]',
      'inner/below/b.yaml': configMap('b'),
    },
    built: configMap('a', ', namespace: outer'),
  },
  {
    name: 'refuses a namespace that makes two objects one',
    files: {
      'kustomization.yaml': 'namespace: web\nresources: [a.yaml]',
      'a.yaml': `${configMap('a', ', namespace: one')}\n---\n${configMap('a', ', namespace: two')}`,
    },
    refused: ['kustomization.yaml:1 gives two objects the name ConfigMap web/a'],
  },
  {
    name: 'lets names follow prefixes and suffixes where kustomize knows that they are names',
    files: {
      'kustomization.yaml': 'namePrefix: p-\nnameSuffix: -s\nresources: [a.yaml]',
      'a.yaml': [
        configMap('settings'),
        '{ apiVersion: v1, kind: Service, metadata: { name: web } }',
        '{ apiVersion: v1, kind: Namespace, metadata: { name: keep } }',
        `apiVersion: v1
kind: Pod
metadata: { name: pod }
spec:
  containers: [{ name: c, image: i, envFrom: [{ configMapRef: { name: settings } }, { configMapRef: { name: other } }] }]`,
        `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { rules: [{ backendRefs: [{ name: web, port: 80 }] }] }`,
        `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { rules: [{ http: { paths: [{ backend: { service: { name: web } } }] } }] }`,
      ].join('\n---\n'),
    },
    built: [
      configMap('p-settings-s'),
      '{ apiVersion: v1, kind: Service, metadata: { name: p-web-s } }',
      '{ apiVersion: v1, kind: Namespace, metadata: { name: keep } }',
      `apiVersion: v1
kind: Pod
metadata: { name: p-pod-s }
spec:
  containers: [{ name: c, image: i, envFrom: [{ configMapRef: { name: p-settings-s } }, { configMapRef: { name: other } }] }]`,
      `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: p-web-s }
spec: { rules: [{ backendRefs: [{ name: web, port: 80 }] }] }`,
      `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: p-web-s }
spec: { rules: [{ http: { paths: [{ backend: { service: { name: p-web-s } } }] } }] }`,
    ].join('\n---\n'),
  },
  {
    name: 'lets each name follow in its own base, where two bases have the same',
    files: {
      'kustomization.yaml': 'resources: [one, two]',
      'one/kustomization.yaml': 'namePrefix: one-\nresources: [../base]',
      'two/kustomization.yaml': 'namePrefix: two-\nresources: [../base]',
      'base/kustomization.yaml': 'resources: [a.yaml]',
      'base/a.yaml': `${configMap('a')}\n---\n{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { volumes: [{ name: v, configMap: { name: a } }] } }`,
    },
    built: ['one', 'two']
      .map(
        (name) =>
          `${configMap(`${name}-a`)}\n---\n{ apiVersion: v1, kind: Pod, metadata: { name: ${name}-p }, spec: { volumes: [{ name: v, configMap: { name: ${name}-a } }] } }`,
      )
      .join('\n---\n'),
  },
  {
    name: 'follows names in fields that configurations tell',
    files: {
      'kustomization.yaml': 'namePrefix: p-\nresources: [a.yaml]\nconfigurations: [names.yaml]',
      'a.yaml': `${configMap('a')}\n---\n{ apiVersion: example.org/v1, kind: Thing, metadata: { name: t }, spec: { settings: [{ ref: a }] } }`,
      'names.yaml': 'nameReference: [{ kind: ConfigMap, fieldSpecs: [{ kind: Thing, path: spec/settings/ref }] }]',
    },
    built: `${configMap('p-a')}\n---\n{ apiVersion: example.org/v1, kind: Thing, metadata: { name: p-t }, spec: { settings: [{ ref: p-a }] } }`,
  },
  {
    name: 'puts labels into metadata, into templates, and into selectors, as it is told',
    files: {
      'kustomization.yaml': `resources: [a.yaml]
labels:
  - pairs: { own: "1" }
  - pairs: { template: "2" }
    includeTemplates: true
  - pairs: { all: "3" }
    includeSelectors: true
  - pairs: { field: "4" }
    fields: [{ path: spec/labels, kind: Thing, create: true }]`,
      'a.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } } }
---
{ apiVersion: v1, kind: Service, metadata: { name: web } }
---
{ apiVersion: example.org/v1, kind: Thing, metadata: { name: t } }`,
    },
    built: `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { own: "1", template: "2", all: "3", field: "4" } }
spec:
  selector: { matchLabels: { app: web, all: "3" } }
  template: { metadata: { labels: { app: web, template: "2", all: "3" } } }
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { own: "1", template: "2", all: "3", field: "4" } }
spec: { selector: { all: "3" } }
---
apiVersion: example.org/v1
kind: Thing
metadata: { name: t, labels: { own: "1", template: "2", all: "3", field: "4" } }
spec: { labels: { field: "4" } }`,
  },
  {
    name: 'puts commonLabels and commonAnnotations everywhere, and writes every annotation as text',
    files: {
      'kustomization.yaml': 'resources: [a.yaml]\ncommonLabels: { l: "1" }\ncommonAnnotations: { note: "2" }',
      'a.yaml': `${deployment}---\n${configMap('a', ', annotations: { was: 3, note: "0" }')}`,
    },
    built: `${deployment
      .replace('{ name: web }', '{ name: web, labels: { l: "1" }, annotations: { note: "2" } }')
      .replace('matchLabels: { app: web }', 'matchLabels: { app: web, l: "1" }')
      .replace(
        'labels: { app: web } }\n    spec',
        'labels: { app: web, l: "1" }, annotations: { note: "2" } }\n    spec',
      )}---
${configMap('a', ', labels: { l: "1" }, annotations: { was: "3", note: "2" }')}`,
  },
];
