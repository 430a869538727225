/** Whether a listener may use a Secret of another namespace: only a ReferenceGrant there allows it. [Gateway API 1.0 to 1.4] */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { listenerReads, listenerSecrets, refsOf, type ListenerSecret } from '../../models/listener-secrets.ts';
import { setField } from '../../models/patches.ts';
import { referenceGrants } from '../../models/reads.ts';
import { gatewayGroup } from '../../models/routes.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Grant = KubeObject<'ReferenceGrant'>;

/** A Secret of another namespace that a Gateway takes without permission. */
interface Forbidden {
  gateway: ListenerSecret['gateway'];
  secret: ListenerSecret;
}

/** One that a ReferenceGrant is about, without allowing it. */
interface Misgranted extends Forbidden {
  grant: Grant;
}

const takes = ({ secret, gateway }: Forbidden): string =>
  `Listener ${secret.listener.name} of Gateway ${nameOf(gateway)} takes Secret ${secret.namespace}/${secret.name} from another namespace`;

const reference = ({ secret, gateway }: Forbidden): Evidence => ({
  object: refOf(gateway),
  path: `${refsOf(secret)}.namespace`,
  observed: secret.namespace,
  expected: `${gateway.metadata.namespace ?? ''}, or a ReferenceGrant in ${secret.namespace} that allows it`,
});

/** What a ReferenceGrant has to say. */
const granted = ({ gateway, name }: ListenerSecret): Grant['spec'] => ({
  from: [{ group: gatewayGroup, kind: 'Gateway', namespace: gateway.metadata.namespace ?? '' }],
  to: [{ group: '', kind: 'Secret', name }],
});

const grantFor = ({ secret, gateway }: Forbidden): unknown => {
  const { apiVersion, kind, ...metadata } = refTo('ReferenceGrant', {
    namespace: secret.namespace,
    name: `${gateway.metadata.namespace ?? ''}-to-${secret.name}`,
  });
  return { apiVersion, kind, metadata, spec: granted(secret) };
};

const disturbs = 'Nothing: the listener is programmed as soon as the grant is there.';

/** Lets a Gateway use one Secret, and nothing else. */
export const createGrant = (subject: Forbidden): Shell =>
  sh`echo ${JSON.stringify(grantFor(subject))} | kubectl create -f -`;

const create = (subject: Forbidden): Remedy => ({
  title: `Create a ReferenceGrant in ${subject.secret.namespace} that lets Gateways of ${subject.gateway.metadata.namespace ?? ''} use the Secret.`,
  commands: [createGrant(subject)],
  disturbs,
});

/** What the grant says already may serve others: it keeps that. */
const widen = ({ secret, grant }: Misgranted): Remedy => {
  const { from, to } = granted(secret);
  return {
    title: 'Let the ReferenceGrant allow it too.',
    ...setField(grant, 'spec', {
      from: comesFrom(grant, secret) ? grant.spec.from : [...grant.spec.from, ...from],
      to: leadsTo(grant, secret) ? grant.spec.to : [...grant.spec.to, ...to],
    }),
    disturbs,
  };
};

/** All that a grant names in \`from\` may use all that it names in \`to\`: only where one side is nothing else does it let nobody else in. */
const mayBeWidened = ({ secret, grant: { spec } }: Misgranted): boolean =>
  spec.from.every((from) => isFrom(from, secret)) || spec.to.every((to) => isTo(to, secret) && to.name !== undefined);

const moveBeside = ({ secret, gateway }: Forbidden): Remedy => ({
  title: `Move the Certificate to namespace ${gateway.metadata.namespace ?? ''}, beside the Gateway, and let the listener name no other.`,
  commands: [sh`kubectl get certificate -n ${secret.namespace} -o yaml`],
  disturbs: 'Nothing, if the new certificate is there before the listener names it.',
});

/** What is alike in all that a ReferenceGrant does not allow. */
const explainedBy = (): readonly string[] => [envoyGateway.kindsInstalled.id];

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
    notGranted: finding<Forbidden>({
      headline: 'Gateway {gateway} may not use Secret {secret}',
      means: 'The Secret is in another namespace, and no ReferenceGrant there says that the Gateway may use it.',
      message: (subject) => `${takes(subject)}, and no ReferenceGrant in ${subject.secret.namespace} allows that.`,
      evidence: (subject) => [reference(subject)],
      remedies: (subject) => [create(subject), moveBeside(subject)],
      explainedBy,
    }),
    wrongGrant: finding<Misgranted>({
      headline: 'ReferenceGrant {grant} does not let {gateway} use the Secret',
      means: 'A ReferenceGrant is there for these Gateways or for this Secret, and gets the other half wrong.',
      message: (subject) =>
        `${takes(subject)}, and ReferenceGrant ${subject.grant.metadata.name} there allows something else.`,
      evidence: ({ grant, ...subject }) => {
        const part = comesFrom(grant, subject.secret) ? 'to' : 'from';
        const expected = granted(subject.secret)[part];
        return [
          { object: refOf(grant), path: `spec.${part}`, observed: grant.spec[part], expected },
          reference(subject),
        ];
      },
      remedies: (subject) => {
        const others = [create(subject), moveBeside(subject)] as const;
        return mayBeWidened(subject) ? [widen(subject), ...others] : others;
      },
      explainedBy,
    }),
  },
  judge(values, { find }) {
    const foreign = listenerSecrets(values).filter((one) => one.namespace !== one.gateway.metadata.namespace);
    if (foreign.length === 0) return skip('Every listener takes its Secret from the Gateway’s own namespace.', []);
    return foreign.map((secret) => {
      const { gateway, namespace, name } = secret;
      const there = values.grants.filter(({ metadata }) => metadata.namespace === namespace);
      if (there.some((grant) => comesFrom(grant, secret) && leadsTo(grant, secret)))
        return pass(`A ReferenceGrant lets Gateway ${nameOf(gateway)} use Secret ${namespace}/${name}.`);
      const grant = nearest(there, secret);
      return grant === undefined ? find.notGranted({ gateway, secret }) : find.wrongGrant({ gateway, secret, grant });
    });
  },
});

/** The grant that was meant to allow it: one that gets half of it right, else one for some Gateways. */
const nearest = (there: readonly Grant[], secret: ListenerSecret): Grant | undefined =>
  there.find((grant) => comesFrom(grant, secret) || leadsTo(grant, secret)) ??
  there.find(({ spec }) => spec.from.some(({ kind }) => kind === 'Gateway'));

const comesFrom = ({ spec }: Grant, secret: ListenerSecret): boolean => spec.from.some((from) => isFrom(from, secret));

const leadsTo = ({ spec }: Grant, secret: ListenerSecret): boolean => spec.to.some((to) => isTo(to, secret));

const isFrom = ({ group, kind, namespace }: Grant['spec']['from'][number], { gateway }: ListenerSecret): boolean =>
  group === gatewayGroup && kind === 'Gateway' && namespace === gateway.metadata.namespace;

/** A grant that names no Secret means them all. */
const isTo = ({ group, kind, name }: Grant['spec']['to'][number], secret: ListenerSecret): boolean =>
  group === '' && kind === 'Secret' && (name === undefined || name === secret.name);
