/** Certificate: a Secret that a listener takes, and that no Certificate writes. */
import { relationAt } from '../../../src/kinds/references.ts';
import { refOf, refTo, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { condition } from '../../models/conditions.ts';
import type { ListenerSecret } from '../../models/listener-secrets.ts';
import { createGrant } from '../../models/grants.ts';
import { setField } from '../../models/patches.ts';
import { fieldOf, leadOf, meantBy, writtenBy, type Among, type Written } from '../../models/references.ts';
import { followedCertificate, stackListeners } from '../../models/stack-listener.ts';
import type { StackListener } from '../../stack-listeners.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Certificate = KubeObject<'Certificate'>;

/** A Secret that the listener misses. */
interface Missed {
  secret: ListenerSecret;
}

/** One whose Certificate is there, and writes another. */
interface Unmet extends Missed {
  gateway: ListenerSecret['gateway'];
  certificate: Certificate;
}

const explainedBy = (): readonly string[] => [envoyGateway.kindsInstalled.id, certManager.kindsInstalled.id];
const disturbs = 'Nothing: the listener is programmed once the Secret is there.';

/** What is alike where the two name different Secrets of one namespace. */
const aboutName = {
  message: ({ secret, certificate }: Unmet) =>
    `Listener ${secret.listener.name} takes Secret ${secret.namespace}/${secret.name}, which no Certificate writes; Certificate ${certificate.metadata.name} writes ${certificate.spec.secretName}.`,
  explainedBy,
};

/** What is alike where the Certificate writes the Secret into another namespace. */
const aboutNamespace = {
  message: ({ secret, certificate }: Unmet) =>
    `Listener ${secret.listener.name} takes Secret ${secret.namespace}/${secret.name}, which no Certificate writes; Certificate ${certificate.metadata.name} writes ${certificate.metadata.namespace}/${certificate.spec.secretName}.`,
  explainedBy,
};

const moveBeside = ({ secret, certificate }: Unmet): Remedy => ({
  title: `Move the Certificate to namespace ${secret.namespace}, where the listener looks for its Secret.`,
  change: { object: refOf(certificate), path: 'metadata.namespace', to: secret.namespace },
  commands: [sh`kubectl apply -f infrastructure/gateway/certificate.yaml`],
  disturbs,
});

const nameNamespace = ({ secret, gateway, certificate }: Unmet): Remedy => {
  const namespace = certificate.metadata.namespace ?? '';
  const { change, commands } = setField(gateway, fieldOf(secret.reference, 'namespace'), namespace);
  const title = `Let the listener name namespace ${namespace}`;
  return namespace === gateway.metadata.namespace
    ? { title: `${title}, the Gateway’s own.`, change, commands, disturbs }
    : {
        title: `${title}, and let a ReferenceGrant there permit it.`,
        change,
        commands: [createGrant({ by: gateway, reference: { ...secret.reference, namespace } }), ...commands],
        disturbs,
      };
};

/** What can be wrong where no Certificate writes a listener's Secret. */
export const unwrittenFindings = {
  missing: finding<Missed>({
    headline: 'No Certificate writes Secret {secret}',
    means: 'The listener takes its certificate from a Secret that is not there or is broken, and nothing fills it.',
    message: ({ secret }) => `Secret ${secret.namespace}/${secret.name} cannot be used, and no Certificate writes it.`,
    evidence: ({ secret }) => [
      {
        object: refTo('Certificate', stacks(secret)?.certificate ?? followedCertificate),
        path: 'metadata.name',
        observed: 'not found',
        expected: `a Certificate with secretName ${secret.name}`,
      },
    ],
    remedies: () => [
      {
        title: 'Create the Certificate again from Git.',
        commands: [sh`kubectl apply -f infrastructure/gateway/certificate.yaml`],
        disturbs,
      },
    ],
    explainedBy,
  }),
  otherSecret: finding<Unmet>({
    headline: 'Certificate {certificate} writes another Secret',
    means: 'The Certificate writes a Secret of another name than the one that the listener takes.',
    ...aboutName,
    evidence: ({ secret, certificate }) => [
      {
        object: refOf(certificate),
        path: 'spec.secretName',
        observed: certificate.spec.secretName,
        expected: secret.name,
      },
    ],
    remedies: ({ secret, certificate }) => [
      {
        title: `Let the Certificate write Secret ${secret.name}.`,
        ...setField(certificate, 'spec.secretName', secret.name),
        disturbs,
      },
    ],
  }),
  otherNamespace: finding<Unmet>({
    headline: 'Certificate {certificate} is in another namespace',
    means: 'A Certificate writes its Secret into its own namespace, and the listener takes the one beside the Gateway.',
    ...aboutNamespace,
    evidence: ({ secret, certificate }) => [
      {
        object: refOf(certificate),
        path: 'metadata.namespace',
        observed: certificate.metadata.namespace,
        expected: secret.namespace,
      },
    ],
    remedies: (subject) => [moveBeside(subject), nameNamespace(subject)],
  }),
  misnamed: finding<Unmet>({
    headline: 'A listener of Gateway {gateway} misnames its Secret',
    means: 'The listener takes a Secret that no Certificate writes, while a Certificate beside it writes another.',
    ...aboutName,
    evidence: ({ secret, certificate }) => [
      {
        object: refOf(secret.gateway),
        path: fieldOf(secret.reference, 'name'),
        observed: secret.name,
        expected: certificate.spec.secretName,
      },
    ],
    remedies: ({ secret, gateway, certificate }) => [
      {
        title: `Let the listener name Secret ${certificate.spec.secretName}.`,
        ...setField(gateway, fieldOf(secret.reference, 'name'), certificate.spec.secretName),
        disturbs,
      },
    ],
  }),
  wrongNamespace: finding<Unmet>({
    headline: 'A listener of {gateway} looks in the wrong namespace',
    means: 'The Secret is written into another namespace: where a listener names none, it means the Gateway’s own.',
    ...aboutNamespace,
    evidence: ({ secret, certificate }) => [
      {
        object: refOf(secret.gateway),
        path: fieldOf(secret.reference, 'namespace'),
        observed: secret.namespace,
        expected: certificate.metadata.namespace,
      },
    ],
    remedies: (subject) => [nameNamespace(subject), moveBeside(subject)],
  }),
};

/** No Certificate writes the Secret: a fault only where the listener misses it, for it may come from elsewhere. */
export function judgeUnwritten(
  secret: ListenerSecret,
  all: readonly Certificate[],
  find: Find<typeof unwrittenFindings>,
): Judgement {
  const { gateway, listener, namespace, name } = secret;
  const listenerStatus = gateway.status?.listeners?.find((status) => status.name === listener.name);
  const resolved = condition(listenerStatus?.conditions, 'ResolvedRefs');
  if (resolved?.status !== 'False')
    return skip(`No Certificate writes Secret ${namespace}/${name}; the listener is content with what is there.`);
  if (resolved.reason !== 'InvalidCertificateRef')
    return skip(`No Certificate writes Secret ${namespace}/${name}, and it is not what the listener misses.`);
  const meant = meantBy(leadOf(secret.reference, amongWritten(secret, all)));
  if (meant === undefined) return find.missing({ secret });
  const certificate = meant.writer;
  const subject = { secret, gateway, certificate };
  const isHere = certificate.metadata.namespace === namespace;
  if (stacks(secret) !== undefined) return isHere ? find.otherSecret(subject) : find.otherNamespace(subject);
  return isHere ? find.misnamed(subject) : find.wrongNamespace(subject);
}

/** The stack's own names are taken for the right ones: which of the two differs from them is at fault. */
const stacks = ({ namespace, name }: ListenerSecret): StackListener | undefined =>
  stackListeners.find(({ certificate }) => certificate.namespace === namespace && certificate.secret === name);

/** What the listener may mean: a Secret that is written beside it, of its own hostname first; else one of the name elsewhere. */
function amongWritten(
  { listener, namespace }: ListenerSecret,
  all: readonly Certificate[],
): Among<Written<Certificate>> {
  const there = writtenBy(all, relationAt('Certificate', 'spec.secretName'));
  const beside = there.filter(({ metadata }) => metadata.namespace === namespace);
  const own = beside.filter(({ writer }) => writer.spec.dnsNames?.some((pattern) => pattern === listener.hostname));
  const near = own.length > 0 ? own : beside;
  return { takes: ['Secret'], there, namesakes: beside.length === 0 ? there : [], near, spare: near.slice(0, 1) };
}
