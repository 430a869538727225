/** What External Secrets and Vault make of causes, in their own words, and how they take that back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { list, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { WorldChange } from '../../../src/demo/world.ts';
import { conditions, events, now, practise, type Practice } from './practice.ts';

const apiVersion = 'external-secrets.io/v1';
const path = 'cert-manager/cloudflare-api-token';
const synced = 'Ready=True SecretSynced: secret synced';
const noData = 'Ready=False SecretSyncedError: could not get secret data from provider';
const valid = 'Ready=True Valid: store validated';
const hour = 3_600;

let practice: Practice = practise();

beforeEach(() => {
  practice = practise();
});

const secret = (place = path): StoredObject => practice.get(kinds.ExternalSecret, place);
const store = (): StoredObject => practice.get(kinds.ClusterSecretStore, 'vault');
const written = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
const refreshed = (place = path): string => text(secret(place), 'status', 'refreshTime');

const change = (op: Change['op'], kind: string, place: string, fields: object = {}): Change => {
  const [first = '', second] = place.split('/');
  const metadata = second === undefined ? { name: first } : { namespace: first, name: second };
  return { op, object: { apiVersion, kind, metadata, ...fields } };
};
const reading = (key: string, property: string): object => ({
  spec: { data: [{ secretKey: 'api-token', remoteRef: { key, property } }] },
});

it('leaves a healthy cluster alone until the next copy is due', () => {
  const before = practice.state.resourceVersion;
  practice.later(5);
  expect(practice.state.resourceVersion).toBe(before);
  practice.later(hour);
  expect(refreshed()).toBe(written(new Date(now.getTime() + 36 * 60_000)));
});

describe.each<
  [string, { world?: WorldChange; changes?: readonly Change[] }, { store: string; secret: string; cause: string }]
>([
  [
    'a sealed Vault',
    { world: { vault: { sealed: true } } },
    {
      store: 'Ready=False InvalidProviderConfig: unable to create client',
      secret: noData,
      cause:
        'error processing spec.data[0] (key: cloudflare/cert-manager), err: ClusterSecretStore "vault" is not ready',
    },
  ],
  [
    'a role for another ServiceAccount',
    { world: { vault: { roles: { 'external-secrets': { names: ['other'] } } } } },
    {
      store: 'Ready=False InvalidProviderConfig: unable to create client',
      secret: noData,
      cause:
        'error processing spec.data[0] (key: cloudflare/cert-manager), err: ClusterSecretStore "vault" is not ready',
    },
  ],
  [
    'a role without its policy, which no validation sees',
    { world: { vault: { roles: { 'external-secrets': { policies: ['default'] } } } } },
    {
      store: valid,
      secret: noData,
      cause:
        'error processing spec.data[0] (key: cloudflare/cert-manager), err: cannot read secret data from Vault: Error making API request.\n\nURL: GET http://vault-ui.vault.svc.cluster.local:8200/v1/secret/data/cloudflare/cert-manager\nCode: 403. Errors:\n\n* 1 error occurred:\n\t* permission denied\n\n',
    },
  ],
  [
    'an entry that Vault does not hold',
    { changes: [change('merge', 'ExternalSecret', path, reading('no/such', 'api-token'))] },
    { store: valid, secret: noData, cause: 'error processing spec.data[0] (key: no/such), err: Secret does not exist' },
  ],
  [
    'a property that an entry does not have',
    { changes: [change('merge', 'ExternalSecret', path, reading('cloudflare/cert-manager', 'token'))] },
    {
      store: valid,
      secret: noData,
      cause:
        'error processing spec.data[0] (key: cloudflare/cert-manager), err: cannot find secret data for key: "token"',
    },
  ],
  [
    'a store that does not exist',
    { changes: [change('merge', 'ExternalSecret', path, { spec: { secretStoreRef: { name: 'no' } } })] },
    {
      store: valid,
      secret: noData,
      cause:
        'error processing spec.data[0] (key: cloudflare/cert-manager), err: could not get ClusterSecretStore "no", ClusterSecretStore.external-secrets.io "no" not found',
    },
  ],
])('%s', (_name, { world = {}, changes = [] }, expected) => {
  beforeEach(() => {
    practice = practise({ world, changes, since: '2h' });
  });

  it('fails the ExternalSecret, and says why in an Event', () => {
    expect(conditions(store())).toEqual([expected.store]);
    expect(conditions(secret())).toEqual([expected.secret]);
    expect(events(practice, secret())).toEqual([`UpdateFailed: ${expected.cause}`]);
    // What was copied before stays.
    expect(strings(practice.get(kinds.Secret, path), 'data')).toEqual({ 'api-token': 'ZGVtbw==' });
    expect(Date.parse(refreshed())).toBeLessThan(now.getTime() - 2 * hour * 1000);
  });

  it('is quiet until something changes', () => {
    const before = practice.state.resourceVersion;
    practice.later(5);
    expect(practice.state.resourceVersion).toBe(before);
  });

  it('is over as soon as the cause is gone', () => {
    practice.after(() => practice.world.mend(world));
    practice.perform('kubectl apply -k infrastructure/external-secrets');
    expect(conditions(store())).toEqual([valid]);
    expect(conditions(secret())).toEqual([synced]);
    expect(Date.parse(refreshed())).toBeGreaterThan(now.getTime());
  });
});

describe('Vault’s answer to the store', () => {
  const cause = (): readonly string[] => events(practice, store());

  it('is quoted while it is sealed', () => {
    practice.after(() => practice.world.change({ vault: { sealed: true } }));
    expect(cause()).toContain(
      'InvalidProviderConfig: unable to log in with Kubernetes auth: Error making API request.\n\nURL: PUT http://vault-ui.vault.svc.cluster.local:8200/v1/auth/kubernetes/login\nCode: 503. Errors:\n\n* Vault is sealed',
    );
  });

  it.each([
    ['http://vault.nowhere.svc:8200', 'dial tcp: lookup vault.nowhere.svc on 10.96.0.10:53: no such host'],
    ['http://vault-ui.vault.svc:8300', 'dial tcp 10.97.82.2:8300: i/o timeout'],
  ])('does not come from %s', (server, words) => {
    practice.change(change('merge', 'ClusterSecretStore', 'vault', { spec: { provider: { vault: { server } } } }));
    expect(cause()).toContain(
      `InvalidProviderConfig: unable to log in with Kubernetes auth: Put "${server}/v1/auth/kubernetes/login": ${words}`,
    );
  });
});

describe('an ExternalSecret', () => {
  it('is copied at once when an annotation changes, and not for another reason', () => {
    const before = refreshed();
    practice.later(5);
    expect(refreshed()).toBe(before);
    practice.perform('kubectl annotate externalsecret -n cert-manager cloudflare-api-token force-sync=1 --overwrite');
    expect(refreshed()).toBe(written(practice.time()));
  });

  it('writes its Secret again when that is deleted or changed', () => {
    const before = practice.get(kinds.Secret, path);
    practice.perform('kubectl delete secret -n cert-manager cloudflare-api-token');
    const fresh = practice.get(kinds.Secret, path);
    expect(fresh.metadata.uid).not.toBe(before.metadata.uid);
    expect({
      ...fresh,
      metadata: { labels: fresh.metadata['labels'], annotations: fresh.metadata['annotations'] },
    }).toEqual({
      ...before,
      metadata: { labels: before.metadata['labels'], annotations: before.metadata['annotations'] },
    });
    practice.after(() => practice.state.replace({ ...fresh, data: { 'api-token': 'b3RoZXI=' } }));
    expect(strings(practice.get(kinds.Secret, path), 'data')).toEqual({ 'api-token': 'ZGVtbw==' });
  });

  const own = (fields: object): Change =>
    change('create', 'ExternalSecret', 'jellyfin/own', {
      spec: {
        secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
        data: [{ secretKey: 'key', remoteRef: { key: 'cloudflare/cert-manager', property: 'api-token' } }],
        ...fields,
      },
    });

  it('of a learner’s own becomes ready, with a Secret that it owns and takes with it', () => {
    practice.change(own({ target: { name: 'copied', template: { type: 'kubernetes.io/basic-auth' } } }));
    expect(conditions(secret('jellyfin/own'))).toEqual([synced]);
    const copied = practice.get(kinds.Secret, 'jellyfin/copied');
    expect(copied['type']).toBe('kubernetes.io/basic-auth');
    expect(list(copied, 'metadata', 'ownerReferences')).toMatchObject([{ kind: 'ExternalSecret', name: 'own' }]);
    practice.after(() => practice.state.remove(secret('jellyfin/own')));
    expect(practice.state.get(kinds.Secret, 'jellyfin', 'copied')).toBeUndefined();
  });

  it('takes all properties of an entry with dataFrom', () => {
    practice.change(own({ data: [], dataFrom: [{ extract: { key: 'tailscale/operator-oauth' } }] }));
    expect(Object.keys(strings(practice.get(kinds.Secret, 'jellyfin/own'), 'data'))).toEqual([
      'client_id',
      'client_secret',
    ]);
  });

  it('reads from a SecretStore of its own namespace', () => {
    practice.change(
      own({ secretStoreRef: { name: 'fake' } }),
      change('create', 'SecretStore', 'jellyfin/fake', {
        spec: { provider: { fake: { data: [{ key: 'cloudflare/cert-manager', value: 'demo' }] } } },
      }),
    );
    expect(conditions(practice.get(kinds.SecretStore, 'jellyfin/fake'))).toEqual([valid]);
    expect(events(practice, secret('jellyfin/own')).at(-1)).toContain('cannot find secret data for key: "api-token"');
  });

  it('does not take over a Secret that another one owns', () => {
    practice.change(
      own({}),
      change('create', 'ExternalSecret', 'jellyfin/second', {
        spec: {
          secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
          target: { name: 'own' },
          data: [{ secretKey: 'key', remoteRef: { key: 'cloudflare/cert-manager' } }],
        },
      }),
    );
    expect(conditions(secret('jellyfin/second'))).toEqual(['Ready=False SecretSyncedError: could not update secret']);
    expect(events(practice, secret('jellyfin/second'))).toEqual([
      'UpdateFailed: could not set ExternalSecret controller reference: Object jellyfin/own is already owned by another ExternalSecret controller own',
    ]);
  });

  it.each([
    ['Retain', noData, true],
    ['Delete', 'Ready=True SecretDeleted: secret deleted due to DeletionPolicy=Delete', false],
  ])('whose entry goes, with deletionPolicy %s', (deletionPolicy, condition, stays) => {
    practice.change(own({ target: { deletionPolicy } }));
    practice.after(() => practice.world.change({ vault: { holds: { 'cloudflare/cert-manager': null } } }));
    practice.later(hour + 10);
    expect(conditions(secret('jellyfin/own'))).toEqual([condition]);
    expect(practice.state.get(kinds.Secret, 'jellyfin', 'own') !== undefined).toBe(stays);
  });

  it('stays as it is while External Secrets is scaled down', () => {
    practice.perform('kubectl scale -n external-secrets deployment/external-secrets --replicas=0');
    practice.perform('kubectl delete secret -n cert-manager cloudflare-api-token');
    practice.later(5 * hour);
    expect(conditions(secret())).toEqual([synced]);
    expect(practice.state.get(kinds.Secret, 'cert-manager', 'cloudflare-api-token')).toBeUndefined();
  });
});

describe('Vault', () => {
  const pod = (): StoredObject => practice.get(kinds.Pod, 'vault/vault-0');
  const label = (): string => text(pod(), 'metadata', 'labels', 'vault-sealed');
  const ready = (): string | undefined => conditions(pod()).find((line) => line.startsWith('Ready='));

  it('seals itself when its pod is replaced, and is ready once three shares were given', () => {
    expect(label()).toBe('false');
    practice.perform('kubectl delete pod -n vault vault-0');
    practice.later(5);
    expect(practice.world.facts.vault).toMatchObject({ sealed: true, progress: 0 });
    expect(label()).toBe('true');
    expect(ready()).toMatch(/^Ready=False/);
    expect(conditions(store())).toEqual(['Ready=False InvalidProviderConfig: unable to create client']);
    practice.perform('kubectl exec -n vault -it vault-0 -- vault operator unseal');
    expect(label()).toBe('false');
    expect(ready()).toMatch(/^Ready=True/);
    expect(conditions(store())).toEqual([valid]);
  });
});
