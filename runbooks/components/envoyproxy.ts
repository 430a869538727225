/** EnvoyProxy: the object that asks for a Service of the Tailscale Operator's class in front of Envoy. */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../src/runbook/check.ts';
import { plain } from '../../src/runbook/read.ts';
import { envoyProxies, gatewayClasses, gateways, services } from '../reads.ts';
import { stack } from '../stack.ts';
import { requestedService, tailnetGateways, type TailnetGateway } from '../topology.ts';
import * as envoyGateway from './envoy-gateway.ts';
import * as gatewayclass from './gatewayclass.ts';

export const asksForTailscale = defineCheck({
  id: 'envoyproxy/asks-for-tailscale',
  title: 'The EnvoyProxy asks for a LoadBalancer of Tailscale’s class',
  component: 'envoyproxy',
  why: 'The Tailscale Operator takes a Service only when its type is LoadBalancer and its loadBalancerClass is its own.',
  needs: [envoyGateway.kindsInstalled, gatewayclass.parametersResolve],
  reads: {
    gateways: plain(gateways),
    gatewayClasses: plain(gatewayClasses),
    envoyProxies: plain(envoyProxies),
    services: plain(services),
  },
  commands: [
    `kubectl get envoyproxy -n ${stack.envoyProxy.namespace} ${stack.envoyProxy.name} -o jsonpath='{.spec.provider.kubernetes.envoyService}'`,
  ],
  judge(values) {
    const found = tailnetGateways(values).filter(({ envoyProxy }) => envoyProxy !== undefined);
    if (found.length === 0) return skip('There is no EnvoyProxy that could ask for anything.');
    return found.map(judgeRequest);
  },
});

function judgeRequest({ envoyProxy }: TailnetGateway): Judgement {
  if (envoyProxy === undefined) return skip('There is no EnvoyProxy that could ask for anything.');
  const { type, loadBalancerClass } = requestedService(envoyProxy);
  const name = `${envoyProxy.metadata.namespace}/${envoyProxy.metadata.name}`;
  if (type === 'LoadBalancer' && loadBalancerClass === stack.loadBalancerClass) {
    return pass(`EnvoyProxy ${name} asks for a LoadBalancer of class ${loadBalancerClass}.`);
  }
  const path = 'spec.provider.kubernetes.envoyService';
  const isType = type !== 'LoadBalancer';
  return fail({
    message: isType
      ? `EnvoyProxy ${name} asks for a Service of type ${type}; the Tailscale Operator takes only LoadBalancer.`
      : `EnvoyProxy ${name} asks for a LoadBalancer ${loadBalancerClass === undefined ? 'without class' : `of class ${loadBalancerClass}`}; the Tailscale Operator takes only class ${stack.loadBalancerClass}.`,
    evidence: [
      isType
        ? { object: refOf(envoyProxy), path: `${path}.type`, observed: type, expected: 'LoadBalancer' }
        : {
            object: refOf(envoyProxy),
            path: `${path}.loadBalancerClass`,
            observed: loadBalancerClass,
            expected: stack.loadBalancerClass,
          },
    ],
    remedy: {
      summary:
        'Correct the EnvoyProxy, then delete the Service that Envoy Gateway made from the wrong one: a Service’s class cannot be changed, and Envoy Gateway makes it anew.',
      commands: [
        `kubectl patch envoyproxy -n ${envoyProxy.metadata.namespace} ${envoyProxy.metadata.name} --type=merge -p '{"spec":{"provider":{"type":"Kubernetes","kubernetes":{"envoyService":{"type":"LoadBalancer","loadBalancerClass":"${stack.loadBalancerClass}"}}}}}'`,
        `kubectl delete service -n ${stack.envoyGateway.namespace} -l gateway.envoyproxy.io/owning-gateway-name=${stack.gateway.name}`,
      ],
      disturbs: 'The Gateway is unreachable until the Tailscale Operator has set up the new Service, about a minute.',
    },
  });
}
