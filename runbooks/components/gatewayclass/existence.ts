/** GatewayClass: whether the one that the Gateway names exists. */
import { defineCheck, nameOf, pass, refOf, refTo, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';

import { mergePatch } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { tailnetGateways } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Gateway = KubeObject<'Gateway'>;
type GatewayClass = KubeObject<'GatewayClass'>;

/** A Gateway whose class does not exist, and the classes that do. */
interface Classless {
  gateway: Gateway;
  others: readonly GatewayClass[];
}

const namesOf = (objects: readonly KubeObject[]): string =>
  objects.map((object) => object.metadata.name).join(', ') || 'none';

const lacksClass = ({ gateway, others }: Classless): string =>
  `Gateway ${nameOf(gateway)} names GatewayClass ${gateway.spec.gatewayClassName}, which does not exist (there ${others.length === 1 ? 'is' : 'are'}: ${namesOf(others)}).`;

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
      headline: 'Gateway {gateway} names a class that does not exist',
      means: 'The name in the Gateway is wrong: there are classes, and none is called so.',
      message: lacksClass,
      evidence: ({ gateway }) => [
        {
          object: refOf(gateway),
          path: 'spec.gatewayClassName',
          observed: gateway.spec.gatewayClassName,
          expected: stack.gatewayClass.name,
        },
      ],
      remedies: ({ gateway }) => [
        {
          title: `Let the Gateway name ${stack.gatewayClass.name}.`,
          change: { object: refOf(gateway), path: 'spec.gatewayClassName', to: stack.gatewayClass.name },
          commands: [mergePatch('gateway', gateway.metadata, { spec: { gatewayClassName: stack.gatewayClass.name } })],
          disturbs: 'Envoy Gateway makes the Service and the Envoys anew; clients reconnect.',
        },
      ],
    }),
    missing: finding<Classless>({
      headline: 'The GatewayClass of {gateway} does not exist',
      means: 'The Gateway names the class that it should, and that is not there.',
      message: lacksClass,
      evidence: ({ gateway }) => [
        {
          object: refTo('GatewayClass', { name: gateway.spec.gatewayClassName }),
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
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway that could name a class.');
    return found.map(({ gateway, gatewayClass }) => {
      const name = gateway.spec.gatewayClassName;
      if (gatewayClass !== undefined)
        return pass(`Gateway ${gateway.metadata.name} names GatewayClass ${name}, which exists.`);
      const classless = { gateway, others: values.gatewayClasses };
      return isMisnamed(classless) ? find.misnamed(classless) : find.missing(classless);
    });
  },
});

/** The Gateway is at fault when it names another class than the stack's and there is one that it could mean. */
const isMisnamed = ({ gateway, others }: Classless): boolean =>
  gateway.spec.gatewayClassName !== stack.gatewayClass.name && others.length > 0;
