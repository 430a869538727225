/**
 * Tailscale proxy: the pod that is a device on the tailnet and forwards its packets to the managed Service.
 * [Tailscale Operator 1.92: StatefulSet labelled with its parent Service, target in env TS_DEST_IP]
 */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition } from '../../models/conditions.ts';
import { deployments, pods, statefulSets, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressHosts, isForTailscale, proxyOf, tailnetGateways, type Topology } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';

/** The Services in front of the tailnet's Gateways that the Tailscale Operator exposes, each once. */
export const exposedServices = (values: Topology): readonly KubeObject<'Service'>[] => [
  ...new Set(tailnetGateways(values).flatMap((found) => found.services.filter(isForTailscale))),
];

const proxyCommand = sh`kubectl get statefulset,pod -n ${stack.tailscaleOperator.namespace} -l tailscale.com/managed=true`;

export const ready = defineCheck({
  id: 'tailscale-proxy/ready',
  title: 'The Tailscale proxy in front of Envoy is running',
  why: 'Its pod is the tailnet device that clients connect to.',
  needs: [tailscaleOperator.ready],
  reads: { ...topologyReads, statefulSets: plain(statefulSets), pods: raw(pods), deployments: plain(deployments) },
  commands: [proxyCommand],
  findings: workloadFindings({
    name: 'The Tailscale proxy',
    disturbs: 'Connections through this proxy break and are made anew.',
    // A proxy that runs and cannot come up has its own reason; the operator only made it.
    explainedBy: () => [],
  }),
  judge(values, { find }) {
    const exposed = exposedServices(values);
    if (exposed.length === 0)
      return skip('No Service of Tailscale’s class stands in front of Envoy, so there is nothing to proxy.');
    return exposed.map((service): Judgement => {
      const proxy = proxyOf(service, values.statefulSets);
      const name = `${service.metadata.namespace}/${service.metadata.name}`;
      if (proxy !== undefined) {
        return judgeWorkload(proxy, values.pods, find, {});
      }
      if (service.metadata.annotations?.['tailscale.com/proxy-group'] !== undefined) {
        return skip(`Service ${name} is served by a ProxyGroup.`);
      }
      const operatorSays = condition(service.status?.conditions, 'TailscaleProxyReady');
      if (operatorSays?.status === 'True') {
        return skip(`The operator says that Service ${name} has a proxy, and no StatefulSet is labelled as one of it.`);
      }
      if (operatorSays !== undefined) {
        return skip(`There is no proxy for Service ${name} yet; the operator says why in the Service’s conditions.`);
      }
      const operatorNamespace =
        tailscaleOperator.operatorOf(values.deployments)?.metadata.namespace ?? stack.tailscaleOperator.namespace;
      return fail({
        message: `The Tailscale Operator has made no proxy for Service ${name}: there is no StatefulSet labelled with it.`,
        evidence: [
          {
            object: refOf(service),
            path: 'the StatefulSet labelled tailscale.com/parent-resource',
            observed: 'not found',
            expected: `one in ${operatorNamespace}`,
          },
        ],
        commands: [proxyCommand],
        remedy: {
          title: 'The operator’s log says why.',
          commands: [sh`kubectl logs -n ${operatorNamespace} -l app=operator --tail=200`],
          disturbs: 'Nothing: reading only.',
        },
      });
    });
  },
});

