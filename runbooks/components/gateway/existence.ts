/** Gateway: whether there is one, and whether its controller has looked at it as it is now. */
import { defineCheck, nameOf, pass, refOf, refTo } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { onlyOfACluster } from '../../../src/runbook/fact.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { isNone, known } from '../../../src/runbook/told.ts';

import {
  condition,
  conditionEvidence,
  conditionPath,
  isStale,
  neverReconciled,
  type Condition,
} from '../../models/conditions.ts';
import { gateways, topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { tailnetGateways } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain } from '../envoy-gateway/remedies.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

import { eachGateway, showGateway, type Gateway } from './gateways.ts';

export const exists = defineCheck({
  id: 'gateway/exists',
  title: 'The Gateway exists',
  why: 'Every route hangs on it.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...topologyReads, asked: raw(gateways) },
  commands: [sh`kubectl get gateway -A`],
  findings: {
    missing: finding<{ wanted: { namespace: string; name: string }; others: readonly Gateway[] }>({
      headline: 'There is no Gateway {wanted} on the tailnet',
      means: 'No Gateway has the name that runbooks/stack.ts gives, and none is exposed by Tailscale.',
      message: ({ wanted, others }) =>
        `There is no Gateway ${wanted.namespace}/${wanted.name}, and no other one on the tailnet${others.length === 0 ? '' : ` (there is ${others.map(nameOf).join(', ')})`}.`,
      evidence: ({ wanted }) => [
        { object: refTo('Gateway', wanted), path: 'metadata.name', observed: 'not found', expected: 'exists' },
      ],
      remedies: () => [
        {
          title: 'Create it again from Git.',
          commands: [sh`kubectl apply -f infrastructure/gateway/gateway.yaml`],
          disturbs: 'Nothing that works now.',
        },
        {
          title: 'If it has another name, correct that in runbooks/stack.ts.',
          commands: [sh`kubectl get gateway -A`],
          disturbs: 'Nothing.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const found = tailnetGateways(values);
    // Nobody keeps a Gateway in every folder of manifests; a route that names one which is not there is another check's.
    if (isNone(found)) onlyOfACluster(values.asked, `Gateway ${stack.gateway.namespace}/${stack.gateway.name}`);
    return isNone(found)
      ? find.missing({ wanted: stack.gateway, others: values.gateways })
      : pass(`Found ${known(found.map(({ gateway }) => nameOf(gateway))).join(', ')}.`);
  },
});

export const reconciled = defineCheck({
  id: 'gateway/reconciled',
  title: 'Envoy Gateway has looked at the Gateway as it is now',
  why: 'A status about an older generation says nothing about the Gateway that you see.',
  needs: [envoyGateway.kindsInstalled, envoyGateway.ready, exists, gatewayclass.exists, gatewayclass.accepted],
  reads: topologyReads,
  commands: [sh`${showGateway} -o jsonpath='{.metadata.generation}{" "}{.status.conditions[*].observedGeneration}'`],
  findings: {
    never: finding<{ gateway: Gateway }>({
      headline: 'No controller has looked at Gateway {gateway}',
      means: 'The Gateway has the status that it was created with: nobody has taken it up.',
      message: ({ gateway }) => `No controller has ever looked at Gateway ${nameOf(gateway)}.`,
      evidence: ({ gateway }) => [
        conditionEvidence(gateway, 'Accepted', condition(gateway.status?.conditions, 'Accepted'), 'True'),
      ],
      remedies: () => lookAgain('the Gateway'),
    }),
    stale: finding<{ gateway: Gateway; type: string; found: Condition }>({
      headline: 'The status of Gateway {gateway} is out of date',
      means: 'The Gateway was changed, and its status is still about the Gateway before the change.',
      message: ({ gateway, found }) =>
        `Gateway ${nameOf(gateway)} is at generation ${gateway.metadata.generation}, and its status is about generation ${found.observedGeneration}: Envoy Gateway has not looked at the last change.`,
      evidence: ({ gateway, type, found }) => [
        {
          object: refOf(gateway),
          path: `${conditionPath(type)}.observedGeneration`,
          observed: found.observedGeneration,
          expected: gateway.metadata.generation,
        },
      ],
      remedies: () => lookAgain('the Gateway'),
    }),
  },
  judge: (values, { find }) =>
    eachGateway(values, ({ gateway }) => {
      const conditions = ['Accepted', 'Programmed'].map((type) => ({
        type,
        found: condition(gateway.status?.conditions, type),
      }));
      if (conditions.every(({ found }) => neverReconciled(found))) return find.never({ gateway });
      for (const { type, found } of conditions) {
        if (found !== undefined && isStale(found, gateway.metadata.generation))
          return find.stale({ gateway, type, found });
      }
      return pass(`The status of ${nameOf(gateway)} is about the Gateway as it is now.`);
    }),
});
