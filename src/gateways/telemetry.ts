/** Where Envoy sends its logs, traces and metrics: whether it is there [internal/gatewayapi/listener.go, processProxyObservability]. */
import { at, list, number, text } from '../formats/fields.ts';
import { absence, emptiness, isDynamic } from './backends.ts';
import { tlsProblem, type OwnTls, type TlsPolicies } from './backend-tls.ts';
import type { Path } from './verdicts.ts';
import { envoyGateway, namespaceOf, targetOf, untold, type Resource, type World } from './world.ts';

interface Sink {
  called: string;
  references: readonly unknown[];
  path: Path;
}

function sinksOf(proxy: Resource): readonly Sink[] {
  const telemetry = at(proxy, 'spec', 'telemetry');
  const path: Path = ['spec', 'telemetry'];
  const isLogging = at(telemetry, 'accessLog', 'disable') !== true;
  const logs = (isLogging ? list(telemetry, 'accessLog', 'settings') : []).flatMap((setting, index) =>
    list(setting, 'sinks').flatMap((sink, inner) =>
      ['als', 'openTelemetry'].map((field) => ({
        called: 'access log',
        references: list(sink, field, 'backendRefs'),
        path: [...path, 'accessLog', 'settings', index, 'sinks', inner, field, 'backendRefs'],
      })),
    ),
  );
  const tracing = {
    called: 'tracing',
    references: list(telemetry, 'tracing', 'provider', 'backendRefs'),
    path: [...path, 'tracing', 'provider', 'backendRefs'],
  };
  const metrics = list(telemetry, 'metrics', 'sinks').map((sink, index) => ({
    called: 'metrics',
    references: list(sink, 'openTelemetry', 'backendRefs'),
    path: [...path, 'metrics', 'sinks', index, 'openTelemetry', 'backendRefs'],
  }));
  return [...logs, tracing, ...metrics];
}

/** Why what an EnvoyProxy says of telemetry cannot be done; the first thing counts. */
export function telemetryProblem(
  world: World,
  proxy: Resource,
  {
    own,
    tlsPolicies,
    routesToServices,
  }: { own: OwnTls | undefined; tlsPolicies: TlsPolicies; routesToServices: boolean },
): { message: string; at: Path } | undefined {
  const parent = {
    group: envoyGateway,
    kind: 'EnvoyProxy',
    namespace: namespaceOf(proxy),
    name: proxy.metadata.name,
  };
  const by = { object: proxy, kind: 'EnvoyProxy', routesToServices };
  for (const { called, references, path } of sinksOf(proxy)) {
    for (const [index, reference] of references.entries()) {
      const why =
        refusalOf(world, proxy, reference) ??
        emptiness(world, by, reference)?.message ??
        tlsProblem(world, reference, namespaceOf(proxy), { parent, own, policies: tlsPolicies });
      if (why === undefined) continue;
      const message = `Invalid ${called} backendRefs in the referenced EnvoyProxy: ${why}`;
      return { message, at: [...path, index] };
    }
  }
  return undefined;
}

function refusalOf(world: World, proxy: Resource, reference: unknown): string | undefined {
  const to = targetOf(reference, namespaceOf(proxy), 'Service');
  if (!['Service', 'Backend'].includes(to.kind)) return `unsupported kind for backendRefs: ${text(reference, 'kind')}`;
  const wrong = absence(world, to, number(reference, 'port'), 'TCP', true);
  if (wrong !== undefined) return wrong.message;
  const found = to.kind === 'Backend' ? world.find('Backend', to.namespace, to.name) : undefined;
  const isLookedUp = found !== undefined && found !== untold && isDynamic(found);
  return isLookedUp ? 'dynamic resolver destinations are not supported' : undefined;
}
