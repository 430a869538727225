/**
 * The shapes of the kinds that runbooks may read: every field that a check reads, and no other. What is not here is dropped as soon as it
 * was read; a check that wants a field more names it here, which the types demand.
 */
import { readArguments, readVariables } from './command-line.ts';
import type { KindTypes } from './kinds.ts';
import { Cleaned, Entries, Leaf, type Fields, type ShapeOf } from './shape.ts';
import { quotable, withoutCredentials } from './words.ts';

/** Longer texts than this are no names, addresses or expressions. */
const longestText = 10_000;

const text = new Leaf('a text', (raw) => (typeof raw === 'string' && raw.length <= longestText ? raw : undefined));
/** Somebody else's words: for people, and quoted. */
const words = new Leaf('a text', (raw) => (typeof raw === 'string' ? quotable(raw) : undefined));
/** The content of a file. */
const file = new Leaf('a text', (raw) => (typeof raw === 'string' ? withoutCredentials(raw) : undefined));
const integer = new Leaf('a whole number', (raw) => (Number.isSafeInteger(raw) ? raw : undefined));
const flag = new Leaf('true or false', (raw) => (typeof raw === 'boolean' ? raw : undefined));
/** A point in time as Kubernetes writes it. [RFC 3339] */
const time = new Leaf('a time', (raw) =>
  typeof raw === 'string' && /^\d{4}-\d\d-\d\dT/.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined,
);
const portOrName = new Leaf('a port or the name of one', (raw) =>
  typeof raw === 'string' || Number.isSafeInteger(raw) ? raw : undefined,
);
const texts = new Entries(text);

/** Annotations that a component or a check reads; what others hold is nobody's business. */
const readAnnotation =
  /^(tailscale\.com|external-dns\.[a-z.]+|cert-manager\.io|gateway\.envoyproxy\.io|deployment\.kubernetes\.io)\//;
const annotations = new Entries(words, {
  keeps: (key) => key !== 'kubectl.kubernetes.io/last-applied-configuration',
  discloses: (key) => readAnnotation.test(key),
});
/** The keys of ConfigMaps that checks read: CoreDNS's files and Cilium's options. */
const readSetting =
  /^(Corefile|NodeHosts|.*\.(db|hosts|zone|server|override)|bpf-[a-z-]+|enable-[a-z-]+|kube-proxy-[a-z-]+)$/;
const settings = new Entries(file, { discloses: (key) => readSetting.test(key) });

const metadata = {
  name: text,
  'namespace?': text,
  'labels?': texts,
  'annotations?': annotations,
  'creationTimestamp?': time,
  'deletionTimestamp?': time,
  'finalizers?': [text],
  'generation?': integer,
  'ownerReferences?': [{ kind: text, name: text }],
} as const;

const base = { apiVersion: text, kind: text, metadata } as const;

const condition = {
  type: text,
  status: text,
  'reason?': words,
  'message?': words,
  'observedGeneration?': integer,
  'lastTransitionTime?': time,
} as const;
/** Kinds that know no generation of a condition. */
const { 'observedGeneration?': _, ...plainCondition } = condition;

const selector = {
  'matchLabels?': texts,
  'matchExpressions?': [{ key: text, operator: text, 'values?': [text] }],
} as const;

const probe = { 'httpGet?': { port: portOrName }, 'tcpSocket?': { port: portOrName } } as const;

const container = {
  name: text,
  'image?': text,
  'command?': new Cleaned([text] as const, readArguments),
  'args?': new Cleaned([text] as const, readArguments),
  'env?': new Cleaned(
    [{ name: text, 'value?': text, 'valueFrom?': { 'secretKeyRef?': { 'name?': text, 'optional?': flag } } }] as const,
    readVariables,
  ),
  'envFrom?': [{ 'secretRef?': { 'name?': text, 'optional?': flag } }],
  'ports?': [{ 'name?': text, containerPort: integer }],
  'volumeMounts?': [{ name: text, 'subPath?': text }],
  'livenessProbe?': probe,
  'readinessProbe?': probe,
  'startupProbe?': probe,
  'restartPolicy?': text,
} as const;

const podSpec = {
  containers: [container],
  'initContainers?': [container],
  'nodeName?': text,
  'serviceAccountName?': text,
  'volumes?': [{ name: text, 'configMap?': { 'name?': text }, 'secret?': { 'secretName?': text, 'optional?': flag } }],
} as const;

const template = { 'metadata?': { 'labels?': texts }, 'spec?': podSpec } as const;

const ended = { exitCode: integer, 'reason?': text, 'message?': words } as const;

