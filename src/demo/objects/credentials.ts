/** Where every credential comes from: the store, what is copied from it, and the Secrets that hold the copies; or Secrets that somebody made by hand. */
import { versionOf } from '../controllers/external-secrets.ts';
import { sha3Hex } from '../controllers/sha3.ts';
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ifThere, partOf } from '../part.ts';
import { noted } from './build/applied.ts';
import { ago, condition, created, dummies, ownedBy, secret } from './build/basics.ts';

/** The policy and the role that Vault has for External Secrets. */
export const vaultRole = 'external-secrets';

/** A credential: where its Secret is, and where in Vault it comes from. */
export interface Credential {
  namespace: string;
  name: string;
  path: string;
  /** Keys of the Secret, and properties at the path. */
  properties: readonly string[];
  made: string;
  /** How long ago it was copied last. */
  refreshed: string;
}

/** Each its own, so that any can be revoked alone. */
export const credentials = ({ certManager, tailscaleOperator }: Stack) =>
  ({
    /** With which cert-manager writes the _acme-challenge records. */
    certManager: {
      namespace: certManager.namespace,
      name: certManager.tokenSecret,
      path: 'cloudflare/cert-manager',
      properties: ['api-token'],
      made: '90d',
      refreshed: '24m',
    },
    /** The OAuth client of the Tailscale Operator. */
    operator: {
      namespace: tailscaleOperator.namespace,
      name: tailscaleOperator.oauthSecret,
      path: 'tailscale/operator-oauth',
      properties: ['client_id', 'client_secret'],
      made: '95d',
      refreshed: '8m',
    },
  }) as const satisfies Readonly<Record<string, Credential>>;

/** With which ExternalDNS writes the apps' records. */
const ofExternalDns = (stack: Stack): readonly Credential[] => {
  const { namespace, tokenSecret: name } = partOf(stack, 'externalDns');
  return [
    { namespace, name, path: 'cloudflare/external-dns', properties: ['api-token'], made: '90d', refreshed: '41m' },
  ];
};

export const allCredentials = (stack: Stack): readonly Credential[] => {
  const { certManager, operator } = credentials(stack);
  return [certManager, ...ifThere(stack, 'externalDns', ofExternalDns), operator];
};

/** Vault's key-value engine, read as External Secrets' own ServiceAccount, inside the cluster and past the Gateway. */
export function storeSpec(stack: Stack): Fields {
  const { service, namespace: home, port } = partOf(stack, 'vault');
  const { deployment: name, namespace } = partOf(stack, 'externalSecrets');
  return {
    provider: {
      vault: {
        server: `http://${service}.${home}.svc.cluster.local:${port}`,
        path: 'secret',
        version: 'v2',
        auth: {
          kubernetes: { mountPath: 'kubernetes', role: vaultRole, serviceAccountRef: { name, namespace } },
        },
      },
    },
  };
}

/** What an ExternalSecret asks for. */
export const copySpec = (stack: Stack, { name, path, properties }: Credential): Fields => ({
  refreshInterval: '1h0m0s',
  secretStoreRef: { kind: 'ClusterSecretStore', name: partOf(stack, 'externalSecrets').store },
  target: { name, creationPolicy: 'Owner', deletionPolicy: 'Retain' },
  data: properties.map((property) => ({ secretKey: property, remoteRef: { key: path, property } })),
});

const reconcile = 'reconcile.external-secrets.io';

function copied(stack: Stack, credential: Credential): readonly KubernetesObject[] {
  const { namespace, name, properties, made, refreshed } = credential;
  const data = dummies(...properties);
  const told = noted({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace, ...created(made) },
    spec: copySpec(stack, credential),
  });
  const externalSecret: KubernetesObject = {
    ...told,
    status: {
      binding: { name },
      conditions: [condition('Ready', '33d', 'SecretSynced', 'secret synced')],
      refreshTime: ago(refreshed),
      syncedResourceVersion: versionOf(told),
    },
  };
  return [
    externalSecret,
    secret(
      {
        name,
        namespace,
        ...created(made),
        labels: {
          [`${reconcile}/managed`]: 'true',
          [`${reconcile}/created-by`]: sha3Hex(`${namespace}/${name}`),
        },
        annotations: { [`${reconcile}/data-hash`]: sha3Hex(JSON.stringify(Object.entries(data).toSorted())) },
        ownerReferences: [ownedBy(externalSecret)],
      },
      'Opaque',
      data,
    ),
  ];
}

/** The Secrets of a stack in which nothing copies them from anywhere. */
export const handmadeCredentials = (stack: Stack): readonly KubernetesObject[] =>
  allCredentials(stack).map(({ namespace, name, made, properties }) =>
    secret({ name, namespace, ...created(made) }, 'Opaque', dummies(...properties)),
  );

export function copiedCredentials(stack: Stack): readonly KubernetesObject[] {
  const { operator } = credentials(stack);
  return [
    noted({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name: partOf(stack, 'externalSecrets').store, ...created('90d') },
      spec: storeSpec(stack),
      status: {
        capabilities: 'ReadWrite',
        conditions: [condition('Ready', '33d', 'Valid', 'store validated')],
      },
    }),
    ...allCredentials(stack).flatMap((credential) => copied(stack, credential)),
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${operator.name}.aad25d65101a38cb`, namespace: operator.namespace, ...created('8m') },
      involvedObject: {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        name: operator.name,
        namespace: operator.namespace,
      },
      type: 'Normal',
      reason: 'Updated',
      message: 'secret updated',
      count: 1,
      firstTimestamp: ago('8m'),
      lastTimestamp: ago('8m'),
      source: { component: 'external-secrets' },
      reportingComponent: 'external-secrets',
      reportingInstance: '',
    },
  ];
}
