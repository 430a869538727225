/** HTTPRoute: whether what it hangs on exists and lets it in, told from the objects alone. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { httpRoutes, namespaces, topologyReads } from '../../models/reads.ts';
import {
  admits,
  attachmentsOf,
  gatewayGroup,
  isGatewayRef,
  nameOf,
  namespaceOf,
  parentName,
  routesInQuestion,
  selectorTakes,
  type Attachment,
  type Gateway,
  type Listener,
  type ParentRef,
  type Route,
} from '../../models/routes.ts';
import { jsonPatch, pointer } from '../../models/patches.ts';
import { stack } from '../../stack.ts';
import { isNamed, tailnetGateways } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayChecks from '../gateway/gateway.ts';

export const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
};

export const showRoutes = sh`kubectl get httproute -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNAMES:.spec.hostnames,PARENTS:.spec.parentRefs[*].name`;
export const noRoutes = 'No HTTPRoute hangs on a Gateway of the tailnet.';
export const takesOver = 'Nothing: Envoy takes the change over without closing connections.';

export const namesGateway = defineCheck({
  id: 'httproute/names-a-gateway',
  title: 'Every route names a Gateway that exists',
  why: 'A route whose parent does not exist belongs to no controller: nobody even writes its status.',
  needs: [envoyGateway.kindsInstalled, gatewayChecks.exists],
  reads,
  commands: [showRoutes, sh`kubectl get gateway -A`],
  judge(values, { inputs }) {
    const tailnet = tailnetGateways(values).map(({ gateway }) => gateway);
    const routes = routesInQuestion(values.routes, inputs);
    const findings = routes.flatMap((route) => {
      const parents = (route.spec.parentRefs ?? []).map((parent, index) => ({ parent, index }));
      const hangs = parents.some(
        ({ parent }) =>
          isGatewayRef(parent) && values.gateways.some((gateway) => isNamed(gateway, parentName(route, parent))),
      );
      return parents.flatMap(({ parent, index }) => judgeParent(route, parent, index, hangs, values.gateways, tailnet));
    });
    if (findings.length > 0) return findings;
    return routes.length === 0 ? skip('There is no HTTPRoute.') : pass('Every Gateway that a route names exists.');
  },
});

function judgeParent(
  route: Route,
  parent: ParentRef,
  index: number,
  hangsElsewhere: boolean,
  all: readonly Gateway[],
  tailnet: readonly Gateway[],
): readonly Judgement[] {
  if ((parent.kind ?? 'Gateway') !== 'Gateway') return [];
  const target = parentName(route, parent);
  const wrongGroup = !isGatewayRef(parent);
  if (!wrongGroup && all.some((gateway) => isNamed(gateway, target))) return [];
  const misspelt = likeliest(
    target.name,
    tailnet.map((gateway) => gateway.metadata.name),
  );
  const meant =
    all.find((gateway) => isNamed(gateway, target)) ??
    tailnet.find(({ metadata }) => metadata.name === target.name) ??
    tailnet.find(({ metadata }) => metadata.name === misspelt);
  // A second parent that is not there (yet) does no harm, unless it is meant for the tailnet.
  if (hangsElsewhere && meant === undefined) return [];
  const expected = meant ?? tailnet[0];
  const isForgotten = parent.namespace === undefined && meant?.metadata.name === target.name;
  return [
    fail({
      message: wrongGroup
        ? `HTTPRoute ${nameOf(route)} names its Gateway in the group ${parent.group}, which has none.`
        : `HTTPRoute ${nameOf(route)} hangs on Gateway ${target.namespace}/${target.name}, which does not exist${isForgotten ? '; without a namespace the reference means the route’s own' : ''}${meant === undefined ? '' : ` (there is ${nameOf(meant)})`}.`,
      evidence: [
        {
          object: refOf(route),
          path: `spec.parentRefs[${index}]`,
          observed: wrongGroup ? `group ${parent.group}` : `${target.namespace}/${target.name}`,
          expected: wrongGroup ? `group ${gatewayGroup}` : expected === undefined ? 'a Gateway' : nameOf(expected),
        },
      ],
      remedy: {
        title: 'Correct name and namespace of the parent in the route’s manifest and apply it.',
        commands:
          meant === undefined
            ? [sh`kubectl get gateway -A`, sh`kubectl edit httproute -n ${namespaceOf(route)} ${route.metadata.name}`]
            : [
                jsonPatch('httproute', route.metadata, {
                  op: 'replace',
                  path: pointer(`spec.parentRefs[${index}]`),
                  value: {
                    ...parent,
                    group: gatewayGroup,
                    kind: 'Gateway',
                    namespace: namespaceOf(meant),
                    name: meant.metadata.name,
                  },
                }),
              ],
        disturbs: takesOver,
      },
      // The stack's own Gateway is named rightly even while it is missing.
      explainedBy: [envoyGateway.kindsInstalled.id, ...(namesStack(target) ? [gatewayChecks.exists.id] : [])],
    }),
  ];
}

const namesStack = ({ namespace, name }: { namespace: string; name: string }): boolean =>
  namespace === stack.gateway.namespace && name === stack.gateway.name;

/** Judges each parent by which a route hangs on a Gateway of the tailnet. */
const sentence = (listeners: readonly Listener[]): string =>
  listeners.map(({ name, port }) => `${name} (${port})`).join(', ');

