/** Gateway: the listeners that are open to the tailnet, and in its status what became of them. */
import { defineCheck, nameOf, pass, type Check } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';

import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import * as certificate from '../certificate/certificate.ts';
import * as envoy from '../envoy/envoy.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain } from '../envoy-gateway/remedies.ts';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

import { by, eachGateway, showGateway, type Gateway } from './gateways.ts';
import { accepted } from './accepted.ts';
import { agreesWithService } from './address.ts';
import { exists, reconciled } from './existence.ts';
import { listenersReady } from './listeners.ts';

export { accepted, agreesWithService, exists, listenersReady, reconciled };

const causes: readonly Check[] = [
  envoyGateway.kindsInstalled,
  envoyGateway.ready,
  gatewayclass.exists,
  gatewayclass.parametersResolve,
  gatewayclass.accepted,
  envoyproxy.asksForTailscale,
  exists,
  reconciled,
  certificate.ready,
  listenersReady,
  accepted,
  managedService.exists,
  managedService.isOfTailscalesClass,
  tailscaleOperator.ready,
  tailscaleProxy.ready,
  managedService.proxyReady,
  managedService.hasAddress,
  envoy.ready,
  agreesWithService,
];

export const programmed = defineCheck({
  id: 'gateway/programmed',
  title: 'The Gateway is programmed',
  why: 'This is the symptom: Programmed is True once there is an address and an Envoy behind it.',
  needs: causes,
  reads: topologyReads,
  commands: [showGateway],
  findings: {
    symptom: finding<{ gateway: Gateway; found: Condition | undefined }>({
      headline: 'Gateway {gateway} is not programmed',
      means: 'The Gateway has no address, or no Envoy behind it, and none of the known causes was seen.',
      message: ({ gateway, found }) =>
        `Gateway ${nameOf(gateway)} is not programmed: ${found?.reason ?? 'no condition says why'}.`,
      quote: ({ found }) => saidIn(found, by),
      evidence: ({ gateway, found }) => [conditionEvidence(gateway, 'Programmed', found, 'True (Programmed)')],
      remedies: () => lookAgain('the Gateway'),
    }),
  },
  judge: (values, { find }) =>
    eachGateway(values, ({ gateway }) => {
      const found = condition(gateway.status?.conditions, 'Programmed');
      return found?.status === 'True'
        ? pass(`Gateway ${nameOf(gateway)} is programmed.`)
        : find.symptom({ gateway, found });
    }),
});
