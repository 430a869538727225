/** EnvoyProxy: the object that asks for a Service of the Tailscale Operator's class in front of Envoy. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { mergePatch } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { ingressOf, requestedService, tailnetGateways, type TailnetGateway } from '../../models/topology.ts';
import { stack } from '../../stack.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

type EnvoyProxy = KubeObject<'EnvoyProxy'>;

const none = 'There is no EnvoyProxy that could ask for anything.';
const servicePath = 'spec.provider.kubernetes.envoyService';

/** What an EnvoyProxy asks for. */
interface Asking {
  envoyProxy: EnvoyProxy;
  type: string;
  loadBalancerClass: string | undefined;
}

const askRightly = ({ envoyProxy }: Asking): Remedy => ({
  title:
    'Correct the EnvoyProxy, then delete the Service that Envoy Gateway made from the wrong one: a Service’s class cannot be changed, and Envoy Gateway makes it anew.',
  change: {
    object: refOf(envoyProxy),
    path: servicePath,
    to: { type: 'LoadBalancer', loadBalancerClass: stack.loadBalancerClass },
  },
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
});

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
  findings: {
    otherType: finding<Asking>({
      headline: 'EnvoyProxy {envoyProxy} asks for a Service of type {type}',
      means: 'The Tailscale Operator takes Services of type LoadBalancer only, so Envoy gets no device on the tailnet.',
      message: ({ envoyProxy, type }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for a Service of type ${type}; the Tailscale Operator takes only LoadBalancer.`,
      evidence: ({ envoyProxy, type }) => [
        { object: refOf(envoyProxy), path: `${servicePath}.type`, observed: type, expected: 'LoadBalancer' },
      ],
      remedies: (asking) => [askRightly(asking)],
    }),
    otherClass: finding<Asking>({
      headline: 'EnvoyProxy {envoyProxy} asks for another load balancer',
      means:
        'The Tailscale Operator takes Services of its own class only. One of another class, or of none, is not its business.',
      message: ({ envoyProxy, loadBalancerClass }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for a LoadBalancer ${loadBalancerClass === undefined ? 'without class' : `of class ${loadBalancerClass}`}; the Tailscale Operator takes only class ${stack.loadBalancerClass}.`,
      evidence: ({ envoyProxy, loadBalancerClass }) => [
        {
          object: refOf(envoyProxy),
          path: `${servicePath}.loadBalancerClass`,
          observed: loadBalancerClass,
          expected: stack.loadBalancerClass,
        },
      ],
      remedies: (asking) => [askRightly(asking)],
    }),
  },
  judge(values, { find }) {
    const all = tailnetGateways(values).flatMap(({ envoyProxy }) => envoyProxy ?? []);
    if (all.length === 0) return skip(none);
    return all.map((envoyProxy) => {
      const { type, loadBalancerClass } = requestedService(envoyProxy);
      if (type !== 'LoadBalancer') return find.otherType({ envoyProxy, type, loadBalancerClass });
      return loadBalancerClass === stack.loadBalancerClass
        ? pass(`EnvoyProxy ${nameOf(envoyProxy)} asks for a LoadBalancer of class ${loadBalancerClass}.`)
        : find.otherClass({ envoyProxy, type, loadBalancerClass });
    });
  },
});

const hostnameAnnotation = 'tailscale.com/hostname';

/** An EnvoyProxy that asks for no name, while DNS records lead to one. */
interface Unnamed {
  envoyProxy: EnvoyProxy;
  gateway: TailnetGateway['gateway'];
  /** The Gateway's annotation that names where records lead. */
  key: string;
  target: string;
  /** What the device is called now, if there is one. */
  hosts: readonly string[];
}

const deviceOf = ({ target }: Unnamed): string => target.split('.')[0] ?? target;

