/**
 * How a Certificate comes by its certificate: CertificateRequest, Order, Challenge. The deepest one that is not well is the
 * cause of what the others say. [cert-manager 1.12 to 1.19]
 */
import { nameOf, refOf, type Evidence } from '../../src/runbook/check.ts';
import type { Quote } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional } from '../../src/runbook/read.ts';
import { condition, conditionEvidence } from './conditions.ts';
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
  object: Request | Order | Challenge;
  /** Whether it is still under way, was given up, or was never taken up. */
  state: 'waiting' | 'ended' | 'denied' | 'invalid' | 'failed';
  /** How it stands, after its name: "waits", "is invalid". */
  how: string;
  /** The object's own words; empty when it has none. */
  reason: string;
  evidence: Evidence;
}

/** Everything that is not well with an attempt, the deepest first. */
export const troublesOf = (issuance: Issuance): readonly Trouble[] => [
  ...issuance.challenges
    .filter(({ status }) => status?.state !== 'valid')
    .map(acmeTrouble)
    .sort((one, other) => Number(other.state === 'ended') - Number(one.state === 'ended')),
  ...(issuance.order === undefined ? [] : orderTroubles(issuance.order)),
  ...(issuance.request === undefined ? [] : requestTroubles(issuance.request)),
];

/** An object as sentences name it: `Challenge tailscale/wildcard-1-2-3`. */
export const titleOf = ({ object }: Trouble): string => `${object.kind} ${nameOf(object)}`;

/** The words of what is not well, and whose they are. */
export const troubleQuote = ({ object, reason }: Trouble): Quote | undefined =>
  reason.trim() === '' ? undefined : { text: reason.trim(), by: `cert-manager, in the ${object.kind}’s status` };

/** What else is not well: with its own words, where the quote does not have them. */
export const besides = (quoted: Trouble, others: readonly Trouble[]): readonly Evidence[] =>
  others.map(({ evidence, reason }) =>
    reason.trim() === '' || reason.trim() === quoted.reason.trim()
      ? evidence
      : { ...evidence, observed: `${String(evidence.observed)}: ${reason.trim()}` },
  );

const endings = ['invalid', 'expired', 'errored'];

function acmeTrouble(object: Order | Challenge): Trouble {
  const state = object.status?.state || 'pending';
  const hasEnded = endings.includes(state);
  // What a DNS provider says comes in several lines.
  const reason = (object.status?.reason ?? '').trim().replace(/\s+/g, ' ');
  return {
    object,
    state: hasEnded ? 'ended' : 'waiting',
    how: hasEnded ? `is ${state}` : 'waits',
    reason,
    evidence: { object: refOf(object), path: 'status.state', observed: state, expected: 'valid' },
  };
}

/** An Order that waits and says nothing waits for its Challenges. */
function orderTroubles(order: Order): readonly Trouble[] {
  const trouble = acmeTrouble(order);
  const isWell = order.status?.state === 'valid' || (trouble.state === 'waiting' && trouble.reason === '');
  return isWell ? [] : [trouble];
}

function requestTroubles(object: Request): readonly Trouble[] {
  const conditions = object.status?.conditions;
  const refusals = [
    { found: condition(conditions, 'Denied'), state: 'denied', how: 'is denied' },
    { found: condition(conditions, 'InvalidRequest'), state: 'invalid', how: 'is invalid' },
  ] as const;
  for (const { found, ...refusal } of refusals) {
    if (found?.status !== 'True') continue;
    const evidence = conditionEvidence(object, found.type, found, 'no such condition');
    return [{ object, ...refusal, reason: found.message ?? '', evidence }];
  }
  const ready = condition(conditions, 'Ready');
  if (ready === undefined || ready.status === 'True') return [];
  const isPending = ready.reason === 'Pending';
  return [
    {
      object,
      state: isPending ? 'waiting' : 'failed',
      how: isPending ? 'waits' : `is not ready (${ready.reason ?? 'no reason given'})`,
      reason: ready.message ?? '',
      evidence: conditionEvidence(object, 'Ready', ready, 'True (Issued)'),
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
