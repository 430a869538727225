/**
 * Envoy Gateway: makes an Envoy of every Gateway of its classes, and says of Gateways and routes what became of them.
 * [Envoy Gateway 1.9: internal/provider/kubernetes, internal/gatewayapi, internal/infrastructure]
 */
import { text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { processesOf, runs, stillMisses } from '../process.ts';
import { processOf } from '../processes.ts';
import { controllerNameOf } from './configuration.ts';
import { judgeClasses, type ManagedClass } from './classes.ts';
import { parametersOfGateway, writeGatewayStatus } from './gateways.ts';
import type { JudgedGateway } from './judged.ts';
import { judgeListeners } from './listeners.ts';
import { keepInfrastructure, type Home, type Infrastructure } from './infrastructure.ts';
import { judgeRoutes } from './routes.ts';

export function envoyGateway(cluster: Cluster): void {
  const process = processOf(cluster, /envoyproxy\/gateway(?:[:@]|$)/, ['shutdown-manager']);
  if (process === undefined) return;
  const { namespace = '', name: deployment } = process.deployment.metadata;
  const home = { namespace, deployment };
  const controllerName = controllerNameOf(cluster, process);
  if (!runs(cluster, namespace, deployment)) return;
  forgetOnRestart(cluster, home);
  const gateways = cluster.list(kinds.Gateway);
  const classes = judgeClasses(cluster, controllerName, gateways);
  const judged = gateways.flatMap((gateway): readonly JudgedGateway[] => {
    const gatewayClass = classes.get(text(gateway, 'spec', 'gatewayClassName'));
    return gatewayClass === undefined ? [] : [judge(cluster, gateway, gatewayClass)];
  });
  judgeRoutes(cluster, controllerName, judged);
  const infrastructure = keepInfrastructure(cluster, home, judged);
  judged.forEach((one) =>
    writeGatewayStatus(cluster, one, infrastructure.get(one.key) ?? nothing, cluster.world.missedAddress),
  );
}

const nothing: Infrastructure = { service: undefined, deployment: undefined };

function judge(cluster: Cluster, gateway: StoredObject, gatewayClass: ManagedClass): JudgedGateway {
  return {
    key: `${gateway.metadata.namespace ?? ''}/${gateway.metadata.name}`,
    gateway,
    ...parametersOfGateway(cluster, gateway, gatewayClass),
    listeners: judgeListeners(cluster, gateway),
  };
}

/** What the process missed, the next one sees; and an Envoy that starts asks for the certificate of today. */
function forgetOnRestart(cluster: Cluster, { namespace, deployment }: Home): void {
  const running = processesOf(cluster, namespace, deployment);
  if (cluster.world.missedAddress && !stillMisses(cluster, 'address', running)) {
    cluster.changeWorld({ missedAddress: false });
  }
  if (cluster.world.servedCertificate === null) return;
  const envoys = cluster
    .list(kinds.Deployment, namespace)
    .filter((one) => text(one, 'metadata', 'labels', 'app.kubernetes.io/managed-by') === 'envoy-gateway')
    .map((one) => processesOf(cluster, namespace, one.metadata.name));
  if (!stillMisses(cluster, 'certificate', [running, ...envoys].join('; '))) {
    cluster.changeWorld({ servedCertificate: null });
  }
}
