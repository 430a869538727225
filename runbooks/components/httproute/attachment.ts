/** HTTPRoute: whether the Gateway and the listener that it hangs on exist, told from the objects alone. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { defineCheck, pass, refOf, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import {
  gatewayGroup,
  isGatewayRef,
  nameOf,
  namespaceOf,
  parentName,
  routesInQuestion,
  type Attachment,
  type Gateway,
  type Listener,
  type ParentRef,
  type Route,
} from '../../models/routes.ts';
import { isNamed, tailnetGateways } from '../../models/topology.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayChecks from '../gateway/gateway.ts';
import { changeRoute, eachAttachment, editRoute, reads, showRoutes } from './routes.ts';

/** A parent of a route that is none of the cluster's Gateways. */
interface Dangling {
  route: Route;
  parent: ParentRef;
  /** Where the reference stands, e.g. `spec.parentRefs[0]`. */
  path: string;
}

/** One of which it can be told what it means. */
interface Misnamed extends Dangling {
  meant: Gateway;
}

const targetOf = ({ route, parent }: Dangling): string => {
  const { namespace, name } = parentName(route, parent);
  return `${namespace}/${name}`;
};

const namesStack = ({ route, parent }: Dangling): boolean => {
  const { namespace, name } = parentName(route, parent);
  return namespace === stack.gateway.namespace && name === stack.gateway.name;
};

/** What is alike in all parents that are not there. */
const aboutParent = {
  // The stack's own Gateway is named rightly even while it is missing.
  explainedBy: (subject: Dangling) => [
    envoyGateway.kindsInstalled.id,
    ...(namesStack(subject) ? [gatewayChecks.exists.id] : []),
  ],
};

const hangsOn = (subject: Dangling, expected: string): readonly [Evidence] => [
  { object: refOf(subject.route), path: subject.path, observed: targetOf(subject), expected },
];

const dangling = {
  wrongGroup: finding<Dangling>({
    headline: 'HTTPRoute {route} names its Gateway in a wrong API group',
    means: 'Gateways are of the group gateway.networking.k8s.io: in any other one there is none to hang on.',
    message: ({ route, parent }) =>
      `HTTPRoute ${nameOf(route)} names its Gateway in the group ${parent.group}, which has none.`,
    evidence: ({ route, parent, path }) => [
      { object: refOf(route), path, observed: `group ${parent.group}`, expected: `group ${gatewayGroup}` },
    ],
    remedies: ({ route, path }) => [
      changeRoute(`Write the group ${gatewayGroup} in the route’s parentRefs.`, route, `${path}.group`, gatewayGroup),
    ],
    ...aboutParent,
  }),
  namespaceLeftOut: finding<Misnamed>({
    headline: 'HTTPRoute {route} leaves out its Gateway’s namespace',
    means: 'Without a namespace a parentRef means the route’s own, and the Gateway is in another one.',
    message: (subject) =>
      `HTTPRoute ${nameOf(subject.route)} hangs on Gateway ${targetOf(subject)}, which does not exist; without a namespace the reference means the route’s own (there is ${nameOf(subject.meant)}).`,
    evidence: (subject) => hangsOn(subject, nameOf(subject.meant)),
    remedies: ({ route, path, meant }) => [
      changeRoute(
        `Name the Gateway’s namespace, ${namespaceOf(meant)}, in the route’s parentRefs.`,
        route,
        `${path}.namespace`,
        namespaceOf(meant),
      ),
    ],
    ...aboutParent,
  }),
  misspelt: finding<Misnamed>({
    headline: 'HTTPRoute {route} misnames Gateway {meant}',
    means:
      'No Gateway has the name and the namespace that the route gives, and the tailnet has one of nearly that name.',
    message: (subject) =>
      `HTTPRoute ${nameOf(subject.route)} hangs on Gateway ${targetOf(subject)}, which does not exist (there is ${nameOf(subject.meant)}).`,
    evidence: (subject) => hangsOn(subject, nameOf(subject.meant)),
    remedies: ({ route, parent, path, meant }) => [
      changeRoute(`Name Gateway ${nameOf(meant)} in the route’s parentRefs.`, route, path, {
        ...parent,
        namespace: namespaceOf(meant),
        name: meant.metadata.name,
      }),
    ],
    ...aboutParent,
  }),
  repeated: finding<Misnamed>({
    headline: 'HTTPRoute {route} names Gateway {meant} again, wrongly',
    means: 'The route hangs on the Gateway already. A second parentRef, of nearly that name, leads to nothing.',
    message: (subject) =>
      `HTTPRoute ${nameOf(subject.route)} hangs on Gateway ${targetOf(subject)}, which does not exist (there is ${nameOf(subject.meant)}, on which it hangs already).`,
    evidence: (subject) => hangsOn(subject, `no second reference to ${nameOf(subject.meant)}`),
    remedies: ({ route, path }) => [
      changeRoute('Take the wrong reference out of the route’s parentRefs.', route, path, null),
    ],
    ...aboutParent,
  }),
  missing: finding<Dangling & { tailnet: readonly Gateway[] }>({
    headline: 'HTTPRoute {route} hangs on a Gateway that does not exist',
    means:
      'No Gateway of the cluster has the name and the namespace that the route gives, nor one that is much like it.',
    message: (subject) =>
      `HTTPRoute ${nameOf(subject.route)} hangs on Gateway ${targetOf(subject)}, which does not exist.`,
    evidence: ({ tailnet: [expected], ...subject }) =>
      hangsOn(subject, expected === undefined ? 'a Gateway' : nameOf(expected)),
    remedies: ({ route }) => [
      editRoute('Name a Gateway that exists in the route’s parentRefs.', route, sh`kubectl get gateway -A`),
    ],
    ...aboutParent,
  }),
};

