/** What External Secrets gets of the stores that it reads from: Vault's answers, or why there is none [External Secrets 1.2]. */
import { at, list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { apiError, logIn, placeholder, readSecret } from '../exec/vault.ts';
import { reaches } from '../network/policies.ts';
import { kinds, type Cluster } from './cluster.ts';

export interface StoreFailure {
  failure: string;
}

export interface Store {
  /** The properties at a path; undefined when there is nothing. */
  read: (key: string) => { properties: readonly string[] | undefined } | StoreFailure;
}

export const isStoreFailure = (value: object): value is StoreFailure => 'failure' in value;

/** Makes a client of a store's provider, for whoever asks from a namespace. */
export function connect(cluster: Cluster, store: StoredObject, namespace: string | undefined): Store | StoreFailure {
  const vault = at(store, 'spec', 'provider', 'vault');
  if (vault !== undefined) return connectToVault(cluster, vault, namespace);
  // The provider for trying things out, whose data stand in the store; of all others the demo knows nothing.
  const fake = list(store, 'spec', 'provider', 'fake', 'data');
  return {
    read: (key) => ({ properties: fake.some((entry) => text(entry, 'key') === key) ? [placeholder] : undefined }),
  };
}

function connectToVault(cluster: Cluster, vault: unknown, namespace: string | undefined): Store | StoreFailure {
  const server = text(vault, 'server').replace(/\/$/, '');
  const auth = at(vault, 'auth');
  const kubernetes = at(auth, 'kubernetes');
  const login = `${server}/v1/auth/${text(kubernetes, 'mountPath') || 'kubernetes'}/login`;
  const way = reach(cluster, server);
  const kind = kubernetes === undefined ? 'token' : 'kubernetes';
  const prefix = kind === 'kubernetes' ? 'unable to log in with Kubernetes auth: ' : '';
  if (way !== undefined) return { failure: `${prefix}Put "${login}": ${way}` };
  const facts = cluster.world.vault;
  let policies: readonly string[] = [];
  if (kind === 'kubernetes') {
    const reference = at(kubernetes, 'serviceAccountRef');
    const account = { namespace: text(reference, 'namespace') || (namespace ?? ''), name: text(reference, 'name') };
    const known = cluster.get(kinds.ServiceAccount, account.namespace, account.name);
    if (reference !== undefined && known === undefined && account.name !== 'default') {
      return {
        failure: `${prefix}cannot request Kubernetes service account token for service account "${account.name}": serviceaccounts "${account.name}" not found`,
      };
    }
    const answer = logIn(facts, text(kubernetes, 'role'), account);
    if ('code' in answer) return { failure: prefix + apiError('PUT', login, answer) };
    ({ policies } = answer);
  } else {
    const reference = at(auth, 'tokenSecretRef');
    const place = text(reference, 'namespace') || (namespace ?? '');
    const name = text(reference, 'name');
    if (cluster.get(kinds.Secret, place, name) === undefined) {
      return {
        failure: `cannot get Kubernetes secret "${name}" from namespace "${place}": secrets "${name}" not found`,
      };
    }
    policies = ['root'];
  }
  const mount = text(vault, 'path') || 'secret';
  return {
    read: (key) => {
      const path = key.startsWith(`${mount}/`) ? key.slice(mount.length + 1).replace(/^data\//, '') : key;
      const answer = readSecret(facts, policies, mount, path);
      if (!('code' in answer)) return answer;
      const url = `${server}/v1/${mount}/data/${key}`;
      return { failure: `cannot read secret data from Vault: ${apiError('GET', url, answer)}` };
    },
  };
}

/** Why nobody answers at a URL; undefined when somebody does. What lies outside the cluster is taken to answer. */
function reach(cluster: Cluster, server: string): string | undefined {
  if (!URL.canParse(server)) return `parse "${server}": invalid URI for request`;
  const { hostname, port, protocol } = new URL(server);
  const [name = '', namespace = '', svc] = hostname.split('.');
  if (svc !== 'svc') return undefined;
  const service = cluster.get(kinds.Service, namespace, name);
  if (service === undefined) return `dial tcp: lookup ${hostname} on 10.96.0.10:53: no such host`;
  const wanted = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const address = `${text(service, 'spec', 'clusterIP')}:${wanted}`;
  const isServed = list(service, 'spec', 'ports').some((entry) => at(entry, 'port') === wanted);
  if (!isServed) return `dial tcp ${address}: i/o timeout`;
  const hasEndpoint = cluster
    .list(kinds.EndpointSlice, namespace)
    .filter((slice) => text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name)
    .flatMap((slice) => list(slice, 'endpoints'))
    .some((endpoint) => at(endpoint, 'conditions', 'ready') !== false);
  if (!hasEndpoint) return `dial tcp ${address}: connect: connection refused`;
  const own = cluster
    .list(kinds.Pod)
    .filter((pod) => text(pod, 'metadata', 'labels', 'app.kubernetes.io/name') === 'external-secrets');
  return reaches(cluster.objects, own, service, wanted) ? undefined : `dial tcp ${address}: i/o timeout`;
}
