/** Defaults of External Secrets, and the version that it has stopped to serve. */
import type { Fact, Facts } from './facts.ts';

const remoteRef = { conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' };

const externalSecret: Facts = {
  group: 'external-secrets.io',
  kind: 'ExternalSecret',
  versions: ['v1'],
  source: { project: 'External Secrets', release: 'v0.16.2', file: 'apis/externalsecrets/v1/externalsecret_types.go' },
  at: {
    spec: { defaults: { refreshInterval: '1h0m0s', target: { creationPolicy: 'Owner', deletionPolicy: 'Retain' } } },
    'spec.secretStoreRef': { defaults: { kind: 'SecretStore' } },
    'spec.target': { defaults: { creationPolicy: 'Owner', deletionPolicy: 'Retain' } },
    'spec.target.creationPolicy': { values: ['CreateOrMerge'] },
    'spec.target.template': { defaults: { engineVersion: 'v2', mergePolicy: 'Replace' } },
    'spec.data[].remoteRef': { defaults: remoteRef },
    'spec.dataFrom[].extract': { defaults: remoteRef },
  },
};

const stores: Readonly<Record<string, Fact>> = {
  'spec.provider.onboardbase': {
    defaults: {
      apiHost: 'https://public.onboardbase.com/api/v1/',
      environment: 'development',
      project: 'development',
    },
  },
  'spec.provider.vault.auth.appRole': { defaults: { path: 'approle' } },
  'spec.provider.vault.auth.jwt': { defaults: { path: 'jwt' } },
  'spec.provider.vault.auth.kubernetes': { defaults: { mountPath: 'kubernetes' } },
  'spec.provider.vault.auth.ldap': { defaults: { path: 'ldap' } },
  'spec.provider.vault.auth.userPass': { defaults: { path: 'userpass' } },
  'spec.provider.doppler.auth': { optional: ['secretRef'] },
  'spec.provider.pulumi': { optional: ['accessToken'] },
  'spec.provider.secretserver': { optional: ['username', 'password'] },
  'spec.provider.webhook': { optional: ['result'] },
};

const secretStores = ['ClusterSecretStore', 'SecretStore'].map((kind): Facts => ({
  group: 'external-secrets.io',
  kind,
  versions: ['v1'],
  source: {
    project: 'External Secrets',
    release: 'v0.16.2, and what chart 2.9.0 leaves open',
    file: 'apis/externalsecrets/v1/secretstore_*_types.go',
  },
  at: stores,
}));

export const externalSecrets: readonly Facts[] = [externalSecret, ...secretStores];

/** [deploy/crds/bundle.yaml: `served: false` from v0.17.0 on] */
export const noLongerServed = [
  { group: 'external-secrets.io', version: 'v1beta1', instead: ['v1'], release: 'External Secrets v0.17.0 and later' },
] as const;
