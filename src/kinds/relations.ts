/**
 * Relations between kinds, as data: which field of which kind names an object of which other kind, and which selects others by their labels.
 * `references.ts` and `selections.ts` follow them, in both directions. Each is as the kind's own API reference has it.
 */

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
  /** API group of the kind, where the field beside the name tells; what it means where it is absent, and whether an empty one means that too. */
  group?: { field: string; otherwise: string; orEmpty?: true };
  /** Field beside the name with the namespace; where there is none, that of the object. */
  namespace?: string;
  /** Namespace that is meant where neither the reference nor the object has one. */
  home?: string;
  /** Another namespace may be named only as far as a ReferenceGrant there permits it. */
  granted?: true;
  /** Field beside the name that says that the object need not be there. */
  optional?: string;
  /** What is written there is a URL, with a Service's name, namespace and port in it: other hosts are of no relation. */
  url?: true;
  /** Field beside the name with the port that is asked of a Service; dots lead into it. */
  port?: string;
  /** Field beside the name with the section that is asked of what is named: a listener, a port or a rule, by its name. */
  section?: string;
  /** Field beside the name with the key that is asked of a Secret or ConfigMap. */
  key?: string;
  /** The object that is named is written because of this one: it need not be there before. */
  written?: true;
  /** The object's own name is meant where the field is absent. */
  ownName?: true;
  /** Field beside the name that has to say this, or the name is that of something else. */
  when?: { field: string; is: string };
}

/** A field that selects objects by their labels. */
export interface Selection {
  from: string;
  /** Path of the selector; `[]` stands for each item of a list. */
  path: string;
  to: string | { field: string };
  /** How it is written: as labels, of which none select nothing, or as a LabelSelector, of which an empty one selects all. */
  as: 'labels' | 'selector';
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
  { path: 'nodeName', name: '', to: 'Node' },
  { path: 'imagePullSecrets[]', name: 'name', to: 'Secret' },
  { path: 'priorityClassName', name: '', to: 'PriorityClass' },
  { path: 'runtimeClassName', name: '', to: 'RuntimeClass' },
  { path: 'volumes[].configMap', name: 'name', to: 'ConfigMap', optional: 'optional' },
  { path: 'volumes[].secret', name: 'secretName', to: 'Secret', optional: 'optional' },
  { path: 'volumes[].persistentVolumeClaim', name: 'claimName', to: 'PersistentVolumeClaim' },
  { path: 'volumes[].projected.sources[].configMap', name: 'name', to: 'ConfigMap', optional: 'optional' },
  { path: 'volumes[].projected.sources[].secret', name: 'name', to: 'Secret', optional: 'optional' },
  ...['initContainers', 'containers'].flatMap((list): readonly Omit<Relation, 'from'>[] => [
    {
      path: `${list}[].env[].valueFrom.configMapKeyRef`,
      name: 'name',
      to: 'ConfigMap',
      optional: 'optional',
      key: 'key',
    },
    { path: `${list}[].env[].valueFrom.secretKeyRef`, name: 'name', to: 'Secret', optional: 'optional', key: 'key' },
    { path: `${list}[].envFrom[].configMapRef`, name: 'name', to: 'ConfigMap', optional: 'optional' },
    { path: `${list}[].envFrom[].secretRef`, name: 'name', to: 'Secret', optional: 'optional' },
  ]),
];

const gatewayGroup = 'gateway.networking.k8s.io';
const coreGroup = { field: 'group', otherwise: '' };
const anyKind = { field: 'kind', otherwise: undefined };

const backend = {
  name: 'name',
  namespace: 'namespace',
  port: 'port',
  granted: true,
  to: { field: 'kind', otherwise: 'Service' },
  group: coreGroup,
} as const;
const parent = {
  ...{ path: 'spec.parentRefs[]', name: 'name', namespace: 'namespace' },
  to: { field: 'kind', otherwise: 'Gateway' },
  group: { field: 'group', otherwise: gatewayGroup },
  section: 'sectionName',
} as const;
const issuer = {
  ...{ path: 'spec.issuerRef', name: 'name' },
  to: { field: 'kind', otherwise: 'Issuer' },
  group: { field: 'group', otherwise: 'cert-manager.io', orEmpty: true },
} as const;
const store = { name: 'name', to: { field: 'kind', otherwise: 'SecretStore' } } as const;
const owner = { path: 'metadata.ownerReferences[]', name: 'name', to: anyKind } as const;

/** Where an issuer's DNS-01 solvers keep their credentials [cert-manager 1.19, ACMEIssuerDNS01Provider]. */
const solverSecrets: Readonly<Record<string, readonly string[]>> = {
  acmeDNS: ['accountSecretRef'],
  akamai: ['accessTokenSecretRef', 'clientSecretSecretRef', 'clientTokenSecretRef'],
  azureDNS: ['clientSecretSecretRef'],
  cloudDNS: ['serviceAccountSecretRef'],
  cloudflare: ['apiKeySecretRef', 'apiTokenSecretRef'],
  digitalocean: ['tokenSecretRef'],
  rfc2136: ['tsigSecretSecretRef'],
  route53: ['accessKeyIDSecretRef', 'secretAccessKeySecretRef'],
};

