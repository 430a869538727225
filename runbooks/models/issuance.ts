/**
 * How a Certificate comes by its certificate: CertificateRequest, Order, Challenge. The deepest one that is not well is the
 * cause of what the others say. [cert-manager 1.12 to 1.19]
 */
import { refOf, type Evidence } from '../../src/runbook/check.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional } from '../../src/runbook/read.ts';
import { condition, conditionPath, conditionText } from './conditions.ts';
import { since } from '../../src/formats/duration.ts';
import { certificateRequests, challenges, orders } from './reads.ts';

type Certificate = KubeObject<'Certificate'>;
type Request = KubeObject<'CertificateRequest'>;
type Order = KubeObject<'Order'>;
type Challenge = KubeObject<'Challenge'>;

export const issuanceReads = {
  requests: optional(certificateRequests),
  orders: optional(orders),
  challenges: optional(challenges),
};

interface IssuanceValues {
  certificates: readonly Certificate[];
  requests: readonly Request[];
  orders: readonly Order[];
  challenges: readonly Challenge[];
}

export interface Issuance {
  request: Request | undefined;
  order: Order | undefined;
  /** cert-manager deletes a Challenge once it has served: those that are there are not done. */
  challenges: readonly Challenge[];
}

/** The newest attempt to issue a Certificate. */
export function issuanceOf(certificate: Certificate, values: IssuanceValues): Issuance {
  const rivals = values.certificates.filter((one) => one.metadata.namespace === certificate.metadata.namespace);
  const belongs = (child: KubeObject): boolean => isPartOf(child, certificate, rivals);
  const challenges = values.challenges.filter(belongs);
  return {
    request: newest(values.requests.filter(belongs), certificate),
    order: newest(values.orders.filter(belongs), certificate),
    challenges:
      challenges.length > 0
        ? challenges
        : values.challenges.filter((child) => !isNamedFor(child) && provesFor(child, certificate)),
  };
}

/**
 * Requests, Orders and Challenges name their Certificate in an annotation or through their owners, whose names all start with
 * the Certificate's.
 */
function isPartOf(child: KubeObject, certificate: Certificate, rivals: readonly Certificate[]): boolean {
  const { namespace, name } = certificate.metadata;
  if (child.metadata.namespace !== namespace) return false;
  const owners = child.metadata.ownerReferences ?? [];
  const owner = owners.find(({ kind }) => kind === 'Certificate');
  const named = child.metadata.annotations?.[certificateName] ?? owner?.name;
  if (named !== undefined) return named === name;
  const startsWith = (prefix: string): boolean =>
    [child.metadata.name, ...owners.map((one) => one.name)].some((own) => own.startsWith(`${prefix}-`));
  const isRivals = rivals.some(({ metadata }) => metadata.name.length > name.length && startsWith(metadata.name));
  return startsWith(name) && !isRivals;
}

const certificateName = 'cert-manager.io/certificate-name';
const isNamedFor = (child: KubeObject): boolean => child.metadata.annotations?.[certificateName] !== undefined;

/** The last resort where names were shortened: a Challenge of the same issuer for one of the Certificate's names. */
const provesFor = ({ metadata, spec }: Challenge, certificate: Certificate): boolean =>
  metadata.namespace === certificate.metadata.namespace &&
  spec.issuerRef.name === certificate.spec.issuerRef.name &&
  (certificate.spec.dnsNames ?? []).some((name) => name.replace(/^\*\./, '') === spec.dnsName.replace(/^\*\./, ''));

/** An attempt's number: in an annotation, else in the name after the Certificate's. */
function revisionOf(child: KubeObject, certificate: Certificate): number {
  const written = child.metadata.annotations?.['cert-manager.io/certificate-revision'];
  const names = [child.metadata.name, ...(child.metadata.ownerReferences ?? []).map(({ name }) => name)];
  const counted = names
    .filter((name) => name.startsWith(`${certificate.metadata.name}-`))
    .map((name) => /^(\d{1,6})(?:-|$)/.exec(name.slice(certificate.metadata.name.length + 1))?.[1])
    .find((found) => found !== undefined);
  return Number(written ?? counted ?? 0);
}

function newest<T extends Request | Order>(children: readonly T[], certificate: Certificate): T | undefined {
  const createdAt = (child: T): number => Date.parse(child.metadata.creationTimestamp ?? '') || 0;
  return [...children]
    .sort(
      (one, other) =>
        revisionOf(one, certificate) - revisionOf(other, certificate) || createdAt(one) - createdAt(other),
    )
    .at(-1);
}

