/** Who writes what in the homelab: the field managers of its programs. */
import type { Authors } from '../../packages/apiserver/writes/owners.ts';

export const authors: Authors = {
  groups: {
    'gateway.networking.k8s.io': 'envoy-gateway',
    'gateway.envoyproxy.io': 'envoy-gateway',
    'cert-manager.io': 'cert-manager',
    'acme.cert-manager.io': 'cert-manager',
    'external-secrets.io': 'external-secrets',
    'tailscale.com': 'operator',
    'cilium.io': 'cilium-operator-generic',
  },
  labels: {
    'app.kubernetes.io/managed-by=envoy-gateway': 'envoy-gateway',
    'tailscale.com/managed=true': 'operator',
  },
  // What a load balancer's Service gets is the operator's to say.
  statuses: { Service: 'operator' },
};
