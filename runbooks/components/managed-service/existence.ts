/** Managed Service: whether Envoy Gateway has made it. */
import { defineCheck, nameOf, pass, refOf, skip, type Check } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone, known } from '../../../src/runbook/told.ts';
import { condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { tailnetGateways } from '../../models/topology.ts';
import { stack } from '#stack';
import * as certificate from '../certificate/certificate.ts';
import { mayBeReferenced } from '../certificate/reference.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain } from '../envoy-gateway/remedies.ts';
import { type Gateway } from '../gateway/gateways.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

export const managedServices = sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway`;

/** What keeps Envoy Gateway from making anything. */
const makerNeeds: readonly Check[] = [envoyGateway.ready, gatewayclass.exists, gatewayclass.accepted];
const certificateNeeds: readonly Check[] = [certificate.ready, mayBeReferenced];

const hasValidListener = ({ status }: Gateway): boolean =>
  (status?.listeners ?? []).some(({ conditions }) => condition(conditions, 'Programmed')?.status === 'True');

export const exists = defineCheck({
  id: 'managed-service/exists',
  title: 'Envoy Gateway has made a Service for the Gateway',
  why: 'The Gateway takes its address from this Service.',
  needs: [...makerNeeds, ...certificateNeeds],
  reads: topologyReads,
  commands: [managedServices],
  findings: {
    missing: finding<{ gateway: Gateway }>({
      headline: 'Gateway {gateway} has no Service in front of Envoy',
      means: 'Envoy Gateway makes a Service for each Gateway. It has not made this one, or somebody deleted it.',
      message: ({ gateway }) =>
        `No Service is labelled as Gateway ${nameOf(gateway)}’s own: Envoy Gateway has not made one.`,
      evidence: ({ gateway }) => [
        {
          object: refOf(gateway),
          path: 'the Service labelled gateway.envoyproxy.io/owning-gateway-name',
          observed: 'not found',
          expected: `one in ${stack.envoyGateway.namespace}`,
        },
      ],
      commands: () => [managedServices],
      remedies: () => lookAgain('the Gateway'),
      // For a Gateway none of whose listeners is valid Envoy Gateway makes nothing [1.9]; else the certificate is no reason.
      explainedBy: ({ gateway }) =>
        [...makerNeeds, ...(hasValidListener(gateway) ? [] : certificateNeeds)].map(({ id }) => id),
    }),
  },
  judge(values, { find }) {
    const found = tailnetGateways(values);
    if (isNone(found)) return skip('There is no Gateway to make a Service for.');
    return eachOf(found, ({ gateway, services }) =>
      isNone(services)
        ? find.missing({ gateway })
        : pass(`Gateway ${gateway.metadata.name} has Service ${known(services).map(nameOf).join(', ')}.`),
    );
  },
});