/** What keeps an attempt from succeeding. */
export interface Trouble {
  /** Completes "… of Certificate x": "Challenge a/b waits". */
  says: string;
  /** The object's own words; empty when it has none. */
  reason: string;
  evidence: Evidence;
}

const ended = ['invalid', 'expired', 'errored'];

/** Everything that is not well with an attempt, the deepest first. */
export const troublesOf = (issuance: Issuance): readonly Trouble[] => [
  ...issuance.challenges
    .filter(({ status }) => status?.state !== 'valid')
    .map(challengeTrouble)
    .sort((one, other) => Number(other.says.includes(' is ')) - Number(one.says.includes(' is '))),
  ...(issuance.order === undefined ? [] : orderTroubles(issuance.order)),
  ...(issuance.request === undefined ? [] : requestTroubles(issuance.request)),
];

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

function challengeTrouble(challenge: Challenge): Trouble {
  const state = challenge.status?.state || 'pending';
  // What a DNS provider says comes in several lines.
  const reason = (challenge.status?.reason ?? '').trim().replace(/\s+/g, ' ');
  return {
    says: `${nameOf(challenge)} ${ended.includes(state) ? `is ${state}` : 'waits'}`,
    reason,
    evidence: {
      object: refOf(challenge),
      path: reason === '' ? 'status.state' : 'status.reason',
      observed: reason === '' ? state : `${state}: ${reason}`,
      expected: 'valid',
    },
  };
}

function orderTroubles(order: Order): readonly Trouble[] {
  const state = order.status?.state || 'pending';
  const reason = order.status?.reason ?? '';
  if (!ended.includes(state) && reason === '') return [];
  if (state === 'valid') return [];
  return [
    {
      says: `${nameOf(order)} ${ended.includes(state) ? `is ${state}` : 'waits'}`,
      reason,
      evidence: {
        object: refOf(order),
        path: reason === '' ? 'status.state' : 'status.reason',
        observed: reason === '' ? state : `${state}: ${reason}`,
        expected: 'valid',
      },
    },
  ];
}

function requestTroubles(request: Request): readonly Trouble[] {
  const conditions = request.status?.conditions;
  const [denied, invalid, ready] = ['Denied', 'InvalidRequest', 'Ready'].map((type) => condition(conditions, type));
  const found = denied?.status === 'True' ? denied : invalid?.status === 'True' ? invalid : ready;
  if (found === undefined || (found === ready && found.status === 'True')) return [];
  const word =
    found === denied
      ? 'is denied'
      : found === invalid
        ? 'is invalid'
        : found.reason === 'Pending'
          ? 'waits'
          : `is not ready (${found.reason ?? 'no reason given'})`;
  return [
    {
      says: `${nameOf(request)} ${word}`,
      reason: found.message ?? '',
      evidence: {
        object: refOf(request),
        path: conditionPath(found.type),
        observed: found === ready ? conditionText(found) : `${conditionText(found)}: ${found.message ?? ''}`,
        expected: found === ready ? 'True (Issued)' : 'no such condition',
      },
    },
  ];
}

/** A problem that an ACME server names [RFC 8555, 6.7], with the object that quotes it. */
export function acmeProblem(text: string): string | undefined {
  return /urn:ietf:params:acme:error:([A-Za-z]+)/.exec(text)?.[1];
}

/** An attempt takes minutes, and a failed one is repeated after an hour: past that, renewal is failing, not under way. */
const patience = 3_600_000;

/**
 * `broken`: no valid certificate is there now. `failing`: the one that is there is valid, and its renewal does not succeed.
 * Ready may still be True on a certificate that expired while nobody was there to write it.
 */
export function stateOf(certificate: Certificate, now: Date): 'well' | 'failing' | 'broken' {
  const { status } = certificate;
  if (condition(status?.conditions, 'Ready')?.status !== 'True') return 'broken';
  if ((since(status?.notAfter, now) ?? -1) >= 0) return 'broken';
  const issuing = condition(status?.conditions, 'Issuing');
  const isOverdue = (since(status?.renewalTime, now) ?? 0) > patience;
  const hasFailed =
    (status?.failedIssuanceAttempts ?? 0) > 0 || (issuing?.status === 'False' && issuing.reason === 'Failed');
  return isOverdue || hasFailed ? 'failing' : 'well';
}
