/** The demo cluster as its controllers see it: objects, and the world outside. */
import { Cluster as AnyCluster, kinds as builtInKinds } from '../../../packages/apiserver/controllers/cluster.ts';
import type { Kind } from '../../../packages/apiserver/state/kind.ts';
import type { State } from '../../../packages/apiserver/state/state.ts';
import type { World, WorldChange, WorldFacts } from '../world.ts';

/** Makes one pass over the cluster; what it changes calls for another. */
export type Controller = (cluster: Cluster) => void;

export const kinds = {
  ...builtInKinds,
  GatewayClass: { group: 'gateway.networking.k8s.io', kind: 'GatewayClass' },
  Gateway: { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  HTTPRoute: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
  ReferenceGrant: { group: 'gateway.networking.k8s.io', kind: 'ReferenceGrant' },
  EnvoyProxy: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy' },
  Certificate: { group: 'cert-manager.io', kind: 'Certificate' },
  CertificateRequest: { group: 'cert-manager.io', kind: 'CertificateRequest' },
  ClusterIssuer: { group: 'cert-manager.io', kind: 'ClusterIssuer' },
  Issuer: { group: 'cert-manager.io', kind: 'Issuer' },
  Order: { group: 'acme.cert-manager.io', kind: 'Order' },
  Challenge: { group: 'acme.cert-manager.io', kind: 'Challenge' },
  ClusterSecretStore: { group: 'external-secrets.io', kind: 'ClusterSecretStore' },
  SecretStore: { group: 'external-secrets.io', kind: 'SecretStore' },
  ExternalSecret: { group: 'external-secrets.io', kind: 'ExternalSecret' },
} as const satisfies Readonly<Record<string, Kind>>;

export class Cluster extends AnyCluster {
  readonly #world: World;

  constructor(state: State, world: World) {
    super(state);
    this.#world = world;
  }

  get world(): WorldFacts {
    return this.#world.facts;
  }

  changeWorld(change: WorldChange): void {
    this.#world.change(change);
  }

  override get circumstances(): readonly unknown[] {
    return [...super.circumstances, this.world];
  }

  override watch(listener: () => void): () => void {
    const stops = [super.watch(listener), this.#world.watch(listener)];
    return () => stops.forEach((stop) => stop());
  }
}
