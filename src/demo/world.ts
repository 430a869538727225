/**
 * What of the homelab no object of the cluster says: Vault's contents, the tailnet's policy, the records at Cloudflare, images in
 * registries, programs that misbehave. Controllers, resolvers and the gateway heed it; a fault changes it like objects.
 */
import { isFields, type Fields } from '../../packages/apiserver/objects/fields.ts';
import { mergePatch } from '../../packages/apiserver/objects/merge-patch.ts';

export interface WorldFacts {
  /** Whether the tailnet's DNS settings send the domain to the tailnet resolver. */
  splitDns: boolean;
  /** What public DNS holds of the domain, by name: what ExternalDNS wrote, and what somebody wrote by hand. */
  publicRecords: Readonly<Record<string, readonly PublicRecord[]>>;
  /** The validity of the certificate that Envoy holds, in place of the Certificate's, until Envoy Gateway restarts. */
  servedCertificate: { notBefore: string; notAfter: string } | null;
  /** Whether the running Envoy Gateway has missed the address of its Service, as it does until it restarts. */
  missedAddress: boolean;
  /** ConfigMaps, as `<namespace>/<name>`, that whatever applies Git puts back as soon as they differ. */
  restoredFromGit: readonly string[];
  vault: {
    sealed: boolean;
    /** How many key shares of the threshold of three it has been given since it sealed. */
    progress: number;
    /** What it says to whoever logs in, in place of letting them; null when it lets them. */
    refuses: string | null;
    /** The paths of its key-value store `secret`, and the properties that each holds. */
    holds: Readonly<Record<string, readonly string[]>>;
    /** The roles of its auth method `kubernetes`: who may log in, and with which policies. */
    roles: Readonly<Record<string, VaultRole>>;
    /** Its policies, and the paths that each lets read; a `*` at the end stands for whatever follows. */
    policies: Readonly<Record<string, readonly string[]>>;
  };
  tailscale: {
    /** The tailnet's MagicDNS suffix, under which devices register. */
    tailnet: string;
    /** What the coordination server answers to the operator's request for a device key; null when it gives one. */
    refuses: string | null;
    /** Device names that a stale device still holds: the next device of that name gets a number. */
    taken: readonly string[];
    /** Tailnet addresses by device name, where they are not the usual ones: a device that registers anew gets another. */
    addresses: Readonly<Record<string, string>>;
    /** Whether the running operator has missed that a Service has another ClusterIP, as it does until it restarts. */
    missedClusterIp: boolean;
  };
  letsEncrypt: {
    /** Its answer to a new order; null when it takes one. */
    refuses: string | null;
    /** Its answer about the ACME account's key; null when it knows the account. */
    refusesAccount: string | null;
  };
  cloudflare: {
    /** Its answer to cert-manager's token; null when it may edit the zone. */
    refuses: string | null;
  };
  /** Images that no registry has. */
  missingImages: readonly string[];
  /** Containers that do not do what they are for; the first that fits counts. */
  programs: readonly Program[];
}

/** ServiceAccounts by name and namespace, `*` for any, and the policies that their tokens get. */
export interface VaultRole {
  names: readonly string[];
  namespaces: readonly string[];
  policies: readonly string[];
}

export interface PublicRecord {
  type: 'A' | 'AAAA' | 'CNAME' | 'HTTPS' | 'TXT';
  data: string;
}

/** How a container misbehaves. */
export interface Program {
  /** `<namespace>/<name>` of the Deployment, StatefulSet, DaemonSet or CronJob. */
  workload: string;
  container: string;
  /** Only while the container's arguments hold this one. */
  argument?: string;
  /** It ends with this exit code as soon as it starts. */
  exitCode?: number;
  /** It runs, and this is what its readiness probe gets. */
  notReady?: string;
  /** Its last words: a log, with times such as `{{ago 3m}}`. */
  log?: string;
}

/** A JSON merge patch of the facts. */
export type WorldChange = Fields;

export class World {
  readonly #sound: WorldFacts;
  #facts: WorldFacts;
  readonly #listeners = new Set<() => void>();

  /** @param sound A world in which nothing is wrong, which is what this one begins with. */
  constructor(sound: WorldFacts) {
    this.#sound = sound;
    this.#facts = sound;
  }

  get facts(): WorldFacts {
    return this.#facts;
  }

  change(change: WorldChange): void {
    this.#facts = withNulls(mergePatch(this.#facts, change), this.#sound) as WorldFacts;
    this.#listeners.forEach((listener) => listener());
  }

  /** Takes back what a change made of the sound world: somebody mended it out there. */
  mend(change: WorldChange): void {
    this.change(counterpart(change, this.#sound));
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Null deletes in a merge patch; a fact that is soundly null is there all the same. */
function withNulls(facts: unknown, from: unknown): unknown {
  if (!isFields(facts) || !isFields(from)) return facts;
  const result = { ...facts };
  for (const [key, value] of Object.entries(from)) {
    if (value === null && !(key in result)) result[key] = null;
    else if (isFields(value)) result[key] = withNulls(result[key], value);
  }
  return result;
}

/** The sound values of the fields that a change names; null, which deletes, for those that the sound world does not have. */
function counterpart(change: Fields, from: unknown): Fields {
  return Object.fromEntries(
    Object.entries(change).map(([key, entry]) => {
      const own = isFields(from) ? from[key] : undefined;
      return [key, isFields(entry) && isFields(own) ? counterpart(entry, own) : (own ?? null)];
    }),
  );
}
