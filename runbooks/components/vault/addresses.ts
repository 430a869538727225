/** Vault: where the secret stores look for it, taken apart: pure. */
import { optional } from '../../../src/runbook/read.ts';
import type { Store } from '../../models/external-secrets.ts';
import { clusterSecretStores, secretStores } from '../../models/reads.ts';
import { stack } from '#stack';

/** A Service by its cluster DNS name, and the port that is asked for. */
export interface Wanted {
  namespace: string;
  name: string;
  port: number;
}

/** A store's address of Vault. */
export interface VaultAddress {
  store: Store;
  server: string;
  /** The Service of this cluster that it names; none when Vault is reached elsewhere. */
  service: Wanted | undefined;
}

export const stores = { clusterStores: optional(clusterSecretStores), namespacedStores: optional(secretStores) };

/** The Vault addresses of all stores. Stores of other providers have none. */
export function vaultAddresses(values: {
  clusterStores: readonly Store[];
  namespacedStores: readonly Store[];
}): readonly VaultAddress[] {
  return [...values.clusterStores, ...values.namespacedStores].flatMap((store) => {
    const server = store.spec.provider.vault?.server;
    return server === undefined ? [] : [{ store, server, service: inCluster(server) }];
  });
}

/** The Service that a URL names by its cluster DNS name: `vault.ns`, `vault.ns.svc`, `vault.ns.svc.<domain>`. */
function inCluster(server: string): Wanted | undefined {
  if (!URL.canParse(server)) return undefined;
  const url = new URL(server);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const [name = '', namespace, svc] = url.hostname.split('.');
  if (/^[\d.]+$|^\[/.test(url.hostname)) return undefined;
  if (svc === 'svc' && namespace !== undefined) return { namespace, name, port };
  // A bare name depends on where it is asked; two labels may be a Service or a name of public DNS.
  return svc === undefined && namespace === stack.vault.namespace ? { namespace, name, port } : undefined;
}

/** The address with another host or port, and else as it is written. */
export function addressAt(server: string, { hostname, port }: { hostname?: string; port: number }): string {
  const url = new URL(server);
  if (hostname !== undefined) url.hostname = hostname;
  url.port = String(port);
  return server.endsWith('/') ? url.href : url.href.replace(/\/$/, '');
}
