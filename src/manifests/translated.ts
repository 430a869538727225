/**
 * What Envoy Gateway would refuse of manifests, in its own words: listeners, rules of routes, parameters and policies. Told from the objects that are
 * there; whatever nobody here can tell is taken for sound. What other checks say of names that lead nowhere is left to them.
 */
import { proxyVerdict, translate } from '../gateways/translate.ts';
import { groups, placeOf, untold, type Resource, type Settings, type World } from '../gateways/world.ts';
import type { GivenGateway } from '../gateways/gateway.ts';
import { refusedOf, type Refused } from '../gateways/refusals.ts';
import { groupOf } from '../kinds/kind.ts';
import { pathOf } from '../kinds/violation.ts';
import { fieldsOf, specOf, textOf, valueAt } from './fields.ts';
import type { Finding, ManifestFinding } from './finding.ts';
import type { Applied, Manifest, ManifestObject } from './manifest.ts';
import { isNamespaced, keyOf, nameOf, namespacesOf } from './scope.ts';
import { switchedOff } from './switches.ts';
import { placeholderIn } from './untold.ts';

/** Kinds that people write, or what they write makes: one that is in no manifest of its namespace is nowhere. */
const written: ReadonlySet<string> = new Set(['Service', 'ServiceImport', 'Backend', 'HTTPRouteFilter']);

/** Whether Envoy Gateway says something of the object itself. */
export const isTranslated = ({ kind }: ManifestObject): boolean =>
  ['Gateway', 'EnvoyProxy', 'BackendTLSPolicy', 'ListenerSet'].includes(kind);

export function judgeTranslation(applied: Applied): readonly Finding[] {
  const { manifests } = applied;
  const classes = manifests.filter(({ object }) => object.kind === 'GatewayClass' && isEnvoys(object));
  if (classes.length === 0) return [];
  const world = worldOf(applied);
  const given = manifests
    .flatMap(({ object }) => givenGateway(world, object, classes))
    // Which is older only a cluster knows: of the same age they count by name.
    .sort((one, other) => (placeOf(one.gateway) < placeOf(other.gateway) ? -1 : 1));
  const byObject = new Map<Resource, Manifest>(manifests.map((manifest) => [manifest.object, manifest]));
  const found = [...refusedProxies(given, classes), ...refusedOf(translate(world, given), world)];
  return found.flatMap((refused) => {
    const manifest = byObject.get(refused.object);
    // Of a value that somebody fills in, nothing is known.
    if (manifest === undefined || placeholderIn(specOf(manifest.object)) !== undefined) return [];
    return [findingOf(manifest, refused)];
  });
}

const isEnvoys = (object: ManifestObject): boolean =>
  textOf(specOf(object)['controllerName'])?.startsWith('gateway.envoyproxy.io/') === true;

function worldOf(applied: Applied): World {
  const { manifests, makers } = applied;
  const objects = manifests.map(({ object }) => object);
  const byKind = Map.groupBy(objects, ({ apiVersion, kind }) => `${kind}.${groupOf(apiVersion)}`);
  const list = (kind: string): readonly ManifestObject[] => byKind.get(`${kind}.${groups[kind] ?? ''}`) ?? [];
  const byName = new Map(
    objects.map((object): [string, ManifestObject] => {
      const { apiVersion, kind, metadata } = object;
      const home = isNamespaced(object) ? (metadata.namespace ?? 'default') : '';
      return [keyOf(`${kind}.${groupOf(apiVersion)}`, home, metadata.name), object];
    }),
  );
  const declared = namespacesOf(manifests);
  const isWhole = (kind: string, namespace: string | undefined): boolean =>
    written.has(kind) &&
    namespace !== undefined &&
    declared.has(namespace) &&
    !makers.some((maker) => maker.namespace === undefined || maker.namespace === namespace);
  return {
    settings: settingsOf(applied),
    list,
    find: (kind, namespace, name) =>
      byName.get(keyOf(`${kind}.${groups[kind] ?? ''}`, namespace ?? '', name)) ??
      (isWhole(kind, namespace) ? undefined : untold),
    mayBeGranted: () => list('ReferenceGrant').length === 0,
  };
}

