/** The cluster as the controller knows it: all that there is. */
import type { Cluster } from '../cluster.ts';
import { groups, type Settings, type World } from '../../../gateways/world.ts';

export const worldOf = (cluster: Cluster, settings: Settings): World => ({
  settings,
  list: (kind) => cluster.list({ group: groups[kind] ?? '', kind }),
  find: (kind, namespace, name) => cluster.get({ group: groups[kind] ?? '', kind }, namespace, name),
  mayBeGranted: () => false,
});
