/** GatewayClass: names the controller and, by `spec.parametersRef`, the EnvoyProxy that shapes what it makes. */
import {
  defineCheck,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';

import {
  condition,
  conditionPath,
  conditionEvidence,
  saidIn,
  type Condition,
  isStale,
  neverReconciled,
} from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { tailnetGateways, type TailnetGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import { exists } from './existence.ts';
import { parametersResolve } from './parameters.ts';

export { exists, parametersResolve };

interface Unaccepted {
  gatewayClass: KubeObject<'GatewayClass'>;
  found: Condition | undefined;
}

/** The classes that the tailnet's Gateways use, each once. */
function classesInUse(found: readonly TailnetGateway[]): readonly KubeObject<'GatewayClass'>[] {
  return [...new Set(found.map(({ gatewayClass }) => gatewayClass).filter((used) => used !== undefined))];
}

const readLog: Remedy = {
  title: 'Read the controller’s log: it says what it makes of the class.',
  commands: [sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`],
  disturbs: 'Nothing: reading only.',
};

const restart: Remedy = {
  title: 'Restart Envoy Gateway: it looks at everything again.',
  commands: [
    sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
  ],
  disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
};

const by = 'Envoy Gateway, in the class’s status';

const refusal = ({ gatewayClass, found }: Unaccepted): string =>
  `Envoy Gateway does not accept GatewayClass ${gatewayClass.metadata.name}: ${found?.reason ?? 'no reason given'}.`;

const acceptance = ({ gatewayClass, found }: Unaccepted): readonly [Evidence] => [
  conditionEvidence(gatewayClass, 'Accepted', found, 'True (Accepted)'),
];

export const accepted = defineCheck({
  id: 'gatewayclass/accepted',
  title: 'The GatewayClass is accepted by Envoy Gateway',
  why: 'A class that its controller does not accept makes every Gateway of it wait.',
  needs: [envoyGateway.kindsInstalled, envoyGateway.ready, exists, parametersResolve],
  reads: topologyReads,
  commands: [sh`kubectl get gatewayclass`],
  findings: {
    otherController: finding<Unaccepted>({
      headline: 'GatewayClass {gatewayClass} names another controller',
      means: 'The name of the controller is not Envoy Gateway’s, so nobody here accepts the class.',
      message: ({ gatewayClass: { metadata, spec } }) =>
        `GatewayClass ${metadata.name} names the controller ${spec.controllerName}, which is not Envoy Gateway (${stack.envoyGateway.controllerName}); nobody accepts it.`,
      evidence: ({ gatewayClass }) => [
        {
          object: refOf(gatewayClass),
          path: 'spec.controllerName',
          observed: gatewayClass.spec.controllerName,
          expected: stack.envoyGateway.controllerName,
        },
      ],
      remedies: ({ gatewayClass }) => [
        {
          title: 'controllerName cannot be changed: delete the class and create it again from Git.',
          commands: [
            sh`kubectl delete gatewayclass ${gatewayClass.metadata.name}`,
            sh`kubectl apply -f infrastructure/gateway/gatewayclass.yaml`,
          ],
          disturbs: 'Nothing that works now.',
        },
      ],
    }),
    stale: finding<Unaccepted>({
      headline: 'The status of GatewayClass {gatewayClass} is out of date',
      means: 'The class was changed, and its status is still about the class before the change.',
      message: ({ gatewayClass: { metadata }, found }) =>
        `GatewayClass ${metadata.name} was changed and Envoy Gateway has not looked at it since: its status is about generation ${found?.observedGeneration}, the class is at ${metadata.generation}.`,
      evidence: ({ gatewayClass, found }) => [
        {
          object: refOf(gatewayClass),
          path: `${conditionPath('Accepted')}.observedGeneration`,
          observed: found?.observedGeneration,
          expected: gatewayClass.metadata.generation,
        },
      ],
      remedies: () => [restart, readLog],
      explainedBy: () => [envoyGateway.ready.id],
    }),
    never: finding<Unaccepted>({
      headline: 'No controller has looked at GatewayClass {gatewayClass}',
      means: 'The class names Envoy Gateway and has the status that it was created with: nobody has taken it up.',
      message: ({ gatewayClass }) =>
        `No controller has ever looked at GatewayClass ${gatewayClass.metadata.name}, although it names Envoy Gateway.`,
      evidence: acceptance,
      remedies: () => [restart, readLog],
      explainedBy: () => [envoyGateway.ready.id],
    }),
    olderExists: finding<Unaccepted>({
      headline: 'An older class is served in place of {gatewayClass}',
      means: 'Envoy Gateway serves the oldest class that names it, and refuses the others.',
      message: refusal,
      quote: ({ found }) => saidIn(found, by),
      evidence: acceptance,
      remedies: () => [
        {
          title: 'Remove the other class, or give each controller a name of its own.',
          commands: [sh`kubectl get gatewayclass --sort-by=.metadata.creationTimestamp`],
          disturbs: 'Gateways of the class that you remove.',
        },
      ],
    }),
    refused: finding<Unaccepted>({
      headline: 'GatewayClass {gatewayClass} is not accepted',
      means: 'Envoy Gateway does not take the class as it stands, most often because of its EnvoyProxy.',
      message: refusal,
      quote: ({ found }) => saidIn(found, by),
      evidence: acceptance,
      remedies: ({ gatewayClass }) => [
        {
          title: 'Correct what the message names, usually the EnvoyProxy behind spec.parametersRef.',
          commands: [
            sh`kubectl describe gatewayclass ${gatewayClass.metadata.name}`,
            sh`kubectl get envoyproxy -A -o yaml`,
          ],
          disturbs: 'Nothing: reading only.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const used = classesInUse(tailnetGateways(values));
    if (used.length === 0) return skip('No Gateway has a class that could be accepted.');
    return used.map((gatewayClass): Judgement => {
      const { metadata, spec, status } = gatewayClass;
      const unaccepted = { gatewayClass, found: condition(status?.conditions, 'Accepted') };
      const why = whyUnaccepted(unaccepted);
      return why === undefined
        ? pass(`GatewayClass ${metadata.name} is accepted by ${spec.controllerName}.`)
        : find[why](unaccepted);
    });
  },
});

/** Which of the findings a class is, if it is not accepted in its present generation. */
function whyUnaccepted({ gatewayClass: { metadata, spec }, found }: Unaccepted) {
  const isOld = isStale(found, metadata.generation);
  if (found?.status === 'True') return isOld ? 'stale' : undefined;
  if (spec.controllerName !== stack.envoyGateway.controllerName) return 'otherController';
  if (isOld) return 'stale';
  if (neverReconciled(found)) return 'never';
  return found?.reason === 'OlderGatewayClassExists' ? 'olderExists' : 'refused';
}
