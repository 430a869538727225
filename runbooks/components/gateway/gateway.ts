/** Gateway: the listeners that are open to the tailnet, and in its status what became of them. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Check,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';

import {
  condition,
  conditionEvidence,
  conditionPath,
  conditionText,
  isStale,
  neverReconciled,
  saidIn,
  type Condition,
} from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressHosts, tailnetGateways, type TailnetGateway } from '../../models/topology.ts';
import * as certificate from '../certificate/certificate.ts';
import { mayBeReferenced } from '../certificate/reference.ts';
import * as envoy from '../envoy/envoy.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

type Gateway = KubeObject<'Gateway'>;

const showGateway = sh`kubectl get gateway ${place(stack.gateway)}`;
const none = 'There is no Gateway to look at.';

const rollout = sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`;

const readLog: Remedy = {
  title: 'Read Envoy Gateway’s log: it says what it makes of the Gateway.',
  commands: [sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`],
  disturbs: 'Nothing: reading only.',
};

const restart: Remedy = {
  title: 'Restart Envoy Gateway: it looks at everything again.',
  commands: [rollout],
  disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
};

const by = 'Envoy Gateway, in the Gateway’s status';

export const exists = defineCheck({
  id: 'gateway/exists',
  title: 'The Gateway exists',
  why: 'Every route hangs on it.',
  needs: [envoyGateway.kindsInstalled],
  reads: topologyReads,
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
    if (found.length > 0) return pass(`Found ${found.map(({ gateway }) => nameOf(gateway)).join(', ')}.`);
    return find.missing({ wanted: stack.gateway, others: values.gateways });
  },
});

/** Judges each Gateway of the tailnet by itself. */
function eachGateway(
  values: Parameters<typeof tailnetGateways>[0],
  judge: (found: TailnetGateway) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  const found = tailnetGateways(values);
  return found.length === 0 ? skip(none) : found.flatMap(judge);
}

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
      remedies: () => [readLog, restart],
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
      remedies: () => [readLog, restart],
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

/** What is wrong with a listener, by its own conditions; the telling ones before the summarising one. */
const listenerSymptoms = [
  { type: 'Conflicted', bad: 'True', says: 'conflicts with another listener' },
  { type: 'ResolvedRefs', bad: 'False', says: 'refers to something that cannot be used' },
  { type: 'Accepted', bad: 'False', says: 'is not accepted' },
  { type: 'Programmed', bad: 'False', says: 'is not programmed' },
] as const;

interface BadListener {
  gateway: Gateway;
  listener: { name: string };
  symptom: (typeof listenerSymptoms)[number];
  found: Condition | undefined;
}

/** What is alike in all that can be wrong with a listener. */
const aboutListener = {
  message: ({ gateway, listener, symptom, found }: BadListener) =>
    `Listener ${listener.name} of Gateway ${nameOf(gateway)} ${symptom.says}: ${found?.reason ?? 'no reason given'}.`,
  quote: ({ found }: BadListener) => saidIn(found, by),
  evidence: ({ gateway, listener, symptom, found }: BadListener) =>
    [
      {
        object: refOf(gateway),
        path: conditionPath(symptom.type, `status.listeners[?(@.name=="${listener.name}")]`),
        observed: conditionText(found),
        expected: symptom.bad === 'True' ? 'False' : 'True',
      },
    ] as const,
};

export const listenersReady = defineCheck({
  id: 'gateway/listeners-are-valid',
  title: 'Every listener of the Gateway is valid',
  why: 'An invalid listener is left out of Envoy: its names are refused while others work.',
  needs: [envoyGateway.kindsInstalled, exists, certificate.ready, mayBeReferenced, reconciled],
  reads: topologyReads,
  commands: [sh`${showGateway} -o jsonpath='{range .status.listeners[*]}{.name}{": "}{.conditions}{"\\n"}{end}'`],
  findings: {
    secretUnusable: finding<BadListener>({
      headline: 'Listener {listener} of {gateway} has no usable certificate',
      means: 'The Secret that the listener names is missing, or does not hold a certificate and its key.',
      ...aboutListener,
      remedies: ({ gateway }) => [
        {
          title: 'Look at the Certificate that should write the Secret.',
          commands: [
            sh`kubectl get certificate -n ${gateway.metadata.namespace ?? 'default'}`,
            sh`kubectl get gateway ${place(gateway.metadata)} -o jsonpath='{.spec.listeners[*].tls.certificateRefs}'`,
          ],
          disturbs: 'Nothing: reading only.',
        },
      ],
      // Only a missing or broken Secret is the Certificate's doing.
      explainedBy: () => [certificate.ready.id, reconciled.id],
    }),
    notGranted: finding<BadListener>({
      headline: 'Listener {listener} of {gateway} may not use its Secret',
      means: 'The Secret is in another namespace, and no ReferenceGrant there allows this Gateway to use it.',
      ...aboutListener,
      remedies: () => [
        {
          title: 'Add a ReferenceGrant beside the Secret, or move the Certificate to the Gateway’s namespace.',
          commands: [sh`kubectl get referencegrant -A`],
          disturbs: 'Nothing: the listener is programmed as soon as the grant is there.',
        },
      ],
      explainedBy: () => [mayBeReferenced.id, reconciled.id],
    }),
    invalid: finding<BadListener>({
      headline: 'Listener {listener} of Gateway {gateway} is invalid',
      means: 'Envoy Gateway does not take the listener as it stands; the condition’s reason says what of it.',
      ...aboutListener,
      remedies: ({ gateway }) => [
        {
          title: 'Correct what the message names in the Gateway’s spec.',
          commands: [sh`kubectl describe gateway ${place(gateway.metadata)}`],
          disturbs: 'Nothing: reading only.',
        },
      ],
      explainedBy: ({ symptom }) =>
        symptom.type === 'Programmed' ? [certificate.ready.id, reconciled.id] : [reconciled.id],
    }),
  },
  judge: (values, { find }) =>
    eachGateway(values, ({ gateway }) => {
      const listeners = gateway.status?.listeners ?? [];
      if (listeners.length === 0) return skip(`Gateway ${nameOf(gateway)} says nothing about its listeners yet.`);
      const bad = listeners.flatMap((listener): readonly BadListener[] => {
        const symptom = listenerSymptoms.find(({ type, bad }) => condition(listener.conditions, type)?.status === bad);
        const found = symptom && condition(listener.conditions, symptom.type);
        return symptom === undefined ? [] : [{ gateway, listener, symptom, found }];
      });
      if (bad.length === 0) return pass(`All ${listeners.length} listeners of ${nameOf(gateway)} are valid.`);
      return bad.map((one) => {
        if (one.found?.reason === 'InvalidCertificateRef') return find.secretUnusable(one);
        return one.found?.reason === 'RefNotPermitted' ? find.notGranted(one) : find.invalid(one);
      });
    }),
});

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
      remedies: () => [readLog, restart],
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

