/** Rules, defaults and list keys of Gateway API, which its Go types carry as markers. */
import { everywhere, rule, type Fact, type Facts, type Source } from './facts.ts';
import { grpcFilters, httpFilters, toBackend } from './gateway-api-filters.ts';

const group = 'gateway.networking.k8s.io';
const versions = ['v1', 'v1beta1'];
const source = (file: string): Source => ({ project: 'Gateway API', release: 'v1.5.1', file: `apis/v1/${file}` });

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const hostname = `^(\\*\\.)?${label}(\\.${label})*$`;

/** Two references to the same parent, section or target apart. */
const sameParent = (fields: readonly string[]): string => fields.map((field) => same(field)).join(' && ');
const same = (field: string): string => `(has(a.${field}) ? a.${field} : '') == (has(b.${field}) ? b.${field} : '')`;

const sections = (what: string, noun: string, fields: readonly string[]): Fact => ({
  rules: [
    rule(
      `self.all(a, self.all(b, !(${sameParent(fields)}) || (has(a.sectionName) && a.sectionName != '') == (has(b.sectionName) && b.sectionName != '')))`,
      `sectionName must be specified when ${what} includes 2 or more references to the same ${noun}`,
    ),
    rule(
      `self.all(a, self.exists_one(b, ${sameParent([...fields, 'sectionName'])}))`,
      `sectionName must be unique when ${what} includes 2 or more references to the same ${noun}`,
    ),
  ],
});

const parents: Readonly<Record<string, Fact>> = {
  // A route of the experimental channel tells parents apart by their port, too; one without a port is told apart in both.
  'spec.parentRefs': sections('parentRefs', 'parent', ['group', 'kind', 'name', '__namespace__', 'port']),
  'spec.parentRefs[]': { defaults: { group, kind: 'Gateway' } },
};

const backend: Fact = { ...toBackend, defaults: { ...toBackend.defaults, weight: 1 } };

const most = (matches: string): Fact['rules'] => [
  rule(
    `self.map(r, has(r.${matches}) ? size(r.${matches}) : 0).sum() <= 128`,
    'While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
  ),
];

const onlyIn = (protocols: readonly string[], field: string): string =>
  `self.all(l, !(l.protocol in [${protocols.map((name) => `'${name}'`).join(', ')}]) || !has(l.${field})`;

const listeners: Readonly<Record<string, Fact>> = {
  'spec.listeners': {
    keys: ['name'],
    rules: [
      rule(
        `${onlyIn(['HTTP', 'TCP', 'UDP'], 'tls')})`,
        "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
      ),
      rule(
        `self.all(l, l.protocol != 'HTTPS' || !has(l.tls) || l.tls.mode in ['', 'Terminate'])`,
        'tls mode must be Terminate for protocol HTTPS',
      ),
      rule(
        `self.all(l, l.protocol != 'TLS' || (has(l.tls) && has(l.tls.mode) && l.tls.mode != ''))`,
        'tls mode must be set for protocol TLS',
      ),
      rule(
        `${onlyIn(['TCP', 'UDP'], 'hostname')} || l.hostname == '')`,
        "hostname must not be specified for protocols ['TCP', 'UDP']",
      ),
      rule('self.all(a, self.exists_one(b, b.name == a.name))', 'Listener name must be unique within the Gateway'),
      rule(
        `self.all(a, !has(a.port) || self.exists_one(b, has(b.port) && b.port == a.port && b.protocol == a.protocol && has(b.hostname) == has(a.hostname) && (!has(a.hostname) || b.hostname == a.hostname)))`,
        'Combination of port, protocol and hostname must be unique for each listener',
      ),
    ],
  },
  'spec.listeners[]': { defaults: { allowedRoutes: { namespaces: { from: 'Same' } } } },
  'spec.listeners[].allowedRoutes': { defaults: { namespaces: { from: 'Same' } } },
  'spec.listeners[].allowedRoutes.namespaces': { defaults: { from: 'Same' } },
  'spec.listeners[].allowedRoutes.kinds[]': { defaults: { group } },
  'spec.listeners[].tls': {
    defaults: { mode: 'Terminate' },
    rules: [
      rule(
        `self.mode != 'Terminate' || size(self.certificateRefs) > 0 || size(self.options) > 0`,
        'certificateRefs or options must be specified when mode is Terminate',
      ),
    ],
  },
  'spec.listeners[].tls.certificateRefs[]': { defaults: { group: '', kind: 'Secret' } },
};

const uniqueValues = (type: string): string =>
  `self.all(a, a.type != '${type}' || !has(a.value) || self.exists_one(b, b.type == a.type && has(b.value) && b.value == a.value))`;

const keysOf = (what: 'Label' | 'Annotation'): Fact => ({
  rules: [
    rule(
      `self.all(k, k.matches('^(${label}(\\\\.${label})*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$'))`,
      `${what} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`,
    ),
    rule(
      `self.all(k, size(k.split('/')[0]) < 253)`,
      `If specified, the ${what.toLowerCase()} key's prefix must be a DNS subdomain not longer than 253 characters in total.`,
    ),
  ],
});

