/** HTTPRoute: whether the listener that it hangs on lets it in, told from the objects alone. */
import { requirementsOf } from '../../../src/formats/label-selector.ts';
import { defineCheck, refOf, skip, type Evidence, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, groupsOf, isNone, isWhole, known } from '../../../src/runbook/told.ts';
import { jsonPatch } from '../../models/patches.ts';
import { namespaces } from '../../models/reads.ts';
import {
  admits,
  attachmentsOf,
  nameOf,
  namespaceOf,
  selectorTakes,
  type Admission,
  type Attachment,
  type Gateway,
  type Listener,
} from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { editRoute, noRoutes, reads, showRoutes, takesOver } from './routes.ts';

type Namespace = KubeObject<'Namespace'>;
type Namespaces = Parameters<typeof admits>[3];

/** A listener that lets routes not in which hang on it. */
interface Shut {
  gateway: Gateway;
  listener: Listener;
  attachments: readonly Attachment[];
}

const pathOf = ({ listener }: Shut): string => `spec.listeners[?(@.name=="${listener.name}")]`;
const listenerOf = ({ listener, gateway }: Shut): string => `Listener ${listener.name} of Gateway ${nameOf(gateway)}`;
const routesOf = ({ attachments }: Shut): string =>
  attachments.map(({ route }) => `HTTPRoute ${nameOf(route)}`).join(', ');
const kindsOf = ({ listener }: Shut): string =>
  (listener.allowedRoutes?.kinds ?? []).map(({ kind }) => kind).join(', ');
const selectorOf = ({ listener }: Shut): unknown => listener.allowedRoutes?.namespaces?.selector;
const homesOf = ({ attachments }: Shut): readonly string[] => [
  ...new Set(attachments.map(({ route }) => namespaceOf(route))),
];

const inListener = (subject: Shut, field: string, observed: unknown, expected: string): Evidence => ({
  object: refOf(subject.gateway),
  path: `${pathOf(subject)}.allowedRoutes.${field}`,
  observed,
  expected,
});

const fromInListener = (subject: Shut): readonly [Evidence] => [
  inListener(
    subject,
    'namespaces.from',
    subject.listener.allowedRoutes?.namespaces?.from ?? 'absent, which means Same',
    'All, or a Selector that takes the routes’ namespaces',
  ),
];

const editGateway = (title: string, gateway: Gateway): Remedy => ({
  title,
  commands: [sh`kubectl edit gateway ${place(gateway.metadata)}`],
  disturbs: takesOver,
});

/** A JSON pointer to what the listener says of the routes that it takes. */
const allowedRoutes = ({ gateway, listener }: Shut): string =>
  `/spec/listeners/${gateway.spec.listeners.indexOf(listener)}/allowedRoutes`;

const takeEveryNamespace = (subject: Shut): Remedy => ({
  title: 'Let the listener take routes of every namespace.',
  change: {
    object: refOf(subject.gateway),
    path: `${pathOf(subject)}.allowedRoutes.namespaces`,
    to: { from: 'All' },
  },
  commands: [
    jsonPatch('gateway', subject.gateway.metadata, {
      op: 'add',
      path: allowedRoutes(subject),
      value: { ...subject.listener.allowedRoutes, namespaces: { from: 'All' } },
    }),
  ],
  disturbs: takesOver,
});

const takeSomeNamespaces = ({ gateway }: Shut): Remedy =>
  editGateway('Let the listener take routes of chosen namespaces, by a selector.', gateway);

const takeEveryKind = (subject: Shut): Remedy => ({
  title: 'Let the listener take HTTPRoutes too: leave its kinds out.',
  change: { object: refOf(subject.gateway), path: `${pathOf(subject)}.allowedRoutes.kinds`, to: null },
  commands: [jsonPatch('gateway', subject.gateway.metadata, { op: 'remove', path: `${allowedRoutes(subject)}/kinds` })],
  disturbs: takesOver,
});

