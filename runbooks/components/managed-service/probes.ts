/** Managed Service: whether a connection to its tailnet address comes about, seen from this machine. */
import { defineCheck, pass, refOf, skip, unknown } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { hostPort, follow, type TcpRead } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { ingressHosts, type Topology } from '../../models/topology.ts';
import * as cilium from '../cilium/cilium.ts';
import * as envoy from '../envoy/envoy.ts';
import { letsProxyIn } from '../envoy/policies.ts';
import * as managedService from './managed-service.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

const connections = follow(
  topologyReads,
  (values: Topology): readonly TcpRead[] =>
    tailscaleProxy.exposedServices(values).flatMap((service) => {
      const host = tailscaleProxy.tailnetAddress(service);
      const port = service.spec?.ports?.[0]?.port ?? 443;
      return host === undefined
        ? []
        : [{ type: 'tcp', host, port, why: 'whether packets to the tailnet address reach Envoy' }];
    }),
  {
    why: 'whether packets to the tailnet address reach Envoy',
    command: sh`nc -vz -w 5 ${stack.device.name}.${stack.tailnet} 443`,
    probes: true,
  },
);

export const answers = defineCheck({
  id: 'managed-service/answers-on-the-tailnet',
  title: 'Its tailnet address accepts a connection from this machine',
  why: 'With lost packets everything in the API looks healthy; only a connection that times out gives it away.',
  needs: [
    cilium.replacesIt,
    cilium.hostNamespaceOnly,
    cilium.agentsRestarted,
    cilium.noKubeProxy,
    managedService.hasAddress,
    tailscaleProxy.ready,
    tailscaleProxy.forwardsToService,
    envoy.ready,
    letsProxyIn,
  ],
  reads: { ...topologyReads, connections, proof },
  findings: {
    refused: finding<{ service: KubeObject<'Service'>; read: TcpRead }>({
      headline: 'Service {service} refuses connections from the tailnet',
      means: 'The device is on the tailnet and takes packets, and nobody listens behind it.',
      message: ({ read }) =>
        `${hostPort(read.host, read.port)} refuses the connection: the device is on the tailnet and nobody listens behind it.`,
      evidence: ({ service, read }) => [
        {
          object: refOf(service),
          path: `TCP ${hostPort(read.host, read.port)}, seen from this machine`,
          observed: 'connection refused',
          expected: 'accepted',
        },
      ],
      commands: ({ read }) => [sh`nc -vz -w 5 ${read.host} ${read.port}`],
      remedies: ({ service }) => [
        {
          title:
            'Compare the ports of the Gateway’s listeners with the Service’s, and see whether Envoy’s pods are its endpoints.',
          commands: [
            sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].port}'`,
            sh`kubectl describe service ${place(service.metadata)}`,
          ],
          disturbs: 'Nothing: reading only.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    if (values.connections.length === 0)
      return skip('No Service in front of Envoy has a tailnet address to connect to.');
    return values.connections.map(({ read, fact }) => {
      if (!fact.ok) return unknown(fact.problem.message, fact.problem);
      if (fact.value.connected)
        return pass(`${hostPort(read.host, read.port)} accepts a TCP connection, seen from this machine.`);
      const service = serviceAt(values, read.host);
      return fact.value.reason === 'refused' && service !== undefined
        ? seenFromTailnet(values.proof, values, find.refused({ service, read }))
        : unknown(unreachable(read, fact.value.reason));
    });
  },
});

const serviceAt = (values: Topology, host: string): KubeObject<'Service'> | undefined =>
  tailscaleProxy.exposedServices(values).find((service) => ingressHosts(service).includes(host));

function unreachable({ host, port }: TcpRead, reason: string): string {
  const address = hostPort(host, port);
  return reason === 'timed-out'
    ? `No answer from ${address}, seen from this machine: either it is not on the tailnet (tailscale status tells), or packets to it are not forwarded.`
    : `This machine cannot reach ${address} (${reason}): it is probably not on the tailnet (tailscale status tells).`;
}