export const namesGateway = defineCheck({
  id: 'httproute/names-a-gateway',
  title: 'Every route names a Gateway that exists',
  why: 'A route whose parent does not exist belongs to no controller: nobody even writes its status.',
  needs: [envoyGateway.kindsInstalled, gatewayChecks.exists],
  reads,
  commands: [showRoutes, sh`kubectl get gateway -A`],
  findings: dangling,
  judge(values, { inputs, find }) {
    const tailnet = tailnetGateways(values).map(({ gateway }) => gateway);
    const routes = routesInQuestion(values.routes, inputs);
    const found = routes.flatMap((route) => judgeParents(route, values.gateways, tailnet, find));
    if (found.length > 0) return found;
    return routes.length === 0 ? skip('There is no HTTPRoute.') : pass('Every Gateway that a route names exists.');
  },
});

/** Judges the parents of a route that are meant for Gateways. */
function judgeParents(
  route: Route,
  all: readonly Gateway[],
  tailnet: readonly Gateway[],
  find: Find<typeof dangling>,
): readonly Judgement[] {
  const parents = (route.spec.parentRefs ?? [])
    .map((parent, index) => ({ route, parent, path: `spec.parentRefs[${index}]` }))
    .filter(({ parent }) => (parent.kind ?? 'Gateway') === 'Gateway');
  const astray = parents.filter(
    ({ parent }) => !(isGatewayRef(parent) && all.some((gateway) => isNamed(gateway, parentName(route, parent)))),
  );
  return astray.flatMap((one) => {
    const meant = meantGateway(one, all, tailnet);
    // A second parent that is not there (yet) does no harm, unless it is meant for the tailnet.
    if (astray.length < parents.length && meant === undefined) return [];
    return judgeParent(one, meant, tailnet, find);
  });
}

function judgeParent(
  one: Dangling,
  meant: Gateway | undefined,
  tailnet: readonly Gateway[],
  find: Find<typeof dangling>,
): Judgement {
  if (!isGatewayRef(one.parent)) return find.wrongGroup(one);
  if (meant === undefined) return find.missing({ ...one, tailnet });
  if (isRepeated(one, meant)) return find.repeated({ ...one, meant });
  return one.parent.namespace === undefined && meant.metadata.name === one.parent.name
    ? find.namespaceLeftOut({ ...one, meant })
    : find.misspelt({ ...one, meant });
}

/** Whether the reference would be a second one to its Gateway: those have to name different sections [Gateway API, parentRefs]. */
const isRepeated = ({ route, parent }: Dangling, meant: Gateway): boolean =>
  (route.spec.parentRefs ?? []).some(
    (other) =>
      isGatewayRef(other) &&
      isNamed(meant, parentName(route, other)) &&
      (other.sectionName === undefined || parent.sectionName === undefined || other.sectionName === parent.sectionName),
  );