/** Gives namespaces the labels that a selector asks for; of its expressions only a person can tell which label they mean. */
function labelNamespaces(title: string, names: readonly string[], selector: unknown): Remedy {
  const { matchLabels = {} } = (selector ?? {}) as { matchLabels?: Readonly<Record<string, string>> };
  const labels = Object.entries(matchLabels);
  return {
    title,
    commands: names.flatMap((name) =>
      labels.length === 0
        ? [sh`kubectl edit namespace ${name}`]
        : labels.map(([key, label]) => sh`kubectl label namespace ${name} ${key}=${label}`),
    ),
    disturbs: takesOver,
  };
}

const findings = {
  wrongProtocol: finding<Attachment & { listener: Listener }>({
    headline: 'HTTPRoute {route} hangs on a listener for other protocols',
    means: 'HTTPRoutes attach to listeners of the protocols HTTPS and HTTP; the others take routes of other kinds.',
    message: ({ route, gateway, listener }) =>
      `HTTPRoute ${nameOf(route)} hangs on listener ${listener.name} of Gateway ${nameOf(gateway)}, whose protocol ${listener.protocol} takes no HTTPRoutes.`,
    evidence: ({ route, path, listener }) => [
      {
        object: refOf(route),
        path: `${path}.sectionName`,
        observed: `${listener.name}, of protocol ${listener.protocol}`,
        expected: 'a listener of protocol HTTPS or HTTP',
      },
    ],
    remedies: ({ route, gateway }) => [
      editRoute('Name an HTTPS listener in the route’s parentRefs.', route),
      editGateway('Give the listener the protocol HTTPS and a certificate.', gateway),
    ],
  }),
  otherKinds: finding<Shut>({
    headline: 'Listener {listener} of Gateway {gateway} takes no HTTPRoutes',
    means: 'The listener says which kinds of routes it takes, and HTTPRoute is not among them.',
    message: (subject) =>
      `${listenerOf(subject)} takes only ${kindsOf(subject)}, so ${routesOf(subject)} cannot attach.`,
    evidence: (subject) => [inListener(subject, 'kinds', kindsOf(subject), 'HTTPRoute')],
    remedies: (subject) => [takeEveryKind(subject)],
  }),
  ownNamespaceOnly: finding<Shut>({
    headline: 'Listener {listener} of {gateway} takes its own namespace only',
    means:
      'The listener takes routes of the Gateway’s namespace alone, as it does where it says nothing, and the apps’ routes are elsewhere.',
    message: (subject) =>
      `${listenerOf(subject)} takes routes of its own namespace only, so ${routesOf(subject)} cannot attach.`,
    evidence: fromInListener,
    remedies: (subject) => [takeEveryNamespace(subject), takeSomeNamespaces(subject)],
  }),
  noNamespace: finding<Shut>({
    headline: 'Listener {listener} of {gateway} takes routes of no namespace',
    means: 'The listener is closed on purpose: its allowedRoutes say None.',
    message: (subject) => `${listenerOf(subject)} takes routes of no namespace, so ${routesOf(subject)} cannot attach.`,
    evidence: fromInListener,
    remedies: (subject) => [takeEveryNamespace(subject), takeSomeNamespaces(subject)],
  }),
  noneSelected: finding<Shut>({
    headline: 'Listener {listener} of {gateway} selects no namespace',
    means: 'The listener takes routes of namespaces with certain labels, and no namespace has them.',
    message: (subject) =>
      `${listenerOf(subject)} takes routes of namespaces that match ${JSON.stringify(selectorOf(subject) ?? 'no selector')}, and no namespace does: ${routesOf(subject)} cannot attach.`,
    evidence: (subject) => [
      inListener(subject, 'namespaces.selector', selectorOf(subject), 'a selector that the apps’ namespaces match'),
    ],
    remedies: (subject) => [
      takeEveryNamespace(subject),
      labelNamespaces('Label the routes’ namespaces as the selector asks.', homesOf(subject), selectorOf(subject)),
    ],
  }),
  namespaceNotSelected: finding<Shut & { namespace: Namespace }>({
    headline: 'Listener {listener} of {gateway} does not select {namespace}',
    means: 'The listener takes routes of namespaces with certain labels: others have them, and this one does not.',
    message: ({ namespace, listener, gateway }) =>
      `Namespace ${namespace.metadata.name} does not carry the label that listener ${listener.name} of Gateway ${nameOf(gateway)} asks for, so its routes cannot attach.`,
    evidence: ({ namespace, ...subject }) => [
      {
        object: refOf(namespace),
        path: 'metadata.labels',
        observed: namespace.metadata.labels ?? {},
        expected: JSON.stringify(selectorOf(subject) ?? {}),
      },
      inListener(subject, 'namespaces.selector', selectorOf(subject), `labels of namespace ${namespace.metadata.name}`),
    ],
    remedies: ({ namespace, ...subject }) => [
      labelNamespaces(
        'Label the namespace as the listener’s selector asks.',
        [namespace.metadata.name],
        selectorOf(subject),
      ),
      editGateway('Let the listener’s selector take the namespace too.', subject.gateway),
    ],
  }),
};

