/**
 * Relations between kinds, as data: which field of which kind names an object of which other kind. Followed from an object to what it names;
 * whoever has all objects follows them back. Each is as the kind's own API reference has it. Pure.
 */

export type Step = string | number;

/** A field that names an object. */
export interface Relation {
  /** The kind that has the field. */
  from: string;
  /** Path of what holds the reference; `[]` stands for each item of a list. */
  path: string;
  /** Field below the path that holds the name; the path itself holds it where this is empty. */
  name: string;
  /** The kind that is named: always the same, or told by the field `kind` beside the name (with what it means where it is absent). */
  to: string | { field: string; otherwise: string | undefined };
  /** API group of the kind, where the field beside the name tells, and what it means where it is absent. */
  group?: { field: string; otherwise: string };
  /** Field beside the name with the namespace; where there is none, that of the object. `none` for kinds without namespaces. */
  namespace?: string;
  /** Field beside the name that says that the object need not be there. */
  optional?: string;
  /** Field beside the name with the port that is asked of a Service. */
  port?: string;
}

/** An object that another one names. */
export interface Reference {
  path: readonly Step[];
  /** The API group of the kind, where the reference tells it. */
  group: string | undefined;
  kind: string;
  /** Empty for a kind without namespaces. */
  namespace: string;
  name: string;
  /** The port that is asked of a Service. */
  port?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** An object, as far as its references are concerned. */
export interface Referring {
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Where each kind of workload keeps its pods' spec. */
export const podSpecs: Readonly<Record<string, string>> = {
  CronJob: 'spec.jobTemplate.spec.template.spec',
  DaemonSet: 'spec.template.spec',
  Deployment: 'spec.template.spec',
  Job: 'spec.template.spec',
  Pod: 'spec',
  ReplicaSet: 'spec.template.spec',
  StatefulSet: 'spec.template.spec',
};

/** What a pod's spec names; paths are below it. */
const ofPods: readonly Omit<Relation, 'from'>[] = [
  { path: 'serviceAccountName', name: '', to: 'ServiceAccount' },
  { path: 'imagePullSecrets[]', name: 'name', to: 'Secret' },
  { path: 'priorityClassName', name: '', to: 'PriorityClass', namespace: 'none' },
  { path: 'runtimeClassName', name: '', to: 'RuntimeClass', namespace: 'none' },
  { path: 'volumes[].configMap', name: 'name', to: 'ConfigMap', optional: 'optional' },
  { path: 'volumes[].secret', name: 'secretName', to: 'Secret', optional: 'optional' },
  { path: 'volumes[].persistentVolumeClaim', name: 'claimName', to: 'PersistentVolumeClaim' },
  { path: 'volumes[].projected.sources[].configMap', name: 'name', to: 'ConfigMap', optional: 'optional' },
  { path: 'volumes[].projected.sources[].secret', name: 'name', to: 'Secret', optional: 'optional' },
  ...['initContainers', 'containers'].flatMap((list): readonly Omit<Relation, 'from'>[] => [
    { path: `${list}[].env[].valueFrom.configMapKeyRef`, name: 'name', to: 'ConfigMap', optional: 'optional' },
    { path: `${list}[].env[].valueFrom.secretKeyRef`, name: 'name', to: 'Secret', optional: 'optional' },
    { path: `${list}[].envFrom[].configMapRef`, name: 'name', to: 'ConfigMap', optional: 'optional' },
    { path: `${list}[].envFrom[].secretRef`, name: 'name', to: 'Secret', optional: 'optional' },
  ]),
];

const gatewayGroup = 'gateway.networking.k8s.io';
const backend = {
  ...{ name: 'name', namespace: 'namespace', port: 'port' },
  to: { field: 'kind', otherwise: 'Service' },
  group: { field: 'group', otherwise: '' },
} as const;
const parent = {
  ...{ path: 'spec.parentRefs[]', name: 'name', namespace: 'namespace' },
  to: { field: 'kind', otherwise: 'Gateway' },
  group: { field: 'group', otherwise: gatewayGroup },
} as const;
const issuer = {
  ...{ path: 'spec.issuerRef', name: 'name' },
  to: { field: 'kind', otherwise: 'Issuer' },
  group: { field: 'group', otherwise: 'cert-manager.io' },
} as const;
const store = { name: 'name', to: { field: 'kind', otherwise: 'SecretStore' } } as const;

export const relations: readonly Relation[] = [
  ...Object.entries(podSpecs).flatMap(([from, spec]) =>
    ofPods.map((relation) => ({ ...relation, from, path: `${spec}.${relation.path}` })),
  ),
  { from: 'Certificate', ...issuer },
  { from: 'CertificateRequest', ...issuer },
  { from: 'ClusterRoleBinding', path: 'roleRef', name: 'name', to: 'ClusterRole', namespace: 'none' },
  {
    from: 'ClusterRoleBinding',
    ...{ path: 'subjects[]', name: 'name', namespace: 'namespace' },
    to: { field: 'kind', otherwise: undefined },
  },
  { from: 'ExternalSecret', path: 'spec.secretStoreRef', ...store },
  {
    from: 'Gateway',
    ...{ path: 'spec.gatewayClassName', name: '', to: 'GatewayClass', namespace: 'none' },
  },
  {
    from: 'Gateway',
    ...{ path: 'spec.listeners[].tls.certificateRefs[]', name: 'name', namespace: 'namespace' },
    to: { field: 'kind', otherwise: 'Secret' },
    group: { field: 'group', otherwise: '' },
  },
  {
    from: 'Gateway',
    ...{ path: 'spec.infrastructure.parametersRef', name: 'name' },
    to: { field: 'kind', otherwise: undefined },
    group: { field: 'group', otherwise: '' },
  },
  {
    from: 'GatewayClass',
    ...{ path: 'spec.parametersRef', name: 'name', namespace: 'namespace' },
    to: { field: 'kind', otherwise: undefined },
    group: { field: 'group', otherwise: '' },
  },
  ...['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].flatMap((from): readonly Relation[] => [
    { from, ...parent },
    { from, path: 'spec.rules[].backendRefs[]', ...backend },
  ]),
  { from: 'HTTPRoute', path: 'spec.rules[].filters[].requestMirror.backendRef', ...backend },
  { from: 'Ingress', path: 'spec.ingressClassName', name: '', to: 'IngressClass', namespace: 'none' },
  { from: 'Ingress', path: 'spec.rules[].http.paths[].backend.service', name: 'name', to: 'Service' },
  { from: 'Ingress', path: 'spec.tls[]', name: 'secretName', to: 'Secret' },
  { from: 'PersistentVolumeClaim', path: 'spec.storageClassName', name: '', to: 'StorageClass', namespace: 'none' },
  { from: 'RoleBinding', path: 'roleRef', name: 'name', to: { field: 'kind', otherwise: undefined } },
  {
    from: 'RoleBinding',
    ...{ path: 'subjects[]', name: 'name', namespace: 'namespace' },
    to: { field: 'kind', otherwise: undefined },
  },
];

/** Kinds that relations name and that have no namespace, so that none is taken from the object that names them. */
const withoutNamespace: ReadonlySet<string> = new Set(['ClusterIssuer', 'ClusterRole', 'ClusterSecretStore']);

/** What an object names, in the order of the table. */
export function referencesOf(object: Referring): readonly Reference[] {
  return relations.filter(({ from }) => from === object.kind).flatMap((relation) => follow(object, relation));
}

function follow(object: Referring, relation: Relation): readonly Reference[] {
  return places(object, relation.path.split('.'), []).flatMap(({ value, path }): readonly Reference[] => {
    const holder = relation.name === '' ? {} : fields(value);
    const name = relation.name === '' ? value : holder[relation.name];
    const kind = kindOf(holder, relation);
    if (typeof name !== 'string' || name === '' || kind === undefined) return [];
    if (relation.optional !== undefined && holder[relation.optional] === true) return [];
    const port = relation.port === undefined ? undefined : holder[relation.port];
    return [
      {
        ...{ kind, name, group: groupOf(holder, relation) },
        path: relation.name === '' ? path : [...path, relation.name],
        namespace: namespaceOf(object, holder, relation, kind),
        ...(typeof port === 'number' ? { port } : {}),
      },
    ];
  });
}

const kindOf = (holder: Fields, { to }: Relation): string | undefined =>
  typeof to === 'string' ? to : (textOf(holder[to.field]) ?? to.otherwise);

const groupOf = (holder: Fields, { group }: Relation): string | undefined =>
  group === undefined ? undefined : (textOf(holder[group.field], true) ?? group.otherwise);

function namespaceOf(object: Referring, holder: Fields, { namespace }: Relation, kind: string): string {
  if (namespace === 'none' || withoutNamespace.has(kind)) return '';
  const own = object.metadata.namespace ?? 'default';
  return namespace === undefined ? own : (textOf(holder[namespace]) ?? own);
}

/** The places of a path, in which `[]` stands for each item of a list. */
function places(
  value: unknown,
  [step, ...rest]: readonly string[],
  path: readonly Step[],
): readonly { value: unknown; path: readonly Step[] }[] {
  if (step === undefined) return [{ value, path }];
  const field = step.replace('[]', '');
  const inner = fields(value)[field];
  if (!step.endsWith('[]')) return inner === undefined ? [] : places(inner, rest, [...path, field]);
  return (Array.isArray(inner) ? inner : []).flatMap((item, index) => places(item, rest, [...path, field, index]));
}

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const textOf = (value: unknown, mayBeEmpty = false): string | undefined =>
  typeof value === 'string' && (mayBeEmpty || value !== '') ? value : undefined;
