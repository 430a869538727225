/** Vault: where the secret stores look for it, taken apart: pure. */
import { portOfUrl } from '../../../src/formats/service-url.ts';
import { follow, relationAt, type Reference } from '../../../src/kinds/references.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { optional } from '../../../src/runbook/read.ts';
import type { Store } from '../../models/external-secrets.ts';
import { clusterSecretStores, secretStores } from '../../models/reads.ts';
import { partNames } from '../../parts.ts';

/** A store's address of Vault. */
export interface VaultAddress {
  store: Store;
  server: string;
  /** The Service of this cluster that it names; none when Vault is reached elsewhere. */
  service: Reference | undefined;
}

export const stores = { clusterStores: optional(clusterSecretStores), namespacedStores: optional(secretStores) };

/** The Vault addresses of all stores. Stores of other providers have none. */
export function vaultAddresses(values: {
  clusterStores: readonly Store[];
  namespacedStores: readonly Store[];
}): readonly VaultAddress[] {
  return allOf(values.clusterStores, values.namespacedStores).flatMap((store) => {
    const server = store.spec.provider.vault?.server;
    return server === undefined ? [] : [{ store, server, service: inCluster(store, server) }];
  });
}

/** The Service that a store's address names. Two labels may be a Service or a name of public DNS: in Vault's namespace they are a Service. */
function inCluster(store: Store, server: string): Reference | undefined {
  const relation = relationAt(store.kind, 'spec.provider.vault.server');
  const [found] = follow(store, relation);
  if (found !== undefined || !URL.canParse(server)) return found;
  const url = new URL(server);
  const [name = '', namespace, ...more] = url.hostname.split('.');
  if (more.length > 0 || namespace !== partNames.vault.namespace) return undefined;
  const path = relation.path.split('.');
  return { relation, path, kind: 'Service', group: undefined, namespace, name, port: portOfUrl(url) };
}

/** The address with another host or port, and else as it is written. */
export function addressAt(server: string, { hostname, port }: { hostname?: string; port: number }): string {
  const url = new URL(server);
  if (hostname !== undefined) url.hostname = hostname;
  url.port = String(port);
  return server.endsWith('/') ? url.href : url.href.replace(/\/$/, '');
}
