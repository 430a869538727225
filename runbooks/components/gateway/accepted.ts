/** Gateway: whether its controller takes it. */
import { defineCheck, nameOf, pass, type Check } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';

import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain } from '../envoy-gateway/remedies.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

import { by, eachGateway, showGateway, type Gateway } from './gateways.ts';
import { exists, reconciled } from './existence.ts';
import { listenersReady } from './listeners.ts';

/** What explains that a Gateway is not accepted, whatever the reason. */
const acceptanceNeeds: readonly Check[] = [
  envoyGateway.kindsInstalled,
  exists,
  gatewayclass.exists,
  gatewayclass.accepted,
  gatewayclass.parametersResolve,
  reconciled,
];

export const accepted = defineCheck({
  id: 'gateway/accepted',
  title: 'The Gateway is accepted',
  why: 'What Envoy Gateway does not accept it does not build.',
  needs: [...acceptanceNeeds, listenersReady],
  reads: topologyReads,
  commands: [sh`${showGateway} -o jsonpath='{.status.conditions}'`],
  findings: {
    refused: finding<{ gateway: Gateway; found: Condition | undefined }>({
      headline: 'Gateway {gateway} is not accepted',
      means: 'Envoy Gateway does not take the Gateway as it stands, and builds nothing for it.',
      message: ({ gateway, found }) =>
        `Gateway ${nameOf(gateway)} is not accepted: ${found?.reason ?? 'no condition says why'}.`,
      quote: ({ found }) => saidIn(found, by),
      evidence: ({ gateway, found }) => [conditionEvidence(gateway, 'Accepted', found, 'True (Accepted)')],
      remedies: () => lookAgain('the Gateway'),
      explainedBy: ({ found }) => [
        ...acceptanceNeeds.map(({ id }) => id),
        // From Envoy Gateway 1.9 this reason derives from the listeners, which have a check of their own.
        ...(found?.reason === 'ListenersNotValid' ? [listenersReady.id] : []),
      ],
    }),
  },
  judge: (values, { find }) =>
    eachGateway(values, ({ gateway }) => {
      const found = condition(gateway.status?.conditions, 'Accepted');
      return found?.status === 'True'
        ? pass(`Gateway ${nameOf(gateway)} is accepted.`)
        : find.refused({ gateway, found });
    }),
});
