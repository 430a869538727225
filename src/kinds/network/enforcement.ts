/** Who enforces policies, and how: what a network plug-in's settings say of all of them. */

export interface Enforcement {
  /** Cilium, or any other plug-in that enforces NetworkPolicies. */
  plugin: 'cilium' | 'other';
  /** Cilium’s `enable-policy`: what it closes without a policy (`always`), and that it enforces none (`never`). */
  mode: 'default' | 'always' | 'never';
  /** Cilium’s `policy-cidr-match-mode: nodes`: blocks of addresses take nodes, too. */
  blocksTakeNodes: boolean;
  /** Kinds of policies that it was told to leave alone. */
  ignores: readonly string[];
}

/** Any plug-in but Cilium, as far as they are alike. */
export const anyPlugin: Enforcement = { plugin: 'other', mode: 'default', blocksTakeNodes: false, ignores: [] };

type Settings = Readonly<Record<string, string>>;

/** What turns each kind of policy off, and since when it can [Cilium 1.16 to 1.18]. */
const switches: Readonly<Record<string, string>> = {
  NetworkPolicy: 'enable-k8s-networkpolicy',
  CiliumNetworkPolicy: 'enable-cilium-network-policy',
  CiliumClusterwideNetworkPolicy: 'enable-cilium-clusterwide-network-policy',
};

/** Cilium, by the keys of its ConfigMap [Cilium 1.14 to 1.18]. */
export function ciliumEnforcement(settings: Settings): Enforcement {
  const mode = settings['enable-policy'] ?? 'default';
  return {
    plugin: 'cilium',
    mode: mode === 'always' || mode === 'never' ? mode : 'default',
    blocksTakeNodes: (settings['policy-cidr-match-mode'] ?? '').split(/[ ,]+/).includes('nodes'),
    ignores: Object.entries(switches).flatMap(([kind, key]) => (settings[key] === 'false' ? [kind] : [])),
  };
}