export const forwardsToService = defineCheck({
  id: 'tailscale-proxy/forwards-to-service',
  title: 'The Tailscale proxy forwards to the Service’s ClusterIP',
  why: 'It rewrites the destination of every packet to the address that it was started with; a Service made anew has another.',
  needs: [ready],
  reads: { ...topologyReads, statefulSets: plain(statefulSets) },
  commands: [
    sh`kubectl get statefulset -n ${stack.tailscaleOperator.namespace} -l tailscale.com/managed=true -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.spec.template.spec.containers[0].env[?(@.name=="TS_DEST_IP")].value}{"\\n"}{end}'`,
  ],
  judge(values) {
    const targets = exposedServices(values).flatMap((service) => {
      const proxy = proxyOf(service, values.statefulSets);
      const env = proxy?.spec?.template.spec?.containers.flatMap((container) => container.env ?? []);
      const target = env?.find((variable) => variable.name === 'TS_DEST_IP')?.value;
      return proxy === undefined || target === undefined ? [] : [{ service, proxy, target }];
    });
    if (targets.length === 0) return skip('No proxy names the address that it forwards to.');
    return targets.map(({ service, proxy, target }): Judgement => {
      const clusterIps = service.spec?.clusterIPs ?? [service.spec?.clusterIP ?? ''];
      if (clusterIps.includes(target))
        return pass(`${proxy.metadata.name} forwards to ${target}, the ClusterIP of ${service.metadata.name}.`);
      return fail({
        message: `Proxy ${proxy.metadata.namespace}/${proxy.metadata.name} forwards to ${target}, but Service ${service.metadata.namespace}/${service.metadata.name} has ClusterIP ${clusterIps.join(', ')}.`,
        evidence: [
          {
            object: refOf(proxy),
            path: 'spec.template.spec.containers[*].env[?(@.name=="TS_DEST_IP")].value',
            observed: target,
            expected: clusterIps[0],
          },
        ],
        remedy: {
          title:
            'Let the operator write the proxy anew: restart the operator, and if the value stays, delete the StatefulSet.',
          commands: [
            sh`kubectl rollout restart deployment -n ${stack.tailscaleOperator.namespace} ${stack.tailscaleOperator.deployment}`,
            sh`kubectl delete statefulset ${place(proxy.metadata)}`,
          ],
          disturbs: 'The Gateway is unreachable over the tailnet until the new proxy is up, about a minute.',
        },
      });
    });
  },
});

/** The name a device wants, from the Service's annotation. */
const wantedDevice = (service: KubeObject<'Service'>): string | undefined =>
  service.metadata.annotations?.['tailscale.com/hostname'];

export const deviceName = defineCheck({
  id: 'tailscale-proxy/has-its-name',
  title: 'The tailnet device has the name that was asked for',
  why: 'DNS records point at that name; a device that still holds it makes Tailscale append a number.',
  needs: [envoyproxy.asksForStableName],
  reads: topologyReads,
  commands: [
    sh`kubectl get service -A -o jsonpath='{range .items[?(@.spec.loadBalancerClass=="${stack.loadBalancerClass}")]}{.metadata.annotations.tailscale\\.com/hostname}{" is "}{.status.loadBalancer.ingress[*].hostname}{"\\n"}{end}'`,
  ],
  judge(values) {
    const named = exposedServices(values).flatMap((service) => {
      const wanted = wantedDevice(service);
      const got = service.status?.loadBalancer?.ingress
        ?.map(({ hostname }) => hostname)
        .find((hostname) => hostname !== undefined);
      return wanted === undefined || got === undefined ? [] : [{ service, wanted, got }];
    });
    if (named.length === 0) return skip('No Service asks for a device name and has got one yet.');
    return named.map(({ service, wanted, got }): Judgement => {
      const device = got.split('.')[0] ?? got;
      if (device === wanted) return pass(`The device is called ${got}.`);
      const stale = device.startsWith(`${wanted}-`) && /^\d+$/.test(device.slice(wanted.length + 1));
      const tailnet = got.slice(device.length + 1);
      return fail({
        message: stale
          ? `The device is called ${got}, because another device on the tailnet still holds the name ${wanted}.`
          : `The device is called ${got}, and Service ${service.metadata.namespace}/${service.metadata.name} asks for ${wanted}.`,
        evidence: [
          {
            object: refOf(service),
            path: 'status.loadBalancer.ingress[*].hostname',
            observed: got,
            expected: `${wanted}.${tailnet}`,
          },
        ],
        remedy: {
          title: stale
            ? `Remove the stale device ${wanted} on the Machines page of Tailscale’s admin console, then rename ${device} to ${wanted} there or let the proxy register anew. Do not write the number into Git.`
            : 'Rename the device in Tailscale’s admin console, or correct the annotation tailscale.com/hostname on the EnvoyProxy.',
          commands: [sh`tailscale status | grep ${wanted}`],
          disturbs: 'Nothing while the stale device is removed; clients look the name up again.',
        },
      });
    });
  },
});

/** The first address at which a Service can be reached over the tailnet: its IP, where it has one. */
export const tailnetAddress = (service: KubeObject<'Service'>): string | undefined => {
  const hosts = ingressHosts(service);
  return hosts.find((host) => /^[\d.]+$|:/.test(host)) ?? hosts[0];
};
