/** The issuer, the certificate of each listener, and what stands behind it: CertificateRequest and Order. */
import { toBase64 } from '../../../packages/apiserver/bytes/base64.ts';
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { listenersOf, type StackListener } from '../../../runbooks/stack-listeners.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ago, condition, created, dummies, dummy, observed, ownedBy, secret } from './build/basics.ts';

const acme = 'https://acme-v02.api.letsencrypt.org';
const account = '2146810235';

/** How an issuer proves that zones are its owner's. */
export const solver = ({ certManager }: Stack, ...dnsZones: readonly string[]): Fields => ({
  selector: { dnsZones },
  dns01: { cloudflare: { apiTokenSecretRef: { name: certManager.tokenSecret, key: 'api-token' } } },
});

export const issuerRef = ({ clusterIssuer }: Stack): Fields => ({
  group: 'cert-manager.io',
  kind: 'ClusterIssuer',
  name: clusterIssuer.name,
});

const issuer = (stack: Stack): KubernetesObject => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name: stack.clusterIssuer.name, ...created('90d') },
  spec: {
    acme: {
      server: `${acme}/directory`,
      email: stack.clusterIssuer.email,
      privateKeySecretRef: { name: `${stack.clusterIssuer.name}-account-key` },
      solvers: [solver(stack, stack.domain)],
    },
  },
  status: {
    acme: {
      uri: `${acme}/acme/acct/${account}`,
      lastRegisteredEmail: stack.clusterIssuer.email,
      lastPrivateKeyHash: 'KpdRbDVLaISM29j1SiJqClWyHtE44getbFy7nACqWuo=',
    },
    conditions: [
      observed('Ready', '90d', 'ACMEAccountRegistered', 'The ACME account was registered with the ACME server'),
    ],
  },
});

/** Issued 89 days ago, renewed once, after two thirds of its 90 days. */
function issued(
  stack: Stack,
  { hostname, certificate: own }: StackListener,
  index: number,
): readonly KubernetesObject[] {
  const { namespace, name, secret: secretName } = own;
  const dnsNames = [hostname];
  const isWildcard = hostname.startsWith('*.');
  // A wildcard can be proved in the DNS only.
  const offered = [...(isWildcard ? [] : [['http-01', 'Lm2v9d']]), ['dns-01', 'kQ7x1w']];
  const serial = `${account}/${418230517291 + index}`;
  const authorization = `${account}/${559120473318 + index}`;
  const request = toBase64(`demo ${dnsNames.join(' ')}`);
  const revision = {
    'cert-manager.io/certificate-name': name,
    'cert-manager.io/certificate-revision': '2',
    'cert-manager.io/private-key-secret-name': `${name}-tddn5`,
  };
  const certificate: KubernetesObject = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace, ...created('89d') },
    spec: {
      secretName,
      dnsNames,
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: issuerRef(stack),
    },
    status: {
      conditions: [observed('Ready', '89d', 'Ready', 'Certificate is up to date and has not expired')],
      notBefore: ago('29d'),
      notAfter: '{{in 61d}}',
      renewalTime: '{{in 31d}}',
      revision: 2,
    },
  };
  const { namespace: home } = stack.certManager;
  const certificateRequest: KubernetesObject = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    metadata: {
      name: `${name}-2`,
      namespace,
      ...created('29d'),
      annotations: revision,
      ownerReferences: [ownedBy(certificate)],
    },
    spec: {
      issuerRef: issuerRef(stack),
      request,
      usages: ['digital signature', 'key encipherment'],
      username: `system:serviceaccount:${home}:${stack.certManager.deployment}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${home}`, 'system:authenticated'],
    },
    status: {
      certificate: dummy,
      conditions: [
        condition('Approved', '29d', 'cert-manager.io', 'Certificate request has been approved by cert-manager.io'),
        condition('Ready', '29d', 'Issued', 'Certificate fetched from issuer successfully'),
      ],
    },
  };
  // A valid Order keeps no Challenge: cert-manager deletes them once they have served.
  const order: KubernetesObject = {
    apiVersion: 'acme.cert-manager.io/v1',
    kind: 'Order',
    metadata: {
      name: `${name}-2-2891048291`,
      namespace,
      ...created('29d'),
      annotations: revision,
      ownerReferences: [ownedBy(certificateRequest)],
    },
    spec: { dnsNames, issuerRef: issuerRef(stack), request },
    status: {
      state: 'valid',
      url: `${acme}/acme/order/${serial}`,
      finalizeURL: `${acme}/acme/finalize/${serial}`,
      certificate: dummy,
      authorizations: [
        {
          identifier: hostname.replace('*.', ''),
          wildcard: isWildcard,
          initialState: 'pending',
          url: `${acme}/acme/authz/${authorization}`,
          challenges: offered.map(([type, id]) => ({
            type,
            token: 'ZGVtbw',
            url: `${acme}/acme/chall/${authorization}/${id}`,
          })),
        },
      ],
    },
  };
  const written = secret(
    {
      name: secretName,
      namespace,
      ...created('89d'),
      labels: { 'controller.cert-manager.io/fao': 'true' },
      annotations: {
        'cert-manager.io/alt-names': dnsNames.join(','),
        'cert-manager.io/certificate-name': name,
        'cert-manager.io/common-name': '',
        'cert-manager.io/ip-sans': '',
        'cert-manager.io/issuer-group': 'cert-manager.io',
        'cert-manager.io/issuer-kind': 'ClusterIssuer',
        'cert-manager.io/issuer-name': stack.clusterIssuer.name,
        'cert-manager.io/uri-sans': '',
      },
    },
    'kubernetes.io/tls',
    dummies('tls.crt', 'tls.key'),
  );
  return [certificate, certificateRequest, order, written];
}

export const certificate = (stack: Stack): readonly KubernetesObject[] => [
  issuer(stack),
  // Made by cert-manager: the key of the ACME account.
  secret(
    {
      name: `${stack.clusterIssuer.name}-account-key`,
      namespace: stack.certManager.namespace,
      ...created('90d'),
    },
    'Opaque',
    dummies('tls.key'),
  ),
  ...listenersOf(stack).flatMap((one, index) => issued(stack, one, index)),
];
