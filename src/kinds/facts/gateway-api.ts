/** Rules, defaults and list keys of Gateway API, which its Go types carry as markers. */
import { everywhere, rule, type Fact, type Facts } from './facts.ts';
import { group, label, sections, source } from './gateway-api-common.ts';
import { routes } from './gateway-api-routes.ts';

const versions = ['v1', 'v1beta1'];

const hostname = `^(\\*\\.)?${label}(\\.${label})*$`;

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

export const gatewayApi: readonly Facts[] = [gatewayClass, gateway, listenerSet, ...routes, backendTlsPolicy];
