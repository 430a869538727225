/** EnvoyProxy: the object that asks for a Service of the Tailscale Operator's class in front of Envoy. */
import { defineCheck, fail, pass, refOf, skip, warn, type Judgement } from '../../../src/runbook/check.ts';
import { place, sh } from '../../../src/runbook/shell.ts';

import { mergePatch } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressOf, requestedService, tailnetGateways, type TailnetGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

export const asksForTailscale = defineCheck({
  id: 'envoyproxy/asks-for-tailscale',
  title: 'The EnvoyProxy asks for a LoadBalancer of Tailscale’s class',
  why: 'The Tailscale Operator takes a Service only when its type is LoadBalancer and its loadBalancerClass is its own.',
  needs: [envoyGateway.kindsInstalled, gatewayclass.parametersResolve],
  reads: {
    ...topologyReads,
  },
  commands: [
    sh`kubectl get envoyproxy ${place(stack.envoyProxy)} -o jsonpath='{.spec.provider.kubernetes.envoyService}'`,
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
      title:
        'Correct the EnvoyProxy, then delete the Service that Envoy Gateway made from the wrong one: a Service’s class cannot be changed, and Envoy Gateway makes it anew.',
      commands: [
        mergePatch('envoyproxy', envoyProxy.metadata, {
          spec: {
            provider: {
              type: 'Kubernetes',
              kubernetes: { envoyService: { type: 'LoadBalancer', loadBalancerClass: stack.loadBalancerClass } },
            },
          },
        }),
        sh`kubectl delete service -n ${stack.envoyGateway.namespace} -l gateway.envoyproxy.io/owning-gateway-name=${stack.gateway.name}`,
      ],
      disturbs: 'The Gateway is unreachable until the Tailscale Operator has set up the new Service, about a minute.',
    },
  });
}

const hostnameAnnotation = 'tailscale.com/hostname';

export const asksForStableName = defineCheck({
  id: 'envoyproxy/asks-for-a-stable-name',
  title: 'The EnvoyProxy asks for a device name of its own',
  why: 'Without one the Tailscale Operator makes the name up from the Service’s, and DNS records lead to a name that is not there.',
  needs: [envoyGateway.kindsInstalled, gatewayclass.parametersResolve, asksForTailscale],
  reads: {
    ...topologyReads,
  },
  commands: [
    sh`kubectl get envoyproxy ${place(stack.envoyProxy)} -o jsonpath='{.spec.provider.kubernetes.envoyService.annotations}'`,
  ],
  judge(values) {
    const found = tailnetGateways(values).filter(({ envoyProxy }) => envoyProxy !== undefined);
    if (found.length === 0) return skip('There is no EnvoyProxy that could ask for anything.');
    return found.map(judgeName);
  },
});

function judgeName({ gateway, envoyProxy, services }: TailnetGateway): Judgement {
  if (envoyProxy === undefined) return skip('There is no EnvoyProxy that could ask for anything.');
  const name = `${envoyProxy.metadata.namespace}/${envoyProxy.metadata.name}`;
  // Envoy Gateway copies a Gateway's infrastructure annotations to the Service too.
  const wanted =
    requestedService(envoyProxy).annotations[hostnameAnnotation] ??
    gateway.spec.infrastructure?.annotations?.[hostnameAnnotation] ??
    services.map(({ metadata }) => metadata.annotations?.[hostnameAnnotation]).find((own) => own !== undefined);
  if (wanted !== undefined) return pass(`The device of Gateway ${gateway.metadata.name} is to be called ${wanted}.`);
  // Only where something relies on the name does it matter that it can change.
  const [key, target] =
    Object.entries(gateway.metadata.annotations ?? {}).find(
      ([annotation, host]) => /^external-dns\..*\/target$/.test(annotation) && host.endsWith('.ts.net'),
    ) ?? [];
  if (key === undefined || target === undefined) {
    return pass(`EnvoyProxy ${name} asks for no device name, and no DNS record is to lead to one.`);
  }
  const hosts = services.flatMap(ingressOf).flatMap(({ hostname }) => (hostname === undefined ? [] : [hostname]));
  const device = target.split('.')[0] ?? target;
  const finding = {
    evidence: [
      {
        object: refOf(envoyProxy),
        path: `spec.provider.kubernetes.envoyService.annotations["${hostnameAnnotation}"]`,
        observed: 'absent',
        expected: device,
      },
      {
        object: refOf(gateway),
        path: `metadata.annotations["${key}"]`,
        observed: target,
        expected: 'the name that the EnvoyProxy asks for',
      },
    ],
    remedy: {
      title: `Ask for the name ${device} in the EnvoyProxy, in Git too: the Tailscale Operator then renames the device.`,
      commands: [
        mergePatch('envoyproxy', envoyProxy.metadata, {
          spec: { provider: { kubernetes: { envoyService: { annotations: { [hostnameAnnotation]: device } } } } },
        }),
      ],
      disturbs: 'The proxy restarts under its new name: the Gateway is unreachable for about a minute.',
    },
  } as const;
  if (hosts.length > 0 && !hosts.includes(target)) {
    return fail({
      ...finding,
      message: `EnvoyProxy ${name} asks for no device name, so the Tailscale Operator called it ${hosts.join(', ')}, while DNS records lead to ${target}.`,
    });
  }
  return warn({
    ...finding,
    message: `EnvoyProxy ${name} asks for no device name: once Envoy Gateway makes the Service anew, the device is called otherwise than ${target}, where DNS records lead.`,
  });
}
