/** HTTPRoute: which hostnames go to which app, and through which listener. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { hostnamesIntersect, hostnameTakes } from '../../../src/formats/hostname.ts';
import { defineCheck, pass, refOf, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { foundOr, groupsOf, isNone } from '../../../src/runbook/told.ts';
import { backendsOf, type Service } from '../../models/backends.ts';
import { mergePatch, setField } from '../../models/patches.ts';
import { namespaces } from '../../models/reads.ts';
import {
  admittingListeners,
  attachmentsOf,
  nameOf,
  routesInQuestion,
  tailnetRoutes,
  type Attachment,
  type Gateway,
  type Listener,
  type Route,
} from '../../models/routes.ts';
import { envoyGateways, isNamed, leftTheDomain, tailnetGateways, wildcard } from '../../models/topology.ts';
import { has, ifThere } from '../../parts.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { namesGateway } from './attachment.ts';
import { editRoute, noRoutes, reads, showRoutes, takesOver } from './routes.ts';
import { unrouted, type App, type Asked } from './unrouted.ts';

/** A hostname of a route that no listener takes of those which the route hangs on. */
interface Unserved {
  route: Route;
  gateway: Gateway;
  hostname: string;
  /** Those listeners. */
  listeners: readonly Listener[];
}

/**
 * A name that the listeners take, in place of one that they do not: under the domain's wildcard, its first label, or for the bare domain the
 * route's name; where each listener is for one hostname, that of the only one, or of the route's name.
 */
function nameTaken({ route: { metadata }, hostname, listeners }: Unserved): string | undefined {
  if (!has('wildcard')) {
    const own = listeners.flatMap(({ hostname: name }) => (name === undefined || name.startsWith('*') ? [] : [name]));
    return own.length === 1 ? own[0] : own.find((name) => name.startsWith(`${metadata.name}.`));
  }
  const [first = ''] = hostname.split('.');
  return wildcard.replace('*', hostname === stack.domain || first === '*' ? metadata.name : first);
}

const takenBy = (listeners: readonly Listener[]): string =>
  listeners.map(({ hostname }) => hostname ?? 'any name').join(', ');

const useName = (better: string, { route, hostname }: Unserved): Remedy => {
  const hostnames = route.spec.hostnames ?? [];
  return {
    title: `Use a name that a listener takes, such as ${better}.`,
    change: { object: refOf(route), path: `spec.hostnames[${hostnames.indexOf(hostname)}]`, to: better },
    commands: [
      mergePatch('httproute', route.metadata, {
        spec: { hostnames: hostnames.map((one) => (one === hostname ? better : one)) },
      }),
    ],
    disturbs: takesOver,
  };
};

const addListener = ({ gateway, hostname }: Unserved): Remedy => ({
  title: `Add a listener for ${hostname} to the Gateway, with a certificate for it.`,
  commands: [sh`kubectl edit gateway ${place(gateway.metadata)}`],
  disturbs: takesOver,
});

/** What the listeners of the stack's Gateway take. */
const namesOfDomain = ifThere('wildcard', wildcard, `any name in ${stack.domain}`);

/** Of several listeners only a person can tell which one is to take the domain. */
function takeTheDomain(gateway: Gateway): Remedy {
  const title = ifThere(
    'wildcard',
    `Let the listener take ${wildcard}.`,
    'Let each listener take the hostname of its app.',
  );
  const disturbs = 'Nothing that works now.';
  const [listener, ...others] = gateway.spec.listeners;
  if (listener === undefined || others.length > 0 || !has('wildcard'))
    return { title, commands: [sh`kubectl edit gateway ${place(gateway.metadata)}`], disturbs };
  return { title, ...setField(gateway, 'spec.listeners[0].hostname', wildcard), disturbs };
}

