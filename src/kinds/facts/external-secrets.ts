/** Defaults of External Secrets, and the version that it has stopped to serve. */
import type { Facts } from './facts.ts';

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
    'spec.target.template': { defaults: { engineVersion: 'v2', mergePolicy: 'Replace' } },
    'spec.data[].remoteRef': { defaults: remoteRef },
    'spec.dataFrom[].extract': { defaults: remoteRef },
  },
};

export const externalSecrets: readonly Facts[] = [externalSecret];

/** [deploy/crds/bundle.yaml: `served: false` from v0.17.0 on] */
export const noLongerServed = [
  { group: 'external-secrets.io', version: 'v1beta1', instead: ['v1'], release: 'External Secrets v0.17.0 and later' },
] as const;
