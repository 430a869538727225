/** ClusterRoles that are put together from others [Kubernetes 1.36, pkg/controller/clusterroleaggregation]. */
import { selects } from '../../../src/formats/label-selector.ts';
import { same } from '../objects/same.ts';
import { list, strings } from '../objects/fields.ts';
import { kinds, type Cluster } from './cluster.ts';

export function clusterRoles(cluster: Cluster): void {
  const roles = cluster.list(kinds.ClusterRole);
  for (const { metadata } of roles) {
    // A role may be put together from one that has just been.
    const role = cluster.get(kinds.ClusterRole, undefined, metadata.name);
    const selectors = list(role, 'aggregationRule', 'clusterRoleSelectors');
    if (role === undefined || selectors.length === 0) continue;
    const rules = cluster
      .list(kinds.ClusterRole)
      .filter(
        (other) =>
          other.metadata.uid !== metadata.uid &&
          selectors.some((selector) => selects(selector, strings(other, 'metadata', 'labels'))),
      )
      .flatMap((other) => list(other, 'rules'))
      .filter((rule, index, all) => all.findIndex((other) => same(other, rule)) === index);
    cluster.replace({ ...role, rules });
  }
}
