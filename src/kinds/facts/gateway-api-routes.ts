/** Rules, defaults and list keys of Gateway API's routes. */
import { everywhere, rule, type Fact, type Facts } from './facts.ts';
import { group, label, sections, source } from './gateway-api-common.ts';
import { grpcFilters, httpFilters, toBackend } from './gateway-api-filters.ts';

const versions = ['v1', 'v1beta1'];

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

export const routes: readonly Facts[] = [httpRoute, grpcRoute, tlsRoute];