const ofIssuers: readonly Omit<Relation, 'from'>[] = [
  ...Object.entries(solverSecrets).flatMap(([provider, fields]) =>
    fields.map((field) => ({
      ...{ path: `spec.acme.solvers[].dns01.${provider}.${field}`, name: 'name', to: 'Secret', key: 'key' },
    })),
  ),
  { path: 'spec.acme.privateKeySecretRef', name: 'name', to: 'Secret', written: true },
];

const ofStores: readonly Omit<Relation, 'from'>[] = [
  { path: 'spec.provider.vault.server', name: '', to: 'Service', url: true },
  {
    ...{ path: 'spec.provider.vault.auth.tokenSecretRef', name: 'name', namespace: 'namespace', key: 'key' },
    to: 'Secret',
  },
  {
    ...{ path: 'spec.provider.vault.auth.kubernetes.serviceAccountRef', name: 'name', namespace: 'namespace' },
    to: 'ServiceAccount',
  },
];

/** What is made for a Gateway says so in its labels [Envoy Gateway 1.6 to 1.9]. */
const ofManaged: readonly Omit<Relation, 'from'>[] = [
  {
    ...{ path: 'metadata.labels', name: 'gateway.envoyproxy.io/owning-gateway-name', to: 'Gateway' },
    namespace: 'gateway.envoyproxy.io/owning-gateway-namespace',
  },
  { path: 'metadata.labels', name: 'gateway.envoyproxy.io/owning-gatewayclass', to: 'GatewayClass' },
];

/** Policies of Gateway API and of Envoy Gateway, and how each names its targets. */
const policies: Readonly<Record<string, readonly ('targetRef' | 'targetRefs[]' | 'targetSelectors[]')[]>> = {
  BackendTLSPolicy: ['targetRefs[]'],
  BackendTrafficPolicy: ['targetRef', 'targetRefs[]', 'targetSelectors[]'],
  ClientTrafficPolicy: ['targetRef', 'targetRefs[]', 'targetSelectors[]'],
  EnvoyExtensionPolicy: ['targetRef', 'targetRefs[]', 'targetSelectors[]'],
  EnvoyPatchPolicy: ['targetRef'],
  SecurityPolicy: ['targetRef', 'targetRefs[]', 'targetSelectors[]'],
};

/** Where policies send requests of their own, and keep their credentials [Envoy Gateway 1.6 to 1.9]. */
const ofPolicies: readonly Relation[] = [
  {
    from: 'BackendTLSPolicy',
    path: 'spec.validation.caCertificateRefs[]',
    name: 'name',
    to: anyKind,
    group: coreGroup,
  },
  { from: 'EnvoyExtensionPolicy', path: 'spec.extProc[].backendRefs[]', ...backend },
  ...['grpc', 'http'].map((way) => ({
    ...{ from: 'SecurityPolicy', path: `spec.extAuth.${way}.backendRefs[]`, ...backend },
  })),
  { from: 'SecurityPolicy', path: 'spec.basicAuth.users', name: 'name', to: 'Secret' },
  { from: 'SecurityPolicy', path: 'spec.oidc.clientSecret', name: 'name', to: 'Secret' },
];

const each = (from: readonly string[], relations: readonly Omit<Relation, 'from'>[]): readonly Relation[] =>
  from.flatMap((kind) => relations.map((relation) => ({ ...relation, from: kind })));

