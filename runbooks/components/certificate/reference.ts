/** Whether a listener may use a Secret of another namespace: only a ReferenceGrant there allows it. [Gateway API 1.0 to 1.4] */
import { defineCheck, nameOf, pass, skip } from '../../../src/runbook/check.ts';
import { optional } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { grantFindings, isAbroad, permissionFor } from '../../models/grants.ts';
import { envoyListenerSecrets, listenerReads, type ListenerSecret } from '../../models/listener-secrets.ts';
import { referenceGrants } from '../../models/reads.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

const granted = grantFindings<{ secret: ListenerSecret; gateway: ListenerSecret['gateway'] }>({
  takes: ({ secret, gateway }) =>
    `Listener ${secret.listener.name} of Gateway ${nameOf(gateway)} takes Secret ${secret.namespace}/${secret.name}, of another namespace`,
  disturbs: 'Nothing: the listener is programmed as soon as the grant is there.',
  moveBeside: ({ secret, gateway }) => ({
    title: `Move the Certificate to namespace ${gateway.metadata.namespace ?? ''}, beside the Gateway, and let the listener name no other.`,
    commands: [sh`kubectl get certificate -n ${secret.namespace} -o yaml`],
    disturbs: 'Nothing, if the new certificate is there before the listener names it.',
  }),
  explainedBy: () => [envoyGateway.kindsInstalled.id],
});

export const mayBeReferenced = defineCheck({
  id: 'certificate/may-be-referenced',
  title: 'The listener may use the certificate’s Secret',
  why: 'A Secret of another namespace is refused unless a ReferenceGrant in that namespace lets the Gateway use it.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...listenerReads, grants: optional(referenceGrants) },
  commands: [
    sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].tls.certificateRefs}'`,
    sh`kubectl get referencegrant -A -o yaml`,
  ],
  findings: {
    notGranted: granted.noGrant({
      headline: 'Gateway {gateway} may not use Secret {secret}',
      means: 'The Secret is in another namespace, and no ReferenceGrant there says that the Gateway may use it.',
    }),
    wrongGrant: granted.wrongGrant({
      headline: 'ReferenceGrant {grant} does not let {gateway} use the Secret',
      means: 'A ReferenceGrant is there for these Gateways or for this Secret, and gets the other half wrong.',
    }),
  },
  judge(values, { find }) {
    const foreign = envoyListenerSecrets(values)
      .map((secret) => ({ by: secret.gateway, gateway: secret.gateway, reference: secret.reference, secret }))
      .filter(isAbroad);
    if (isNone(foreign)) return skip('Every listener takes its Secret from the Gateway’s own namespace.', []);
    return eachOf(foreign, (subject) => {
      const { gateway, secret } = subject;
      const { permitted, grant } = permissionFor(subject, values.grants);
      if (permitted)
        return pass(`A ReferenceGrant lets Gateway ${nameOf(gateway)} use Secret ${secret.namespace}/${secret.name}.`);
      return grant === undefined ? find.notGranted(subject) : find.wrongGrant({ ...subject, grant });
    });
  },
});