export const hostnamesAreServed = defineCheck({
  id: 'httproute/hostnames-are-served',
  title: 'Every routed hostname has a listener that takes it',
  why: `Envoy refuses a name that no listener takes before it looks at any route${ifThere('wildcard', '; a wildcard never takes the bare domain')}.`,
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [
    sh`kubectl get gateway -A -o jsonpath='{range .items[*].spec.listeners[*]}{.name}{": "}{.hostname}{"\\n"}{end}'`,
    sh`kubectl get httproute -A`,
  ],
  findings: {
    domainNotTaken: finding<{ gateway: Gateway; hostnames: readonly string[] }>({
      headline: `No listener of Gateway {gateway} takes ${namesOfDomain}`,
      means: 'The Gateway’s listeners are for other domains, while its routes want names of the stack’s.',
      message: ({ gateway, hostnames }) =>
        `No listener of Gateway ${nameOf(gateway)} takes ${namesOfDomain} (${takenBy(gateway.spec.listeners)}), and its routes want ${[...new Set(hostnames)].join(', ')}: clients that ask for them are refused.`,
      evidence: ({ gateway }) => [
        {
          object: refOf(gateway),
          path: 'spec.listeners[*].hostname',
          observed: takenBy(gateway.spec.listeners),
          expected: namesOfDomain,
        },
      ],
      remedies: ({ gateway }) => [takeTheDomain(gateway)],
    }),
    notTaken: finding<Unserved>({
      headline: 'No listener takes {hostname} of HTTPRoute {route}',
      means:
        'The route wants a name for which its Gateway has no listener, so clients are refused before any route counts.',
      message: ({ route, gateway, hostname, listeners }) =>
        `HTTPRoute ${nameOf(route)} wants ${hostname}, which no listener of Gateway ${gateway.metadata.name} takes (${takenBy(listeners)}): clients that ask for it are refused.`,
      evidence: ({ route, hostname, listeners }) => [
        {
          object: refOf(route),
          path: 'spec.hostnames',
          observed: hostname,
          expected: `a name that a listener takes: ${takenBy(listeners)}`,
        },
      ],
      remedies: (subject) => {
        const better = nameTaken(subject);
        return better === undefined ? [addListener(subject)] : [useName(better, subject), addListener(subject)];
      },
    }),
    takenBeside: finding<Unserved & { listener: Listener }>({
      headline: 'HTTPRoute {route} is not where {hostname} is taken',
      means:
        'A listener of the Gateway takes the name, and the route does not hang on it: the name is answered 404, unless another route is there.',
      outcome: 'warned',
      message: ({ route, hostname, listeners, listener, gateway }) =>
        `HTTPRoute ${nameOf(route)} wants ${hostname}, which none of its listeners takes (${takenBy(listeners)}); listener ${listener.name} of Gateway ${nameOf(gateway)} does, and the route does not hang on that.`,
      evidence: ({ route, hostname, listener }) => [
        {
          object: refOf(route),
          path: 'spec.parentRefs',
          observed: route.spec.parentRefs ?? [],
          expected: `listener ${listener.name}, which takes ${hostname}`,
        },
      ],
      remedies: ({ route, listener }) => [
        editRoute(`Let the route hang on listener ${listener.name} too, or take the name out.`, route),
      ],
    }),
  },
  judge(values, { inputs, find }) {
    if (isNone(envoyGateways(values))) return skip('There is no Gateway that routes could hang on.');
    const all = attachmentsOf(values, inputs).map((one) => ({
      one,
      listeners: admittingListeners(one, values.namespaces),
    }));
    // Of several parents one that takes the name is enough.
    const isTaken = ({ route, hostname }: Unserved): boolean =>
      all.some((other) => other.one.route === route && takeName(other.listeners, hostname) !== undefined);
    const missed = all.flatMap(({ one, listeners }) => unservedBy(listeners, one)).filter((one) => !isTaken(one));
    const [beside, unserved] = apart(missed, ({ gateway, hostname, listeners }) =>
      // Of another port, another listener answers.
      takeName(
        gateway.spec.listeners.filter(({ port }) => listeners.some((own) => own.port === port)),
        hostname,
      ),
    );
    const astray = groupsOf(unserved.filter(isOfTheDomain), ({ gateway }) => gateway);
    return foundOr(
      'Every hostname of every route on the Gateway has a listener that takes it.',
      astray.map((all) =>
        find.domainNotTaken({ gateway: all[0].gateway, hostnames: all.map(({ hostname }) => hostname) }),
      ),
      unserved.filter((one) => !isOfTheDomain(one)).map(find.notTaken),
      beside.map(([one, listener]) => find.takenBeside({ ...one, listener })),
    );
  },
});

/** The first of some listeners that takes a name. */
const takeName = (listeners: readonly Listener[], name: string): Listener | undefined =>
  listeners.find((listener) => hostnamesIntersect(listener.hostname, name));

/** What something is found for, with it, and the rest. */
function apart<T, F>(items: readonly T[], look: (item: T) => F | undefined): [(readonly [T, F])[], T[]] {
  const found: (readonly [T, F])[] = [];
  const rest: T[] = [];
  for (const item of items) {
    const seen = look(item);
    if (seen === undefined) rest.push(item);
    else found.push([item, seen]);
  }
  return [found, rest];
}

