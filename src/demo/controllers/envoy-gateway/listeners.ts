/** Listeners: which of them Envoy can be told of, and which routes may attach to them. */
import { selects } from '../../../formats/label-selector.ts';
import { at, isFields, list, number, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { isGranted } from './grants.ts';

export type ListenerCondition = Omit<Condition, 'observedGeneration'>;

export interface JudgedListener {
  name: string;
  port: number;
  protocol: string;
  hostname: string;
  conditions: readonly ListenerCondition[];
  supportedKinds: readonly { group: string; kind: string }[];
  isValid: boolean;
  /** Whether a listener lets routes of a namespace attach. */
  allows: (namespace: string) => boolean;
  /** Counted while routes are judged. */
  attached: { count: number };
}

const group = 'gateway.networking.k8s.io';

/** The kinds of route that a protocol can carry. */
const routeKinds: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

export function judgeListeners(cluster: Cluster, gateway: StoredObject): readonly JudgedListener[] {
  const listeners = list(gateway, 'spec', 'listeners').filter(isFields);
  return listeners.map((listener) => {
    const protocol = text(listener, 'protocol');
    const { supported, problem } = kindsOf(listener, protocol);
    const problems = [
      ...conflict(listener, listeners),
      ...(problem === undefined ? [] : [problem]),
      ...(routeKinds[protocol] === undefined ? [unsupported(protocol)] : tlsProblems(cluster, gateway, listener)),
    ];
    return {
      name: text(listener, 'name'),
      port: number(listener, 'port'),
      protocol,
      hostname: text(listener, 'hostname').toLowerCase(),
      conditions: problems.length === 0 ? well : unwell(problems),
      supportedKinds: supported,
      isValid: problems.length === 0,
      allows: (namespace) => allows(cluster, gateway, listener, namespace),
      attached: { count: 0 },
    };
  });
}

const well: readonly ListenerCondition[] = [
  {
    type: 'Programmed',
    status: 'True',
    reason: 'Programmed',
    message: 'Sending translated listener configuration to the data plane',
  },
  { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Listener has been successfully translated' },
  {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'ResolvedRefs',
    message: 'Listener references have been resolved',
  },
];

/** The last problem of a type counts; what no problem speaks of is filled in. */
function unwell(problems: readonly ListenerCondition[]): readonly ListenerCondition[] {
  const byType = new Map(problems.map((problem) => [problem.type, problem]));
  if (!byType.has('Programmed')) {
    byType.set('Programmed', invalid('Listener is invalid, see other Conditions for details.'));
  }
  const resolved = well.find(({ type }) => type === 'ResolvedRefs');
  if (resolved !== undefined && !byType.has('ResolvedRefs')) byType.set('ResolvedRefs', resolved);
  return [...byType.values()];
}

const invalid = (message: string): ListenerCondition => ({
  type: 'Programmed',
  status: 'False',
  reason: 'Invalid',
  message,
});

const unresolved = (reason: string, message: string): ListenerCondition => ({
  type: 'ResolvedRefs',
  status: 'False',
  reason,
  message,
});

const unsupported = (protocol: string): ListenerCondition => ({
  type: 'Accepted',
  status: 'False',
  reason: 'UnsupportedProtocol',
  message: `Protocol ${protocol} is unsupported, must be ${Object.keys(routeKinds).join(', ')}.`,
});

function kindsOf(
  listener: unknown,
  protocol: string,
): { supported: JudgedListener['supportedKinds']; problem?: ListenerCondition } {
  const possible = routeKinds[protocol] ?? [];
  const asked = list(listener, 'allowedRoutes', 'kinds');
  if (asked.length === 0) return { supported: possible.map((kind) => ({ group, kind })) };
  const isOurs = (entry: unknown): boolean => (text(entry, 'group') || group) === group;
  const supported = asked
    .filter((entry) => isOurs(entry) && possible.includes(text(entry, 'kind')))
    .map((entry) => ({ group, kind: text(entry, 'kind') }));
  const foreign = asked.find((entry) => !isOurs(entry));
  const unknown = asked.find((entry) => isOurs(entry) && !possible.includes(text(entry, 'kind')));
  if (unknown !== undefined) {
    const names = supported.length === 0 ? possible : supported.map(({ kind }) => kind);
    const message = `${text(unknown, 'kind')} is not supported, kind must be one of [${names.join(' ')}]`;
    return { supported, problem: unresolved('InvalidRouteKinds', message) };
  }
  if (foreign !== undefined) {
    return { supported, problem: unresolved('InvalidRouteKinds', `Group is not supported, group must be ${group}`) };
  }
  return { supported };
}

/** Port, protocol and hostname must be unique; HTTPS and TLS may share a port. */
function conflict(listener: unknown, all: readonly unknown[]): readonly ListenerCondition[] {
  const samePort = all.filter((other) => number(other, 'port') === number(listener, 'port'));
  const family = (one: unknown): string => {
    const protocol = text(one, 'protocol');
    return protocol === 'HTTPS' || protocol === 'TLS' ? 'https/tls' : protocol;
  };
  const conflicted = (reason: string, message: string): ListenerCondition => ({
    type: 'Conflicted',
    status: 'True',
    reason,
    message,
  });
  const layer7 = samePort.filter((other) => !['TCP', 'UDP'].includes(text(other, 'protocol')));
  if (!layer7.includes(listener)) return [];
  const sameName = layer7.filter((other) => text(other, 'hostname') === text(listener, 'hostname'));
  if (sameName.length > 1) {
    return [conflicted('HostnameConflict', 'All listeners for a given port must use a unique hostname')];
  }
  return new Set(layer7.map(family)).size > 1
    ? [conflicted('ProtocolConflict', 'All listeners for a given port must use a compatible protocol')]
    : [];
}

function tlsProblems(cluster: Cluster, gateway: StoredObject, listener: unknown): readonly ListenerCondition[] {
  const protocol = text(listener, 'protocol');
  const tls = at(listener, 'tls');
  const isTls = protocol === 'HTTPS' || protocol === 'TLS';
  if (!isTls) return tls === undefined ? [] : [invalid(`Listener must not have TLS set when protocol is ${protocol}.`)];
  if (!isFields(tls)) return [invalid(`Listener must have TLS set when protocol is ${protocol}.`)];
  const mode = text(tls, 'mode') || 'Terminate';
  if (mode !== 'Terminate') {
    if (protocol === 'TLS') return [];
    return [
      {
        ...invalid(`TLS ${mode} mode is not supported, TLS mode must be Terminate.`),
        reason: 'UnsupportedTLSMode',
      },
    ];
  }
  const references = list(tls, 'certificateRefs');
  if (references.length === 0) return [invalid('Listener must have at least 1 TLS certificate ref')];
  const problems = references.flatMap((reference) => certificateProblem(cluster, gateway, reference) ?? []);
  const [first] = problems;
  // One that can be used is enough [since 1.7].
  if (first === undefined || problems.length < references.length) return [];
  const all = problems.map(({ message }) => message ?? '').join('\n');
  return [{ ...first, message: `No valid secrets exist: ${all}` }];
}

function certificateProblem(
  cluster: Cluster,
  gateway: StoredObject,
  reference: unknown,
): ListenerCondition | undefined {
  const bad = (message: string): ListenerCondition => unresolved('InvalidCertificateRef', message);
  if (text(reference, 'group') !== '') return bad("Listener's TLS certificate ref group must be unspecified/empty.");
  if ((text(reference, 'kind') || 'Secret') !== 'Secret') {
    return bad("Listener's TLS certificate ref kind must be Secret.");
  }
  const own = gateway.metadata.namespace ?? '';
  const namespace = text(reference, 'namespace') || own;
  const name = text(reference, 'name');
  const from = { group, kind: 'Gateway', namespace: own };
  if (namespace !== own && !isGranted(cluster, from, { group: '', kind: 'Secret', namespace, name })) {
    return unresolved(
      'RefNotPermitted',
      `Certificate ref to secret ${namespace}/${name} not permitted by any ReferenceGrant.`,
    );
  }
  const secret = cluster.get(kinds.Secret, namespace, name);
  if (secret === undefined) return bad(`Secret ${namespace}/${name} does not exist.`);
  if (text(secret, 'type') !== 'kubernetes.io/tls') {
    return bad(`Secret ${namespace}/${name} must be of type kubernetes.io/tls.`);
  }
  if (text(secret, 'data', 'tls.crt') === '' || text(secret, 'data', 'tls.key') === '') {
    return bad(`Secret ${namespace}/${name} must contain tls.crt and tls.key.`);
  }
  return undefined;
}

/** Left out, a listener takes routes of its own namespace only. */
function allows(cluster: Cluster, gateway: StoredObject, listener: unknown, namespace: string): boolean {
  switch (text(listener, 'allowedRoutes', 'namespaces', 'from')) {
    case 'All':
      return true;
    case 'Selector': {
      const selector = at(listener, 'allowedRoutes', 'namespaces', 'selector');
      return (
        isFields(selector) &&
        selects(selector, strings(cluster.get(kinds.Namespace, undefined, namespace), 'metadata', 'labels'))
      );
    }
    default:
      return namespace === gateway.metadata.namespace;
  }
}
