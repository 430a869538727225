/** Rules of Envoy Gateway's kinds that runbooks judge. */
import { everywhere, rule, type Fact, type Facts } from './facts.ts';

const service = 'spec.provider.kubernetes.envoyService';
const balancerOnly = (field: string): ReturnType<typeof rule> =>
  rule(`self.type == 'LoadBalancer' || !has(self.${field})`, `${field} can only be set for LoadBalancer type`);

const octet = '(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)';

/** What goes with a type, and only with it. */
const onlyFor = (type: string, field: string, message: string): ReturnType<typeof rule> =>
  rule(`(self.type == '${type}') == has(self.${field})`, message);

const sinks = 'spec.telemetry.accessLog.settings[].sinks[]';
const logs: Readonly<Record<string, Fact>> = {
  'spec.telemetry.accessLog.settings[].type': { values: ['Upstream'] },
  'spec.telemetry.accessLog.settings[].format': {
    rules: [
      rule(
        `!has(self.type) || self.type != 'Text' || has(self.text)`,
        'If AccessLogFormat type is Text, text field needs to be set.',
      ),
      rule(
        `!has(self.type) || self.type != 'Text' || !has(self.json)`,
        'If AccessLogFormat type is Text, json field must not be set.',
      ),
      rule(
        `!has(self.type) || self.type != 'JSON' || has(self.json)`,
        'If AccessLogFormat type is JSON, json field needs to be set.',
      ),
      rule(
        `!has(self.type) || self.type != 'JSON' || !has(self.text)`,
        'If AccessLogFormat type is JSON, text field must not be set.',
      ),
    ],
  },
  [sinks]: {
    rules: [
      onlyFor('ALS', 'als', 'If AccessLogSink type is ALS, als field needs to be set.'),
      onlyFor('File', 'file', 'If AccessLogSink type is File, file field needs to be set.'),
      onlyFor(
        'OpenTelemetry',
        'openTelemetry',
        'If AccessLogSink type is OpenTelemetry, openTelemetry field needs to be set.',
      ),
    ],
  },
};

const envoyProxy: Facts = {
  group: 'gateway.envoyproxy.io',
  kind: 'EnvoyProxy',
  versions: ['v1alpha1'],
  source: { project: 'Envoy Gateway', release: 'v1.7.3', file: 'api/v1alpha1/envoyproxy_types.go, shared_types.go' },
  at: {
    'spec.provider.kubernetes': {
      rules: [
        rule(
          '!has(self.envoyDeployment) || !has(self.envoyDaemonSet)',
          'only one of envoyDeployment or envoyDaemonSet can be specified',
        ),
        rule('!has(self.envoyHpa) || !has(self.envoyDaemonSet)', 'cannot use envoyHpa if envoyDaemonSet is used'),
      ],
    },
    [service]: {
      defaults: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      rules: ['allocateLoadBalancerNodePorts', 'loadBalancerSourceRanges', 'loadBalancerIP'].map(balancerOnly),
    },
    [`${service}.loadBalancerIP`]: {
      rules: [rule(`self.matches(r'^(${octet}\\.){3}${octet}$')`, 'loadBalancerIP must be a valid IPv4 address')],
    },
    ...everywhere(
      ['spec.provider.kubernetes.envoyDeployment.container', 'spec.provider.kubernetes.envoyDaemonSet.container'],
      {
        '': {
          rules: [
            rule('!has(self.imageRepository) || !has(self.image)', 'Either image or imageRepository can be set.'),
          ],
        },
      },
    ),
    ...logs,
    'spec.telemetry.metrics.sinks[]': { defaults: { type: 'OpenTelemetry' } },
    'spec.telemetry.tracing.customTags{}': { defaults: { type: 'Literal' } },
    'spec.telemetry.tracing.provider': { defaults: { type: 'OpenTelemetry' } },
    'spec.logging.level{}': { values: ['off', 'critical'] },
    'spec.provider.kubernetes.envoyHpa': {
      rules: [
        rule(
          '!has(self.minReplicas) || self.minReplicas <= self.maxReplicas',
          'maxReplicas cannot be less than minReplicas',
        ),
      ],
    },
  },
};

const others: readonly (Pick<Facts, 'kind' | 'at'> & { file: string })[] = [
  {
    kind: 'BackendTrafficPolicy',
    file: 'backendtrafficpolicy_types.go, ratelimit_types.go, shared_types.go',
    at: {
      ...everywhere(['spec.rateLimit.global', 'spec.rateLimit.local'], {
        '.rules[].clientSelectors[].path': { defaults: { value: '/' } },
      }),
      'spec.responseOverride[].match': { optional: ['statusCodes'] },
      'spec.responseOverride[].match.statusCodes[]': { defaults: { type: 'Value' } },
      'spec.responseOverride[].response.body': { defaults: { type: 'Inline' } },
      'spec.telemetry.tracing.customTags{}': { defaults: { type: 'Literal' } },
      'spec.loadBalancer.type': { values: ['BackendUtilization', 'DynamicModule'] },
    },
  },
  { kind: 'EnvoyExtensionPolicy', file: 'lua_types.go', at: { 'spec.lua[]': { defaults: { type: 'Inline' } } } },
  {
    kind: 'HTTPRouteFilter',
    file: 'httproutefilter_types.go',
    at: {
      'spec.directResponse.body': { defaults: { type: 'Inline' } },
      'spec.urlRewrite.hostname.type': { values: ['PathRegex'] },
    },
  },
  {
    kind: 'SecurityPolicy',
    file: 'authorization_types.go, ext_auth_types.go, jwt_types.go',
    at: {
      'spec.authorization.rules[]': { optional: ['principal'] },
      'spec.authorization.rules[].operation': { optional: ['methods'] },
      'spec.extAuth.contextExtensions[]': { defaults: { type: 'Value' } },
      'spec.jwt.providers[].localJWKS': { defaults: { type: 'Inline' } },
    },
  },
];

const policies = others.map(({ kind, file, at }): Facts => ({
  group: 'gateway.envoyproxy.io',
  kind,
  versions: ['v1alpha1'],
  source: { project: 'Envoy Gateway', release: 'v1.7.3, and what v1.9 leaves open', file: `api/v1alpha1/${file}` },
  at,
}));

export const envoyGateway: readonly Facts[] = [envoyProxy, ...policies];