/** An address of version 4 or 6, as the schema's `oneOf` asks for. */
const isAddress = `self.type != 'IPAddress' || !has(self.value) || self.value == '' || isIP(self.value)`;

const gateway: Facts = {
  group,
  kind: 'Gateway',
  versions,
  source: source('gateway_types.go'),
  at: {
    ...listeners,
    'spec.addresses': {
      rules: [
        rule(uniqueValues('IPAddress'), 'IPAddress values must be unique'),
        rule(uniqueValues('Hostname'), 'Hostname values must be unique'),
      ],
    },
    'spec.addresses[]': {
      defaults: { type: 'IPAddress' },
      rules: [
        rule(
          `self.type != 'Hostname' || !has(self.value) || self.value.matches(r'${hostname}')`,
          `Hostname value must be empty or contain only valid characters (matching ${hostname})`,
        ),
        rule(isAddress, 'value must be of type ipv4 or ipv6'),
      ],
    },
    'spec.infrastructure.annotations': keysOf('Annotation'),
    'spec.infrastructure.labels': keysOf('Label'),
    'spec.allowedListeners': { defaults: { namespaces: { from: 'None' } } },
    'spec.allowedListeners.namespaces': { defaults: { from: 'None' } },
    'spec.tls.backend.clientCertificateRef': { defaults: { group: '', kind: 'Secret' } },
    'spec.tls.frontend.perPort': {
      keys: ['port'],
      rules: [
        rule(
          'self.all(a, self.exists_one(b, b.port == a.port))',
          'Port for TLS configuration must be unique within the Gateway',
        ),
      ],
    },
    ...everywhere(['spec.tls.frontend.default', 'spec.tls.frontend.perPort[].tls'], {
      '.validation': { defaults: { mode: 'AllowValidOnly' } },
    }),
  },
};

const listenerSet: Facts = {
  group,
  kind: 'ListenerSet',
  versions: ['v1'],
  source: source('listenerset_types.go'),
  at: { ...listeners, 'spec.parentRef': { defaults: { group, kind: 'Gateway' } } },
};

const gatewayClass: Facts = {
  group,
  kind: 'GatewayClass',
  versions,
  source: source('gatewayclass_types.go'),
  at: { 'spec.controllerName': { rules: [rule('oldSelf == self', 'Value is immutable')] } },
};

/** A filter that replaces the matched prefix needs one prefix that is matched. */
function onePrefix(field: 'requestRedirect' | 'urlRewrite', name: string): NonNullable<Fact['rules']> {
  const replaces = `.exists_one(f, has(f.${field}) && has(f.${field}.path) && f.${field}.path.type == 'ReplacePrefixMatch' && has(f.${field}.path.replacePrefixMatch))`;
  const isOne = `(size(self.matches) == 1 && has(self.matches[0].path) && self.matches[0].path.type == 'PathPrefix')`;
  const text = `using ${name} filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified`;
  return [
    rule(`!(has(self.filters) && self.filters${replaces}) || ${isOne}`, `When ${text}`),
    rule(
      `!(has(self.backendRefs) && self.backendRefs.exists_one(b, has(b.filters) && b.filters${replaces})) || ${isOne}`,
      `Within backendRefs, ${field === 'urlRewrite' ? 'When' : 'when'} ${text}`,
    ),
  ];
}

const plain = (holds: string, message: string): ReturnType<typeof rule> =>
  rule(`!(self.type in ['Exact', 'PathPrefix']) || ${holds}`, message);
const within = ['//', '/./', '/../', '%2f', '%2F', '#'].map((text) =>
  plain(`!self.value.contains('${text}')`, `must not contain '${text}' when type one of ['Exact', 'PathPrefix']`),
);
const ends = ['/..', '/.'].map((text) =>
  plain(`!self.value.endsWith('${text}')`, `must not end with '${text}' when type one of ['Exact', 'PathPrefix']`),
);
const pathCharacters = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$";
const anyPath = { type: 'PathPrefix', value: '/' };

