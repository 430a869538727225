/** Faults of the certificate, its issuer, and the secrets that both live on. */
import { fieldsOf, list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { defineFault, type FaultOf } from '../fault.ts';
import { solver } from '../objects/certificate.ts';
import { copySpec, type Credential, credentials, storeSpec, vaultRole } from '../objects/credentials.ts';
import {
  certificate,
  certManager,
  create,
  dnsToken,
  expired,
  handmadeToken,
  issuer,
  merge,
  remove,
  store,
  vaultServer,
} from './roles.ts';

/** Where whoever has a new credential puts it. */
const placeFor = ({ vault }: Stack, { path, namespace, name }: Credential): string =>
  vault === null ? `Secret ${namespace}/${name}` : `Vault under ${path}`;

/** The same name under another top-level domain. */
const otherDomain = (domain: string): string => domain.replace(/\.[^.]+$/, domain.endsWith('.dev') ? '.net' : '.dev');

/** The name that a certificate is for, in another domain. */
const inOtherDomain = (own: KubernetesObject, { domain }: Stack): string =>
  `${text(list(own, 'spec', 'dnsNames')[0]).slice(0, -domain.length)}${otherDomain(domain)}`;

export const certificateFaults: readonly FaultOf[] = [
  // A second cluster, old and forgotten, asks for the same name each day and throws it away: the limit of five a week is always used up.
  defineFault({
    id: 'acme-rate-limited',
    title: 'Let’s Encrypt’s rate limit is reached',
    component: 'lets-encrypt',
    runbook: 'certificate-not-ready',
    rootCause: 'lets-encrypt/accepts#rate-limited',
    since: '32d',
    needs: { certificate },
    cause: (cast) => ({
      world: {
        letsEncrypt: {
          refuses:
            '429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s',
        },
      },
      mend: 'Switch the other cluster off, and wait until the week is over.',
      changes: [expired(cast.certificate)],
    }),
  }),
  // cert-manager was scaled down for an upgrade that was never finished. A month later the certificate ran out, and nobody was there to say so.
  defineFault({
    id: 'cert-manager-scaled-down',
    title: 'cert-manager does not run, and the certificate expired',
    component: 'cert-manager',
    runbook: 'certificate-not-ready',
    rootCause: 'cert-manager/ready#scaled-to-zero',
    since: '33d',
    needs: { certManager, certificate },
    cause: (cast) => ({ changes: [merge(cast.certManager, { spec: { replicas: 0 } }), expired(cast.certificate)] }),
  }),
  // The Certificate was copied from another domain, which the issuer serves as well: it is ready, and no browser accepts it here.
  defineFault({
    id: 'certificate-for-another-domain',
    title: 'The certificate is for another domain',
    component: 'certificate',
    runbook: 'required-wiring',
    rootCause: 'gateway/serves-fitting-certificates#certificate-for-others',
    since: '40m',
    needs: { certificate, issuer },
    cause: (cast, stack) => ({
      changes: [
        merge(cast.certificate, { spec: { dnsNames: [inOtherDomain(cast.certificate, stack)] } }),
        merge(cast.issuer, { spec: { acme: { solvers: [solver(stack, stack.domain, otherDomain(stack.domain))] } } }),
      ],
    }),
  }),
  // The issuer was renamed in the Certificate and not in the cluster.
  defineFault({
    id: 'certificate-names-wrong-issuer',
    title: 'The Certificate names an issuer that does not exist',
    component: 'certificate',
    runbook: 'certificate-not-ready',
    rootCause: 'clusterissuer/exists#misnamed',
    since: '2d',
    needs: { certificate, issuer },
    cause: (cast, { clusterIssuer: { name } }) => ({
      changes: [
        merge(cast.certificate, {
          spec: { issuerRef: { name: `${name.replace(/-[^-]*$/, '')}-${name.endsWith('-prod') ? 'dns' : 'prod'}` } },
        }),
      ],
    }),
  }),
  // The token was rolled at Cloudflare and not where cert-manager gets it from: nothing broke for a month, then the certificate ran out.
  defineFault({
    id: 'challenge-token-refused',
    title: 'Cloudflare refuses cert-manager’s token',
    component: 'certificate',
    runbook: 'certificate-not-ready',
    rootCause: 'certificate/is-issued#token-refused',
    since: '32d',
    needs: { certificate },
    cause: (cast, stack) => ({
      world: { cloudflare: { refuses: '9109: Invalid access token' } },
      mend: `Make a new token at Cloudflare that may edit the zone, and put it into ${placeFor(stack, credentials(stack).certManager)}.`,
      changes: [expired(cast.certificate)],
    }),
  }),
  // The account at Let’s Encrypt was deactivated. Its key is still there, and the server does not take it.
  defineFault({
    id: 'issuer-account-lost',
    title: 'The ClusterIssuer’s ACME account does not exist any more',
    component: 'clusterissuer',
    runbook: 'certificate-not-ready',
    rootCause: 'clusterissuer/ready#account-refused',
    since: '32d',
    needs: { certificate, issuer },
    cause: (cast) => ({
      world: {
        letsEncrypt: {
          refusesAccount: '400 urn:ietf:params:acme:error:accountDoesNotExist: No account exists with the provided key',
        },
      },
      changes: [expired(cast.certificate)],
    }),
  }),
  // Somebody tidied up, and took the Secret for a left-over. Nothing broke for a month, then the certificate ran out.
  defineFault({
    id: 'token-deleted',
    title: 'The Secret with the DNS-01 token is gone',
    component: 'clusterissuer',
    runbook: 'certificate-not-ready',
    rootCause: 'clusterissuer/finds-its-token#missing',
    since: '32d',
    needs: { handmadeToken, certificate },
    cause: (cast) => ({ changes: [remove(cast.handmadeToken), expired(cast.certificate)] }),
  }),
  // The ExternalSecret moved beside the Certificate. A ClusterIssuer looks for its token in cert-manager’s namespace only.
  defineFault({
    id: 'token-in-wrong-namespace',
    title: 'The DNS-01 token is written into the wrong namespace',
    component: 'external-secrets',
    runbook: 'certificate-not-ready',
    rootCause: 'clusterissuer/finds-its-token#other-namespace',
    since: '32d',
    needs: {
      dnsToken,
      certificate,
      /** Where the Certificate is, which must be somewhere else. */
      elsewhere: ({ stack }) =>
        stack.certificate.namespace === stack.certManager.namespace ? undefined : stack.certificate.namespace,
    },
    cause: (cast, stack) => {
      const token = credentials(stack).certManager;
      return {
        changes: [
          remove(cast.dnsToken),
          create({
            apiVersion: 'external-secrets.io/v1',
            kind: 'ExternalSecret',
            metadata: { namespace: cast.elsewhere, name: token.name },
            spec: { ...copySpec(stack, token), target: { name: token.name, creationPolicy: 'Owner' } },
          }),
          expired(cast.certificate),
        ],
      };
    },
  }),
  // The path was written anew, with a typing error: this one ExternalSecret reads where nothing is.
  defineFault({
    id: 'externalsecret-wrong-path',
    title: 'An ExternalSecret reads a path that Vault does not hold',
    component: 'external-secrets',
    runbook: 'secrets-not-synced',
    rootCause: 'external-secrets/ingress-secrets-are-synced#absent',
    since: '2h',
    needs: { dnsToken, vaultServer },
    cause: (cast) => ({
      changes: [
        merge(cast.dnsToken, {
          spec: {
            data: list(cast.dnsToken, 'spec', 'data').map((entry) => ({
              ...fieldsOf(entry),
              remoteRef: {
                ...fieldsOf(entry, 'remoteRef'),
                key: text(entry, 'remoteRef', 'key').replaceAll('-', ''),
              },
            })),
          },
        }),
      ],
    }),
  }),
  // Vault’s role lost its policy: whoever logs in with it may still do so, which is all that the store is validated by, and reads nothing.
  defineFault({
    id: 'store-permission-denied',
    title: 'Vault refuses External Secrets, and the store says Valid',
    component: 'external-secrets',
    runbook: 'secrets-not-synced',
    rootCause: 'external-secrets/stores-are-ready#refused',
    since: '2h',
    needs: { store, vaultServer },
    cause: () => ({ world: { vault: { roles: { [vaultRole]: { policies: ['default'] } } } } }),
  }),
  // The store was given a new name, and the ExternalSecrets still ask for the old one.
  defineFault({
    id: 'store-renamed',
    title: 'The store that every ExternalSecret names is gone',
    component: 'external-secrets',
    runbook: 'secrets-not-synced',
    rootCause: 'external-secrets/stores-exist#missing',
    since: '2h',
    needs: { store },
    cause: (cast, stack) => ({
      changes: [
        remove(cast.store),
        create({
          apiVersion: 'external-secrets.io/v1',
          kind: 'ClusterSecretStore',
          metadata: { name: `${partOf(stack, 'externalSecrets').store}-backend` },
          spec: storeSpec(stack),
        }),
      ],
    }),
  }),
  // Somebody sealed Vault, as it does itself whenever its pod restarts, and nobody unsealed it.
  defineFault({
    id: 'vault-sealed',
    title: 'Vault is sealed',
    component: 'vault',
    runbook: 'secrets-not-synced',
    rootCause: 'vault/ready#sealed',
    since: '2h',
    needs: { vaultServer },
    cause: () => ({ world: { vault: { sealed: true } } }),
  }),
];
