/** Whether a listener may use a Secret of another namespace: only a ReferenceGrant there allows it. [Gateway API 1.0 to 1.4] */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { listenerReads, listenerSecrets, type ListenerSecret } from '../../models/listener-secrets.ts';
import { referenceGrants } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Grant = KubeObject<'ReferenceGrant'>;

const comesFrom = ({ spec }: Grant, { gateway }: ListenerSecret): boolean =>
  spec.from.some(
    ({ group, kind, namespace }) =>
      group === 'gateway.networking.k8s.io' && kind === 'Gateway' && namespace === gateway.metadata.namespace,
  );

const leadsTo = ({ spec }: Grant, { name }: ListenerSecret): boolean =>
  spec.to.some((to) => to.group === '' && to.kind === 'Secret' && (to.name === undefined || to.name === name));

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
  judge(values): Judgement | readonly Judgement[] {
    const foreign = listenerSecrets(values).filter(
      ({ gateway, namespace }) => namespace !== gateway.metadata.namespace,
    );
    if (foreign.length === 0) return skip('Every listener takes its Secret from the Gateway’s own namespace.', []);
    return foreign.map((secret): Judgement => {
      const { gateway, listener, namespace, name } = secret;
      const there = values.grants.filter(({ metadata }) => metadata.namespace === namespace);
      const own = { namespace: gateway.metadata.namespace ?? '', name: gateway.metadata.name };
      if (there.some((grant) => comesFrom(grant, secret) && leadsTo(grant, secret))) {
        return pass(`A ReferenceGrant lets Gateway ${own.namespace}/${own.name} use Secret ${namespace}/${name}.`);
      }
      const near =
        there.find((grant) => comesFrom(grant, secret) || leadsTo(grant, secret)) ??
        there.find(({ spec }) => spec.from.some(({ kind }) => kind === 'Gateway'));
      const reference = {
        object: refOf(gateway),
        path: `spec.listeners[?(@.name=="${listener.name}")].tls.certificateRefs[*].namespace`,
        observed: namespace,
        expected: `${own.namespace}, or a ReferenceGrant in ${namespace} that allows it`,
      };
      const where = `Listener ${listener.name} of Gateway ${own.namespace}/${own.name} takes Secret ${namespace}/${name} from another namespace`;
      const expected = {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: own.namespace }],
        to: [{ group: '', kind: 'Secret', name }],
      };
      const apply = {
        apiVersion: 'gateway.networking.k8s.io/v1beta1',
        kind: 'ReferenceGrant',
        metadata: { namespace, name: near?.metadata.name ?? own.name },
        spec: expected,
      };
      return fail({
        message:
          near === undefined
            ? `${where}, and no ReferenceGrant in ${namespace} allows that.`
            : `${where}, and ReferenceGrant ${near.metadata.name} there allows something else.`,
        evidence:
          near === undefined
            ? [reference]
            : [
                comesFrom(near, secret)
                  ? { object: refOf(near), path: 'spec.to', observed: near.spec.to, expected: expected.to }
                  : { object: refOf(near), path: 'spec.from', observed: near.spec.from, expected: expected.from },
                reference,
              ],
        remedy: {
          title: `Allow it with a ReferenceGrant in ${namespace}, or let the Certificate live beside the Gateway.`,
          commands: [sh`echo ${JSON.stringify(apply)} | kubectl apply -f -`],
          disturbs: 'Nothing: the listener is programmed as soon as the grant is there.',
        },
        explainedBy: [envoyGateway.kindsInstalled.id],
      });
    });
  },
});
