/** What Envoy Gateway is told by its configuration file [Envoy Gateway 1.9, api/v1alpha1/envoygateway_types.go]. */
import { parseDocument } from 'yaml';
import { at, list, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { Settings } from '../../../gateways/world.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Process } from '../processes.ts';

/** The name by which a GatewayClass asks for Envoy Gateway, unless its configuration says another. */
const usual = 'gateway.envoyproxy.io/gatewayclass-controller';

export interface Configuration {
  /** The name by which a GatewayClass asks for this Envoy Gateway. */
  controllerName: string;
  settings: Settings;
}

export function configurationOf(cluster: Cluster, { deployment }: Process): Configuration {
  const files = list(deployment, 'spec', 'template', 'spec', 'volumes').flatMap((volume) => {
    const name = text(volume, 'configMap', 'name');
    return Object.values(strings(cluster.get(kinds.ConfigMap, deployment.metadata.namespace, name), 'data'));
  });
  const [file = ''] = files;
  // Read again only when somebody has changed it.
  const key = `configuration of ${deployment.metadata.uid}`;
  const before = cluster.memory.get(key) as { file: string; configuration: Configuration } | undefined;
  if (before?.file === file) return before.configuration;
  const read: unknown = parseDocument(file).toJS();
  const configuration = {
    controllerName: text(read, 'gateway', 'controllerName') || usual,
    settings: {
      backends: at(read, 'extensionApis', 'enableBackend') === true,
      patchPolicies: at(read, 'extensionApis', 'enableEnvoyPatchPolicy') === true,
    },
  };
  cluster.memory.set(key, { file, configuration });
  return configuration;
}