export const relations: readonly Relation[] = [
  ...Object.entries(podSpecs).flatMap(([from, spec]) =>
    ofPods.map((relation) => ({ ...relation, from, path: `${spec}.${relation.path}` })),
  ),
  ...each(['Certificate', 'CertificateRequest', 'Challenge', 'Order'], [issuer]),
  { from: 'Certificate', path: 'spec.secretName', name: '', to: 'Secret', written: true },
  { from: 'ClusterRoleBinding', path: 'roleRef', name: 'name', to: 'ClusterRole' },
  { from: 'ClusterRoleBinding', path: 'subjects[]', name: 'name', namespace: 'namespace', to: anyKind },
  { from: 'EndpointSlice', path: 'metadata.labels', name: 'kubernetes.io/service-name', to: 'Service' },
  { from: 'EndpointSlice', path: 'endpoints[].targetRef', name: 'name', namespace: 'namespace', to: anyKind },
  { from: 'EndpointSlice', path: 'endpoints[]', name: 'nodeName', to: 'Node' },
  { from: 'Event', path: 'involvedObject', name: 'name', namespace: 'namespace', to: anyKind },
  { from: 'ExternalSecret', path: 'spec.secretStoreRef', ...store },
  { from: 'ExternalSecret', path: 'spec.data[].sourceRef.storeRef', ...store },
  { from: 'ExternalSecret', path: 'spec.dataFrom[].sourceRef.storeRef', ...store },
  { from: 'ExternalSecret', path: 'spec.dataFrom[].sourceRef.generatorRef', name: 'name', to: anyKind },
  { from: 'ExternalSecret', path: 'spec.target', name: 'name', to: 'Secret', written: true, ownName: true },
  { from: 'Gateway', path: 'spec.gatewayClassName', name: '', to: 'GatewayClass' },
  {
    from: 'Gateway',
    ...{ path: 'spec.listeners[].tls.certificateRefs[]', name: 'name', namespace: 'namespace' },
    granted: true,
    to: { field: 'kind', otherwise: 'Secret' },
    group: coreGroup,
  },
  { from: 'Gateway', path: 'spec.infrastructure.parametersRef', name: 'name', to: anyKind, group: coreGroup },
  {
    from: 'GatewayClass',
    ...{ path: 'spec.parametersRef', name: 'name', namespace: 'namespace', to: anyKind, group: coreGroup },
    // Envoy Gateway looks in `default` when the reference names no namespace.
    home: 'default',
  },
  ...each(
    ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'],
    [parent, { path: 'spec.rules[].backendRefs[]', ...backend }],
  ),
  { from: 'GRPCRoute', path: 'spec.rules[].filters[].requestMirror.backendRef', ...backend },
  { from: 'HTTPRoute', path: 'spec.rules[].filters[].requestMirror.backendRef', ...backend },
  { from: 'HTTPRoute', path: 'spec.rules[].filters[].extensionRef', name: 'name', to: anyKind, group: coreGroup },
  { from: 'HorizontalPodAutoscaler', path: 'spec.scaleTargetRef', name: 'name', to: anyKind },
  { from: 'Ingress', path: 'spec.ingressClassName', name: '', to: 'IngressClass' },
  ...each(
    ['Ingress'],
    ['spec.defaultBackend.service', 'spec.rules[].http.paths[].backend.service'].map((path) => ({
      ...{ path, name: 'name', to: 'Service', port: 'port.number', section: 'port.name' },
    })),
  ),
  { from: 'Ingress', path: 'spec.tls[]', name: 'secretName', to: 'Secret' },
  ...each(['Issuer', 'ClusterIssuer'], ofIssuers),
  { from: 'PersistentVolumeClaim', path: 'spec.storageClassName', name: '', to: 'StorageClass' },
  { from: 'RoleBinding', path: 'roleRef', name: 'name', to: anyKind },
  { from: 'RoleBinding', path: 'subjects[]', name: 'name', namespace: 'namespace', to: anyKind },
  ...each(['SecretStore', 'ClusterSecretStore'], ofStores),
  ...each(['Service', 'Deployment', 'DaemonSet', 'Pod'], ofManaged),
  {
    from: 'StatefulSet',
    // What the Tailscale Operator makes for a Service [Tailscale Operator 1.92].
    ...{
      path: 'metadata.labels',
      name: 'tailscale.com/parent-resource',
      namespace: 'tailscale.com/parent-resource-ns',
    },
    when: { field: 'tailscale.com/parent-resource-type', is: 'svc' },
    to: 'Service',
  },
  ...each(['CertificateRequest', 'Challenge', 'Job', 'Order', 'Pod', 'ReplicaSet'], [owner]),
  ...ofPolicies,
  ...Object.entries(policies).flatMap(([from, ways]) =>
    ways
      .filter((way) => way !== 'targetSelectors[]')
      .map((way) => ({
        ...{ from, path: `spec.${way}`, name: 'name', to: anyKind, group: coreGroup },
        ...(from === 'EnvoyPatchPolicy' ? {} : { section: 'sectionName' }),
      })),
  ),
];

export const selections: readonly Selection[] = [
  { from: 'Service', path: 'spec.selector', to: 'Pod', as: 'labels' },
  ...['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet', 'PodDisruptionBudget'].map((from): Selection => ({
    from,
    path: 'spec.selector',
    to: 'Pod',
    as: 'selector',
  })),
  { from: 'NetworkPolicy', path: 'spec.podSelector', to: 'Pod', as: 'selector' },
  { from: 'CiliumNetworkPolicy', path: 'spec.endpointSelector', to: 'Pod', as: 'selector' },
  { from: 'Gateway', path: 'spec.listeners[].allowedRoutes.namespaces.selector', to: 'Namespace', as: 'selector' },
  ...Object.entries(policies).flatMap(([from, ways]) =>
    ways
      .filter((way) => way === 'targetSelectors[]')
      .map((way): Selection => ({ from, path: `spec.${way}`, to: { field: 'kind' }, as: 'selector' })),
  ),
];
