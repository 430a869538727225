/** GatewayClass: whether it, or a Gateway in its stead, points at an EnvoyProxy that exists. */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf } from '../../../src/runbook/told.ts';
import { astray, astrayFindings, thereIs, wantedText } from '../../models/astray.ts';
import { setField } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { holderOf, leadOf, meantBy, withinReach, type Among } from '../../models/references.ts';
import {
  envoyGateways,
  isNamed,
  tailnetGateways,
  type Parameters,
  type ResolvedGateway,
} from '../../models/topology.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { exists } from './existence.ts';

type EnvoyProxy = KubeObject<'EnvoyProxy'>;

const expected = `gateway.envoyproxy.io/EnvoyProxy ${nameOf({ metadata: stack.envoyProxy })}`;
const disturbs = 'Envoy Gateway may make the Service anew; clients reconnect within a minute.';

const pointing = astrayFindings<{ who: string }>({ verb: 'points at', disturbs });

/** A Gateway's reference means its own namespace. */
const pointAt = (by: KubeObject, path: string): Remedy => ({
  title: `Point it at EnvoyProxy ${nameOf({ metadata: stack.envoyProxy })}.`,
  ...setField(by, path, {
    ...{ group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: stack.envoyProxy.name },
    ...(by.kind === 'GatewayClass' ? { namespace: stack.envoyProxy.namespace } : {}),
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
  otherKind: pointing.unknownName({
    headline: '{who} points at parameters of another kind',
    means: 'Envoy Gateway takes its parameters from an EnvoyProxy, and from objects of no other kind or group.',
    message: (subject) =>
      `${subject.by.kind} ${subject.by.metadata.name} points at ${subject.reference.group || 'core'}/${wantedText(subject)}, which Envoy Gateway does not take${thereIs(subject)}.`,
    evidence: (subject) => [
      {
        object: refOf(subject.by),
        path: holderOf(subject.reference),
        observed: `${subject.reference.group || 'core'}/${wantedText(subject)}`,
        expected,
      },
    ],
    remedies: ({ by, reference }) => [pointAt(by, holderOf(reference))],
  }),
  namespaceLeftOut: pointing.otherNamespace({
    headline: 'GatewayClass {by} leaves out the namespace of {meant}',
    means:
      'Where spec.parametersRef names no namespace, Envoy Gateway looks in default, and the EnvoyProxy is elsewhere.',
  }),
  misnamed: pointing.otherName({
    headline: '{who} points at an EnvoyProxy that does not exist',
    means: 'No EnvoyProxy has the name and the namespace that parametersRef gives, and others are there.',
  }),
  missing: pointing.missing({
    headline: 'EnvoyProxy {wanted} does not exist',
    means: 'The EnvoyProxy that is pointed at is gone, or was never created.',
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
    const tailnet = tailnetGateways(values);
    const judged = eachOf(envoyGateways(values), (one) => {
      const isOwn = (): boolean => tailnet.some(({ gateway }) => gateway === one.gateway);
      return one.parameters === undefined && !isOwn() ? [] : judgeGateway(one, values.envoyProxies, find);
    });
    return judged.length === 0 ? skip('No Gateway has a class that could point anywhere.') : judged;
  },
});

function judgeGateway(
  { gatewayClass, parameters }: ResolvedGateway,
  all: readonly EnvoyProxy[],
  find: Find<typeof findings>,
): readonly Judgement[] {
  if (gatewayClass === undefined) return [];
  if (parameters === undefined) return [find.noParameters({ gatewayClass })];
  const { namedBy, reference } = parameters;
  const lead = leadOf(reference, amongProxies(parameters, all));
  if (lead.to === 'object')
    return [pass(`${namedBy.kind} ${namedBy.metadata.name} points at EnvoyProxy ${nameOf(lead.object)}.`)];
  const subject = astray(namedBy, reference, all, { who: `${namedBy.kind} ${namedBy.metadata.name}` });
  if (lead.to === 'foreign') return [find.otherKind(subject)];
  const meant = meantBy(lead);
  if (meant === undefined) return [find.missing(subject)];
  const isLeftOut = namedBy.kind === 'GatewayClass' && namedBy.spec.parametersRef?.namespace === undefined;
  return [
    isLeftOut && lead.to === 'otherNamespace'
      ? find.namespaceLeftOut({ ...subject, meant })
      : find.misnamed({ ...subject, meant }),
  ];
}

/** What a wrong reference may mean: the stack's own EnvoyProxy by any name, but where that is named, and is what is missing. */
function amongProxies({ namedBy, reference }: Parameters, all: readonly EnvoyProxy[]): Among<EnvoyProxy> {
  const there = withinReach(namedBy, reference.relation, all);
  const own = there.filter((one) => isNamed(one, stack.envoyProxy));
  const isRight = reference.name === stack.envoyProxy.name && reference.namespace === stack.envoyProxy.namespace;
  return {
    ...{ takes: ['EnvoyProxy'], there, isRight },
    namesakes: isRight ? [] : there,
    spare: own.length > 0 ? own : there,
  };
}
