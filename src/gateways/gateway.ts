/** Gateways: whether the controller takes them, and what they say of TLS [internal/gatewayapi/translator.go, GetRelevantGateways; listener.go, ProcessGatewayTLS]. */
import { at, isFields, list, number, text } from '../formats/fields.ts';
import type { OwnTls } from './backend-tls.ts';
import { caRefusal, type Untrusted } from './ca-certificates.ts';
import { aggregated, mergesBackends, mergesGateways, refusalsIn, routesToServices } from './envoy-proxy.ts';
import { listenersOf, type Listener } from './listener.ts';
import { hasPair } from './listener-certificates.ts';
import { say, type Path, type Verdicts } from './verdicts.ts';
import { gatewayApi, isPermitted, namespaceOf, targetOf, untold, type Resource, type World } from './world.ts';

/** A Gateway of a class of the controller, and what it is made with. */
export interface GivenGateway {
  gateway: Resource;
  /** The EnvoyProxy that its class names. */
  classProxy: Resource | undefined;
  /** The EnvoyProxy that it names itself, which comes before its class's. */
  ownProxy: Resource | undefined;
  /** Why what it names cannot be used; said before anything else is looked at. */
  problem?: string | undefined;
}

export interface JudgedGateway {
  gateway: Resource;
  envoyProxy: Resource | undefined;
  isOwnProxy: boolean;
  areMerged: boolean;
  routesToServices: boolean;
  /** What is said of it as a whole; nothing of it means that it is taken. */
  verdicts: Verdicts;
  isTaken: boolean;
  /** Whether an Envoy is made for it. */
  isMade: boolean;
  /** Its own listeners, and then those of ListenerSets; none where it is not taken. */
  listeners: Listener[];
  /** How many ListenerSets have a listener that is accepted. */
  attachedSets: number;
  /** What it says of TLS towards backends. */
  ownTls: OwnTls | undefined;
}

export function judgeGateway({ gateway, classProxy, ownProxy, problem }: GivenGateway): JudgedGateway {
  const envoyProxy = ownProxy ?? classProxy;
  const areMerged = mergesGateways(classProxy);
  const verdicts: Verdicts = new Map();
  const refuse = (reason: string, message: string, path: Path): void =>
    say(verdicts, { type: 'Accepted', status: 'False', reason, message, at: path });
  const refused = envoyProxy === undefined ? [] : refusalsIn(envoyProxy);
  const address = list(gateway, 'spec', 'addresses').findIndex(
    (one) => !['', 'IPAddress', 'Hostname'].includes(text(one, 'type')),
  );
  if (areMerged && mergesBackends(envoyProxy)) {
    refuse('InvalidParameters', 'mergeGateways and mergeBackends cannot both be enabled', ['spec', 'gatewayClassName']);
  } else if (problem !== undefined) {
    refuse('InvalidParameters', problem, ['spec', 'infrastructure', 'parametersRef']);
  } else if (refused.length > 0) {
    const why = aggregated(refused.map(({ message }) => message));
    const path = ownProxy === undefined ? ['spec', 'gatewayClassName'] : ['spec', 'infrastructure', 'parametersRef'];
    refuse('InvalidParameters', `Invalid parametersRef:: ${why}`, path);
  } else if (address !== -1) {
    const type = text(list(gateway, 'spec', 'addresses')[address], 'type');
    const message = `Gateway has an address with an unsupported type: ${type}`;
    refuse('UnsupportedAddress', message, ['spec', 'addresses', address, 'type']);
  }
  // Who names parameters that are not there is told so; its listeners are judged all the same.
  const isTaken = verdicts.size === 0 || problem !== undefined;
  return {
    gateway,
    envoyProxy,
    isOwnProxy: ownProxy !== undefined,
    areMerged,
    routesToServices: routesToServices(envoyProxy),
    verdicts,
    isTaken,
    isMade: verdicts.size === 0,
    listeners: isTaken ? [...listenersOf(gateway)] : [],
    attachedSets: 0,
    ownTls: undefined,
  };
}

const resolvedRefs = (status: 'True' | 'False', reason: string, message: string, path: Path) =>
  ({ type: 'ResolvedRefs', status, reason, message, at: path }) as const;