interface Disagreement {
  gateway: Gateway;
  service: KubeObject<'Service'>;
  /** What the Service has for addresses. */
  hosts: readonly string[];
}

const ofService = ({ service, hosts }: Disagreement): Evidence => ({
  object: refOf(service),
  path: 'status.loadBalancer.ingress',
  observed: hosts,
  expected: 'the same as the Gateway’s addresses',
});

const readAgain: Remedy = {
  ...restart,
  title: 'Restart Envoy Gateway: it reads the Service again and programs the Gateway.',
};

export const agreesWithService = defineCheck({
  id: 'gateway/agrees-with-its-service',
  title: 'The Gateway’s status agrees with its Service’s',
  why: 'Envoy Gateway sometimes misses the moment when the Service gets its address, and goes on saying that there is none.',
  needs: [
    envoyGateway.kindsInstalled,
    envoyGateway.ready,
    exists,
    gatewayclass.exists,
    gatewayclass.accepted,
    reconciled,
  ],
  reads: topologyReads,
  commands: [
    sh`${showGateway} -o jsonpath='{.status.addresses}'`,
    sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway`,
  ],
  findings: {
    addressMissed: finding<Disagreement & { found: Condition }>({
      headline: 'Gateway {gateway} misses the address of its Service',
      means: 'The Service has its address, and Envoy Gateway did not notice: it goes on saying that there is none.',
      message: ({ gateway, service, hosts }) =>
        `Gateway ${nameOf(gateway)} says that it has no address, while its Service ${service.metadata.name} has ${hosts.join(' and ')}: Envoy Gateway missed it.`,
      evidence: (subject) => [
        conditionEvidence(subject.gateway, 'Programmed', subject.found, 'True (Programmed)'),
        ofService(subject),
      ],
      remedies: () => [readAgain],
    }),
    addressDiffers: finding<Disagreement & { addresses: readonly string[] }>({
      headline: 'Gateway {gateway} publishes an address that is not its Service’s',
      means: 'The Service has another address by now, and the Gateway still publishes the old one.',
      message: ({ gateway, service, hosts, addresses }) =>
        `Gateway ${nameOf(gateway)} publishes ${addresses.join(', ')}, while its Service ${service.metadata.name} has ${hosts.join(' and ')}.`,
      evidence: (subject) => [
        {
          object: refOf(subject.gateway),
          path: 'status.addresses[*].value',
          observed: subject.addresses,
          expected: subject.hosts,
        },
        ofService(subject),
      ],
      remedies: () => [readAgain],
    }),
  },
  judge: (values, { find }) =>
    eachGateway(values, ({ gateway, services }) => {
      const hosts = services.flatMap(ingressHosts);
      const [service] = services;
      if (service === undefined || hosts.length === 0)
        return skip('The Service has no address that the Gateway could disagree with.');
      const found = condition(gateway.status?.conditions, 'Programmed');
      const addresses = (gateway.status?.addresses ?? []).map((address) => address.value);
      if (found?.status === 'False' && found.reason === 'AddressNotAssigned')
        return find.addressMissed({ gateway, service, hosts, found });
      if (addresses.length > 0 && !addresses.some((address) => hosts.includes(address)))
        return find.addressDiffers({ gateway, service, hosts, addresses });
      return pass(`Gateway ${nameOf(gateway)} and Service ${service.metadata.name} name the same address.`);
    }),
});

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
      remedies: () => [readLog, restart],
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
