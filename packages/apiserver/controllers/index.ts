/** The controllers that every cluster has, in the order in which one's work calls for the next's. */
import type { Controller } from './cluster.ts';
import { clusterRoles } from './cluster-roles.ts';
import { dutiful, type Containers } from './containers.ts';
import { deployments } from './deployments.ts';
import { events } from './events.ts';
import { garbage } from './garbage.ts';
import { jobs } from './jobs.ts';
import { kubeletOf } from './kubelet.ts';
import { namespaces } from './namespaces.ts';
import { services } from './services.ts';
import { statefulSets } from './statefulsets.ts';

export const standardControllers = (containers: Containers = dutiful): readonly Controller[] => [
  namespaces,
  clusterRoles,
  jobs,
  deployments,
  statefulSets,
  kubeletOf(() => containers),
  services,
  garbage,
  events,
];
