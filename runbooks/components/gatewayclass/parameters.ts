/** GatewayClass: whether what it points at is an EnvoyProxy that exists. */
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
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';

import { mergePatch } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { tailnetGateways, type TailnetGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import { exists } from './existence.ts';

type Gateway = KubeObject<'Gateway'>;
type EnvoyProxy = KubeObject<'EnvoyProxy'>;
type Parameters = NonNullable<TailnetGateway['parameters']>;

/** A reference that leads to no EnvoyProxy. */
interface Astray {
  gateway: Gateway;
  parameters: Parameters;
  /** Who has the reference, and what people call that. */
  by: Parameters['namedBy'];
  owner: string;
  /** The EnvoyProxies that there are. */
  all: readonly EnvoyProxy[];
}

const wanted = `${stack.envoyProxy.namespace}/${stack.envoyProxy.name}`;
const envoyProxyKind = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy' };
const disturbs = 'Envoy Gateway may make the Service anew; clients reconnect within a minute.';

const pointClass = (name: string): Remedy => ({
  title: `Point the class at EnvoyProxy ${wanted}.`,
  change: {
    object: refTo('GatewayClass', { name }),
    path: 'spec.parametersRef',
    to: { ...envoyProxyKind, ...stack.envoyProxy },
  },
  commands: [
    mergePatch('gatewayclass', { name }, { spec: { parametersRef: { ...envoyProxyKind, ...stack.envoyProxy } } }),
  ],
  disturbs,
});

const pointGateway = (gateway: Gateway): Remedy => ({
  title: `Point the Gateway at EnvoyProxy ${wanted}.`,
  change: {
    object: refOf(gateway),
    path: 'spec.infrastructure.parametersRef',
    to: { ...envoyProxyKind, name: stack.envoyProxy.name },
  },
  commands: [
    mergePatch('gateway', gateway.metadata, {
      spec: { infrastructure: { parametersRef: { ...envoyProxyKind, name: stack.envoyProxy.name } } },
    }),
  ],
  disturbs,
});

const point = ({ gateway, by }: Astray): Remedy =>
  by.kind === 'GatewayClass' ? pointClass(by.metadata.name) : pointGateway(gateway);

const named = ({ parameters: { kind, namespace, name } }: Astray): string => `${kind} ${namespace}/${name}`;

const reference = (astray: Astray): Evidence => ({
  object: refOf(astray.by),
  path: astray.parameters.path,
  observed: `${astray.parameters.group}/${named(astray)}`,
  expected: `gateway.envoyproxy.io/EnvoyProxy ${wanted}`,
});

const others = ({ all }: Astray): string => (all.length > 0 ? ` (there is ${all.map(nameOf).join(', ')})` : '');

const leadsNowhere = (astray: Astray): string =>
  `${astray.owner} points at ${named(astray)}, which does not exist${others(astray)}.`;

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
  findings: {
    absent: finding<{ gateway: Gateway; owner: Gateway | KubeObject<'GatewayClass'> }>({
      headline: 'GatewayClass {owner} points at no EnvoyProxy',
      means: 'Without parameters Envoy Gateway asks for an ordinary Service, without Tailscale’s class.',
      message: ({ gateway }) =>
        `GatewayClass ${gateway.spec.gatewayClassName} has no spec.parametersRef, so Envoy Gateway asks for a Service without Tailscale’s class.`,
      evidence: ({ owner }) => [
        { object: refOf(owner), path: 'spec.parametersRef', observed: null, expected: `EnvoyProxy ${wanted}` },
      ],
      remedies: ({ gateway }) => [pointClass(gateway.spec.gatewayClassName)],
    }),
    otherKind: finding<Astray>({
      headline: '{owner} points at something that is no EnvoyProxy',
      means: 'Envoy Gateway takes parameters of the kind EnvoyProxy only.',
      message: (astray) =>
        `${astray.owner} points at ${astray.parameters.group || 'core'}/${named(astray)}, which Envoy Gateway does not take${others(astray)}.`,
      evidence: (astray) => [reference(astray)],
      remedies: (astray) => [point(astray)],
    }),
    misnamed: finding<Astray>({
      headline: '{owner} points at an EnvoyProxy that is not there',
      means: 'The name or the namespace in the reference is wrong. In a class, a missing namespace means default.',
      message: leadsNowhere,
      evidence: (astray) => [reference(astray)],
      remedies: (astray) => [point(astray)],
    }),
    missing: finding<Astray>({
      headline: 'The EnvoyProxy that {owner} points at is missing',
      means: 'The reference is as it should be, and there is no such EnvoyProxy.',
      message: leadsNowhere,
      evidence: ({ parameters }) => [
        { object: refTo('EnvoyProxy', parameters), path: 'metadata.name', observed: 'not found', expected: 'exists' },
      ],
      remedies: () => [
        {
          title: 'Create the EnvoyProxy again from Git.',
          commands: [sh`kubectl apply -f infrastructure/gateway/envoyproxy.yaml`],
          disturbs,
        },
      ],
    }),
  },
  judge(values, { find }) {
    const found = tailnetGateways(values).filter(({ gatewayClass }) => gatewayClass !== undefined);
    if (found.length === 0) return skip('No Gateway has a class that could point anywhere.');
    const all = values.envoyProxies;
    return found.map(({ gateway, gatewayClass, parameters, envoyProxy }): Judgement => {
      if (parameters === undefined) return find.absent({ gateway, owner: gatewayClass ?? gateway });
      const { namedBy: by, namespace, name } = parameters;
      const astray = { gateway, parameters, by, all, owner: `${by.kind} ${by.metadata.name}` };
      if (parameters.kind !== 'EnvoyProxy' || parameters.group !== envoyProxyKind.group) return find.otherKind(astray);
      if (envoyProxy !== undefined) {
        return pass(`${by.kind} ${by.metadata.name} points at EnvoyProxy ${namespace}/${name}.`);
      }
      // The reference is at fault when it differs from the stack's and there is an EnvoyProxy it could mean; else the object is missing.
      return all.length > 0 && `${namespace}/${name}` !== wanted ? find.misnamed(astray) : find.missing(astray);
    });
  },
});
