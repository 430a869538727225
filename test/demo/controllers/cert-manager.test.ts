/** What cert-manager makes of causes, in its own words, and how it takes that back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { list, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { Scenario } from '../../../src/demo/scenario.ts';
import { conditions, events, now, practise, type Practice } from './practice.ts';

const apiVersion = 'cert-manager.io/v1';
const path = 'tailscale/wildcard-sudhanva-me';
const tls = 'tailscale/wildcard-sudhanva-me-tls';
const upToDate = 'Ready=True Ready: Certificate is up to date and has not expired';

let practice: Practice = practise();

beforeEach(() => {
  practice = practise();
});

const certificate = (): StoredObject => practice.get(kinds.Certificate, path);
const ofCertificate = (kind: (typeof kinds)['Order' | 'Challenge' | 'CertificateRequest']): readonly StoredObject[] =>
  practice.state.list(kind, 'tailscale');
const [days, hours] = [86_400_000, 3_600_000];
const written = (time: Date, ms = 0): string => `${new Date(time.getTime() + ms).toISOString().slice(0, 19)}Z`;

const merge = (kind: string, namespace: string | undefined, name: string, fields: object): Change => ({
  op: 'merge',
  object: { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...fields },
});
const deletedSecret = (): void => practice.after(() => practice.state.remove(practice.get(kinds.Secret, tls)));

it('leaves a healthy cluster alone, whatever the hour', () => {
  const before = practice.state.resourceVersion;
  practice.later(5);
  expect(practice.state.resourceVersion).toBe(before);
});

describe('a certificate is issued', () => {
  it('anew when its Secret is deleted, step by step', () => {
    deletedSecret();
    expect(conditions(certificate())).toEqual([upToDate]);
    expect(certificate()['status']).toMatchObject({
      revision: 3,
      notBefore: written(practice.time()),
      notAfter: written(practice.time(), 90 * days),
      renewalTime: written(practice.time(), 60 * days),
    });
    expect(certificate()['status']).not.toHaveProperty('nextPrivateKeySecretName');
    expect(practice.get(kinds.Secret, tls)).toMatchObject({
      type: 'kubernetes.io/tls',
      metadata: {
        labels: { 'controller.cert-manager.io/fao': 'true' },
        annotations: {
          'cert-manager.io/alt-names': '*.sudhanva.me',
          'cert-manager.io/certificate-name': 'wildcard-sudhanva-me',
          'cert-manager.io/issuer-kind': 'ClusterIssuer',
          'cert-manager.io/issuer-name': 'letsencrypt-dns',
        },
      },
    });
    expect(ofCertificate(kinds.CertificateRequest).map(({ metadata }) => metadata.name)).toEqual([
      'wildcard-sudhanva-me-3',
    ]);
    const [order] = ofCertificate(kinds.Order);
    expect(order?.metadata.name).toMatch(/^wildcard-sudhanva-me-3-\d+$/);
    expect(order?.['status']).toMatchObject({ state: 'valid' });
    expect(ofCertificate(kinds.Challenge)).toEqual([]);
    expect(events(practice, certificate())).toEqual(
      expect.arrayContaining([
        'Issuing: Issuing certificate as Secret does not exist',
        'Requested: Created new CertificateRequest resource "wildcard-sudhanva-me-3"',
        'Issuing: The certificate has been successfully issued',
      ]),
    );
  });

  it('when it was asked for by hand, as cmctl does', () => {
    practice.perform('cmctl renew -n tailscale wildcard-sudhanva-me');
    expect(certificate()['status']).toMatchObject({ revision: 3, notBefore: written(practice.time()) });
    expect(conditions(certificate())).toEqual([upToDate]);
  });

  it('when it is due, and again two months later', () => {
    practice.later((31 * days) / 1000);
    expect(certificate()['status']).toMatchObject({ revision: 3, notBefore: written(practice.time()) });
    practice.later((60 * days) / 1000);
    expect(certificate()['status']).toMatchObject({ revision: 4 });
  });

  it('when its names change', () => {
    practice.change(
      merge('Certificate', 'tailscale', 'wildcard-sudhanva-me', { spec: { dnsNames: ['a.sudhanva.me'] } }),
    );
    expect(events(practice, certificate())).toContain(
      'Issuing: Fields on existing CertificateRequest resource not up to date: [spec.dnsNames]',
    );
    expect(text(practice.get(kinds.Secret, tls), 'metadata', 'annotations', 'cert-manager.io/alt-names')).toBe(
      'a.sudhanva.me',
    );
  });

  it('sooner with renewBefore', () => {
    practice.change(merge('Certificate', 'tailscale', 'wildcard-sudhanva-me', { spec: { renewBefore: '720h1m0s' } }));
    expect(certificate()['status']).toMatchObject({ renewalTime: written(now, 31 * days - 60_000) });
    expect(certificate()['status']).toMatchObject({ revision: 2 });
  });

  it('to a Certificate of a learner’s own, by a ClusterIssuer or an Issuer', () => {
    const metadata = { namespace: 'jellyfin', name: 'own' };
    const spec = (kind: string, name: string): object => ({
      secretName: `${name}-tls`,
      dnsNames: ['a.b.sudhanva.me', 'sudhanva.me'],
      issuerRef: { kind, name },
    });
    practice.change(
      {
        op: 'create',
        object: { apiVersion, kind: 'Certificate', metadata, spec: spec('ClusterIssuer', 'letsencrypt-dns') },
      },
      { op: 'create', object: { apiVersion, kind: 'Issuer', metadata, spec: { selfSigned: {} } } },
      {
        op: 'create',
        object: {
          apiVersion,
          kind: 'Certificate',
          metadata: { ...metadata, name: 'selfsigned' },
          spec: spec('Issuer', 'own'),
        },
      },
    );
    for (const [name, secret] of [
      ['own', 'letsencrypt-dns-tls'],
      ['selfsigned', 'own-tls'],
    ]) {
      expect(conditions(practice.get(kinds.Certificate, `jellyfin/${name}`))).toEqual([upToDate]);
      expect(practice.get(kinds.Secret, `jellyfin/${secret}`)['type']).toBe('kubernetes.io/tls');
    }
    expect(strings(practice.get(kinds.Secret, 'jellyfin/own-tls'), 'data')).toHaveProperty(['ca.crt']);
    expect(practice.state.list(kinds.Challenge)).toEqual([]);
  });
});

const corefile = (rule: string): Change => ({
  op: 'merge',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name: 'coredns' },
    data: {
      Corefile: `sudhanva.me:53 {\n    ${rule}\n    forward . 1.1.1.1\n}\n.:53 {\n    forward . /etc/resolv.conf\n}\n`,
    },
  },
});

const pending = (order: string): string =>
  `Ready=False Pending: Waiting on certificate issuance from order tailscale/${order}: "pending"`;

// cert-manager 1.19, pkg/controller/certificaterequests/sync.go: a controller for each kind of issuer looks at every request.
it('says of a request whose issuer is not there, in the name of every kind of issuer, what it waits for', () => {
  const practice = practise({
    changes: [merge('Certificate', 'tailscale', 'wildcard-sudhanva-me', { spec: { issuerRef: { name: 'no' } } })],
  });
  const of = (reason: string): readonly string[] =>
    practice.state
      .list(kinds.Event, 'tailscale')
      .filter((event) => text(event, 'reason') === reason)
      .map((event) => text(event, 'source', 'component').replace('cert-manager-certificaterequests-issuer-', ''))
      .sort();
  const all = ['acme', 'ca', 'selfsigned', 'vault', 'venafi'];
  expect(of('WaitingForApproval')).toEqual(all);
  expect(of('IssuerNotFound')).toEqual(all);
});

describe.each<[string, Scenario, { request: readonly string[]; order?: string; challenge?: string }]>([
  [
    'an issuer that does not exist',
    { changes: [merge('Certificate', 'tailscale', 'wildcard-sudhanva-me', { spec: { issuerRef: { name: 'no' } } })] },
    {
      request: [
        'Ready=False Pending: Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "no" not found',
      ],
    },
  ],
  [
    'a lost account',
    {
      changes: [],
      world: { letsEncrypt: { refusesAccount: '400 urn:ietf:params:acme:error:accountDoesNotExist: No' } },
    },
    { request: ['Ready=False Pending: Referenced issuer does not have a Ready status condition'] },
  ],
  [
    'a token that is not there',
    {
      changes: [
        {
          op: 'delete',
          object: {
            apiVersion: 'external-secrets.io/v1',
            kind: 'ExternalSecret',
            metadata: { namespace: 'cert-manager', name: 'cloudflare-api-token' },
          },
        },
      ],
    },
    {
      request: [pending('*')],
      order: 'pending',
      challenge: 'error getting cloudflare secret: secrets "cloudflare-api-token" not found',
    },
  ],
  [
    'a token that Cloudflare refuses',
    { changes: [], world: { cloudflare: { refuses: '9109: Invalid access token' } } },
    {
      request: [pending('*')],
      order: 'pending',
      challenge:
        'while attempting to find Zones for domain _acme-challenge.sudhanva.me\nwhile querying the Cloudflare API for GET "/zones?name=_acme-challenge.sudhanva.me" \n\t Error: 9109: Invalid access token',
    },
  ],
  [
    'a record that a rewrite hides',
    { changes: [corefile('rewrite name regex (.*)\\.sudhanva\\.me\\.? gateway.svc answer auto')] },
    {
      request: [pending('*')],
      order: 'pending',
      challenge: 'Waiting for DNS-01 challenge propagation: DNS record for "sudhanva.me" not yet propagated',
    },
  ],
  [
    'a record that a template hides',
    { changes: [corefile('template ANY ANY {\n        rcode NXDOMAIN\n    }')] },
    {
      request: [pending('*')],
      order: 'pending',
      challenge: 'Waiting for DNS-01 challenge propagation: DNS record for "sudhanva.me" not yet propagated',
    },
  ],
  [
    'a refused order',
    { changes: [], world: { letsEncrypt: { refuses: '429 urn:ietf:params:acme:error:rateLimited: too many' } } },
    {
      request: [
        'Ready=False Failed: Failed to wait for order resource "*" to become ready: order is in "errored" state: Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many',
      ],
      order: 'errored',
    },
  ],
])('%s', (_name, scenario, { request, order, challenge }) => {
  beforeEach(() => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'tailscale', name: tls.split('/')[1] ?? '' },
    };
    practice = practise({ ...scenario, since: '2h', changes: [...scenario.changes, { op: 'delete', object: secret }] });
  });

  it('stops the issuance where it would', () => {
    const anyName = (line: string): string => line.replaceAll(/wildcard-sudhanva-me-3-\d+/g, '*');
    expect(conditions(certificate())[0]).toBe('Ready=False DoesNotExist: Issuing certificate as Secret does not exist');
    const last = ofCertificate(kinds.CertificateRequest).at(-1);
    expect(last?.metadata.name).toBe('wildcard-sudhanva-me-3');
    expect(last === undefined ? [] : conditions(last).map(anyName)).toEqual([
      'Approved=True cert-manager.io: Certificate request has been approved by cert-manager.io',
      ...request,
    ]);
    const states = ofCertificate(kinds.Order).map((one) => text(one, 'status', 'state'));
    expect(states.filter((state) => state !== 'valid')).toEqual(order === undefined ? [] : [order]);
    expect(ofCertificate(kinds.Challenge).map((one) => text(one, 'status', 'reason'))).toEqual(
      challenge === undefined ? [] : [challenge],
    );
  });

  it('is quiet until something changes', () => {
    const before = practice.state.resourceVersion;
    practice.later(5);
    expect(practice.state.resourceVersion).toBe(before);
  });

  it('goes on as soon as the cause is gone', () => {
    practice.after(() => practice.world.mend(scenario.world ?? {}));
    practice.perform('kubectl apply -k infrastructure/cert-manager');
    practice.perform('kubectl apply -f infrastructure/gateway/certificate.yaml');
    practice.perform('kubectl apply -k infrastructure/external-secrets');
    practice.perform('kubectl apply -k infrastructure/coredns');
    expect(conditions(certificate())).toEqual([upToDate]);
    expect(certificate()['status']).toMatchObject({ revision: 3 });
    expect(certificate()['status']).not.toHaveProperty('failedIssuanceAttempts');
    expect(ofCertificate(kinds.Challenge)).toEqual([]);
  });
});

describe('after a refused order', () => {
  const refuses = '429 urn:ietf:params:acme:error:rateLimited: too many';

  beforeEach(() => {
    practice.world.change({ letsEncrypt: { refuses } });
    deletedSecret();
  });

  const attempts = (): unknown => (certificate()['status'] as Record<string, unknown>)['failedIssuanceAttempts'];

  it('it waits an hour, then two', () => {
    expect(attempts()).toBe(1);
    practice.later(hours / 1000 - 10);
    expect(attempts()).toBe(1);
    practice.later(10);
    expect(attempts()).toBe(2);
    practice.later(hours / 1000);
    expect(attempts()).toBe(2);
    practice.later(hours / 1000);
    expect(attempts()).toBe(3);
  });

  it('it tries at once when asked, or when the failed request is deleted', () => {
    practice.perform('cmctl renew -n tailscale wildcard-sudhanva-me');
    expect(attempts()).toBe(2);
    practice.perform('kubectl delete certificaterequest -n tailscale wildcard-sudhanva-me-3');
    expect(attempts()).toBe(3);
    expect(conditions(certificate()).at(-1)).toMatch(
      /^Issuing=False Failed: The certificate request has failed to complete and will be retried: Failed to wait for order/,
    );
  });
});

describe('an issuer', () => {
  const issuer = (): StoredObject => practice.get(kinds.ClusterIssuer, 'letsencrypt-dns');
  const registered = 'Ready=True ACMEAccountRegistered: The ACME account was registered with the ACME server';

  it('whose account is lost says so, and registers anew with another key', () => {
    const uri = text(issuer(), 'status', 'acme', 'uri');
    practice.after(() => practice.world.change({ letsEncrypt: { refusesAccount: '400 urn: No account' } }));
    expect(conditions(issuer())).toEqual([
      'Ready=False ErrRegisterACMEAccount: Failed to register ACME account: 400 urn: No account',
    ]);
    practice.perform('kubectl delete secret -n cert-manager letsencrypt-dns-account-key');
    expect(conditions(issuer())).toEqual([registered]);
    expect(practice.world.facts.letsEncrypt.refusesAccount).toBeNull();
    expect(text(issuer(), 'status', 'acme', 'uri')).not.toBe(uri);
    expect(strings(practice.get(kinds.Secret, 'cert-manager/letsencrypt-dns-account-key'), 'data')).toHaveProperty([
      'tls.key',
    ]);
  });

  it('of a learner’s own registers, in its own namespace', () => {
    practice.change({
      op: 'create',
      object: {
        apiVersion,
        kind: 'Issuer',
        metadata: { namespace: 'jellyfin', name: 'staging' },
        spec: {
          acme: {
            server: 'https://acme-staging-v02.api.letsencrypt.org/directory',
            email: 'me@sudhanva.me',
            privateKeySecretRef: { name: 'staging-key' },
          },
        },
      },
    });
    const own = practice.get(kinds.Issuer, 'jellyfin/staging');
    expect(conditions(own)).toEqual([registered]);
    expect(own['status']).toMatchObject({ acme: { lastRegisteredEmail: 'me@sudhanva.me' } });
    expect(text(own, 'status', 'acme', 'uri')).toMatch(
      /^https:\/\/acme-staging-v02\.api\.letsencrypt\.org\/acme\/acct\/\d+$/,
    );
    practice.get(kinds.Secret, 'jellyfin/staging-key');
  });

  it('whose solvers do not fit leaves the Order without a Challenge', () => {
    practice.change(
      merge('Certificate', 'tailscale', 'wildcard-sudhanva-me', { spec: { dnsNames: ['*.example.org'] } }),
    );
    const order = ofCertificate(kinds.Order).at(-1);
    expect(order === undefined ? [] : events(practice, order)).toContain(
      'Solver: Failed to determine a valid solver configuration for the set of domains on the Order: no configured challenge solvers can be used for this challenge',
    );
    expect(ofCertificate(kinds.Challenge)).toEqual([]);
  });
});

describe('cert-manager', () => {
  it('does nothing while it is scaled down, and catches up afterwards', () => {
    practice.perform('kubectl scale -n cert-manager deployment/cert-manager --replicas=0');
    deletedSecret();
    expect(conditions(certificate())).toEqual([upToDate]);
    expect(practice.state.get(kinds.Secret, 'tailscale', 'wildcard-sudhanva-me-tls')).toBeUndefined();
    practice.perform('kubectl scale -n cert-manager deployment/cert-manager --replicas=1');
    expect(certificate()['status']).toMatchObject({ revision: 3 });
  });

  it('sees its records past CoreDNS when it is told other resolvers', () => {
    practice.change(corefile('template ANY ANY {\n        rcode NXDOMAIN\n    }'));
    deletedSecret();
    expect(ofCertificate(kinds.Challenge)).toHaveLength(1);
    const deployment = practice.get(kinds.Deployment, 'cert-manager/cert-manager');
    const containers = list(deployment, 'spec', 'template', 'spec', 'containers').map((container) => ({
      ...(container as object),
      args: [
        ...list(container, 'args'),
        '--dns01-recursive-nameservers-only',
        '--dns01-recursive-nameservers=1.1.1.1:53',
      ],
    }));
    practice.change({
      op: 'merge',
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { namespace: 'cert-manager', name: 'cert-manager' },
        spec: { template: { spec: { containers } } },
      },
    });
    expect(conditions(certificate())).toEqual([upToDate]);
  });

  it('keeps a Challenge that it cannot clean up', () => {
    practice.change(corefile('template ANY ANY {\n        rcode NXDOMAIN\n    }'));
    deletedSecret();
    practice.world.change({ cloudflare: { refuses: '9109: Invalid access token' } });
    practice.after(() => practice.state.remove(certificate()));
    const [challenge] = ofCertificate(kinds.Challenge);
    expect(challenge?.metadata['deletionTimestamp']).toBeDefined();
    practice.after(() => practice.world.change({ cloudflare: { refuses: null } }));
    expect(ofCertificate(kinds.Challenge)).toEqual([]);
    expect(ofCertificate(kinds.Order)).toEqual([]);
  });
});
