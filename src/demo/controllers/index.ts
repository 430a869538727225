/** The demo cluster's controllers, in the order in which one's work calls for the next's. */
import { certManager } from './cert-manager/index.ts';
import type { Controller } from './cluster.ts';
import { clusterRoles } from '../../../packages/apiserver/controllers/cluster-roles.ts';
import { deployments } from '../../../packages/apiserver/controllers/deployments.ts';
import { envoyGateway } from './envoy-gateway/index.ts';
import { events } from '../../../packages/apiserver/controllers/events.ts';
import { externalDns } from './external-dns.ts';
import { externalSecrets } from './external-secrets.ts';
import { garbage } from '../../../packages/apiserver/controllers/garbage.ts';
import { containersOf } from './programs.ts';
import { git } from './git.ts';
import { jobs } from '../../../packages/apiserver/controllers/jobs.ts';
import { kubeletOf } from '../../../packages/apiserver/controllers/kubelet.ts';
import { namespaces } from '../../../packages/apiserver/controllers/namespaces.ts';
import { services } from '../../../packages/apiserver/controllers/services.ts';
import { statefulSets } from '../../../packages/apiserver/controllers/statefulsets.ts';
import { tailscaleOperator } from './tailscale/operator.ts';
import { vault } from './vault.ts';

export const controllers: readonly Controller[] = [
  namespaces,
  clusterRoles,
  jobs,
  deployments,
  statefulSets,
  kubeletOf(containersOf),
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
