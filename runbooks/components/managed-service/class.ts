/** Managed Service: whether it is one that the Tailscale Operator takes. */
import { defineCheck, nameOf, pass, refOf, skip, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone, knownOr } from '../../../src/runbook/told.ts';
import { topologyReads } from '../../models/reads.ts';
import { isForTailscale, requestedService, tailnetGateways, type ResolvedGateway } from '../../models/topology.ts';
import { stack } from '#stack';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import { exists, managedServices } from './existence.ts';

type Service = KubeObject<'Service'>;

/** A Service that the Tailscale Operator leaves alone. */
interface LeftAlone {
  service: Service;
  /** The EnvoyProxy asks for what the Service is not. */
  isAsked: boolean;
}

const madeBefore = ({ isAsked }: LeftAlone): string =>
  isAsked ? '; it was made before the EnvoyProxy asked for Tailscale’s class' : '';

const asksForTailscale = ({ envoyProxy }: ResolvedGateway): boolean => {
  const { type, loadBalancerClass } = requestedService(envoyProxy);
  return type === 'LoadBalancer' && loadBalancerClass === stack.loadBalancerClass;
};

const makeAnew = ({ service }: LeftAlone): readonly [Remedy] => [
  {
    title: 'Delete the Service, whose class cannot be changed: Envoy Gateway makes it anew as the EnvoyProxy asks.',
    commands: [sh`kubectl delete service ${place(service.metadata)}`],
    disturbs: 'The Gateway is unreachable until the new Service has its tailnet address, about a minute.',
  },
];

export const isOfTailscalesClass = defineCheck({
  id: 'managed-service/is-of-tailscales-class',
  title: 'That Service is a LoadBalancer of Tailscale’s class',
  why: 'A Service keeps the class that it was made with, whatever the EnvoyProxy says later.',
  needs: [gatewayclass.parametersResolve, envoyproxy.asksForTailscale, exists],
  reads: topologyReads,
  commands: [
    sh`${managedServices} -o custom-columns=NAME:.metadata.name,TYPE:.spec.type,CLASS:.spec.loadBalancerClass`,
  ],
  findings: {
    otherType: finding<LeftAlone>({
      headline: 'Service {service} is no LoadBalancer',
      means:
        'The Tailscale Operator gives a tailnet address to Services of type LoadBalancer. It passes this one over.',
      message: (subject) =>
        `Service ${nameOf(subject.service)} is of type ${subject.service.spec?.type}, so the Tailscale Operator leaves it alone${madeBefore(subject)}.`,
      evidence: ({ service }) => [
        { object: refOf(service), path: 'spec.type', observed: service.spec?.type, expected: 'LoadBalancer' },
      ],
      remedies: makeAnew,
    }),
    otherClass: finding<LeftAlone>({
      headline: 'Service {service} is not of Tailscale’s class',
      means: 'The Tailscale Operator takes LoadBalancers of its own class only. It passes this one over.',
      message: (subject) => {
        const { loadBalancerClass } = subject.service.spec ?? {};
        return `Service ${nameOf(subject.service)} is a LoadBalancer ${loadBalancerClass ? `of class ${loadBalancerClass}` : 'without class'}, so the Tailscale Operator leaves it alone${madeBefore(subject)}.`;
      },
      evidence: ({ service }) => [
        {
          object: refOf(service),
          path: 'spec.loadBalancerClass',
          observed: service.spec?.loadBalancerClass,
          expected: stack.loadBalancerClass,
        },
      ],
      remedies: makeAnew,
    }),
  },
  judge(values, { find }) {
    const found = tailnetGateways(values).flatMap((one) =>
      one.services.map((service) => ({ service, isAsked: knownOr(false, () => asksForTailscale(one)) })),
    );
    if (isNone(found)) return skip('There is no Service to look at.');
    return eachOf(found, (one) => {
      if (isForTailscale(one.service))
        return pass(`Service ${nameOf(one.service)} is a LoadBalancer of class ${stack.loadBalancerClass}.`);
      return one.service.spec?.type === 'LoadBalancer' ? find.otherClass(one) : find.otherType(one);
    });
  },
});
