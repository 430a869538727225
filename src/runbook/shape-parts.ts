/** What shapes of several kinds have in common: their leaves, and the parts that are alike. */
import { readArguments, readVariables } from './command-line.ts';
import { Cleaned, Entries, Leaf } from './shape.ts';
import { quotable, withoutCredentials } from './words.ts';

/** Longer texts than this are no names, addresses or expressions. */
const longestText = 10_000;

export const text = new Leaf('a text', (raw) =>
  typeof raw === 'string' && raw.length <= longestText ? raw : undefined,
);
/** Somebody else's words: for people, and quoted. */
export const words = new Leaf('a text', (raw) => (typeof raw === 'string' ? quotable(raw) : undefined));
/** The content of a file. */
const file = new Leaf('a text', (raw) => (typeof raw === 'string' ? withoutCredentials(raw) : undefined));
export const integer = new Leaf('a whole number', (raw) => (Number.isSafeInteger(raw) ? raw : undefined));
export const flag = new Leaf('true or false', (raw) => (typeof raw === 'boolean' ? raw : undefined));
/** A point in time as Kubernetes writes it. [RFC 3339] */
export const time = new Leaf('a time', (raw) =>
  typeof raw === 'string' && /^\d{4}-\d\d-\d\dT/.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined,
);
export const portOrName = new Leaf('a port or the name of one', (raw) =>
  typeof raw === 'string' || Number.isSafeInteger(raw) ? raw : undefined,
);
/** A mail address: whose it is concerns nobody, and only its domain is kept. */
const contact = new Leaf('a text', (raw) =>
  typeof raw === 'string' && raw.length <= longestText ? raw.replace(/^.*@/s, '…@') : undefined,
);
export const texts = new Entries(text);

/** Annotations that a component or a check reads; what others hold is nobody's business. */
const readAnnotation =
  /^(tailscale\.com|external-dns\.[a-z.]+|cert-manager\.io|gateway\.envoyproxy\.io|deployment\.kubernetes\.io)\//;
export const annotations = new Entries(words, {
  keeps: (key) => key !== 'kubectl.kubernetes.io/last-applied-configuration',
  discloses: (key) => readAnnotation.test(key),
});
/** The keys of ConfigMaps that checks read: CoreDNS's files and Cilium's options. */
const readSetting =
  /^(Corefile|NodeHosts|.*\.(db|hosts|zone|server|override)|bpf-[a-z-]+|enable-[a-z\d-]+|kube-proxy-[a-z-]+|policy-[a-z-]+)$/;
export const settings = new Entries(file, { discloses: (key) => readSetting.test(key) });

export const metadata = {
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

export const base = { apiVersion: text, kind: text, metadata } as const;

export const condition = {
  type: text,
  status: text,
  'reason?': words,
  'message?': words,
  'observedGeneration?': integer,
  'lastTransitionTime?': time,
} as const;
/** Kinds that know no generation of a condition. */
const { 'observedGeneration?': _, ...plainCondition } = condition;

export { plainCondition };

export const selector = {
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
  'ports?': [{ 'name?': text, containerPort: integer, 'protocol?': text }],
  'volumeMounts?': [{ name: text, 'subPath?': text }],
  'livenessProbe?': probe,
  'readinessProbe?': probe,
  'startupProbe?': probe,
  'restartPolicy?': text,
} as const;

export const podSpec = {
  containers: [container],
  'hostNetwork?': flag,
  'initContainers?': [container],
  'nodeName?': text,
  'serviceAccountName?': text,
  'volumes?': [{ name: text, 'configMap?': { 'name?': text }, 'secret?': { 'secretName?': text, 'optional?': flag } }],
} as const;

export const template = { 'metadata?': { 'labels?': texts }, 'spec?': podSpec } as const;

const ended = { exitCode: integer, 'reason?': text, 'message?': words } as const;

export const containerStatus = {
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

export const reference = { 'group?': text, 'kind?': text, name: text, 'namespace?': text } as const;
export const parent = { ...reference, 'port?': integer, 'sectionName?': text } as const;
export const parametersRef = { group: text, kind: text, name: text } as const;
export const issuerRef = { 'group?': text, 'kind?': text, name: text } as const;
const secretKey = { 'key?': text, name: text } as const;

export const issuer = {
  ...base,
  spec: {
    'acme?': {
      'email?': contact,
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

export const secretStore = {
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

export const storeRef = { 'kind?': text, 'name?': text } as const;
