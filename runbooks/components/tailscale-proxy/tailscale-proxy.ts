/**
 * Tailscale proxy: the pod that is a device on the tailnet and forwards its packets to the managed Service.
 * [Tailscale Operator 1.92: StatefulSet labelled with its parent Service, target in env TS_DEST_IP]
 */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition } from '../../models/conditions.ts';
import { clusterIpsOf, forwardingEvidence, targetOf, type Forwarding } from '../../models/proxy-forwarding.ts';
import { deployments, pods, statefulSets, topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { ingressHosts, isForTailscale, proxyOf, tailnetGateways, type Topology } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';

/** The Services in front of the tailnet's Gateways that the Tailscale Operator exposes, each once. */
export const exposedServices = (values: Topology): readonly KubeObject<'Service'>[] => [
  ...new Set(tailnetGateways(values).flatMap((found) => found.services.filter(isForTailscale))),
];

type Service = KubeObject<'Service'>;

const proxyCommand = sh`kubectl get statefulset,pod -n ${stack.tailscaleOperator.namespace} -l tailscale.com/managed=true`;

export const ready = defineCheck({
  id: 'tailscale-proxy/ready',
  title: 'The Tailscale proxy in front of Envoy is running',
  why: 'Its pod is the tailnet device that clients connect to.',
  needs: [tailscaleOperator.ready],
  reads: { ...topologyReads, statefulSets: plain(statefulSets), pods: raw(pods), deployments: plain(deployments) },
  commands: [proxyCommand],
  findings: {
    ...workloadFindings({
      name: 'The Tailscale proxy',
      disturbs: 'Connections through this proxy break and are made anew.',
      // A proxy that runs and cannot come up has its own reason; the operator only made it.
      explainedBy: () => [],
    }),
    missing: finding<{ service: Service; operatorNamespace: string }>({
      headline: 'There is no Tailscale proxy for Service {service}',
      means:
        'The Tailscale Operator makes a StatefulSet for each Service of its class, and has made none for this one.',
      message: ({ service }) =>
        `The Tailscale Operator has made no proxy for Service ${nameOf(service)}: there is no StatefulSet labelled with it.`,
      evidence: ({ service, operatorNamespace }) => [
        {
          object: refOf(service),
          path: 'the StatefulSet labelled tailscale.com/parent-resource',
          observed: 'not found',
          expected: `one in ${operatorNamespace}`,
        },
      ],
      commands: () => [proxyCommand],
      remedies: ({ operatorNamespace }) => [
        {
          title: 'Read the operator’s log: it says why.',
          commands: [sh`kubectl logs -n ${operatorNamespace} -l app=operator --tail=200`],
          disturbs: 'Nothing: reading only.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const exposed = exposedServices(values);
    if (exposed.length === 0)
      return skip('No Service of Tailscale’s class stands in front of Envoy, so there is nothing to proxy.');
    return exposed.map((service): Judgement => {
      const proxy = proxyOf(service, values.statefulSets);
      if (proxy !== undefined) return judgeWorkload(proxy, values.pods, find, {});
      const why = whyNoProxy(service);
      if (why !== undefined) return skip(why);
      return find.missing({ service, operatorNamespace: operatorNamespaceOf(values.deployments) });
    });
  },
});

const operatorNamespaceOf = (all: readonly KubeObject<'Deployment'>[]): string =>
  tailscaleOperator.operatorOf(all)?.metadata.namespace ?? stack.tailscaleOperator.namespace;

/** Why a Service need not have a StatefulSet of its own, or why that is told elsewhere. */
function whyNoProxy(service: Service): string | undefined {
  const name = nameOf(service);
  if (service.metadata.annotations?.['tailscale.com/proxy-group'] !== undefined) {
    return `Service ${name} is served by a ProxyGroup.`;
  }
  const operatorSays = condition(service.status?.conditions, 'TailscaleProxyReady');
  if (operatorSays === undefined) return undefined;
  return operatorSays.status === 'True'
    ? `The operator says that Service ${name} has a proxy, and no StatefulSet is labelled as one of it.`
    : `There is no proxy for Service ${name} yet; the operator says why in the Service’s conditions.`;
}

export const forwardsToService = defineCheck({
  id: 'tailscale-proxy/forwards-to-service',
  title: 'The Tailscale proxy forwards to the Service’s ClusterIP',
  why: 'It rewrites the destination of every packet to the address that it was started with; a Service made anew has another.',
  needs: [ready],
  reads: { ...topologyReads, statefulSets: plain(statefulSets) },
  commands: [
    sh`kubectl get statefulset -n ${stack.tailscaleOperator.namespace} -l tailscale.com/managed=true -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.spec.template.spec.containers[0].env[?(@.name=="TS_DEST_IP")].value}{"\\n"}{end}'`,
  ],
  findings: {
    staleAddress: finding<Forwarding>({
      headline: 'Proxy {proxy} forwards to an address that is gone',
      means: 'The Service was made anew and has another ClusterIP; the proxy still sends every packet to the old one.',
      message: ({ service, proxy, target }) =>
        `Proxy ${nameOf(proxy)} forwards to ${target}, but Service ${nameOf(service)} has ClusterIP ${clusterIpsOf(service).join(', ')}.`,
      evidence: (subject) => [forwardingEvidence(subject)],
      remedies: ({ proxy }) => [
        {
          title:
            'Let the operator write the proxy anew: restart the operator, and if the value stays, delete the StatefulSet.',
          commands: [
            sh`kubectl rollout restart deployment -n ${stack.tailscaleOperator.namespace} ${stack.tailscaleOperator.deployment}`,
            sh`kubectl delete statefulset ${place(proxy.metadata)}`,
          ],
          disturbs: 'The Gateway is unreachable over the tailnet until the new proxy is up, about a minute.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const all = exposedServices(values).flatMap((service) => forwardingOf(service, values.statefulSets));
    if (all.length === 0) return skip('No proxy names the address that it forwards to.');
    return all.map((one) => {
      const { service, proxy, target } = one;
      return clusterIpsOf(service).includes(target)
        ? pass(`${proxy.metadata.name} forwards to ${target}, the ClusterIP of ${service.metadata.name}.`)
        : find.staleAddress(one);
    });
  },
});

function forwardingOf(service: Service, statefulSets: readonly KubeObject<'StatefulSet'>[]): readonly Forwarding[] {
  const proxy = proxyOf(service, statefulSets);
  const target = proxy && targetOf(proxy);
  return proxy === undefined || target === undefined ? [] : [{ service, proxy, target }];
}

/** The first address at which a Service can be reached over the tailnet: its IP, where it has one. */
export const tailnetAddress = (service: KubeObject<'Service'>): string | undefined => {
  const hosts = ingressHosts(service);
  return hosts.find((host) => /^[\d.]+$|:/.test(host)) ?? hosts[0];
};
