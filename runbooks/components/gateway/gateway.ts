/** Gateway: the listeners that are open to the tailnet, and in its status what became of them. */
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Check,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';

import {
  condition,
  conditionPath,
  conditionText,
  inItsWords,
  isStale,
  neverReconciled,
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

const controllerLog = {
  summary: 'Envoy Gateway’s log says what it makes of the Gateway; if it is silent about it, restart the controller.',
  commands: [
    sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
    sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
  ],
  disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
};

export const exists = defineCheck({
  id: 'gateway/exists',
  title: 'The Gateway exists',
  component: 'gateway',
  why: 'Every route hangs on it.',
  needs: [envoyGateway.kindsInstalled],
  reads: topologyReads,
  commands: [sh`kubectl get gateway -A`],
  judge(values) {
    const found = tailnetGateways(values);
    if (found.length > 0) return pass(`Found ${found.map(({ gateway }) => nameOf(gateway)).join(', ')}.`);
    const others = values.gateways.map(nameOf).join(', ');
    return fail({
      message: `There is no Gateway ${stack.gateway.namespace}/${stack.gateway.name}, and no other one on the tailnet${others === '' ? '' : ` (there is ${others})`}.`,
      evidence: [
        { object: refTo('Gateway', stack.gateway), path: 'metadata.name', observed: 'not found', expected: 'exists' },
      ],
      remedy: {
        summary: 'Create it again from Git, or correct its name in runbooks/stack.ts.',
        commands: [sh`kubectl apply -f infrastructure/gateway/gateway.yaml`],
        disturbs: 'Nothing that works now.',
      },
    });
  },
});

/** Judges each Gateway of the tailnet by itself. */
const eachGateway =
  (judge: (found: TailnetGateway) => Judgement | readonly Judgement[]) =>
  (values: Parameters<typeof tailnetGateways>[0]) => {
    const found = tailnetGateways(values);
    return found.length === 0 ? skip(none) : found.flatMap(judge);
  };

export const reconciled = defineCheck({
  id: 'gateway/reconciled',
  title: 'Envoy Gateway has looked at the Gateway as it is now',
  component: 'gateway',
  why: 'A status about an older generation says nothing about the Gateway that you see.',
  needs: [envoyGateway.kindsInstalled, envoyGateway.ready, exists, gatewayclass.exists, gatewayclass.accepted],
  reads: topologyReads,
  commands: [sh`${showGateway} -o jsonpath='{.metadata.generation}{" "}{.status.conditions[*].observedGeneration}'`],
  judge: eachGateway(({ gateway }) => {
    const conditions = ['Accepted', 'Programmed'].map((type) => ({
      type,
      found: condition(gateway.status?.conditions, type),
    }));
    if (conditions.every(({ found }) => neverReconciled(found))) {
      return fail({
        message: `No controller has ever looked at Gateway ${nameOf(gateway)}.`,
        evidence: [
          {
            object: refOf(gateway),
            path: conditionPath('Accepted'),
            observed: conditionText(conditions[0]?.found),
            expected: 'True',
          },
        ],
        remedy: controllerLog,
      });
    }
    const stale = conditions.find(({ found }) => isStale(found, gateway.metadata.generation));
    if (stale?.found !== undefined) {
      return fail({
        message: `Gateway ${nameOf(gateway)} is at generation ${gateway.metadata.generation}, and its status is about generation ${stale.found.observedGeneration}: Envoy Gateway has not looked at the last change.`,
        evidence: [
          {
            object: refOf(gateway),
            path: `${conditionPath(stale.type)}.observedGeneration`,
            observed: stale.found.observedGeneration,
            expected: gateway.metadata.generation,
          },
        ],
        remedy: controllerLog,
      });
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

export const listenersReady = defineCheck({
  id: 'gateway/listeners-are-valid',
  title: 'Every listener of the Gateway is valid',
  component: 'gateway',
  why: 'An invalid listener is left out of Envoy: its names are refused while others work.',
  needs: [envoyGateway.kindsInstalled, exists, certificate.ready, mayBeReferenced, reconciled],
  reads: topologyReads,
  commands: [sh`${showGateway} -o jsonpath='{range .status.listeners[*]}{.name}{": "}{.conditions}{"\\n"}{end}'`],
  judge: eachGateway(({ gateway }) => {
    if (gateway.status?.listeners === undefined || gateway.status.listeners.length === 0) {
      return skip(`Gateway ${nameOf(gateway)} says nothing about its listeners yet.`);
    }
    const findings = gateway.status.listeners.flatMap((listener): readonly Judgement[] => {
      const symptom = listenerSymptoms.find(({ type, bad }) => condition(listener.conditions, type)?.status === bad);
      if (symptom === undefined) return [];
      const found = condition(listener.conditions, symptom.type);
      return [
        fail({
          message: `Listener ${listener.name} of Gateway ${nameOf(gateway)} ${symptom.says}: ${found?.reason ?? 'no reason given'}.${inItsWords(found)}`,
          evidence: [
            {
              object: refOf(gateway),
              path: conditionPath(symptom.type, `status.listeners[?(@.name=="${listener.name}")]`),
              observed: conditionText(found),
              expected: symptom.bad === 'True' ? 'False' : 'True',
            },
          ],
          remedy: listenerRemedy(gateway, found?.reason),
          // Only a missing or broken Secret is the Certificate's doing.
          explainedBy:
            found?.reason === 'InvalidCertificateRef' || symptom.type === 'Programmed'
              ? [certificate.ready.id, reconciled.id]
              : found?.reason === 'RefNotPermitted'
                ? [mayBeReferenced.id, reconciled.id]
                : [reconciled.id],
        }),
      ];
    });
    return findings.length > 0
      ? findings
      : pass(`All ${gateway.status.listeners.length} listeners of ${nameOf(gateway)} are valid.`);
  }),
});

function listenerRemedy(gateway: Gateway, reason: string | undefined) {
  const namespace = gateway.metadata.namespace;
  if (reason === 'InvalidCertificateRef') {
    return {
      summary:
        'The Secret that the listener names is missing or does not hold a certificate and its key. Look at the Certificate that should write it.',
      commands: [
        sh`kubectl get certificate -n ${namespace ?? 'default'}`,
        sh`kubectl get gateway ${place(gateway.metadata)} -o jsonpath='{.spec.listeners[*].tls.certificateRefs}'`,
      ],
      disturbs: 'Nothing: reading only.',
    };
  }
  if (reason === 'RefNotPermitted') {
    return {
      summary:
        'The Secret is in another namespace, and no ReferenceGrant there allows this Gateway to use it. Add one, or move the Certificate.',
      commands: [sh`kubectl get referencegrant -A`],
      disturbs: 'Nothing: the listener is programmed as soon as the grant is there.',
    };
  }
  return {
    summary: 'Correct what the message names in the Gateway’s spec.',
    commands: [sh`kubectl describe gateway ${place(gateway.metadata)}`],
    disturbs: 'Nothing: reading only.',
  };
}

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
  component: 'gateway',
  why: 'What Envoy Gateway does not accept it does not build.',
  needs: [...acceptanceNeeds, listenersReady],
  reads: topologyReads,
  commands: [sh`${showGateway} -o jsonpath='{.status.conditions}'`],
  judge: eachGateway(({ gateway }) => {
    const found = condition(gateway.status?.conditions, 'Accepted');
    if (found?.status === 'True') return pass(`Gateway ${nameOf(gateway)} is accepted.`);
    return fail({
      message: `Gateway ${nameOf(gateway)} is not accepted: ${found?.reason ?? 'no condition says why'}.${inItsWords(found)}`,
      evidence: [
        {
          object: refOf(gateway),
          path: conditionPath('Accepted'),
          observed: conditionText(found),
          expected: 'True (Accepted)',
        },
      ],
      remedy: controllerLog,
      // From Envoy Gateway 1.9 this reason derives from the listeners, which have a check of their own.
      ...(found?.reason === 'ListenersNotValid' ? {} : { explainedBy: acceptanceNeeds.map(({ id }) => id) }),
    });
  }),
});

export const agreesWithService = defineCheck({
  id: 'gateway/agrees-with-its-service',
  title: 'The Gateway’s status agrees with its Service’s',
  component: 'gateway',
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
  judge: eachGateway(({ gateway, services }) => {
    const hosts = services.flatMap(ingressHosts);
    const [service] = services;
    if (service === undefined || hosts.length === 0)
      return skip('The Service has no address that the Gateway could disagree with.');
    const programmed = condition(gateway.status?.conditions, 'Programmed');
    const addresses = (gateway.status?.addresses ?? []).map((address) => address.value);
    const theService: Evidence = {
      object: refOf(service),
      path: 'status.loadBalancer.ingress',
      observed: hosts,
      expected: 'the same as the Gateway’s addresses',
    };
    const restart = {
      summary: 'Restart Envoy Gateway: it reads the Service again and programs the Gateway.',
      commands: [
        sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
      ],
      disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
    };
    if (programmed?.status === 'False' && programmed.reason === 'AddressNotAssigned') {
      return fail({
        message: `Gateway ${nameOf(gateway)} says that it has no address, while its Service ${service.metadata.name} has ${hosts.join(' and ')}: Envoy Gateway missed it.`,
        evidence: [
          {
            object: refOf(gateway),
            path: conditionPath('Programmed'),
            observed: conditionText(programmed),
            expected: 'True (Programmed)',
          },
          theService,
        ],
        remedy: restart,
      });
    }
    if (addresses.length > 0 && !addresses.some((address) => hosts.includes(address))) {
      return fail({
        message: `Gateway ${nameOf(gateway)} publishes ${addresses.join(', ')}, while its Service ${service.metadata.name} has ${hosts.join(' and ')}.`,
        evidence: [
          { object: refOf(gateway), path: 'status.addresses[*].value', observed: addresses, expected: hosts },
          theService,
        ],
        remedy: restart,
      });
    }
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
  component: 'gateway',
  why: 'This is the symptom: Programmed is True once there is an address and an Envoy behind it.',
  needs: causes,
  reads: topologyReads,
  commands: [showGateway],
  judge: eachGateway(({ gateway }) => {
    const found = condition(gateway.status?.conditions, 'Programmed');
    if (found?.status === 'True') return pass(`Gateway ${nameOf(gateway)} is programmed.${inItsWords(found)}`);
    return fail({
      message: `Gateway ${nameOf(gateway)} is not programmed: ${found?.reason ?? 'no condition says why'}.${inItsWords(found)}`,
      evidence: [
        {
          object: refOf(gateway),
          path: conditionPath('Programmed'),
          observed: conditionText(found),
          expected: 'True (Programmed)',
        },
      ],
      remedy: controllerLog,
    });
  }),
});