export const namesListener = defineCheck({
  id: 'httproute/names-a-listener',
  title: 'Every route names a listener that its Gateway has',
  why: 'A section or port that no listener has attaches the route to nothing.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showRoutes, sh`kubectl get gateway -A -o yaml`],
  judge(values, { inputs }) {
    const all = attachmentsOf(values, inputs);
    if (all.length === 0) return skip(noRoutes);
    const findings = all
      .filter(({ listeners }) => listeners.length === 0)
      .map(({ route, parent, path, gateway }): Judgement => {
        const bySection = gateway.spec.listeners.some(({ name }) => name === parent.sectionName);
        const isPort = parent.sectionName === undefined || bySection;
        const wanted = isPort ? `port ${parent.port}` : `a listener ${parent.sectionName}`;
        return fail({
          message: `HTTPRoute ${nameOf(route)} wants ${wanted} of Gateway ${nameOf(gateway)}, which has only ${sentence(gateway.spec.listeners)}.`,
          evidence: [
            {
              object: refOf(route),
              path: `${path}.${isPort ? 'port' : 'sectionName'}`,
              observed: isPort ? parent.port : parent.sectionName,
              expected: `one of ${sentence(gateway.spec.listeners)}`,
            },
          ],
          remedy: {
            title: 'Name one of the Gateway’s listeners in the route’s parentRefs, or leave the section out.',
            commands: [sh`kubectl edit httproute -n ${namespaceOf(route)} ${route.metadata.name}`],
            disturbs: takesOver,
          },
        });
      });
    return findings.length > 0 ? findings : pass('Every listener that a route names exists.');
  },
});

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
  judge(values, { inputs }) {
    const all = attachmentsOf(values, inputs).filter(({ listeners }) => listeners.length > 0);
    if (all.length === 0) return skip(noRoutes);
    const shutOut = all.filter(({ route, gateway, listeners }) =>
      listeners.every((listener) =>
        ['protocol', 'kinds', 'namespaces'].includes(admits(listener, gateway, route, values.namespaces)),
      ),
    );
    if (shutOut.length === 0) return pass('Every listener lets the routes in that name it.');
    // One listener that is shut shuts out many routes: told once.
    const byListener = new Map<Listener, Attachment[]>();
    for (const attachment of shutOut) {
      const [listener] = attachment.listeners;
      if (listener !== undefined) byListener.set(listener, [...(byListener.get(listener) ?? []), attachment]);
    }
    return [...byListener].flatMap(([listener, attachments]) => judgeShut(listener, attachments, values.namespaces));
  },
});