/** What the controller is told; what is not told is taken to be on. */
function settingsOf(applied: Applied): Settings {
  const off = switchedOff(applied);
  const isOn = (kind: string): boolean => off?.isOff(kind) !== true;
  return { backends: isOn('Backend'), patchPolicies: isOn('EnvoyPatchPolicy') };
}

function givenGateway(world: World, object: ManifestObject, classes: readonly Manifest[]): readonly GivenGateway[] {
  const gatewayClass = classes.find((one) => one.object.metadata.name === specOf(object)['gatewayClassName'])?.object;
  if (object.kind !== 'Gateway' || gatewayClass === undefined) return [];
  const own = fieldsOf(fieldsOf(specOf(object)['infrastructure'])['parametersRef']);
  const ownProxy = world.find('EnvoyProxy', object.metadata.namespace ?? 'default', textOf(own['name']) ?? '');
  return [
    {
      gateway: object,
      classProxy: proxyOf(world, gatewayClass),
      ownProxy: ownProxy === untold ? undefined : ownProxy,
    },
  ];
}

function proxyOf(world: World, gatewayClass: ManifestObject): Resource | undefined {
  const { namespace, name } = fieldsOf(specOf(gatewayClass)['parametersRef']);
  const found = world.find('EnvoyProxy', textOf(namespace) ?? 'default', textOf(name) ?? '');
  return found === untold ? undefined : found;
}

/** Parameters that the controller does not take, with every class and Gateway that goes by them. */
function refusedProxies(given: readonly GivenGateway[], classes: readonly Manifest[]): readonly Refused[] {
  const proxies = new Set(
    given.flatMap(({ classProxy, ownProxy }) => [classProxy, ownProxy].filter((one) => one !== undefined)),
  );
  return [...proxies].flatMap((proxy): readonly Refused[] => {
    const { status, message, reason, at = [] } = proxyVerdict(proxy);
    if (status === 'True') return [];
    const users = [
      ...classes
        .map(({ object }) => object)
        .filter((object) => fieldsOf(specOf(object)['parametersRef'])['name'] === proxy.metadata.name),
      ...given.filter((one) => (one.ownProxy ?? one.classProxy) === proxy).map(({ gateway }) => gateway),
    ].map((object) => `${object.kind} ${nameOf(object)}`);
    return [{ object: proxy, what: 'parametersRefused', at, reason, words: `${users.join(', ')}: ${message}` }];
  });
}

/** What to do about each, where the words of the controller do not say it. */
const advice: Readonly<Record<Refused['what'], string>> = {
  gatewayRefused: 'Correct what the message names in the Gateway.',
  listenerRefused: 'Correct what the message names in the listener.',
  parametersRefused: 'Correct what the message names in the EnvoyProxy.',
  policyRefused: 'Correct what the message names in the policy, or what it refers to.',
  routeRefused: 'Correct what the message names in the route, or in what it refers to.',
};

function findingOf(manifest: Manifest, { what, at, reason, words, follows }: Refused): Finding {
  const { object } = manifest;
  const subject = `${object.kind} ${nameOf(object)}`;
  const told = words.replaceAll('\n', ' ');
  const end = /[.!?]$/.test(told) ? '' : '.';
  return {
    manifest,
    what: what satisfies ManifestFinding,
    outcome: 'failed',
    place: manifest.place(at),
    path: pathOf(at),
    observed: brief(valueAt(object, at)),
    expected: 'what Envoy Gateway takes',
    message: `Envoy Gateway refuses ${subject} (${reason}): ${told}${end}${follows === undefined ? '' : ` ${follows}`}`,
    advice: advice[what],
  };
}

/** As much of a value as fits in a line. */
const brief = (value: unknown): unknown =>
  JSON.stringify(value ?? null).length > 200 ? 'more than fits in a line' : (value ?? null);
