/** The demo cluster's controllers, in the order in which one's work calls for the next's. */
import type { Controller } from './cluster.ts';
import { deployments } from './deployments.ts';
import { garbage } from './garbage.ts';
import { jobs } from './jobs.ts';
import { kubelet } from './kubelet.ts';
import { services } from './services.ts';
import { statefulSets } from './statefulsets.ts';

export const controllers: readonly Controller[] = [jobs, deployments, statefulSets, kubelet, services, garbage];
