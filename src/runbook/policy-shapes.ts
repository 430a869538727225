/** The shapes of network policies. */
import { base, flag, integer, portOrName, selector, text } from './shape-parts.ts';
import { Cleaned, type Fields } from './shape.ts';

const port = { 'protocol?': text, 'port?': portOrName, 'endPort?': integer } as const;
const peer = {
  'podSelector?': selector,
  'namespaceSelector?': selector,
  'ipBlock?': { cidr: text, 'except?': [text] },
} as const;

export const networkPolicy = {
  ...base,
  'spec?': {
    'podSelector?': selector,
    'policyTypes?': [text],
    'ingress?': [{ 'from?': [peer], 'ports?': [port] }],
    'egress?': [{ 'to?': [peer], 'ports?': [port] }],
  },
} as const;

/** Of what is only counted. */
const some = {} as const;
const cidrRule = { 'cidr?': text, 'except?': [text] } as const;
const fqdn = { 'matchName?': text, 'matchPattern?': text } as const;
const ciliumPorts = { 'ports?': [{ 'port?': text, 'endPort?': integer, 'protocol?': text }] } as const;
const ciliumContents = {
  ...ciliumPorts,
  'rules?': { 'dns?': [fqdn], 'http?': [some], 'kafka?': [some], 'l7?': [some] },
  'serverNames?': [text],
  'listener?': some,
  'terminatingTLS?': some,
  'originatingTLS?': some,
} as const;

const from = {
  'fromCIDR?': [text],
  'fromCIDRSet?': [cidrRule],
  'fromEndpoints?': [selector],
  'fromEntities?': [text],
  'fromGroups?': [some],
  'fromNodes?': [selector],
  'fromRequires?': [text],
  'icmps?': [some],
} as const;
const to = {
  'toCIDR?': [text],
  'toCIDRSet?': [cidrRule],
  'toEndpoints?': [selector],
  'toEntities?': [text],
  'toGroups?': [some],
  'toNodes?': [selector],
  'toRequires?': [text],
  'toServices?': [some],
  'icmps?': [some],
} as const;
const allowed = { 'toPorts?': [ciliumContents], 'authentication?': some } as const;
const denied = { 'toPorts?': [ciliumPorts] } as const;

/**
 * Rules whose every field is known. One that has another one is as if malformed: without that field it would say something else than it does.
 */
const rules = <const S extends Fields>(shape: S) => {
  const known = new Set(Object.keys(shape).map((field) => field.replace('?', '')));
  const read = (rule: unknown): unknown => {
    const fields = typeof rule === 'object' && rule !== null ? Object.keys(rule) : [];
    const other = fields.find((field) => !known.has(field) && field !== '$withheld');
    return other === undefined
      ? rule
      : { $withheld: `a rule of one of Cilium’s policies has ${other}, which is not known here` };
  };
  return new Cleaned([shape] as const, (raw) => (Array.isArray(raw) ? raw.map(read) : raw));
};

const ciliumSpec = {
  'endpointSelector?': selector,
  'nodeSelector?': selector,
  'enableDefaultDeny?': { 'ingress?': flag, 'egress?': flag },
  'ingress?': rules({ ...from, ...allowed }),
  'ingressDeny?': rules({ ...from, ...denied }),
  'egress?': rules({ ...to, ...allowed, 'toFQDNs?': [fqdn] }),
  'egressDeny?': rules({ ...to, ...denied }),
} as const;

export const ciliumPolicy = { ...base, 'spec?': ciliumSpec, 'specs?': [ciliumSpec] } as const;
