/** Where every controller has to reach: CoreDNS, the API server, and whatever it is for. Pure. */
import type { NodeParty, OutsideParty } from '../../src/kinds/network/traffic.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { plain } from '../../src/runbook/read.ts';
import { stack } from '#stack';
import { endOf, podsBehind, policyReads, type End, type Hop, type PolicyValues } from './hops.ts';
import { deployments, endpointSlices } from './reads.ts';
import { isNamed } from './topology.ts';

export const controllerReads = {
  deployments: plain(deployments),
  slices: plain(endpointSlices),
  ...policyReads,
};

interface Values extends PolicyValues {
  deployments: readonly KubeObject<'Deployment'>[];
  slices: readonly KubeObject<'EndpointSlice'>[];
}

/** Somebody outside whom a controller asks over HTTPS. */
export interface Asked {
  called: string;
  name: string;
  breaks: string;
}

/** From a controller to CoreDNS, to the API server, and out to whom it asks. */
export function controllerHops(
  called: string,
  controller: KubeObject<'Deployment'> | undefined,
  values: Values,
  outside: readonly Asked[],
): readonly Hop[] {
  const senders = controller === undefined ? [] : podsBehind(controller, values.pods);
  return senders.flatMap((pod) => {
    const from = endOf(called, pod, values);
    return [
      ...nameServers(values).map((to): Hop => ({ from, to, protocol: 'UDP', port: 53, breaks: 'it resolves no name' })),
      ...apiServers(values).map(({ end, port }): Hop => ({
        from,
        to: end,
        protocol: 'TCP',
        port,
        breaks: 'it sees no object and writes none',
      })),
      ...outside.map((asked): Hop => {
        const party: OutsideParty = { is: 'outside', name: asked.name };
        const to = { called: asked.called, party, pod: undefined };
        return { from, to, protocol: 'TCP', port: 443, breaks: asked.breaks };
      }),
    ];
  });
}

function nameServers(values: Values): readonly End[] {
  const { namespace, deployment: name } = stack.coredns;
  const found = values.deployments.find((one) => isNamed(one, { namespace, name }));
  return found === undefined ? [] : podsBehind(found, values.pods).map((pod) => endOf('CoreDNS', pod, values));
}

/** By the endpoints of Service `kubernetes`, which the API server keeps itself; on a node, where a pod says that a node has the address. */
function apiServers({ slices, pods }: Values): readonly { end: End; port: number }[] {
  const own = slices.filter((slice) => isNamed(slice, { namespace: 'default', name: 'kubernetes' }));
  return own.flatMap(({ endpoints = [], ports = [] }) =>
    endpoints
      .flatMap(({ addresses = [] }) => addresses)
      .flatMap((address) => {
        const neighbour = pods.find(({ status }) => status?.hostIP === address);
        const party: NodeParty | OutsideParty =
          neighbour === undefined
            ? { is: 'outside', address, isApiServer: true }
            : { is: 'node', name: neighbour.spec?.nodeName, addresses: [address], isApiServer: true };
        return ports.map(({ port = 6443 }) => ({ end: { called: 'the API server', party, pod: undefined }, port }));
      }),
  );
}
