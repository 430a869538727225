/** EnvoyProxy: whether the Service that it asks for is one that the Tailscale Operator takes. */
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, groupsOf, isNone } from '../../../src/runbook/told.ts';

import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { requestedService } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import { changeService, noEnvoyProxy, servicePath, shapedGateways, type EnvoyProxy } from './service.ts';

/** An EnvoyProxy that asks for what the Tailscale Operator passes over. */
interface Astray {
  envoyProxy: EnvoyProxy;
  gateways: readonly KubeObject<'Gateway'>[];
}

const wanted = { type: 'LoadBalancer', loadBalancerClass: stack.loadBalancerClass };
type Field = keyof typeof wanted;
const fields: readonly Field[] = ['type', 'loadBalancerClass'];

/** What a patch of the Service sets: it has the last word. */
const isPatched = ({ spec }: EnvoyProxy, field: Field): boolean => {
  const patch = (spec.provider?.kubernetes?.envoyService?.patch?.value ?? {}) as {
    spec?: Readonly<Record<string, unknown>>;
  };
  return patch.spec?.[field] !== undefined;
};

const pathOf = (envoyProxy: EnvoyProxy, field: Field): string =>
  `${servicePath}${isPatched(envoyProxy, field) ? '.patch.value.spec' : ''}.${field}`;

const askedBy = ({ envoyProxy }: Astray, field: Field): readonly [Evidence] => [
  {
    object: refOf(envoyProxy),
    path: pathOf(envoyProxy, field),
    observed: requestedService(envoyProxy)[field],
    expected: wanted[field],
  },
];

const ask = ({ envoyProxy, gateways }: Astray, field: Field): readonly [Remedy] => {
  const patched = fields.filter((one) => isPatched(envoyProxy, one)).map((one) => [one, wanted[one]] as const);
  const patch = patched.length === 0 ? {} : { patch: { value: { spec: Object.fromEntries(patched) } } };
  return [
    {
      title: `Ask for a LoadBalancer of class ${stack.loadBalancerClass}, then delete the Service that was made before: its class cannot be changed, and Envoy Gateway makes it anew.`,
      change: { object: refOf(envoyProxy), path: pathOf(envoyProxy, field), to: wanted[field] },
      commands: [
        changeService(envoyProxy, { ...wanted, ...patch }),
        ...gateways.map(
          ({ metadata }) =>
            sh`kubectl delete service -n ${stack.envoyGateway.namespace} -l gateway.envoyproxy.io/owning-gateway-name=${metadata.name},gateway.envoyproxy.io/owning-gateway-namespace=${metadata.namespace ?? ''}`,
        ),
      ],
      disturbs: 'The Gateway is unreachable until the Tailscale Operator has set up the new Service, about a minute.',
    },
  ];
};

export const asksForTailscale = defineCheck({
  id: 'envoyproxy/asks-for-tailscale',
  title: 'The EnvoyProxy asks for a LoadBalancer of Tailscale’s class',
  why: 'The Tailscale Operator takes a Service only when its type is LoadBalancer and its loadBalancerClass is its own.',
  needs: [envoyGateway.kindsInstalled, gatewayclass.parametersResolve],
  reads: topologyReads,
  commands: [sh`kubectl get envoyproxy ${place(stack.envoyProxy)} -o jsonpath='{.${servicePath}}'`],
  findings: {
    otherType: finding<Astray>({
      headline: 'EnvoyProxy {envoyProxy} asks for no LoadBalancer',
      means:
        'Envoy Gateway makes a Service of the type that the EnvoyProxy asks for, and Tailscale gives it no address.',
      message: ({ envoyProxy }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for a Service of type ${requestedService(envoyProxy).type}; the Tailscale Operator takes only LoadBalancer.`,
      evidence: (subject) => askedBy(subject, 'type'),
      remedies: (subject) => ask(subject, 'type'),
    }),
    withoutClass: finding<Astray>({
      headline: 'EnvoyProxy {envoyProxy} asks for no load balancer class',
      means: 'A LoadBalancer without class goes to whichever controller takes those. The Tailscale Operator does not.',
      message: ({ envoyProxy }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for a LoadBalancer without class; the Tailscale Operator takes only class ${stack.loadBalancerClass}.`,
      evidence: (subject) => askedBy(subject, 'loadBalancerClass'),
      remedies: (subject) => ask(subject, 'loadBalancerClass'),
    }),
    otherClass: finding<Astray>({
      headline: 'EnvoyProxy {envoyProxy} asks for another class',
      means: 'A LoadBalancer of another class is another controller’s, and Tailscale gives it no address.',
      message: ({ envoyProxy }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for a LoadBalancer of class ${requestedService(envoyProxy).loadBalancerClass}; the Tailscale Operator takes only class ${stack.loadBalancerClass}.`,
      evidence: (subject) => askedBy(subject, 'loadBalancerClass'),
      remedies: (subject) => ask(subject, 'loadBalancerClass'),
    }),
  },
  judge(values, { find }) {
    const shaped = groupsOf(shapedGateways(values), ({ envoyProxy }) => envoyProxy);
    if (isNone(shaped)) return skip(noEnvoyProxy);
    return eachOf(shaped, (alike) => {
      const [{ envoyProxy }] = alike;
      const subject = { envoyProxy, gateways: alike.map(({ gateway }) => gateway) };
      const { type, loadBalancerClass } = requestedService(envoyProxy);
      if (type !== wanted.type) return find.otherType(subject);
      if (loadBalancerClass === undefined) return find.withoutClass(subject);
      return loadBalancerClass === wanted.loadBalancerClass
        ? pass(`EnvoyProxy ${nameOf(envoyProxy)} asks for a LoadBalancer of class ${loadBalancerClass}.`)
        : find.otherClass(subject);
    });
  },
});
