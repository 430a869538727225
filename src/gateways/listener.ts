/** A listener, of a Gateway or of a ListenerSet that is attached to it, and what is said of it. */
import { requirementsOf, selects } from '../formats/label-selector.ts';
import { at, fieldsOf, isFields, list, number, strings, text, type Fields } from '../formats/fields.ts';
import { say, type Path, type Verdict, type Verdicts } from './verdicts.ts';
import { gatewayApi, namespaceOf, placeOf, untold, type Resource, type World } from './world.ts';

export interface Listener {
  gateway: Resource;
  /** The ListenerSet that it is of; undefined where it is the Gateway's own. */
  set: Resource | undefined;
  index: number;
  spec: Fields;
  name: string;
  port: number;
  protocol: string;
  hostname: string;
  verdicts: Verdicts;
  supportedKinds: readonly { group: string; kind: string }[];
  /** Whether it is right by itself: one that is not takes part in no conflict. */
  isSound: boolean;
  hasLostItsProtocol: boolean;
  /** For which names its certificates are. */
  certifiedNames: readonly string[];
  /** Why clients' certificates cannot be judged by it. */
  clientCertificates: Verdict | undefined;
  /** Routes whose hostname it takes. */
  attachedRoutes: number;
}

export const listenersOf = (gateway: Resource, set?: Resource): readonly Listener[] =>
  list(set ?? gateway, 'spec', 'listeners').map((raw, index) => {
    const spec = fieldsOf(raw);
    return {
      ...{ gateway, set, index, spec },
      name: text(spec, 'name'),
      port: number(spec, 'port'),
      protocol: text(spec, 'protocol'),
      hostname: text(spec, 'hostname').toLowerCase(),
      verdicts: new Map(),
      supportedKinds: [],
      isSound: false,
      hasLostItsProtocol: false,
      certifiedNames: [],
      clientCertificates: undefined,
      attachedRoutes: 0,
    };
  });

/** The object that the listener stands in. */
export const holderOf = ({ gateway, set }: Listener): Resource => set ?? gateway;
export const displayName = (listener: Listener): string => `${placeOf(holderOf(listener))}/${listener.name}`;

/** Says something of a listener; of one of a ListenerSet, that it is invalid has another reason. */
export function sayOf(listener: Listener, verdict: Omit<Verdict, 'at'>, ...field: Path): void {
  const reason = listener.set !== undefined && verdict.reason === 'Invalid' ? 'ListenersNotValid' : verdict.reason;
  say(listener.verdicts, { ...verdict, reason, at: ['spec', 'listeners', listener.index, ...field] });
}

const invalid = (listener: Listener, message: string, ...field: Path): false => {
  sayOf(listener, { type: 'Programmed', status: 'False', reason: 'Invalid', message }, ...field);
  return false;
};

export const unresolved = (listener: Listener, reason: string, message: string, ...field: Path): false => {
  sayOf(listener, { type: 'ResolvedRefs', status: 'False', reason, message }, ...field);
  return false;
};

const layer4: readonly string[] = ['TCP', 'UDP'];
export const isLayer4 = ({ protocol }: Listener): boolean => layer4.includes(protocol);

/** The kinds of route that a protocol can carry. */
const carried: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TCPRoute', 'TLSRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

export const isSupported = ({ protocol }: Listener): boolean => Object.hasOwn(carried, protocol);

/** The kinds of route that a listener of a protocol may take; a TLS listener that ends no TLS takes none but those that name hosts. */
export const kindsFor = (protocol: string, tlsMode: string): readonly string[] =>
  protocol === 'TLS' && tlsMode === 'Passthrough' ? ['TLSRoute'] : (carried[protocol] ?? []);

/** Judges a listener by itself: which routes it takes, its protocol and its hostname. What it refers to is judged elsewhere. */
export function judgeListener(listener: Listener): boolean {
  const isOpen = judgeNamespaces(listener);
  const isTaking = judgeKinds(listener);
  return judgeHostname(listener) && isOpen && isTaking;
}

function judgeNamespaces(listener: Listener): boolean {
  const field = ['allowedRoutes', 'namespaces'];
  if (text(listener.spec, ...field, 'from') !== 'Selector') return true;
  const selector = at(listener.spec, ...field, 'selector');
  if (selector === undefined || selector === null) {
    const message =
      'The allowedRoutes.namespaces.selector field must be specified when allowedRoutes.namespaces.from is set to "Selector".';
    return invalid(listener, message, ...field);
  }
  if (requirementsOf(selector) !== undefined) return true;
  const why = refusal(selector);
  return invalid(listener, `The allowedRoutes.namespaces.selector could not be parsed: ${why}.`, ...field, 'selector');
}

/** Why a label selector is none, in the words of Kubernetes [apimachinery, labels.NewRequirement]. */
function refusal(selector: unknown): string {
  const wrong = list(selector, 'matchExpressions').find(
    (one) => requirementsOf({ matchExpressions: [one] }) === undefined,
  );
  const operator = text(wrong, 'operator');
  const values = JSON.stringify(list(wrong, 'values'));
  if (['Exists', 'DoesNotExist'].includes(operator)) {
    return `values: Invalid value: ${values}: values set must be empty for exists and does not exist`;
  }
  return ['In', 'NotIn'].includes(operator)
    ? `values: Invalid value: ${values}: for 'in', 'notin' operators, values set can't be empty`
    : `"${operator}" is not a valid label selector operator`;
}

