/** Managed Service: what Envoy Gateway puts in front of Envoy, and the Tailscale Operator exposes on the tailnet. */
import { defineCheck, nameOf, pass, refOf } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { topologyReads } from '../../models/reads.ts';
import { ingressHosts } from '../../models/topology.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';
import { isOfTailscalesClass } from './class.ts';
import { exists, managedServices } from './existence.ts';
import { eachExposed, operatorLog, proxyLog, proxyReady, reading } from './exposure.ts';

export { exists, isOfTailscalesClass, proxyReady };

export const hasAddress = defineCheck({
  id: 'managed-service/has-address',
  title: 'That Service has a tailnet address',
  why: 'The Gateway is programmed only once its Service can be reached somewhere.',
  needs: [isOfTailscalesClass, tailscaleOperator.ready, tailscaleProxy.ready, proxyReady],
  reads: topologyReads,
  commands: [managedServices],
  findings: {
    noAddress: finding<{ service: KubeObject<'Service'> }>({
      headline: 'Service {service} has no address on the tailnet',
      means: 'The operator says nothing against the Service, and has not written into its status where it is reached.',
      message: ({ service }) =>
        `Service ${nameOf(service)} has no address: the Tailscale Operator has not written one.`,
      evidence: ({ service }) => [
        {
          object: refOf(service),
          path: 'status.loadBalancer.ingress',
          observed: [],
          expected: 'a tailnet IP and hostname',
        },
      ],
      remedies: ({ service }) => [
        {
          title: 'Read the operator’s log and the proxy’s: they say why.',
          commands: [operatorLog, proxyLog(service)],
          disturbs: reading,
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    eachExposed(values, (service) => {
      const hosts = ingressHosts(service);
      return hosts.length > 0
        ? pass(`Service ${nameOf(service)} is reached at ${hosts.join(' and ')}.`)
        : find.noAddress({ service });
    }),
});
