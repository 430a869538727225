/** Managed Service: whether a connection to its tailnet address comes about, seen from this machine. */
import { defineCheck, fail, pass, refOf, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import { hostPort, follow, type TcpRead } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressHosts, type Topology } from '../../models/topology.ts';
import { agentsRestarted } from '../cilium/agents.ts';
import * as cilium from '../cilium/cilium.ts';
import { hostNamespaceOnly } from '../cilium/socket-lb.ts';
import * as envoy from '../envoy/envoy.ts';
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
    hostNamespaceOnly,
    agentsRestarted,
    cilium.noKubeProxy,
    managedService.hasAddress,
    tailscaleProxy.ready,
    tailscaleProxy.forwardsToService,
    envoy.ready,
  ],
  reads: { ...topologyReads, connections, proof },
  judge(values) {
    if (values.connections.length === 0)
      return skip('No Service in front of Envoy has a tailnet address to connect to.');
    return values.connections.map(({ read, fact }): Judgement => {
      const address = hostPort(read.host, read.port);
      if (!fact.ok) return unknown(fact.problem.message, fact.problem);
      if (fact.value.connected) return pass(`${address} accepts a TCP connection, seen from this machine.`);
      const service = tailscaleProxy
        .exposedServices(values)
        .find((candidate) => ingressHosts(candidate).includes(read.host));
      if (fact.value.reason === 'refused' && service !== undefined) {
        const refused = fail({
          message: `${address} refuses the connection: the device is on the tailnet and nobody listens behind it.`,
          evidence: [
            {
              object: refOf(service),
              path: `TCP ${address}, seen from this machine`,
              observed: 'connection refused',
              expected: 'accepted',
            },
          ],
          commands: [sh`nc -vz -w 5 ${read.host} ${read.port}`],
          remedy: {
            title:
              'Compare the ports of the Gateway’s listeners with the Service’s, and see whether Envoy’s pods are its endpoints.',
            commands: [
              sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].port}'`,
              sh`kubectl describe service ${place(service.metadata)}`,
            ],
            disturbs: 'Nothing: reading only.',
          },
        });
        return seenFromTailnet(values.proof, values, refused);
      }
      return unknown(
        fact.value.reason === 'timed-out'
          ? `No answer from ${address}, seen from this machine: either it is not on the tailnet (tailscale status tells), or packets to it are not forwarded.`
          : `This machine cannot reach ${address} (${fact.value.reason}): it is probably not on the tailnet (tailscale status tells).`,
      );
    });
  },
});