/** Judges what a Gateway that is taken says of TLS on both of its sides. */
export function judgeTlsOf(world: World, judged: JudgedGateway): void {
  const { gateway, verdicts, envoyProxy } = judged;
  const tls = at(gateway, 'spec', 'tls');
  const isOwn = isFields(at(tls, 'backend'));
  const shown = at(envoyProxy, 'spec', 'backendTLS', 'clientCertificateRef');
  if (!isOwn && envoyProxy !== undefined && isFields(shown)) {
    judged.ownTls = { object: envoyProxy, clientCertificateRef: shown };
  }
  if (!isFields(tls)) return;
  const isFrontSound = judgeClients(world, judged);
  const reference = at(tls, 'backend', 'clientCertificateRef');
  const wrong = isFields(reference) ? clientCertificateRefusal(world, gateway, reference) : undefined;
  if (wrong !== undefined) {
    say(verdicts, resolvedRefs('False', ...wrong, ['spec', 'tls', 'backend', 'clientCertificateRef']));
  } else if (isFields(reference)) judged.ownTls = { object: gateway, clientCertificateRef: reference };
  if (wrong === undefined && isFrontSound) {
    const message = 'Successfully resolved all TLS references for the gateway';
    say(verdicts, resolvedRefs('True', 'ResolvedRefs', message, ['spec', 'tls']));
  }
}

const invalid = 'InvalidClientCertificateRef';

function clientCertificateRefusal(
  world: World,
  gateway: Resource,
  reference: unknown,
): [reason: string, message: string] | undefined {
  const home = namespaceOf(gateway);
  const to = targetOf(reference, home, 'Secret');
  const wrong = (what: string): [string, string] => [
    invalid,
    `Invalid backend client certificate reference for gateway: invalid client certificate reference ${what}`,
  ];
  if (to.kind !== 'Secret') return wrong(`kind: ${to.kind}`);
  if (to.group !== '') return wrong(`group: ${to.group}`);
  if (!isPermitted(world, { group: gatewayApi, kind: 'Gateway', namespace: home }, to)) {
    return ['RefNotPermitted', 'invalid cross-namespace reference to backend client certificate'];
  }
  const secret = world.find('Secret', to.namespace, to.name);
  if (secret === untold) return undefined;
  if (secret === undefined) return [invalid, 'failed to get backend client certs for gateway'];
  const message = `invalid backend client cert secret for gateway: secret ${to.namespace}/${to.name} must contain 'tls.crt' and 'tls.key' fields`;
  return hasPair(secret) ? undefined : [invalid, message];
}

/** Whose certificates clients have to show: of the Gateway as a whole, and of single ports. */
function judgeClients(world: World, { gateway, verdicts, listeners }: JudgedGateway): boolean {
  const frontend = at(gateway, 'spec', 'tls', 'frontend');
  const from = { group: gatewayApi, kind: 'Gateway', namespace: namespaceOf(gateway) };
  const look = (validation: unknown, path: Path): Untrusted | undefined => {
    if (!isFields(validation)) return undefined;
    const wrong = caRefusal(world, list(validation, 'caCertificateRefs'), from);
    if (wrong !== undefined) {
      const where = path.includes('default') ? 'default frontend' : 'frontend';
      const message = `Failed to get ${where} CA certs for gateway: ${wrong.message}`;
      say(verdicts, resolvedRefs('False', 'InvalidParameters', message, path));
    }
    return wrong;
  };
  const here: Path = ['spec', 'tls', 'frontend'];
  const usual = look(at(frontend, 'default', 'validation'), [...here, 'default', 'validation']);
  const perPort = new Map(
    list(frontend, 'perPort').map((entry, index) => [
      number(entry, 'port'),
      look(at(entry, 'tls', 'validation'), [...here, 'perPort', index, 'tls', 'validation']),
    ]),
  );
  for (const listener of listeners.filter(({ protocol }) => protocol === 'HTTPS')) {
    const wrong = perPort.has(listener.port) ? perPort.get(listener.port) : usual;
    if (wrong === undefined) continue;
    const message = `Listener has invalid caCertificateRef for frontend TLS validation: ${wrong.message}`;
    listener.clientCertificates = { type: 'ResolvedRefs', status: 'False', reason: wrong.listenerReason, message };
  }
  const validations = [
    at(frontend, 'default', 'validation'),
    ...list(frontend, 'perPort').map((one) => at(one, 'tls', 'validation')),
  ];
  if (validations.some((one) => text(one, 'mode') === 'AllowInsecureFallback')) {
    const message = 'Gateway is using AllowInsecureFallback frontend validation mode.';
    say(verdicts, { type: 'InsecureFrontendValidationMode', status: 'True', reason: 'ConfigurationChanged', message });
  }
  return usual === undefined && [...perPort.values()].every((one) => one === undefined);
}
