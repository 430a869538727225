/** GatewayClass: whether the one that the Gateway names is there. */
import { defineCheck, nameOf, pass, refOf, refTo, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';

import { setField } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { tailnetGateways } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

const expected = stack.gatewayClass.name;

/** A Gateway whose class is not there. */
interface Classless {
  gateway: KubeObject<'Gateway'>;
  /** The name of its class. */
  named: string;
  /** The classes that are there. */
  all: readonly KubeObject<'GatewayClass'>[];
}

const message = ({ gateway, named, all }: Classless): string =>
  `Gateway ${nameOf(gateway)} names GatewayClass ${named}, which does not exist (there ${all.length === 1 ? 'is' : 'are'}: ${all.map(({ metadata }) => metadata.name).join(', ') || 'none'}).`;

export const exists = defineCheck({
  id: 'gatewayclass/exists',
  title: 'The GatewayClass that the Gateway names exists',
  why: 'A Gateway whose class does not exist belongs to no controller: nobody even writes its status.',
  needs: [envoyGateway.kindsInstalled],
  reads: topologyReads,
  commands: [
    sh`kubectl get gatewayclass`,
    sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.gatewayClassName}'`,
  ],
  findings: {
    misnamed: finding<Classless>({
      headline: 'Gateway {gateway} names no GatewayClass that exists',
      means: 'No GatewayClass has the name that the Gateway gives, and the name is not the one in runbooks/stack.ts.',
      message,
      evidence: ({ gateway, named }) => [
        { object: refOf(gateway), path: 'spec.gatewayClassName', observed: named, expected },
      ],
      remedies: ({ gateway }) => [
        {
          title: `Let the Gateway name ${expected}.`,
          ...setField(gateway, 'spec.gatewayClassName', expected),
          disturbs: 'Envoy Gateway makes the Service and the Envoys anew; clients reconnect.',
        },
      ],
    }),
    missing: finding<Classless>({
      headline: 'GatewayClass {named} does not exist',
      means: 'The Gateway names the right GatewayClass, and that is gone or was never created.',
      message,
      evidence: ({ named }) => [
        {
          object: refTo('GatewayClass', { name: named }),
          path: 'metadata.name',
          observed: 'not found',
          expected: 'exists',
        },
      ],
      remedies: () => [
        {
          title: 'Create the GatewayClass again from Git.',
          commands: [sh`kubectl apply -f infrastructure/gateway/gatewayclass.yaml`],
          disturbs: 'Nothing: Envoy Gateway takes the Gateway up again.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const all = values.gatewayClasses;
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway that could name a class.');
    return found.map(({ gateway, gatewayClass }) => {
      const named = gateway.spec.gatewayClassName;
      if (gatewayClass !== undefined)
        return pass(`Gateway ${gateway.metadata.name} names GatewayClass ${named}, which exists.`);
      return named !== expected && all.length > 0
        ? find.misnamed({ gateway, named, all })
        : find.missing({ gateway, named, all });
    });
  },
});
