/** The demo cluster's controllers, in the order in which one's work calls for the next's. */
import { certManager } from './cert-manager/index.ts';
import type { Controller } from './cluster.ts';
import { clusterRoles } from './cluster-roles.ts';
import { deployments } from './deployments.ts';
import { envoyGateway } from './envoy-gateway/index.ts';
import { events } from './events.ts';
import { externalDns } from './external-dns.ts';
import { externalSecrets } from './external-secrets.ts';
import { garbage } from './garbage.ts';
import { git } from './git.ts';
import { jobs } from './jobs.ts';
import { kubelet } from './kubelet.ts';
import { namespaces } from './namespaces.ts';
import { services } from './services.ts';
import { statefulSets } from './statefulsets.ts';
import { tailscaleOperator } from './tailscale/operator.ts';
import { vault } from './vault.ts';

export const controllers: readonly Controller[] = [
  namespaces,
  clusterRoles,
  jobs,
  deployments,
  statefulSets,
  kubelet,
  services,
  envoyGateway,
  tailscaleOperator,
  externalDns,
  git,
  vault,
  externalSecrets,
  certManager,
  garbage,
  events,
];
