/** The demo cluster's controllers, in the order in which one's work calls for the next's. */
import type { Controller } from './cluster.ts';

export const controllers: readonly Controller[] = [];