const containerStatus = {
  name: text,
  'image?': text,
  ready: flag,
  restartCount: integer,
  'started?': flag,
  'state?': {
    'running?': { 'startedAt?': time },
    'terminated?': ended,
    'waiting?': { 'reason?': text, 'message?': words },
  },
  'lastState?': { 'terminated?': ended },
} as const;

const reference = { 'group?': text, 'kind?': text, name: text, 'namespace?': text } as const;
const parent = { ...reference, 'port?': integer, 'sectionName?': text } as const;
const parametersRef = { group: text, kind: text, name: text } as const;
const issuerRef = { 'group?': text, 'kind?': text, name: text } as const;
const secretKey = { 'key?': text, name: text } as const;

const issuer = {
  ...base,
  spec: {
    'acme?': {
      privateKeySecretRef: secretKey,
      'server?': text,
      'solvers?': [
        {
          'dns01?': { 'cloudflare?': { 'apiTokenSecretRef?': secretKey, 'apiKeySecretRef?': secretKey } },
          'selector?': { 'dnsZones?': [text], 'dnsNames?': [text], 'matchLabels?': texts },
        },
      ],
    },
  },
  'status?': { 'acme?': { 'uri?': text }, 'conditions?': [condition] },
} as const;

const secretStore = {
  ...base,
  spec: {
    provider: {
      'vault?': {
        server: text,
        'auth?': {
          'kubernetes?': {
            mountPath: text,
            role: text,
            'serviceAccountRef?': { name: text, 'namespace?': text },
          },
          'tokenSecretRef?': { 'name?': text, 'key?': text, 'namespace?': text },
        },
      },
    },
  },
  'status?': { 'conditions?': [plainCondition] },
} as const;

const storeRef = { 'kind?': text, 'name?': text } as const;

