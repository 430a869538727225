/** What Envoy Gateway is told by its configuration file [Envoy Gateway 1.9, api/v1alpha1/envoygateway_types.go]. */
import { parseDocument } from 'yaml';
import { list, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Process } from '../processes.ts';

/** The name by which a GatewayClass asks for Envoy Gateway, unless its configuration says another. */
const usual = 'gateway.envoyproxy.io/gatewayclass-controller';

/** The name by which a GatewayClass asks for this Envoy Gateway. */
export function controllerNameOf(cluster: Cluster, { deployment }: Process): string {
  const files = list(deployment, 'spec', 'template', 'spec', 'volumes').flatMap((volume) => {
    const name = text(volume, 'configMap', 'name');
    return Object.values(strings(cluster.get(kinds.ConfigMap, deployment.metadata.namespace, name), 'data'));
  });
  const [file = ''] = files;
  // Read again only when somebody has changed it.
  const key = `configuration of ${deployment.metadata.uid}`;
  const before = cluster.memory.get(key) as { file: string; name: string } | undefined;
  if (before?.file === file) return before.name;
  const name = text(parseDocument(file).toJS(), 'gateway', 'controllerName') || usual;
  cluster.memory.set(key, { file, name });
  return name;
}
