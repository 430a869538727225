/** What of a translation is refused, each thing once, for who tells people of it; what is refused only because of something else is left out. */
import { at, list, number } from '../formats/fields.ts';
import { displayName, holderOf, type Listener } from './listener.ts';
import type { JudgedParent, JudgedRoute } from './routes.ts';
import type { Translation } from './translate.ts';
import type { Path, Problem, Verdict, Verdicts } from './verdicts.ts';
import { namespaceOf, targetOf, untold, type Resource, type World } from './world.ts';

export interface Refused {
  object: Resource;
  what: 'gatewayRefused' | 'listenerRefused' | 'parametersRefused' | 'policyRefused' | 'routeRefused';
  at: Path;
  reason: string;
  words: string;
  /** What follows for requests, as a sentence. */
  follows?: string | undefined;
}

export const refusedOf = (said: Translation, world: World): readonly Refused[] => [
  ...said.gateways.flatMap(({ gateway, verdicts, isMade }) =>
    // That the parameters themselves are refused is said of them.
    isMade || verdicts.get('Accepted')?.message.startsWith('Invalid parametersRef') !== true
      ? wholesale(gateway, verdicts, 'gatewayRefused')
      : [],
  ),
  ...said.gateways.flatMap(({ listeners }) => listeners.flatMap(ofListener)),
  ...said.sets.flatMap(({ set, verdicts }) =>
    verdicts.get('Accepted')?.reason === 'NotAllowed' ? wholesale(set, verdicts, 'gatewayRefused').slice(0, 1) : [],
  ),
  ...said.routes.flatMap((route) => ofRoute(route, world)),
  ...[...said.policies].flatMap(([policy, ancestors]) =>
    ancestors.slice(0, 1).flatMap(({ verdicts }) => wholesale(policy, verdicts, 'policyRefused').slice(0, 1)),
  ),
];

const wholesale = (object: Resource, verdicts: Verdicts, what: Refused['what']): readonly Refused[] =>
  [...verdicts.values()]
    .filter(({ status }) => status === 'False')
    .map(({ reason, message, at: path = [] }) => ({ object, what, reason, words: message, at: path }));

/** The telling verdict before the summarising ones; whether a Secret may be named has a check of its own. */
const telling = ['Conflicted', 'ResolvedRefs', 'Accepted', 'Programmed'] as const;

function ofListener(listener: Listener): readonly Refused[] {
  const isBad = ({ type, status }: Verdict): boolean => status === (type === 'Conflicted' ? 'True' : 'False');
  const verdict = telling
    .map((type) => listener.verdicts.get(type))
    .find((one): one is Verdict => one !== undefined && isBad(one) && one.reason !== 'RefNotPermitted');
  if (verdict === undefined) return [];
  const words = `listener ${listener.name}: ${verdict.message}`;
  return verdict.message === 'Listener is invalid, see other Conditions for details.'
    ? []
    : [{ object: holderOf(listener), what: 'listenerRefused', reason: verdict.reason, words, at: verdict.at ?? [] }];
}

function ofRoute({ route, parents }: JudgedRoute, world: World): readonly Refused[] {
  const inRules = parents.flatMap((parent) =>
    parent.rules.flatMap(({ problems, answers }) =>
      problems
        .filter((problem) => !isSaidElsewhere(route, problem, world))
        .map((problem) => ofRule(route, problem, answers)),
    ),
  );
  const ofConnections = parents
    .filter(({ rules }) => rules.length === 0)
    .flatMap(({ verdicts }) => connections(route, verdicts));
  const shut = parents.flatMap((parent) => ofListeners(route, parent));
  return once([...inRules, ...ofConnections, ...shut]);
}

function ofRule(
  route: Resource,
  { reason, message, at: path }: Problem,
  answers: number | 'redirect' | undefined,
): Refused {
  const follows =
    typeof answers === 'number' && answers >= 500
      ? `Every request that the rule takes is answered ${answers}.`
      : undefined;
  return { object: route, what: 'routeRefused', reason, words: message, at: path, follows };
}

/** Routes by connections whose backends other checks do not look at. */
function connections(route: Resource, verdicts: Verdicts): readonly Refused[] {
  const left = ['BackendNotFound', 'PortNotFound'];
  return wholesale(route, verdicts, 'routeRefused').filter(
    ({ reason }) =>
      !['NoMatchingParent', 'NotAllowedByListeners', 'NoMatchingListenerHostname', ...left].includes(reason),
  );
}

/** A listener that is wrong in whom it lets in lets nobody in. */
function ofListeners(route: Resource, { verdicts, gateway }: JudgedParent): readonly Refused[] {
  const verdict = verdicts.get('Accepted');
  const culprits = gateway.listeners.filter(isUnsoundly);
  if (verdict?.reason !== 'NotAllowedByListeners' || culprits.length === 0) return [];
  const words = `${verdict.message} Listener ${culprits.map(displayName).join(', ')} is not one that can let anybody in.`;
  return [{ object: route, what: 'routeRefused', reason: verdict.reason, words, at: verdict.at ?? [] }];
}

const isUnsoundly = ({ verdicts }: Listener): boolean =>
  verdicts.get('Programmed')?.message.startsWith('The allowedRoutes.namespaces.selector') === true;

/** That a Service, or a port of it, is not there is told of every name in a manifest; who may refer to whom, of HTTPRoutes. */
function isSaidElsewhere(route: Resource, { reason, at: path }: Problem, world: World): boolean {
  const reference = path.reduce<unknown>(
    (value, step) => (typeof step === 'number' ? list(value)[step] : at(value, step)),
    route,
  );
  const to = targetOf(reference, namespaceOf(route), 'Service');
  if (reason === 'RefNotPermitted') return route.kind === 'HTTPRoute' && path.includes('backendRefs');
  if (to.kind !== 'Service') return false;
  if (reason === 'BackendNotFound') return true;
  if (reason === 'EndpointsNotFound') return isSelecting(world, to.namespace, to.name);
  const found = reason === 'PortNotFound' ? world.find('Service', to.namespace, to.name) : undefined;
  return (
    found !== undefined &&
    found !== untold &&
    !list(found, 'spec', 'ports').some((port) => number(port, 'port') === number(reference, 'port'))
  );
}

/** Who stands behind a Service with a selector, only a cluster can tell. */
function isSelecting(world: World, namespace: string, name: string): boolean {
  const found = world.find('Service', namespace, name);
  return found !== undefined && found !== untold && at(found, 'spec', 'selector') !== undefined;
}

function once(all: readonly Refused[]): readonly Refused[] {
  const key = ({ reason, at: path, words }: Refused): string => JSON.stringify([reason, path, words]);
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
