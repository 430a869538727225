/** EnvoyProxies: what the controller itself refuses in them [api/v1alpha1/validation/envoyproxy_validate.go]. */
import { at, fieldsOf, isFields, list, text } from '../formats/fields.ts';
import type { Path } from './verdicts.ts';
import type { Resource } from './world.ts';

export interface Refusal {
  message: string;
  at: Path;
}

/** Everything that is refused, in the controller's order; nothing where the EnvoyProxy is taken. */
export const refusalsIn = (proxy: Resource): readonly Refusal[] => [
  ...providerRefusals(proxy),
  ...accessLogRefusals(proxy),
  ...metricRefusals(proxy),
  ...cycles(proxy),
];

/** As Go writes several errors as one. */
export function aggregated(messages: readonly string[]): string {
  const all = [...new Set(messages)];
  return all.length === 1 ? (all[0] ?? '') : `[${all.join(', ')}]`;
}

const patched: readonly (readonly [field: string, called: string])[] = [
  ['envoyDeployment', 'deployment'],
  ['envoyHpa', 'hpa'],
  ['envoyPDB', 'pdb'],
  ['envoyService', 'service'],
];

function providerRefusals(proxy: Resource): readonly Refusal[] {
  const provider = at(proxy, 'spec', 'provider');
  if (!isFields(provider)) return [];
  const type = text(provider, 'type');
  const path: Path = ['spec', 'provider'];
  if (type === 'Host') {
    const message = "field 'host' should be specified when provider type is 'Host'";
    return at(provider, 'host') === undefined ? [{ message, at: path }] : [];
  }
  // An API server refuses one without a type.
  if (type !== 'Kubernetes' && type !== '')
    return [{ message: `unsupported provider type ${type}`, at: [...path, 'type'] }];
  const kubernetes = fieldsOf(provider, 'kubernetes');
  const inPatches = patched.flatMap(([field, called]): readonly Refusal[] => {
    const patch = at(kubernetes, field, 'patch');
    if (!isFields(patch)) return [];
    const here: Path = [...path, 'kubernetes', field, 'patch'];
    const kind = text(patch, 'type');
    return [
      ...(at(patch, 'value') === undefined
        ? [{ message: `envoy ${called} patch object cannot be empty`, at: here }]
        : []),
      ...(['', 'JSONMerge', 'StrategicMerge'].includes(kind)
        ? []
        : [{ message: `unsupported envoy ${called} patch type ${kind}`, at: [...here, 'type'] }]),
    ];
  });
  return [...inPatches, ...serviceRefusals(kubernetes, [...path, 'kubernetes', 'envoyService'])];
}

const balanced: readonly string[] = ['allocateLoadBalancerNodePorts', 'loadBalancerSourceRanges', 'loadBalancerIP'];

function serviceRefusals(kubernetes: unknown, path: Path): readonly Refusal[] {
  const service = fieldsOf(kubernetes, 'envoyService');
  const type = text(service, 'type');
  if (type === '' || type === 'LoadBalancer') return [];
  return [
    ...(['ClusterIP', 'NodePort'].includes(type)
      ? []
      : [{ message: `unsupported envoy service type ${type}`, at: [...path, 'type'] }]),
    ...balanced
      .filter((field) => at(service, field) !== undefined)
      .map((field) => ({ message: `${field} can only be set for LoadBalancer type`, at: [...path, field] })),
  ];
}

/** The field that a sink of a type needs. */
const sinkFields: Readonly<Record<string, string>> = { File: 'file', OpenTelemetry: 'openTelemetry' };

function accessLogRefusals(proxy: Resource): readonly Refusal[] {
  const path: Path = ['spec', 'telemetry', 'accessLog'];
  if (at(proxy, 'spec', 'telemetry', 'accessLog', 'disable') === true) return [];
  return list(proxy, 'spec', 'telemetry', 'accessLog', 'settings').flatMap((setting, index) => {
    const here: Path = [...path, 'settings', index];
    const isBare = text(setting, 'format', 'type') === 'Text' && at(setting, 'format', 'text') === undefined;
    const bare = 'unable to configure access log when using Text format but "text" field being empty';
    return [
      ...(isBare ? [{ message: bare, at: [...here, 'format'] }] : []),
      ...list(setting, 'sinks').flatMap((sink, at_): readonly Refusal[] => {
        const type = text(sink, 'type');
        const field = sinkFields[type];
        if (field === undefined || at(sink, field) !== undefined) return [];
        const message = `unable to configure access log when using ${type} sink type but "${field}" field being empty`;
        return [{ message, at: [...here, 'sinks', at_] }];
      }),
    ];
  });
}

const statOperators = /%(?:ROUTE_NAME|ROUTE_NAMESPACE|ROUTE_KIND|ROUTE_RULE_NAME|ROUTE_RULE_NUMBER|BACKEND_REFS)%/g;

function metricRefusals(proxy: Resource): readonly Refusal[] {
  const path: Path = ['spec', 'telemetry', 'metrics'];
  const sinks = list(proxy, ...(path as readonly string[]), 'sinks').flatMap((sink, index) =>
    text(sink, 'type') === 'OpenTelemetry' && at(sink, 'openTelemetry') === undefined
      ? [{ message: 'opentelemetry is required if the sink type is OpenTelemetry', at: [...path, 'sinks', index] }]
      : [],
  );
  const rest = text(proxy, ...(path as readonly string[]), 'clusterStatName').replace(statOperators, '');
  const [operator] = /%[^%]*%/.exec(rest) ?? [];
  return operator === undefined
    ? sinks
    : [
        ...sinks,
        {
          message: `unable to configure Cluster Stat Name: unsupported operator ${operator}`,
          at: [...path, 'clusterStatName'],
        },
      ];
}

/** Filters that are each to come before the other. */
function cycles(proxy: Resource): readonly Refusal[] {
  const after = new Map<string, Set<string>>();
  const reaches = (from: string, to: string): boolean =>
    from === to || [...(after.get(from) ?? [])].some((next) => reaches(next, to));
  for (const [index, filter] of list(proxy, 'spec', 'filterOrder').entries()) {
    const [name, before] = [text(filter, 'name'), text(filter, 'before')];
    const [from, to] = before === '' ? [text(filter, 'after'), name] : [name, before];
    if (reaches(to, from)) {
      const message = `there is a cycle in the filter order: ${from} -> ${to}`;
      return [{ message, at: ['spec', 'filterOrder', index] }];
    }
    after.set(from, (after.get(from) ?? new Set()).add(to));
  }
  return [];
}

/** Whether the Gateways of a class share an Envoy. */
export const mergesGateways = (proxy: Resource | undefined): boolean => at(proxy, 'spec', 'mergeGateways') === true;

export const mergesBackends = (proxy: Resource | undefined): boolean => isFields(at(proxy, 'spec', 'mergeBackends'));

export const routesToServices = (proxy: Resource | undefined): boolean =>
  text(proxy, 'spec', 'routingType') === 'Service';
