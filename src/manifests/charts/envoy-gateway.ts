/**
 * What Envoy Gateway's chart makes of `config.envoyGateway`: the ConfigMap that the controller reads [charts/gateway-helm 1.3 to 1.9.0-rc.1,
 * templates/envoy-gateway-config.yaml: the values are laid over the chart's own, in which every extension API is off].
 */
import { fieldsOf, valueAt, type Fields } from '../fields.ts';
import type { Manifest } from '../manifest.ts';
import type { Part } from './layers.ts';
import type { Release } from './release.ts';

export const envoyGatewayChart = 'gateway-helm';

/** What the controller's ConfigMap is called, and the key in it. */
export const envoyGatewayConfig = { name: 'envoy-gateway-config', key: 'envoy-gateway.yaml' } as const;

export function configOfChart({ at, path, namespace }: Release, values: Fields, parts: readonly Part[]): Manifest {
  const within = ['config', 'envoyGateway'];
  const saying = parts.findLast((part) => valueAt(part.values, within) !== undefined)?.at;
  return {
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: envoyGatewayConfig.name, ...(namespace === undefined ? {} : { namespace }) },
      ...{ data: { [envoyGatewayConfig.key]: JSON.stringify(fieldsOf(valueAt(values, within))) } },
    },
    file: saying?.file ?? at.file,
    place: () => saying?.place(within) ?? at.place(path),
  };
}