function judgeKinds(listener: Listener): boolean {
  const { protocol, spec } = listener;
  if (!isSupported(listener)) {
    sayOf(
      listener,
      {
        type: 'Accepted',
        status: 'False',
        reason: 'UnsupportedProtocol',
        message: `Protocol ${protocol} is unsupported, must be HTTP, HTTPS, TCP or UDP.`,
      },
      'protocol',
    );
    return false;
  }
  const possible = kindsFor(protocol, text(spec, 'tls', 'mode'));
  const asked = list(spec, 'allowedRoutes', 'kinds');
  const isOurs = (entry: unknown): boolean => (at(entry, 'group') ?? gatewayApi) === gatewayApi;
  const supported = asked.filter((entry) => isOurs(entry) && possible.includes(text(entry, 'kind')));
  const kinds = asked.length === 0 ? possible : supported.map((entry) => text(entry, 'kind'));
  listener.supportedKinds = kinds.map((kind) => ({ group: gatewayApi, kind }));
  const place = (entry: unknown): Path => ['allowedRoutes', 'kinds', asked.indexOf(entry)];
  const foreign = asked.find((entry) => !isOurs(entry));
  if (foreign !== undefined) {
    unresolved(listener, 'InvalidRouteKinds', `Group is not supported, group must be ${gatewayApi}`, ...place(foreign));
  }
  const unknown = asked.findLast((entry) => isOurs(entry) && !possible.includes(text(entry, 'kind')));
  if (unknown !== undefined) {
    const names = (kinds.length === 0 ? possible : kinds).join(' ');
    const message = `${text(unknown, 'kind')} is not supported, kind must be one of [${names}]`;
    unresolved(listener, 'InvalidRouteKinds', message, ...place(unknown));
  }
  return foreign === undefined && unknown === undefined;
}

function judgeHostname(listener: Listener): boolean {
  if (!isLayer4(listener) || at(listener.spec, 'hostname') === undefined) return true;
  return invalid(listener, `Listener must not have hostname set when protocol is ${listener.protocol}.`, 'hostname');
}

/** Judges what a listener says of TLS, but for the certificates themselves: whether those are to be looked at, too. */
export function judgeTls(listener: Listener): 'sound' | 'wrong' | 'certificates' {
  const { protocol, spec } = listener;
  const tls = at(spec, 'tls');
  const wrong = (message: string, ...field: Path): 'wrong' => {
    invalid(listener, message, 'tls', ...field);
    return 'wrong';
  };
  if (protocol !== 'HTTPS' && protocol !== 'TLS') {
    const isPlain = !isSupported(listener) || tls === undefined || tls === null;
    return isPlain ? 'sound' : wrong(`Listener must not have TLS set when protocol is ${protocol}.`);
  }
  if (!isFields(tls)) return wrong(`Listener must have TLS set when protocol is ${protocol}.`);
  const mode = text(tls, 'mode');
  const count = list(tls, 'certificateRefs').length;
  if (protocol === 'TLS') return judgeTlsMode(mode, count, wrong);
  if (mode !== '' && mode !== 'Terminate') {
    sayOf(
      listener,
      {
        type: 'Programmed',
        status: 'False',
        reason: 'UnsupportedTLSMode',
        message: `TLS ${mode} mode is not supported, TLS mode must be Terminate.`,
      },
      ...['tls', 'mode'],
    );
    return 'wrong';
  }
  return count === 0 ? wrong('Listener must have at least 1 TLS certificate ref') : 'certificates';
}

function judgeTlsMode(
  mode: string,
  count: number,
  wrong: (message: string, ...field: Path) => 'wrong',
): 'sound' | 'wrong' | 'certificates' {
  if (mode === 'Passthrough' && count > 0) {
    return wrong('Listener must not have TLS certificate refs set for TLS mode Passthrough.', 'certificateRefs');
  }
  if (mode === 'Terminate' && count === 0) {
    return wrong('Listener must have TLS certificate refs set for TLS mode Terminate.');
  }
  // An API server fills in that a listener ends TLS.
  return mode === 'Passthrough' || count === 0 ? 'sound' : 'certificates';
}

/** Whether a listener takes routes of a kind. */
export const takesKind = ({ supportedKinds }: Listener, kind: string): boolean =>
  supportedKinds.some((one) => one.kind === kind);

/** Whether a listener takes routes of a namespace; left out, it takes those of its own. Untold labels are taken for the right ones. */
export function takesNamespace(listener: Listener, namespace: string, world: World): boolean {
  switch (text(listener.spec, 'allowedRoutes', 'namespaces', 'from')) {
    case 'All':
      return true;
    case 'Selector':
      return isSelected(at(listener.spec, 'allowedRoutes', 'namespaces', 'selector'), namespace, world);
    default:
      return namespace === namespaceOf(holderOf(listener));
  }
}

/** Whether a selector takes a namespace; one that says nothing that can be understood takes none. */
export function isSelected(selector: unknown, namespace: string, world: World): boolean {
  if (requirementsOf(selector) === undefined) return false;
  const home = world.find('Namespace', undefined, namespace);
  if (home === untold) return true;
  if (home === undefined) return false;
  return selects(selector, { 'kubernetes.io/metadata.name': namespace, ...strings(home, 'metadata', 'labels') });
}

export const isProgrammed = ({ verdicts }: Listener): boolean => verdicts.get('Programmed')?.status === 'True';

/** Whether something but one bad certificate among good ones is wrong with it. */
export const isWrong = ({ verdicts }: Listener): boolean =>
  ['Programmed', 'Accepted', 'ResolvedRefs'].some((type) => {
    const verdict = verdicts.get(type);
    return verdict?.status === 'False' && verdict.reason !== 'PartiallyInvalidCertificateRef';
  });