/** The Gateway that a wrong reference most likely means: the one of that name, else one of the tailnet that is called nearly so. */
function meantGateway(
  { route, parent }: Dangling,
  all: readonly Gateway[],
  tailnet: readonly Gateway[],
): Gateway | undefined {
  const near = likeliest(
    parent.name,
    tailnet.map(({ metadata }) => metadata.name),
  );
  return (
    all.find((gateway) => isNamed(gateway, parentName(route, parent))) ??
    tailnet.find(({ metadata }) => metadata.name === parent.name) ??
    tailnet.find(({ metadata }) => metadata.name === near)
  );
}

/** A route that wants a listener which its Gateway does not have, and the one that it may mean. */
interface Listenerless extends Attachment {
  meant: Listener | undefined;
}

const listed = ({ gateway }: Attachment): string =>
  gateway.spec.listeners.map(({ name, port }) => `${name} (${port})`).join(', ');

const wants = (subject: Attachment, wanted: string): string =>
  `HTTPRoute ${nameOf(subject.route)} wants ${wanted} of Gateway ${nameOf(subject.gateway)}, which has only ${listed(subject)}.`;

const inParent = (subject: Attachment, field: 'sectionName' | 'port'): readonly [Evidence] => [
  {
    object: refOf(subject.route),
    path: `${subject.path}.${field}`,
    observed: subject.parent[field],
    expected: `one of ${listed(subject)}`,
  },
];

export const namesListener = defineCheck({
  id: 'httproute/names-a-listener',
  title: 'Every route names a listener that its Gateway has',
  why: 'A section or port that no listener has attaches the route to nothing.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showRoutes, sh`kubectl get gateway -A -o yaml`],
  findings: {
    noSuchSection: finding<Listenerless>({
      headline: 'HTTPRoute {route} names a listener that {gateway} lacks',
      means: 'No listener of the Gateway is called like the sectionName in the route’s parentRefs.',
      message: (subject) => wants(subject, `a listener ${subject.parent.sectionName}`),
      evidence: (subject) => inParent(subject, 'sectionName'),
      remedies: ({ route, path, meant }) => [
        meant === undefined
          ? editRoute('Name one of the Gateway’s listeners in the route’s parentRefs.', route)
          : changeRoute(
              `Name listener ${meant.name} in the route’s parentRefs.`,
              route,
              `${path}.sectionName`,
              meant.name,
            ),
        changeRoute('Leave sectionName out, which means every listener.', route, `${path}.sectionName`, null),
      ],
    }),
    noSuchPort: finding<Listenerless>({
      headline: 'HTTPRoute {route} names a port that {gateway} does not have',
      means:
        'No listener of the Gateway has the port that the route’s parentRefs give, or it is not that of the section.',
      message: (subject) => wants(subject, `port ${subject.parent.port}`),
      evidence: (subject) => inParent(subject, 'port'),
      remedies: ({ route, path, meant }) => [
        meant === undefined
          ? editRoute('Name the port of one of the Gateway’s listeners in the route’s parentRefs.', route)
          : changeRoute(`Name port ${meant.port} in the route’s parentRefs.`, route, `${path}.port`, meant.port),
        changeRoute('Leave the port out, which means every port.', route, `${path}.port`, null),
      ],
    }),
  },
  judge: (values, { inputs, find }) =>
    eachAttachment(
      values,
      inputs,
      (attachment) => {
        const { parent, gateway, listeners } = attachment;
        const all = gateway.spec.listeners;
        if (listeners.length > 0) return [];
        const section = all.find(({ name }) => name === parent.sectionName);
        return parent.sectionName === undefined || section !== undefined
          ? find.noSuchPort({ ...attachment, meant: section ?? onlyOne(all) })
          : find.noSuchSection({ ...attachment, meant: onlyOne(all) ?? nearest(parent.sectionName, all) });
      },
      'Every listener that a route names exists.',
    ),
});

const onlyOne = (all: readonly Listener[]): Listener | undefined => (all.length === 1 ? all[0] : undefined);

function nearest(section: string, all: readonly Listener[]): Listener | undefined {
  const near = likeliest(
    section,
    all.map(({ name }) => name),
  );
  return all.find(({ name }) => name === near);
}
