/** Where things are in the demo's networks: made-up addresses of the ranges that a homelab has. */

/** Tailnet addresses [Tailscale: 100.64.0.0/10], of the Gateway's device and of the resolver's. */
export const tailnetAddress = { gateway: '100.101.102.103', resolver: '100.101.102.53' } as const;

/** ClusterIPs [kubeadm: 10.96.0.0/12]. */
export const clusterIp = { gateway: '10.110.42.17', internal: '10.98.77.20', resolver: '10.101.53.53' } as const;
