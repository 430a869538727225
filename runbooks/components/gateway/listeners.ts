/** Gateway: whether each of its listeners can be used. */
import { defineCheck, nameOf, pass, refOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { place, sh } from '../../../src/runbook/shell.ts';

import { condition, conditionPath, conditionText, saidIn, type Condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import * as certificate from '../certificate/certificate.ts';
import { mayBeReferenced } from '../certificate/reference.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import { by, eachGateway, showGateway, type Gateway } from './gateways.ts';
import { exists, reconciled } from './existence.ts';

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
