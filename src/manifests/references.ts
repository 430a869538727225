/**
 * What manifests refer to by name, as data: from which kind, where, to what. A reference whose target is in no manifest may be
 * met by a chart or a controller; it dangles for certain only where the manifests declare the namespace, or where the name is
 * almost one that they have.
 */
import type { ManifestObject } from './files.ts';

export type Step = string | number;

export interface Reference {
  path: readonly Step[];
  kind: 'Service' | 'Secret' | 'ConfigMap' | 'ServiceAccount' | 'PersistentVolumeClaim' | 'Role' | 'ClusterRole';
  namespace: string;
  name: string;
  /** The port that is asked of a Service. */
  port?: number;
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const items = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const at = (value: unknown, ...path: readonly string[]): Fields =>
  path.reduce((here, step) => fields(here[step]), fields(value));

/** Where each kind of workload keeps its pods' spec. */
const podSpecs: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  Pod: ['spec'],
  StatefulSet: ['spec', 'template', 'spec'],
};

export function referencesOf(object: ManifestObject): readonly Reference[] {
  const { kind, metadata } = object;
  const namespace = metadata.namespace ?? 'default';
  const pod = podSpecs[kind];
  if (pod !== undefined) return ofPod(at(object, ...pod), pod, namespace);
  switch (kind) {
    case 'HTTPRoute':
      return ofRoute(object, namespace);
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return ofBinding(object, namespace);
    default:
      return [];
  }
}

function ofPod(pod: Fields, path: readonly string[], namespace: string): readonly Reference[] {
  const found: Reference[] = [];
  const add = (kind: Reference['kind'], name: unknown, at: readonly Step[], optional?: unknown): void => {
    if (typeof name === 'string' && name !== '' && optional !== true) {
      found.push({ kind, name, namespace, path: [...path, ...at] });
    }
  };
  add('ServiceAccount', pod['serviceAccountName'], ['serviceAccountName']);
  items(pod['imagePullSecrets']).forEach(({ name }, index) => add('Secret', name, ['imagePullSecrets', index, 'name']));
  items(pod['volumes']).forEach((volume, index) => {
    const here = ['volumes', index] as const;
    const { configMap, secret, persistentVolumeClaim: claim } = volume;
    add('ConfigMap', fields(configMap)['name'], [...here, 'configMap', 'name'], fields(configMap)['optional']);
    add('Secret', fields(secret)['secretName'], [...here, 'secret', 'secretName'], fields(secret)['optional']);
    add('PersistentVolumeClaim', fields(claim)['claimName'], [...here, 'persistentVolumeClaim', 'claimName']);
    items(fields(volume['projected'])['sources']).forEach((source, inner) => {
      const there = [...here, 'projected', 'sources', inner] as const;
      add(
        'ConfigMap',
        at(source, 'configMap')['name'],
        [...there, 'configMap', 'name'],
        at(source, 'configMap')['optional'],
      );
      add('Secret', at(source, 'secret')['name'], [...there, 'secret', 'name'], at(source, 'secret')['optional']);
    });
  });
  for (const list of ['initContainers', 'containers']) {
    items(pod[list]).forEach((container, index) => {
      const refer = (
        from: Fields,
        here: readonly Step[],
        names: readonly [configMap: string, secret: string],
      ): void => {
        const [configMap, secret] = names;
        add('ConfigMap', at(from, configMap)['name'], [...here, configMap, 'name'], at(from, configMap)['optional']);
        add('Secret', at(from, secret)['name'], [...here, secret, 'name'], at(from, secret)['optional']);
      };
      items(container['env']).forEach((variable, inner) =>
        refer(at(variable, 'valueFrom'), [list, index, 'env', inner, 'valueFrom'], ['configMapKeyRef', 'secretKeyRef']),
      );
      items(container['envFrom']).forEach((source, inner) =>
        refer(source, [list, index, 'envFrom', inner], ['configMapRef', 'secretRef']),
      );
    });
  }
  return found;
}

function ofRoute(route: ManifestObject, namespace: string): readonly Reference[] {
  return items(at(route, 'spec')['rules']).flatMap((rule, index) =>
    items(rule['backendRefs']).flatMap((backend, inner): readonly Reference[] => {
      const { kind = 'Service', group = '', name, port, namespace: other } = backend;
      if (kind !== 'Service' || group !== '' || typeof name !== 'string') return [];
      return [
        {
          kind,
          name,
          namespace: typeof other === 'string' ? other : namespace,
          path: ['spec', 'rules', index, 'backendRefs', inner],
          ...(typeof port === 'number' ? { port } : {}),
        },
      ];
    }),
  );
}

function ofBinding(binding: ManifestObject, namespace: string): readonly Reference[] {
  const role = at(binding, 'roleRef');
  const kind = role['kind'];
  return [
    ...(typeof role['name'] === 'string' && (kind === 'Role' || kind === 'ClusterRole')
      ? [{ kind, name: role['name'], namespace: kind === 'Role' ? namespace : '', path: ['roleRef', 'name'] } as const]
      : []),
    ...items((binding as unknown as Fields)['subjects']).flatMap((subject, index): readonly Reference[] =>
      subject['kind'] === 'ServiceAccount' && typeof subject['name'] === 'string'
        ? [
            {
              kind: 'ServiceAccount',
              name: subject['name'],
              namespace: typeof subject['namespace'] === 'string' ? subject['namespace'] : namespace,
              path: ['subjects', index, 'name'],
            },
          ]
        : [],
    ),
  ];
}

/** What an object makes a controller write, by the kind and name that others refer to. */
export function writtenFor(object: ManifestObject): { kind: 'Secret'; name: string } | undefined {
  const name =
    object.kind === 'Certificate'
      ? at(object, 'spec')['secretName']
      : object.kind === 'ExternalSecret'
        ? (at(object, 'spec', 'target')['name'] ?? object.metadata.name)
        : undefined;
  return typeof name === 'string' ? { kind: 'Secret', name } : undefined;
}

/** What every namespace has, whatever manifests say. */
export const always: readonly Pick<Reference, 'kind' | 'name'>[] = [
  { kind: 'ServiceAccount', name: 'default' },
  { kind: 'ConfigMap', name: 'kube-root-ca.crt' },
];

/** The labels of the pods that a workload makes. */
export function podLabels(object: ManifestObject): Fields | undefined {
  const path = podSpecs[object.kind];
  if (path === undefined) return undefined;
  return object.kind === 'Pod'
    ? fields(object.metadata.labels)
    : at(object, ...path.slice(0, -1), 'metadata', 'labels');
}

/** The labels by which a Service selects pods; undefined when it selects none. */
export function selectorOf(object: ManifestObject): Fields | undefined {
  if (object.kind !== 'Service') return undefined;
  const selector = at(object, 'spec', 'selector');
  return Object.keys(selector).length === 0 ? undefined : selector;
}

/** The ports that a Service has. */
export const portsOf = (service: ManifestObject): readonly number[] =>
  items(at(service, 'spec')['ports']).flatMap(({ port }) => (typeof port === 'number' ? [port] : []));
