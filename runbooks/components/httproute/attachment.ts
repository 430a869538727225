/** HTTPRoute: whether the Gateway and the listener that it hangs on exist, told from the objects alone. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { follow, leadsTo, relationAt, type Reference } from '../../../src/kinds/references.ts';
import { defineCheck, refOf, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone, known } from '../../../src/runbook/told.ts';
import { astray, astrayFindings, wantedText } from '../../models/astray.ts';
import { fieldOf, holderOf, leadOf, meantBy, type Among } from '../../models/references.ts';
import {
  attachmentsOf,
  gatewayGroup,
  nameOf,
  routesInQuestion,
  type Attachment,
  type Gateway,
  type Listener,
  type ParentRef,
  type Route,
} from '../../models/routes.ts';
import { envoyGateways } from '../../models/topology.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayChecks from '../gateway/gateway.ts';
import { changeRoute, eachAttachment, editRoute, reads, showRoutes, takesOver } from './routes.ts';

type Parent = { route: Route };

const parentRefs = relationAt('HTTPRoute', 'spec.parentRefs[]');

const hanging = astrayFindings<Parent>({
  verb: 'hangs on',
  disturbs: takesOver,
  // The stack's own Gateway is named rightly even while it is missing.
  explainedBy: ({ wanted }) => [
    envoyGateway.kindsInstalled.id,
    ...(wanted.namespace === stack.gateway.namespace && wanted.name === stack.gateway.name
      ? [gatewayChecks.exists.id]
      : []),
  ],
});

const dangling = {
  wrongGroup: hanging.unknownName({
    headline: 'HTTPRoute {by} names its Gateway in a wrong API group',
    means: 'Gateways are of the group gateway.networking.k8s.io: in any other one there is none to hang on.',
    message: ({ route, reference }) =>
      `HTTPRoute ${nameOf(route)} names its Gateway in the group ${reference.group}, which has none.`,
    evidence: ({ route, reference }) => [
      { object: refOf(route), path: fieldOf(reference, 'group'), observed: reference.group, expected: gatewayGroup },
    ],
    remedies: ({ route, reference }) => [
      changeRoute(
        `Write the group ${gatewayGroup} in the route’s parentRefs.`,
        route,
        fieldOf(reference, 'group'),
        gatewayGroup,
      ),
    ],
  }),
  namespaceLeftOut: hanging.otherNamespace({
    headline: 'HTTPRoute {by} leaves out its Gateway’s namespace',
    means: 'Without a namespace a parentRef means the route’s own, and the Gateway is in another one.',
  }),
  misspelt: hanging.otherName({
    headline: 'HTTPRoute {by} misnames Gateway {meant}',
    means:
      'No Gateway has the name and the namespace that the route gives, and the tailnet has one of nearly that name.',
  }),
  repeated: hanging.otherName({
    headline: 'HTTPRoute {by} names Gateway {meant} again, wrongly',
    means: 'The route hangs on the Gateway already. A second parentRef, of nearly that name, leads to nothing.',
    message: (subject) =>
      `HTTPRoute ${nameOf(subject.route)} hangs on ${wantedText(subject)}, which does not exist (there is ${nameOf(subject.meant)}, on which it hangs already).`,
    evidence: ({ route, reference, wanted, meant }) => [
      {
        object: refOf(route),
        path: holderOf(reference),
        observed: nameOf({ metadata: wanted }),
        expected: `no second reference to ${nameOf(meant)}`,
      },
    ],
    remedies: ({ route, reference }) => [
      changeRoute('Take the wrong reference out of the route’s parentRefs.', route, holderOf(reference), null),
    ],
  }),
  missing: hanging.unknownName({
    headline: 'HTTPRoute {by} hangs on a Gateway that does not exist',
    means:
      'No Gateway of the cluster has the name and the namespace that the route gives, nor one that is much like it.',
    remedies: ({ route }) => [
      editRoute('Name a Gateway that exists in the route’s parentRefs.', route, sh`kubectl get gateway -A`),
    ],
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
    const own = envoyGateways(values).map(({ gateway }) => gateway);
    const among: Among<Gateway> = { takes: ['Gateway'], there: values.gateways, namesakes: own, near: own };
    const routes = routesInQuestion(values.routes, inputs);
    if (isNone(routes)) return skip('There is no HTTPRoute.');
    return foundOr('Every Gateway that a route names exists.', () =>
      eachOf(routes, (route) => judgeParents(route, among, find)),
    );
  },
});

/** Judges the parents of a route that are meant for Gateways. */
function judgeParents(route: Route, among: Among<Gateway>, find: Find<typeof dangling>): readonly Judgement[] {
  const parents = follow(route, parentRefs)
    .filter(({ kind }) => kind === 'Gateway')
    .map((reference) => ({ reference, lead: leadOf(reference, among) }));
  const lost = parents.filter(({ lead }) => lead.to !== 'object');
  return lost.flatMap(({ reference, lead }) => {
    const meant = meantBy(lead);
    // A second parent that is not there (yet) does no harm, unless it is meant for the tailnet.
    if (lost.length < parents.length && meant === undefined) return [];
    const subject = astray(route, reference, known(among.near ?? []), { route });
    if (lead.to === 'foreign') return find.wrongGroup(subject);
    if (meant === undefined) return find.missing(subject);
    if (isRepeated(route, reference, meant)) return find.repeated({ ...subject, meant });
    const isLeftOut = lead.to === 'otherNamespace' && parentAt(route, reference)?.namespace === undefined;
    return isLeftOut ? find.namespaceLeftOut({ ...subject, meant }) : find.misspelt({ ...subject, meant });
  });
}

const parentAt = (route: Route, { path: [, , index] }: Reference): ParentRef | undefined =>
  route.spec.parentRefs?.[Number(index)];

/** Whether the reference would be a second one to its Gateway: those have to name different sections [Gateway API, parentRefs]. */
function isRepeated(route: Route, wrong: Reference, meant: Gateway): boolean {
  const section = parentAt(route, wrong)?.sectionName;
  return follow(route, parentRefs).some((other) => {
    const others = parentAt(route, other)?.sectionName;
    return leadsTo(other, meant) && (others === undefined || section === undefined || others === section);
  });
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
      attachmentsOf(values, inputs),
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