function unservedBy(listeners: readonly Listener[], { route, gateway }: Attachment): readonly Unserved[] {
  // A section that does not exist is judged by httproute/names-a-listener.
  if (listeners.length === 0) return [];
  return (route.spec.hostnames ?? [])
    .filter((name) => takeName(listeners, name) === undefined)
    .map((hostname) => ({ route, gateway, hostname, listeners }));
}

/** Whether it is a name of the domain, which the Gateway has left: then the Gateway is at fault, not each of its routes. */
const isOfTheDomain = ({ gateway, hostname }: Unserved): boolean =>
  leftTheDomain(gateway) && hostnameTakes(wildcard, hostname);

/** What the stack says of its own apps: the Service that a hostname leads to. */
const known: readonly App[] = [
  {
    hostname: stack.app.hostname,
    namespace: stack.app.namespace,
    service: stack.app.name,
    manifest: `apps/${stack.app.name}/httproute.yaml`,
  },
  ...(stack.vault === null ? [] : [{ ...stack.vault, manifest: 'apps/vault/httproute.yaml' }]),
];

export const routesHostname = defineCheck({
  id: 'httproute/routes-the-hostname',
  title: 'A route takes the hostname',
  why: 'Envoy answers 404 for a name that its listener takes and no route does.',
  needs: [envoyGateway.kindsInstalled, namesGateway],
  reads,
  commands: [showRoutes],
  findings: unrouted,
  judge(values, { inputs, find }) {
    const [first] = tailnetGateways(values);
    if (first === undefined) return skip('There is no Gateway that routes could hang on.');
    const asked = inputs['hostname'] ?? '';
    const onGateway = tailnetRoutes(values, {});
    if (asked === '') return judgeApps(onGateway, values, find);
    if (onGateway.some((route) => takes(route, asked))) return pass(`A route on the Gateway takes ${asked}.`);
    return judgeAsked({ asked, gateway: first.gateway }, onGateway, routesInQuestion(values.routes, {}), find);
  },
});

interface Routed {
  routes: readonly Route[];
  services: readonly Service[];
}

/** Without a hostname in question: whether each app of the stack has a route. */
function judgeApps(
  onGateway: readonly Route[],
  values: Routed,
  find: Find<typeof unrouted>,
): Judgement | readonly Judgement[] {
  const apps = appsWithoutRoute(onGateway, values);
  if (apps.length > 0) return apps.map((app) => find.appNotRouted({ app, hostname: app.hostname }));
  const count = onGateway.flatMap(({ spec }) => spec.hostnames ?? []).length;
  return count === 0 ? skip(noRoutes) : pass(`Routes on the Gateway take ${count} hostnames.`);
}

const takes = ({ spec: { hostnames = [] } }: Route, name: string): boolean =>
  hostnames.length === 0 || hostnames.some((pattern) => hostnameTakes(pattern, name));

function judgeAsked(
  subject: Asked,
  onGateway: readonly Route[],
  all: readonly Route[],
  find: Find<typeof unrouted>,
): Judgement {
  const { asked } = subject;
  const route = all.find(({ spec }) => spec.hostnames?.some((name) => hostnameTakes(name, asked)));
  if (route !== undefined) return find.onOtherParents({ ...subject, route });
  const hostnames = onGateway.flatMap((one) =>
    (one.spec.hostnames ?? []).map((hostname) => ({ route: one, hostname })),
  );
  const near = likeliest(
    asked,
    hostnames.map(({ hostname }) => hostname),
  );
  const misspelt = hostnames.find(({ hostname }) => hostname === near);
  return misspelt === undefined
    ? find.notRouted({ ...subject, hostnames: hostnames.map(({ hostname }) => hostname) })
    : find.misspelt({ ...subject, ...misspelt });
}

/** Apps of the stack that are there, and that no route anywhere leads to. */
function appsWithoutRoute(onGateway: readonly Route[], { routes, services }: Routed): readonly App[] {
  // Where they are sent to, whether it is there or not.
  const backends = backendsOf(routes, []);
  return known
    .filter(({ hostname }) => !onGateway.some((route) => takes(route, hostname)))
    .filter((app) => services.some((service) => isNamed(service, { ...app, name: app.service })))
    .filter(({ hostname }) => !routes.some(({ spec }) => spec.hostnames?.some((name) => hostnameTakes(name, hostname))))
    .filter((app) => !backends.some(({ namespace, name }) => namespace === app.namespace && name === app.service));
}
