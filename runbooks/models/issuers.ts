/** Issuers and ClusterIssuers, resolved from the Certificates that name them: pure. [cert-manager 1.12 to 1.19] */
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional } from '../../src/runbook/read.ts';
import { clusterIssuers, issuers } from './reads.ts';

type Certificate = KubeObject<'Certificate'>;
export type AnyIssuer = KubeObject<'ClusterIssuer'> | KubeObject<'Issuer'>;

export const issuerReads = { clusterIssuers: optional(clusterIssuers), issuers: optional(issuers) };

export interface IssuerValues {
  clusterIssuers: readonly KubeObject<'ClusterIssuer'>[];
  issuers: readonly KubeObject<'Issuer'>[];
}

/** Issuers of other groups have controllers of their own. */
export const isOfCertManager = ({ spec }: Certificate): boolean =>
  (spec.issuerRef.group || 'cert-manager.io') === 'cert-manager.io' &&
  ['Issuer', 'ClusterIssuer'].includes(spec.issuerRef.kind || 'Issuer');

/** The issuers that a Certificate could name: those of the cluster and those of its namespace. */
export const issuersOf = (
  certificate: Certificate,
  { clusterIssuers, issuers }: IssuerValues,
): readonly AnyIssuer[] => [
  ...clusterIssuers,
  ...issuers.filter(({ metadata }) => metadata.namespace === certificate.metadata.namespace),
];

/** The issuer that a Certificate names; without a kind the reference means an Issuer. */
export const issuerOf = (certificate: Certificate, values: IssuerValues): AnyIssuer | undefined =>
  isOfCertManager(certificate)
    ? issuersOf(certificate, values).find(
        ({ kind, metadata }) =>
          kind === (certificate.spec.issuerRef.kind || 'Issuer') && metadata.name === certificate.spec.issuerRef.name,
      )
    : undefined;

/** The issuers that some Certificates name, each once, with those Certificates. */
export function usedBy(
  certificates: readonly Certificate[],
  values: IssuerValues,
): readonly { issuer: AnyIssuer; certificates: readonly Certificate[] }[] {
  const used = new Map<AnyIssuer, Certificate[]>();
  for (const certificate of certificates) {
    const issuer = issuerOf(certificate, values);
    if (issuer !== undefined) used.set(issuer, [...(used.get(issuer) ?? []), certificate]);
  }
  return [...used].map(([issuer, own]) => ({ issuer, certificates: own }));
}

export const issuerName = ({ kind, metadata }: AnyIssuer): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

export interface SecretKeyRef {
  name: string;
  key: string | undefined;
  path: string;
}

/** The Secrets that an issuer's DNS-01 solvers name: `apiTokenSecretRef` and its like, whatever the provider. */
export function tokenRefs(issuer: AnyIssuer): readonly SecretKeyRef[] {
  return (issuer.spec.acme?.solvers ?? []).flatMap(({ dns01 }, index) =>
    Object.entries(dns01 ?? {}).flatMap(([provider, settings]: [string, unknown]) =>
      typeof settings !== 'object' || settings === null
        ? []
        : Object.entries(settings).flatMap(([field, ref]: [string, unknown]) => {
            if (!/SecretRef$/.test(field) || typeof ref !== 'object' || ref === null) return [];
            const { name, key } = ref as { name?: string; key?: string };
            const path = `spec.acme.solvers[${index}].dns01.${provider}.${field}`;
            return name === undefined ? [] : [{ name, key, path }];
          }),
    ),
  );
}
