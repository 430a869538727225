/** All that Envoy Gateway says of Gateways, and of what hangs on them. */
import { judgeTlsPolicies, type Ancestor, type TlsPolicies } from './backend-tls.ts';
import { refusalOf } from './backends.ts';
import { aggregated, refusalsIn } from './envoy-proxy.ts';
import { judgeGateway, judgeTlsOf, type GivenGateway, type JudgedGateway } from './gateway.ts';
import { attachSets, judgeSets, type JudgedSet } from './listener-sets.ts';
import { judgeListeners } from './listeners.ts';
import { judgePolicies } from './policies.ts';
import { judgeOverlappingRules } from './rule-overlaps.ts';
import { judgeRoutes, type JudgedRoute } from './routes.ts';
import { telemetryProblem } from './telemetry.ts';
import { say, type Verdict, type Verdicts } from './verdicts.ts';
import { gatewayApi, namespaceOf, type Resource, type World } from './world.ts';
import { text } from '../formats/fields.ts';

export interface Translation {
  gateways: readonly JudgedGateway[];
  sets: readonly JudgedSet[];
  routes: readonly JudgedRoute[];
  /** What is said of each policy, for each of the Gateways that it works on. */
  policies: ReadonlyMap<Resource, readonly Ancestor[]>;
  /** EnvoyProxies that a Gateway, or its class, names. */
  proxies: ReadonlyMap<Resource, readonly Ancestor[]>;
  backends: ReadonlyMap<Resource, Verdicts>;
}

export function translate(world: World, given: readonly GivenGateway[]): Translation {
  const gateways = given.map(judgeGateway);
  const taken = gateways.filter(({ isTaken }) => isTaken);
  const sets = attachSets(world, taken);
  const tlsPolicies: TlsPolicies = new Map();
  for (const gateway of taken) judgeTlsOf(world, gateway);
  for (const ofClass of Map.groupBy(taken, ({ gateway }) => text(gateway, 'spec', 'gatewayClassName')).values()) {
    judgeListeners(world, ofClass);
  }
  for (const gateway of taken) judgeTelemetry(world, gateway, tlsPolicies);
  judgeSets(sets);
  const routes = judgeRoutes({ world, gateways: taken, tlsPolicies });
  judgeOverlappingRules(routes);
  const others = judgePolicies({ world, gateways: taken, sets, routes, tlsPolicies });
  judgeTlsPolicies(world, tlsPolicies);
  const policies = new Map([...tlsPolicies, ...others]);
  return { gateways, sets, routes, policies, proxies: proxiesOf(gateways), backends: backendsOf(world) };
}

function judgeTelemetry(world: World, judged: JudgedGateway, tlsPolicies: TlsPolicies): void {
  const { envoyProxy, ownTls: own, routesToServices, verdicts, isOwnProxy } = judged;
  if (envoyProxy === undefined) return;
  const wrong = telemetryProblem(world, envoyProxy, { own, tlsPolicies, routesToServices });
  if (wrong === undefined) return;
  const at = isOwnProxy ? ['spec', 'infrastructure', 'parametersRef'] : ['spec', 'gatewayClassName'];
  say(verdicts, { type: 'Accepted', status: 'False', reason: 'InvalidParameters', message: wrong.message, at });
}

/** What is said of an EnvoyProxy to whoever names it. */
export function proxyVerdict(proxy: Resource): Verdict {
  const refused = refusalsIn(proxy);
  const [first] = refused;
  if (first === undefined) {
    return { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'EnvoyProxy has been accepted.' };
  }
  const message = aggregated(refused.map((one) => one.message));
  return { type: 'Accepted', status: 'False', reason: 'InvalidParameters', message, at: first.at };
}

function proxiesOf(gateways: readonly JudgedGateway[]): Translation['proxies'] {
  const proxies = new Map<Resource, Ancestor[]>();
  for (const { gateway, envoyProxy, isOwnProxy, verdicts } of gateways) {
    if (!isOwnProxy || envoyProxy === undefined) continue;
    if (verdicts.get('Accepted')?.reason === 'UnsupportedAddress') continue;
    const verdict = proxyVerdict(envoyProxy);
    const { name } = gateway.metadata;
    const reference = { group: gatewayApi, kind: 'Gateway', name, namespace: namespaceOf(gateway) };
    const ancestor = { reference, verdicts: new Map([[verdict.type, verdict]]) };
    proxies.set(envoyProxy, [...(proxies.get(envoyProxy) ?? []), ancestor]);
  }
  return proxies;
}

function backendsOf(world: World): Translation['backends'] {
  return new Map(
    world.list('Backend').map((backend): [Resource, Verdicts] => {
      const verdicts: Verdicts = new Map();
      const words = 'The Backend was not accepted';
      const why = world.settings.backends
        ? refusalOf(world, backend)?.message
        : 'since Backend is not enabled in Envoy Gateway Config';
      const message =
        why === undefined
          ? 'The Backend was accepted'
          : world.settings.backends
            ? `${words}: ${why}`
            : `${words} ${why}`;
      // Its reasons are the types of its conditions [internal/gatewayapi/status/backend.go].
      say(verdicts, {
        type: why === undefined ? 'Accepted' : 'Invalid',
        status: why === undefined ? 'True' : 'False',
        reason: 'Accepted',
        message,
      });
      return [backend, verdicts];
    }),
  );
}
