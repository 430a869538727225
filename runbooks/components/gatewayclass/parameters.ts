/** GatewayClass: whether it, or a Gateway in its stead, points at an EnvoyProxy that exists. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';

import { setField } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { tailnetGateways, type Parameters, type TailnetGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { exists } from './existence.ts';

type EnvoyProxy = KubeObject<'EnvoyProxy'>;

/** A reference to parameters that leads to no EnvoyProxy. */
interface Dangling {
  /** The class, or the Gateway, that makes it. */
  namedBy: Parameters['namedBy'];
  /** With its kind. */
  by: string;
  parameters: Parameters;
  /** The EnvoyProxies that are there. */
  all: readonly EnvoyProxy[];
}

const group = 'gateway.envoyproxy.io';
const expected = `${group}/EnvoyProxy ${stack.envoyProxy.namespace}/${stack.envoyProxy.name}`;
const disturbs = 'Envoy Gateway may make the Service anew; clients reconnect within a minute.';

const namedIn = ({ kind, namespace, name }: Parameters): string => `${kind} ${namespace}/${name}`;
const thereIs = ({ all }: Dangling): string => (all.length > 0 ? ` (there is ${all.map(nameOf).join(', ')})` : '');

const pointsNowhere = (subject: Dangling): string =>
  `${subject.by} points at ${namedIn(subject.parameters)}, which does not exist${thereIs(subject)}.`;

const inReference = ({ namedBy, parameters }: Dangling): readonly [Evidence] => [
  {
    object: refOf(namedBy),
    path: parameters.path,
    observed: `${parameters.group}/${namedIn(parameters)}`,
    expected,
  },
];

/** A Gateway's reference means its own namespace. */
const pointAt = (namedBy: Parameters['namedBy'], path: string): Remedy => ({
  title: `Point it at EnvoyProxy ${nameOf({ metadata: stack.envoyProxy })}.`,
  ...setField(namedBy, path, {
    ...{ group, kind: 'EnvoyProxy', name: stack.envoyProxy.name },
    ...(namedBy.kind === 'GatewayClass' ? { namespace: stack.envoyProxy.namespace } : {}),
  }),
  disturbs,
});

const findings = {
  noParameters: finding<{ gatewayClass: KubeObject<'GatewayClass'> }>({
    headline: 'GatewayClass {gatewayClass} points at no EnvoyProxy',
    means:
      'The class has no spec.parametersRef, so Envoy Gateway does as it does by default: its Service has no class.',
    message: ({ gatewayClass }) =>
      `GatewayClass ${gatewayClass.metadata.name} has no spec.parametersRef, so Envoy Gateway asks for a Service without Tailscale’s class.`,
    evidence: ({ gatewayClass }) => [
      { object: refOf(gatewayClass), path: 'spec.parametersRef', observed: null, expected },
    ],
    remedies: ({ gatewayClass }) => [pointAt(gatewayClass, 'spec.parametersRef')],
  }),
  otherKind: finding<Dangling>({
    headline: '{by} points at parameters of another kind',
    means: 'Envoy Gateway takes its parameters from an EnvoyProxy, and from objects of no other kind or group.',
    message: (subject) =>
      `${subject.by} points at ${subject.parameters.group || 'core'}/${namedIn(subject.parameters)}, which Envoy Gateway does not take${thereIs(subject)}.`,
    evidence: inReference,
    remedies: ({ namedBy, parameters }) => [pointAt(namedBy, parameters.path)],
  }),
  namespaceLeftOut: finding<Dangling & { meant: EnvoyProxy }>({
    headline: 'GatewayClass {namedBy} leaves out the namespace of {meant}',
    means:
      'Where spec.parametersRef names no namespace, Envoy Gateway looks in default, and the EnvoyProxy is elsewhere.',
    message: pointsNowhere,
    evidence: inReference,
    remedies: ({ namedBy, meant }) => [
      {
        title: `Name the EnvoyProxy’s namespace, ${meant.metadata.namespace ?? ''}, in spec.parametersRef.`,
        ...setField(namedBy, 'spec.parametersRef.namespace', meant.metadata.namespace),
        disturbs,
      },
    ],
  }),
  misnamed: finding<Dangling>({
    headline: '{by} points at an EnvoyProxy that does not exist',
    means: 'No EnvoyProxy has the name and the namespace that parametersRef gives, and others are there.',
    message: pointsNowhere,
    evidence: inReference,
    remedies: ({ namedBy, parameters }) => [pointAt(namedBy, parameters.path)],
  }),
  missing: finding<Dangling & { wanted: { namespace: string; name: string } }>({
    headline: 'EnvoyProxy {wanted} does not exist',
    means: 'The EnvoyProxy that is pointed at is gone, or was never created.',
    message: pointsNowhere,
    evidence: ({ wanted }) => [
      { object: refTo('EnvoyProxy', wanted), path: 'metadata.name', observed: 'not found', expected: 'exists' },
    ],
    remedies: () => [
      {
        title: 'Create the EnvoyProxy again from Git.',
        commands: [sh`kubectl apply -f infrastructure/gateway/envoyproxy.yaml`],
        disturbs,
      },
    ],
  }),
};

export const parametersResolve = defineCheck({
  id: 'gatewayclass/parameters-resolve',
  title: 'The GatewayClass points at an EnvoyProxy that exists',
  why: 'Only the EnvoyProxy asks for a Service of the Tailscale Operator’s class; without it Envoy gets an ordinary load balancer, or none.',
  needs: [envoyGateway.kindsInstalled, exists],
  reads: topologyReads,
  commands: [
    sh`kubectl get gatewayclass -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.spec.parametersRef}{"\\n"}{end}'`,
    sh`kubectl get envoyproxy -A`,
  ],
  findings,
  judge(values, { find }) {
    const judged = tailnetGateways(values).flatMap((one) => judgeGateway(one, values.envoyProxies, find));
    return judged.length === 0 ? skip('No Gateway has a class that could point anywhere.') : judged;
  },
});

function judgeGateway(
  { gatewayClass, parameters, envoyProxy }: TailnetGateway,
  all: readonly EnvoyProxy[],
  find: Find<typeof findings>,
): readonly Judgement[] {
  if (gatewayClass === undefined) return [];
  if (parameters === undefined) return [find.noParameters({ gatewayClass })];
  const { namedBy } = parameters;
  const subject = { namedBy, by: `${namedBy.kind} ${namedBy.metadata.name}`, parameters, all };
  if (parameters.kind !== 'EnvoyProxy' || parameters.group !== group) return [find.otherKind(subject)];
  return [
    envoyProxy === undefined
      ? judgeDangling(subject, find)
      : pass(`${subject.by} points at EnvoyProxy ${parameters.namespace}/${parameters.name}.`),
  ];
}

/** The reference is at fault where it differs from the stack's and there is an EnvoyProxy that it could mean; else the object is missing. */
function judgeDangling(subject: Dangling, find: Find<typeof findings>): Judgement {
  const { namedBy, parameters, all } = subject;
  const { namespace, name } = parameters;
  if (all.length === 0 || (name === stack.envoyProxy.name && namespace === stack.envoyProxy.namespace))
    return find.missing({ ...subject, wanted: { namespace, name } });
  const meant = all.find(({ metadata }) => metadata.name === name);
  return meant !== undefined && namedBy.kind === 'GatewayClass' && namedBy.spec.parametersRef?.namespace === undefined
    ? find.namespaceLeftOut({ ...subject, meant })
    : find.misnamed(subject);
}
