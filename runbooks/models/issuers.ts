/** Issuers and ClusterIssuers, resolved from the Certificates that name them: pure. [cert-manager 1.12 to 1.19] */
import { follow, leadsTo, referrers, relationAt, type Reference } from '../../src/kinds/references.ts';
import { relations } from '../../src/kinds/relations.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { allOf } from '../../src/runbook/open-list.ts';
import { optional } from '../../src/runbook/read.ts';
import { clusterIssuers, issuers } from './reads.ts';
import { isOf, withinReach } from './references.ts';

type Certificate = KubeObject<'Certificate'>;
export type AnyIssuer = KubeObject<'ClusterIssuer'> | KubeObject<'Issuer'>;

export const issuerReads = { clusterIssuers: optional(clusterIssuers), issuers: optional(issuers) };

export interface IssuerValues {
  clusterIssuers: readonly KubeObject<'ClusterIssuer'>[];
  issuers: readonly KubeObject<'Issuer'>[];
}

const issuerRef = relationAt('Certificate', 'spec.issuerRef');

/** What a Certificate names as its issuer; without a kind the reference means an Issuer. */
export const issuerRefOf = (certificate: Certificate): Reference | undefined => follow(certificate, issuerRef)[0];

/** Issuers of other groups have controllers of their own. */
export function isOfCertManager(certificate: Certificate): boolean {
  const reference = issuerRefOf(certificate);
  return reference !== undefined && isOf(reference, ['Issuer', 'ClusterIssuer']);
}

/** The issuers that a Certificate could name: those of the cluster and those of its namespace. */
export const issuersOf = (certificate: Certificate, { clusterIssuers, issuers }: IssuerValues): readonly AnyIssuer[] =>
  withinReach(certificate, issuerRef, allOf(clusterIssuers, issuers));

/** The issuer that a Certificate names. */
export function issuerOf(certificate: Certificate, { clusterIssuers, issuers }: IssuerValues): AnyIssuer | undefined {
  const reference = issuerRefOf(certificate);
  return reference && allOf(clusterIssuers, issuers).find((one) => leadsTo(reference, one));
}

/** The issuers that some Certificates name, each once, with those Certificates. */
export function usedBy(
  certificates: readonly Certificate[],
  { clusterIssuers, issuers }: IssuerValues,
): readonly { issuer: AnyIssuer; certificates: readonly Certificate[] }[] {
  const namedBy = referrers(certificates, (one) => follow(one, issuerRef));
  return allOf(clusterIssuers, issuers)
    .map((issuer) => ({ issuer, certificates: namedBy(issuer).map(({ by }) => by) }))
    .filter((used) => used.certificates.length > 0);
}

export const issuerName = ({ kind, metadata }: AnyIssuer): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

const solverSecrets = ['Issuer', 'ClusterIssuer'].flatMap((kind) =>
  relations.filter(({ from, path }) => from === kind && path.startsWith('spec.acme.solvers[].')),
);

/**
 * The Secrets that an issuer's DNS-01 solvers name, whatever the provider.
 *
 * @param home Where cert-manager looks for those of a ClusterIssuer.
 */
export const tokenRefs = (issuer: AnyIssuer, home: string): readonly Reference[] =>
  solverSecrets.filter(({ from }) => from === issuer.kind).flatMap((relation) => follow(issuer, relation, home));
