/** GatewayClass: whether Envoy Gateway takes it. */
import { defineCheck, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone, once } from '../../../src/runbook/told.ts';

import {
  condition,
  conditionEvidence,
  conditionPath,
  isStale,
  neverReconciled,
  saidIn,
  type Condition,
} from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { tailnetGateways, type ResolvedGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain, readLog } from '../envoy-gateway/remedies.ts';
import { exists } from './existence.ts';
import { parametersResolve } from './parameters.ts';

type GatewayClass = KubeObject<'GatewayClass'>;

/** A class with its condition Accepted. */
interface Seen {
  gatewayClass: GatewayClass;
  found: Condition | undefined;
}

const { controllerName } = stack.envoyGateway;

const acceptedEvidence = ({ gatewayClass, found }: Seen) =>
  [conditionEvidence(gatewayClass, 'Accepted', found, 'True (Accepted)')] as const;

/** What is alike in all classes that nobody has looked at. */
const aboutUnseen = { remedies: () => lookAgain('the class'), explainedBy: () => [envoyGateway.ready.id] };

/** What is alike in all classes that were looked at and refused. */
const aboutRefused = {
  message: ({ gatewayClass, found }: Seen) =>
    `Envoy Gateway does not accept GatewayClass ${gatewayClass.metadata.name}: ${found?.reason ?? 'no reason given'}.`,
  quote: ({ found }: Seen) => saidIn(found, 'Envoy Gateway, in the GatewayClass’s status'),
  evidence: acceptedEvidence,
};

const findings = {
  otherController: finding<{ gatewayClass: GatewayClass }>({
    headline: 'GatewayClass {gatewayClass} names another controller',
    means: 'The class does not name Envoy Gateway in spec.controllerName, so Envoy Gateway leaves it alone.',
    message: ({ gatewayClass: { metadata, spec } }) =>
      `GatewayClass ${metadata.name} names the controller ${spec.controllerName}, which is not Envoy Gateway (${controllerName}); nobody accepts it.`,
    evidence: ({ gatewayClass }) => [
      {
        object: refOf(gatewayClass),
        path: 'spec.controllerName',
        observed: gatewayClass.spec.controllerName,
        expected: controllerName,
      },
    ],
    remedies: ({ gatewayClass }) => [
      {
        title: 'Delete the class, whose controllerName cannot be changed, and create it again from Git.',
        change: { object: refOf(gatewayClass), path: 'spec.controllerName', to: controllerName },
        commands: [
          sh`kubectl delete gatewayclass ${gatewayClass.metadata.name}`,
          sh`kubectl apply -f infrastructure/gateway/gatewayclass.yaml`,
        ],
        disturbs: 'Nothing that works now.',
      },
    ],
  }),
  stale: finding<Seen>({
    headline: 'The status of GatewayClass {gatewayClass} is out of date',
    means: 'The class was changed, and its status is still about the class before the change.',
    message: ({ gatewayClass, found }) =>
      `GatewayClass ${gatewayClass.metadata.name} was changed and Envoy Gateway has not looked at it since: its status is about generation ${found?.observedGeneration}, the class is at ${gatewayClass.metadata.generation}.`,
    evidence: ({ gatewayClass, found }) => [
      {
        object: refOf(gatewayClass),
        path: `${conditionPath('Accepted')}.observedGeneration`,
        observed: found?.observedGeneration,
        expected: gatewayClass.metadata.generation,
      },
    ],
    ...aboutUnseen,
  }),
  never: finding<Seen>({
    headline: 'No controller has looked at GatewayClass {gatewayClass}',
    means: 'The class names Envoy Gateway and has the status that it was created with: nobody has taken it up.',
    message: ({ gatewayClass }) =>
      `No controller has ever looked at GatewayClass ${gatewayClass.metadata.name}, although it names Envoy Gateway.`,
    evidence: acceptedEvidence,
    ...aboutUnseen,
  }),
  olderExists: finding<Seen>({
    headline: 'Envoy Gateway serves an older class than {gatewayClass}',
    means: 'Two classes name the same controller, and this Envoy Gateway serves the oldest of them only.',
    ...aboutRefused,
    remedies: () => [
      {
        title: 'Remove the other class, or give each controller a name of its own.',
        commands: [sh`kubectl get gatewayclass --sort-by=.metadata.creationTimestamp`],
        disturbs: 'Gateways of the class that you remove.',
      },
    ],
  }),
  invalidParameters: finding<Seen>({
    headline: 'Envoy Gateway refuses the parameters of GatewayClass {gatewayClass}',
    means: 'The EnvoyProxy behind spec.parametersRef is there, and says something that Envoy Gateway cannot use.',
    ...aboutRefused,
    remedies: ({ gatewayClass }) => [
      {
        title: 'Correct what Envoy Gateway names in the EnvoyProxy behind spec.parametersRef.',
        commands: [
          sh`kubectl describe gatewayclass ${gatewayClass.metadata.name}`,
          sh`kubectl get envoyproxy -A -o yaml`,
        ],
        disturbs: 'Nothing: reading only.',
      },
    ],
  }),
  notAccepted: finding<Seen>({
    headline: 'Envoy Gateway does not accept GatewayClass {gatewayClass}',
    means: 'Envoy Gateway has looked at the class and refuses it. The reason of its condition Accepted says why.',
    ...aboutRefused,
    remedies: ({ gatewayClass }) => [
      {
        title: 'Correct what Envoy Gateway names.',
        commands: [sh`kubectl describe gatewayclass ${gatewayClass.metadata.name}`],
        disturbs: 'Nothing: reading only.',
      },
      readLog('the class'),
    ],
  }),
};

export const accepted = defineCheck({
  id: 'gatewayclass/accepted',
  title: 'The GatewayClass is accepted by Envoy Gateway',
  why: 'A class that its controller does not accept makes every Gateway of it wait.',
  needs: [envoyGateway.kindsInstalled, envoyGateway.ready, exists, parametersResolve],
  reads: topologyReads,
  commands: [sh`kubectl get gatewayclass`],
  findings,
  judge(values, { find }) {
    const used = classesInUse(tailnetGateways(values));
    if (isNone(used)) return skip('No Gateway has a class that could be accepted.');
    return eachOf(used, (gatewayClass) => judgeClass(gatewayClass, find));
  },
});

/** The classes that the tailnet's Gateways use, each once. */
const classesInUse = (found: readonly ResolvedGateway[]): readonly GatewayClass[] =>
  once(found.flatMap(({ gatewayClass }) => gatewayClass ?? []));

function judgeClass(gatewayClass: GatewayClass, find: Find<typeof findings>): Judgement {
  const { metadata, spec, status } = gatewayClass;
  const found = condition(status?.conditions, 'Accepted');
  if (found?.status !== 'True' && spec.controllerName !== controllerName) return find.otherController({ gatewayClass });
  const seen = { gatewayClass, found };
  if (isStale(found, metadata.generation)) return find.stale(seen);
  if (found?.status === 'True') return pass(`GatewayClass ${metadata.name} is accepted by ${spec.controllerName}.`);
  if (neverReconciled(found)) return find.never(seen);
  if (found?.reason === 'OlderGatewayClassExists') return find.olderExists(seen);
  return found?.reason === 'InvalidParameters' ? find.invalidParameters(seen) : find.notAccepted(seen);
}