const aboutName = {
  evidence: (unnamed: Unnamed): readonly [Evidence, Evidence] => [
    {
      object: refOf(unnamed.envoyProxy),
      path: `${servicePath}.annotations["${hostnameAnnotation}"]`,
      observed: 'absent',
      expected: deviceOf(unnamed),
    },
    {
      object: refOf(unnamed.gateway),
      path: `metadata.annotations["${unnamed.key}"]`,
      observed: unnamed.target,
      expected: 'the name that the EnvoyProxy asks for',
    },
  ],
  remedies: (unnamed: Unnamed): readonly [Remedy] => [
    {
      title: `Ask for the name ${deviceOf(unnamed)} in the EnvoyProxy: the Tailscale Operator then renames the device.`,
      change: {
        object: refOf(unnamed.envoyProxy),
        path: `${servicePath}.annotations["${hostnameAnnotation}"]`,
        to: deviceOf(unnamed),
      },
      commands: [
        mergePatch('envoyproxy', unnamed.envoyProxy.metadata, {
          spec: {
            provider: { kubernetes: { envoyService: { annotations: { [hostnameAnnotation]: deviceOf(unnamed) } } } },
          },
        }),
      ],
      disturbs: 'The proxy restarts under its new name: the Gateway is unreachable for about a minute.',
    },
  ],
};

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
  findings: {
    misled: finding<Unnamed>({
      headline: 'DNS records lead to a name that the device does not have',
      means: 'No name was asked for, so the operator made one up, and the records name another.',
      message: ({ envoyProxy, hosts, target }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for no device name, so the Tailscale Operator called it ${hosts.join(', ')}, while DNS records lead to ${target}.`,
      ...aboutName,
    }),
    unnamed: finding<Unnamed>({
      headline: 'EnvoyProxy {envoyProxy} asks for no device name',
      means: 'The device has the right name today. Made anew it gets another, and DNS records lead nowhere.',
      outcome: 'warned',
      message: ({ envoyProxy, target }) =>
        `EnvoyProxy ${nameOf(envoyProxy)} asks for no device name: once Envoy Gateway makes the Service anew, the device is called otherwise than ${target}, where DNS records lead.`,
      ...aboutName,
    }),
  },
  judge(values, { find }) {
    const found = tailnetGateways(values).filter(({ envoyProxy }) => envoyProxy !== undefined);
    if (found.length === 0) return skip(none);
    return found.map((one): Judgement => {
      const { gateway, envoyProxy, services } = one;
      const wanted = wantedName(one);
      if (envoyProxy === undefined) return skip(none);
      if (wanted !== undefined)
        return pass(`The device of Gateway ${gateway.metadata.name} is to be called ${wanted}.`);
      const [key, target] = targetOf(gateway) ?? [];
      if (key === undefined || target === undefined) {
        return pass(`EnvoyProxy ${nameOf(envoyProxy)} asks for no device name, and no DNS record is to lead to one.`);
      }
      const hosts = services.flatMap(ingressOf).flatMap(({ hostname }) => hostname ?? []);
      const unnamed = { envoyProxy, gateway, key, target, hosts };
      return hosts.length > 0 && !hosts.includes(target) ? find.misled(unnamed) : find.unnamed(unnamed);
    });
  },
});

/** Envoy Gateway copies a Gateway's infrastructure annotations to the Service too. */
const wantedName = ({ gateway, envoyProxy, services }: TailnetGateway): string | undefined =>
  (envoyProxy && requestedService(envoyProxy).annotations[hostnameAnnotation]) ??
  gateway.spec.infrastructure?.annotations?.[hostnameAnnotation] ??
  services.map(({ metadata }) => metadata.annotations?.[hostnameAnnotation]).find((own) => own !== undefined);

/** Only where something relies on the name does it matter that it can change. */
const targetOf = ({ metadata }: TailnetGateway['gateway']): readonly [string, string] | undefined =>
  Object.entries(metadata.annotations ?? {}).find(
    ([annotation, host]) => /^external-dns\..*\/target$/.test(annotation) && host.endsWith('.ts.net'),
  );
