/** What Gateway API asks of a route's filters, in rules and in backends alike. */
import { everywhere, rule, type Fact } from './facts.ts';

/** A filter's type and the field that configures it. */
type Filter = readonly [type: string, field: string];

const common: readonly Filter[] = [
  ['RequestHeaderModifier', 'requestHeaderModifier'],
  ['ResponseHeaderModifier', 'responseHeaderModifier'],
  ['RequestMirror', 'requestMirror'],
  ['ExtensionRef', 'extensionRef'],
];
const http: readonly Filter[] = [
  ...common,
  ['RequestRedirect', 'requestRedirect'],
  ['URLRewrite', 'urlRewrite'],
  ['CORS', 'cors'],
  ['ExternalAuth', 'externalAuth'],
];

const agreeing = (filters: readonly Filter[]): Fact => ({
  rules: filters.flatMap(([type, field]) => [
    rule(
      `self.type == '${type}' || !has(self.${field})`,
      `filter.${field} must be nil if the filter.type is not ${type}`,
    ),
    rule(`self.type != '${type}' || has(self.${field})`, `filter.${field} must be specified for ${type} filter.type`),
  ]),
});

const once = (types: readonly string[]): Fact => ({
  rules: types.map((type) =>
    rule(`size(self.filter(f, f.type == '${type}')) < 2`, `${type} filter cannot be repeated`),
  ),
});

/** A reference to a backend, which is a Service unless it says otherwise; a Service is nothing without its port. */
export const toBackend: Fact = {
  defaults: { group: '', kind: 'Service' },
  rules: [rule(`self.group != '' || self.kind != 'Service' || has(self.port)`, 'Must have port for Service reference')],
};

const fraction: Fact = {
  defaults: { denominator: 100 },
  rules: [rule('self.denominator >= self.numerator', 'numerator must be less than or equal to denominator')],
};

const shared: Readonly<Record<string, Fact>> = {
  ...everywhere(['[].requestHeaderModifier', '[].responseHeaderModifier'], {
    '.set': { keys: ['name'] },
    '.add': { keys: ['name'] },
    '.remove': { keys: [] },
  }),
  '[].requestMirror': {
    rules: [
      rule(
        '!has(self.percent) || !has(self.fraction)',
        'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter',
      ),
    ],
  },
  '[].requestMirror.backendRef': toBackend,
  '[].requestMirror.fraction': fraction,
};

const replaced = (type: string, field: string): NonNullable<Fact['rules']> => [
  rule(`self.type != '${type}' || has(self.${field})`, `${field} must be specified when type is set to '${type}'`),
  rule(`!has(self.${field}) || self.type == '${type}'`, `type must be '${type}' when ${field} is set`),
];

const alone = (what: string): Fact => ({
  keys: [],
  rules: [
    rule(
      `size(self) < 2 || !('*' in self)`,
      `${what} cannot contain '*' alongside other ${what === 'AllowOrigins' ? 'origins' : 'methods'}`,
    ),
  ],
});

export const httpFilters = (places: readonly string[]): Readonly<Record<string, Fact>> =>
  everywhere(places, {
    ...shared,
    '': {
      rules: [
        rule(
          `!self.exists(f, f.type == 'RequestRedirect') || !self.exists(f, f.type == 'URLRewrite')`,
          'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
        ),
        ...(once(['CORS', 'RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite']).rules ??
          []),
      ],
    },
    '[]': agreeing(http),
    // The types' list of values is that of the standard channel; their fields are those of both.
    '[].type': { values: ['ExternalAuth'] },
    ...everywhere(['[].requestRedirect.path', '[].urlRewrite.path'], {
      '': {
        rules: [
          ...replaced('ReplaceFullPath', 'replaceFullPath'),
          ...replaced('ReplacePrefixMatch', 'replacePrefixMatch'),
        ],
      },
    }),
    '[].cors': { defaults: { maxAge: 5 } },
    '[].cors.allowOrigins': alone('AllowOrigins'),
    '[].cors.allowMethods': alone('AllowMethods'),
    '[].cors.allowHeaders': alone('AllowHeaders'),
    '[].cors.exposeHeaders': { keys: [] },
    '[].externalAuth': {
      rules: [
        rule(`self.protocol != 'GRPC' || has(self.grpc)`, "grpc must be specified when protocol is set to 'GRPC'"),
        rule(`!has(self.grpc) || self.protocol == 'GRPC'`, "protocol must be 'GRPC' when grpc is set"),
        rule(`self.protocol != 'HTTP' || has(self.http)`, "http must be specified when protocol is set to 'HTTP'"),
        rule(`!has(self.http) || self.protocol == 'HTTP'`, "protocol must be 'HTTP' when http is set"),
      ],
    },
    '[].externalAuth.backendRef': toBackend,
  });

export const grpcFilters = (places: readonly string[]): Readonly<Record<string, Fact>> =>
  everywhere(places, {
    ...shared,
    '': once(['RequestHeaderModifier', 'ResponseHeaderModifier']),
    '[]': agreeing(common),
  });