export const shapes = {
  Certificate: {
    ...base,
    spec: {
      'commonName?': text,
      'dnsNames?': [text],
      issuerRef,
      secretName: text,
      'duration?': text,
      'renewBefore?': text,
    },
    'status?': {
      'conditions?': [condition],
      'failedIssuanceAttempts?': integer,
      'notAfter?': time,
      'notBefore?': time,
      'renewalTime?': time,
    },
  },
  CertificateRequest: { ...base, 'status?': { 'conditions?': [plainCondition] } },
  Challenge: {
    ...base,
    spec: { dnsName: text, issuerRef },
    'status?': { 'reason?': words, 'state?': text },
  },
  CiliumNodeConfig: { ...base, spec: { defaults: settings } },
  ClusterIssuer: issuer,
  ClusterSecretStore: secretStore,
  ConfigMap: {
    ...base,
    metadata: {
      ...metadata,
      'managedFields?': [{ 'time?': time, 'fieldsV1?': { 'f:data?': new Entries({}) } }],
    },
    'data?': settings,
  },
  CronJob: {
    ...base,
    spec: { schedule: text, 'timeZone?': text, 'suspend?': flag, jobTemplate: { 'spec?': { template } } },
    'status?': { 'lastScheduleTime?': time, 'lastSuccessfulTime?': time },
  },
  DaemonSet: {
    ...base,
    'spec?': { selector, template },
    'status?': { 'desiredNumberScheduled?': integer, 'numberAvailable?': integer, 'numberUnavailable?': integer },
  },
  Deployment: {
    ...base,
    'spec?': { 'replicas?': integer, selector, template },
    'status?': { 'availableReplicas?': integer, 'unavailableReplicas?': integer, 'conditions?': [plainCondition] },
  },
  EndpointSlice: {
    ...base,
    'endpoints?': [
      {
        'addresses?': [text],
        'conditions?': { 'ready?': flag, 'serving?': flag, 'terminating?': flag },
        'targetRef?': { 'kind?': text, 'name?': text, 'namespace?': text },
      },
    ],
    'ports?': [{ 'name?': text, 'port?': integer, 'protocol?': text }],
  },
  EnvoyProxy: {
    ...base,
    spec: {
      'provider?': {
        'kubernetes?': {
          'envoyDeployment?': { 'container?': { 'image?': text } },
          'envoyService?': {
            'annotations?': annotations,
            'loadBalancerClass?': text,
            'type?': text,
            'patch?': {
              value: {
                'metadata?': { 'annotations?': annotations },
                'spec?': { 'loadBalancerClass?': text, 'type?': text },
              },
            },
          },
          'useListenerPortAsContainerPort?': flag,
        },
      },
    },
  },
  Event: {
    ...base,
    involvedObject: { 'kind?': text, 'name?': text, 'namespace?': text },
    'message?': words,
    'type?': text,
    'reason?': text,
    'eventTime?': time,
    'lastTimestamp?': time,
  },
  ExternalSecret: {
    ...base,
    spec: {
      'data?': [{ secretKey: text, remoteRef: { key: text }, 'sourceRef?': { 'storeRef?': storeRef } }],
      'dataFrom?': [{ 'sourceRef?': { 'storeRef?': storeRef, 'generatorRef?': { 'kind?': text, 'name?': text } } }],
      'refreshInterval?': text,
      'refreshPolicy?': text,
      'secretStoreRef?': storeRef,
      'target?': { 'name?': text, 'creationPolicy?': text, 'template?': { 'data?': new Entries({}) } },
    },
    'status?': { 'conditions?': [plainCondition], 'refreshTime?': time },
  },
  Gateway: {
    ...base,
    spec: {
      gatewayClassName: text,
      'infrastructure?': { 'annotations?': annotations, 'parametersRef?': parametersRef },
      listeners: [
        {
          name: text,
          port: integer,
          protocol: text,
          'hostname?': text,
          'allowedRoutes?': {
            'kinds?': [{ 'group?': text, kind: text }],
            'namespaces?': { 'from?': text, 'selector?': selector },
          },
          'tls?': { 'mode?': text, 'certificateRefs?': [reference] },
        },
      ],
    },
    'status?': {
      'addresses?': [{ 'type?': text, value: text }],
      'conditions?': [condition],
      'listeners?': [{ name: text, 'conditions?': [condition] }],
    },
  },
  GatewayClass: {
    ...base,
    spec: { controllerName: text, 'parametersRef?': { ...parametersRef, 'namespace?': text } },
    'status?': { 'conditions?': [condition] },
  },
  HTTPRoute: {
    ...base,
    spec: {
      'hostnames?': [text],
      'parentRefs?': [parent],
      'rules?': [
        {
          'backendRefs?': [{ ...reference, 'port?': integer, 'weight?': integer }],
          'filters?': [
            {
              'requestRedirect?': {
                'hostname?': text,
                'path?': { type: text, 'replaceFullPath?': text, 'replacePrefixMatch?': text },
                'port?': integer,
                'scheme?': text,
                'statusCode?': integer,
              },
            },
          ],
          'matches?': [
            {
              'headers?': [{ name: text, 'type?': text, value: text }],
              'method?': text,
              'path?': { 'type?': text, 'value?': text },
              'queryParams?': [{ name: text, 'type?': text, value: text }],
            },
          ],
        },
      ],
    },
    'status?': { 'parents?': [{ controllerName: text, parentRef: parent, 'conditions?': [condition] }] },
  },
  Issuer: issuer,
  Job: {
    ...base,
    'spec?': { template },
    'status?': { 'conditions?': [plainCondition], 'startTime?': time, 'succeeded?': integer },
  },
  Namespace: { ...base, 'status?': { 'phase?': text } },
  Order: { ...base, 'status?': { 'reason?': words, 'state?': text } },
  Pod: {
    ...base,
    'spec?': podSpec,
    'status?': {
      'conditions?': [plainCondition],
      'containerStatuses?': [containerStatus],
      'initContainerStatuses?': [containerStatus],
      'hostIP?': text,
      'phase?': text,
      'podIP?': text,
      'reason?': text,
    },
  },
  ReferenceGrant: {
    ...base,
    spec: { from: [{ group: text, kind: text, namespace: text }], to: [{ group: text, kind: text, 'name?': text }] },
  },
  SecretStore: secretStore,
  Service: {
    ...base,
    'spec?': {
      'clusterIP?': text,
      'clusterIPs?': [text],
      'externalIPs?': [text],
      'externalName?': text,
      'loadBalancerClass?': text,
      'ports?': [{ 'name?': text, port: integer, 'protocol?': text, 'targetPort?': portOrName, 'appProtocol?': text }],
      'publishNotReadyAddresses?': flag,
      'selector?': texts,
      'type?': text,
    },
    'status?': {
      'conditions?': [condition],
      'loadBalancer?': { 'ingress?': [{ 'hostname?': text, 'ip?': text }] },
    },
  },
  StatefulSet: {
    ...base,
    'spec?': { 'replicas?': integer, selector, template },
    'status?': { 'replicas?': integer, 'readyReplicas?': integer },
  },
} as const satisfies { readonly [K in keyof KindTypes]: Fields & ShapeOf<KindTypes[K]> };
