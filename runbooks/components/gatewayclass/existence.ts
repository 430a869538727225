/** GatewayClass: whether the one that the Gateway names is there. */
import type { Reference } from '../../../src/kinds/references.ts';
import { defineCheck, pass, skip } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { astray, astrayFindings } from '../../models/astray.ts';
import { topologyReads } from '../../models/reads.ts';
import { leadOf, meantBy, type Among } from '../../models/references.ts';
import { classRefOf, tailnetGateways } from '../../models/topology.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type GatewayClass = KubeObject<'GatewayClass'>;

const naming = astrayFindings({
  verb: 'names',
  disturbs: 'Envoy Gateway makes the Service and the Envoys anew; clients reconnect.',
});

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
    misnamed: naming.otherName({
      headline: 'Gateway {by} names no GatewayClass that exists',
      means: 'No GatewayClass has the name that the Gateway gives, and the name is not the one in runbooks/stack.ts.',
    }),
    missing: naming.missing({
      headline: 'GatewayClass {wanted} does not exist',
      means: 'The Gateway names the right GatewayClass, and that is gone or was never created.',
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
    if (isNone(found)) return skip('There is no Gateway that could name a class.');
    return eachOf(found, ({ gateway, gatewayClass }) => {
      if (gatewayClass !== undefined)
        return pass(`Gateway ${gateway.metadata.name} names GatewayClass ${gatewayClass.metadata.name}, which exists.`);
      const reference = classRefOf(gateway);
      if (reference === undefined) return skip(`Gateway ${gateway.metadata.name} names no class.`);
      const subject = astray(gateway, reference, values.gatewayClasses, {});
      const meant = meantBy(leadOf(reference, amongClasses(values.gatewayClasses, reference)));
      return meant === undefined ? find.missing(subject) : find.misnamed({ ...subject, meant });
    });
  },
});

/** The stack's own class is meant by any other name; where it is not there, the only one that is. */
function amongClasses(there: readonly GatewayClass[], { name }: Reference): Among<GatewayClass> {
  const own = there.filter(({ metadata }) => metadata.name === stack.gatewayClass.name);
  return {
    ...{ takes: ['GatewayClass'], there, isRight: name === stack.gatewayClass.name },
    spare: own.length > 0 ? own : there,
  };
}
