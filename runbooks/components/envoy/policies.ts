/** Envoy: whether network policies let in what the Tailscale proxy forwards. */
import { defineCheck } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { hopFindings, judgeAll, showPolicies } from '../../models/hop-findings.ts';
import { endOf, podsBehind, policyReads, targetPort, type Hop, type PolicyValues } from '../../models/hops.ts';
import { statefulSets, topologyReads } from '../../models/reads.ts';
import { proxyOf } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { exposedServices } from '../tailscale-proxy/tailscale-proxy.ts';

type Values = PolicyValues & { statefulSets: readonly KubeObject<'StatefulSet'>[] };

/** From the pods of a Service’s Tailscale proxy to Envoy’s, on every port of the Service. */
function hopsOf(service: KubeObject<'Service'>, values: Values): readonly Hop[] {
  const proxy = proxyOf(service, values.statefulSets);
  const senders = proxy === undefined ? [] : podsBehind(proxy, values.pods);
  return senders.flatMap((sender) =>
    podsBehind(service, values.pods).flatMap((pod) =>
      (service.spec?.ports ?? []).flatMap((one): readonly Hop[] => {
        const port = targetPort(one, pod);
        if (port === undefined || (one.protocol ?? 'TCP') !== 'TCP') return [];
        const from = endOf('the Tailscale proxy', sender, values);
        const breaks = 'connections from the tailnet get no answer';
        return [{ from, to: endOf('Envoy', pod, values), protocol: 'TCP', port, breaks }];
      }),
    ),
  );
}

export const letsProxyIn = defineCheck({
  id: 'envoy/lets-the-proxy-in',
  title: 'Network policies let the Tailscale proxy reach Envoy',
  why: 'A packet that no policy allows is dropped without a word: the device answers pings, and no connection comes about.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...topologyReads, statefulSets: plain(statefulSets), ...policyReads },
  commands: showPolicies,
  findings: hopFindings,
  judge(values, { find }) {
    const hops = exposedServices(values).flatMap((service) => hopsOf(service, values));
    return judgeAll(hops, values, find, 'No pod of a Tailscale proxy and of an Envoy behind it are there.');
  },
});