const httpRoute: Facts = {
  group,
  kind: 'HTTPRoute',
  versions,
  source: source('httproute_types.go'),
  at: {
    ...parents,
    spec: { defaults: { rules: [{ matches: [{ path: anyPath }] }] } },
    'spec.rules': { rules: most('matches') ?? [] },
    'spec.rules[]': {
      defaults: { matches: [{ path: anyPath }] },
      rules: [
        rule(
          `!has(self.backendRefs) || size(self.backendRefs) == 0 || !has(self.filters) || !self.filters.exists(f, has(f.requestRedirect))`,
          'RequestRedirect filter must not be used together with backendRefs',
        ),
        ...onePrefix('requestRedirect', 'RequestRedirect'),
        ...onePrefix('urlRewrite', 'URLRewrite'),
      ],
    },
    'spec.rules[].matches[]': { defaults: { path: anyPath } },
    'spec.rules[].matches[].path': {
      defaults: anyPath,
      rules: [
        plain(
          `self.value.startsWith('/')`,
          "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']",
        ),
        ...within,
        ...ends,
        rule(
          `self.type in ['Exact', 'PathPrefix', 'RegularExpression']`,
          "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
        ),
        plain(
          `self.value.matches(r"${pathCharacters}")`,
          `must only contain valid characters (matching ${pathCharacters}) for types ['Exact', 'PathPrefix']`,
        ),
      ],
    },
    ...everywhere(['spec.rules[].matches[].headers', 'spec.rules[].matches[].queryParams'], {
      '': { keys: ['name'] },
      '[]': { defaults: { type: 'Exact' } },
    }),
    'spec.rules[].backendRefs[]': backend,
    'spec.rules[].timeouts': {
      rules: [
        rule(
          `!has(self.request) || !has(self.backendRequest) || duration(self.request) == duration('0s') || duration(self.backendRequest) <= duration(self.request)`,
          'backendRequest timeout cannot be longer than request timeout',
        ),
      ],
    },
    ...httpFilters(['spec.rules[].filters', 'spec.rules[].backendRefs[].filters']),
  },
};

const serviceName = '^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$';
const methodName = '^[A-Za-z_][A-Za-z_0-9]*$';

const grpcRoute: Facts = {
  group,
  kind: 'GRPCRoute',
  versions: ['v1'],
  source: source('grpcroute_types.go'),
  at: {
    ...parents,
    'spec.rules': { rules: most('matches') ?? [] },
    'spec.rules[].matches[].headers': { keys: ['name'] },
    'spec.rules[].matches[].headers[]': { defaults: { type: 'Exact' } },
    'spec.rules[].matches[].method': {
      defaults: { type: 'Exact' },
      rules: [
        rule('has(self.service) || has(self.method)', "One or both of 'service' or 'method' must be specified"),
        rule(
          `self.type != 'Exact' || !has(self.service) || self.service.matches(r'${serviceName}')`,
          `service must only contain valid characters (matching ${serviceName})`,
        ),
        rule(
          `self.type != 'Exact' || !has(self.method) || self.method.matches(r'${methodName}')`,
          `method must only contain valid characters (matching ${methodName})`,
        ),
      ],
    },
    'spec.rules[].backendRefs[]': backend,
    ...grpcFilters(['spec.rules[].filters', 'spec.rules[].backendRefs[].filters']),
  },
};

const plainName = `^(${label}(\\.${label})*)$`;

const tlsRoute: Facts = {
  group,
  kind: 'TLSRoute',
  versions: ['v1'],
  source: source('tlsroute_types.go'),
  at: {
    ...parents,
    'spec.hostnames': {
      rules: [
        rule('!self.exists(h, isIP(h))', 'Hostnames cannot contain an IP'),
        rule(`self.all(h, h.contains('*') || h.matches(r'${plainName}'))`, 'Hostnames must be valid based on RFC-1123'),
        rule(
          `self.all(h, !h.contains('*') || (h.startsWith('*.') && h.substring(2).matches(r'${plainName}')))`,
          'Wildcards on hostnames must be the first label, and the rest of hostname must be valid based on RFC-1123',
        ),
      ],
    },
    'spec.rules[].backendRefs[]': backend,
  },
};

const alternativeName = (type: string, field: string, name: string): NonNullable<Fact['rules']> => [
  rule(
    `self.type != '${type}' || (has(self.${field}) && self.${field} != '')`,
    `SubjectAltName element must contain ${name}, if Type is set to ${type}`,
  ),
  rule(
    `self.type == '${type}' || !has(self.${field}) || self.${field} == ''`,
    `SubjectAltName element must not contain ${name}, if Type is not set to ${type}`,
  ),
];
const hasAuthorities = '(has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0)';
const isWellKnown = `(has(self.wellKnownCACertificates) && self.wellKnownCACertificates != '')`;

const backendTlsPolicy: Facts = {
  group,
  kind: 'BackendTLSPolicy',
  versions: ['v1'],
  source: source('backendtlspolicy_types.go'),
  at: {
    'spec.targetRefs': sections('targetRefs', 'target', ['group', 'kind', 'name']),
    'spec.validation': {
      rules: [
        rule(
          `!${hasAuthorities} || !${isWellKnown}`,
          'must not contain both CACertificateRefs and WellKnownCACertificates',
        ),
        rule(`${hasAuthorities} || ${isWellKnown}`, 'must specify either CACertificateRefs or WellKnownCACertificates'),
      ],
    },
    'spec.validation.subjectAltNames[]': {
      rules: [...alternativeName('Hostname', 'hostname', 'Hostname'), ...alternativeName('URI', 'uri', 'URI')],
    },
  },
};

export const gatewayApi: readonly Facts[] = [
  gatewayClass,
  gateway,
  listenerSet,
  httpRoute,
  grpcRoute,
  tlsRoute,
  backendTlsPolicy,
];