function judgeShut(
  listener: Listener,
  attachments: readonly Attachment[],
  namespaces: Parameters<typeof admits>[3],
): readonly Judgement[] {
  const [first] = attachments;
  if (first === undefined) return [];
  const { gateway } = first;
  const path = `spec.listeners[?(@.name=="${listener.name}")]`;
  const routes = attachments.map(({ route }) => `HTTPRoute ${nameOf(route)}`).join(', ');
  const why = admits(listener, gateway, first.route, namespaces);
  const remedy = {
    title: 'Let the listener take routes of every namespace, in the Gateway’s manifest and in the cluster.',
    commands: [
      jsonPatch('gateway', gateway.metadata, {
        op: 'add',
        path: `/spec/listeners/${gateway.spec.listeners.indexOf(listener)}/allowedRoutes`,
        value: { namespaces: { from: 'All' } },
      }),
    ],
    disturbs: takesOver,
  };
  const listenerName = `Listener ${listener.name} of Gateway ${nameOf(gateway)}`;
  if (why === 'protocol') {
    return attachments.map(({ route, path: parentPath }) =>
      fail({
        message: `HTTPRoute ${nameOf(route)} hangs on listener ${listener.name} of Gateway ${nameOf(gateway)}, whose protocol ${listener.protocol} takes no HTTPRoutes.`,
        evidence: [
          {
            object: refOf(route),
            path: `${parentPath}.sectionName`,
            observed: `${listener.name}, of protocol ${listener.protocol}`,
            expected: 'a listener of protocol HTTPS or HTTP',
          },
        ],
        remedy: {
          title: 'Name an HTTPS listener in the route’s parentRefs.',
          commands: [sh`kubectl edit httproute -n ${namespaceOf(route)} ${route.metadata.name}`],
          disturbs: takesOver,
        },
      }),
    );
  }
  if (why === 'kinds') {
    const kinds = (listener.allowedRoutes?.kinds ?? []).map(({ kind }) => kind).join(', ');
    return [
      fail({
        message: `${listenerName} takes only ${kinds}, so ${routes} cannot attach.`,
        evidence: [
          { object: refOf(gateway), path: `${path}.allowedRoutes.kinds`, observed: kinds, expected: 'HTTPRoute' },
        ],
        remedy,
      }),
    ];
  }
  const { from, selector } = listener.allowedRoutes?.namespaces ?? {};
  if (from === 'Selector') {
    const all = namespaces.ok ? namespaces.value : [];
    const wanted = JSON.stringify(selector ?? {});
    // A selector that takes other namespaces is meant as it is: then this namespace lacks the label.
    if (all.some((namespace) => selectorTakes(selector, namespace))) {
      const homes = new Set(attachments.map(({ route }) => namespaceOf(route)));
      return all
        .filter(({ metadata }) => homes.has(metadata.name))
        .map((namespace) =>
          fail({
            message: `Namespace ${namespace.metadata.name} does not carry the label that listener ${listener.name} of Gateway ${nameOf(gateway)} asks for, so its routes cannot attach.`,
            evidence: [
              {
                object: refOf(namespace),
                path: 'metadata.labels',
                observed: namespace.metadata.labels ?? {},
                expected: wanted,
              },
              {
                object: refOf(gateway),
                path: `${path}.allowedRoutes.namespaces.selector`,
                observed: selector,
                expected: `labels of namespace ${namespace.metadata.name}`,
              },
            ],
            remedy: {
              title: 'Label the namespace as the listener’s selector asks.',
              commands: Object.entries(selector?.matchLabels ?? {}).map(
                ([key, label]) => sh`kubectl label namespace ${namespace.metadata.name} ${key}=${label}`,
              ),
              disturbs: takesOver,
            },
          }),
        );
    }
    return [
      fail({
        message: `${listenerName} takes routes of namespaces that match ${wanted}, and no namespace does: ${routes} cannot attach.`,
        evidence: [
          {
            object: refOf(gateway),
            path: `${path}.allowedRoutes.namespaces.selector`,
            observed: selector,
            expected: 'a selector that the apps’ namespaces match',
          },
        ],
        remedy,
      }),
    ];
  }
  return [
    fail({
      message: `${listenerName} takes routes of ${from === 'None' ? 'no namespace' : 'its own namespace only'}, so ${routes} cannot attach.`,
      evidence: [
        {
          object: refOf(gateway),
          path: `${path}.allowedRoutes.namespaces.from`,
          observed: from ?? 'absent, which means Same',
          expected: 'All, or a Selector that takes the routes’ namespaces',
        },
      ],
      remedy,
    }),
  ];
}