export const isAllowed = defineCheck({
  id: 'httproute/is-allowed-by-the-listener',
  title: 'Every route’s listener lets routes of its namespace in',
  why: 'A listener that does not say which namespaces it takes routes from takes only those of its own.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [
    sh`kubectl get gateway -A -o jsonpath='{range .items[*].spec.listeners[*]}{.name}{": "}{.allowedRoutes}{"\\n"}{end}'`,
    showRoutes,
    sh`kubectl get namespace --show-labels`,
  ],
  findings,
  judge(values, { inputs, find }) {
    const all = attachmentsOf(values, inputs).filter(({ listeners }) => listeners.length > 0);
    if (isNone(all)) return skip(noRoutes);
    return foundOr('Every listener lets the routes in that name it.', () =>
      eachOf(shutListeners(all, values.namespaces), (one) => judgeShut(one, values.namespaces, find)),
    );
  },
});

/** One listener that is shut shuts out many routes: told once. */
function shutListeners(all: readonly Attachment[], namespaces: Namespaces): readonly Shut[] {
  const shuts: readonly Admission[] = ['protocol', 'kinds', 'namespaces'];
  const shutOut = all.flatMap((attachment) => {
    const { route, gateway, listeners } = attachment;
    const isShut = listeners.every((listener) => shuts.includes(admits(listener, gateway, route, namespaces)));
    return isShut ? listeners.slice(0, 1).map((listener) => ({ gateway, listener, attachment })) : [];
  });
  return groupsOf(shutOut, ({ listener }) => listener).map((alike) => {
    const [{ gateway, listener }] = alike;
    return { gateway, listener, attachments: alike.map(({ attachment }) => attachment) };
  });
}

function judgeShut(shut: Shut, namespaces: Namespaces, find: Find<typeof findings>): readonly Judgement[] {
  const { listener, gateway, attachments } = shut;
  const reasons = attachments.map(({ route }) => admits(listener, gateway, route, namespaces));
  if (reasons.includes('protocol')) return attachments.map((one) => find.wrongProtocol({ ...one, listener }));
  if (reasons.includes('kinds')) return [find.otherKinds(shut)];
  const from = listener.allowedRoutes?.namespaces?.from;
  if (from === 'None') return [find.noNamespace(shut)];
  return from === 'Selector' ? judgeSelected(shut, namespaces, find) : [find.ownNamespaceOnly(shut)];
}

/** A selector that takes other namespaces is meant as it is: then the routes' namespaces lack the label. */
function judgeSelected(shut: Shut, namespaces: Namespaces, find: Find<typeof findings>): readonly Judgement[] {
  const selector = selectorOf(shut);
  const all = namespaces.ok ? known(namespaces.value) : [];
  const isMeant = all.some((namespace) => selectorTakes(selector, namespace));
  // Of what is in Git, whom else it takes is not known, and that it does not take this one is.
  const isOpen = namespaces.ok && !isWhole(namespaces.value);
  if (requirementsOf(selector) === undefined || !(isMeant || isOpen)) return [find.noneSelected(shut)];
  const homes = homesOf(shut);
  return all
    .filter(({ metadata }) => homes.includes(metadata.name))
    .map((namespace) => find.namespaceNotSelected({ ...shut, namespace }));
}
