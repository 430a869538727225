/**
 * Envoy Gateway: makes an Envoy of every Gateway of its classes, and says of Gateways and routes what became of them.
 * [Envoy Gateway 1.9: internal/provider/kubernetes, internal/gatewayapi, internal/infrastructure]
 */
import { text } from '../../../../packages/apiserver/objects/fields.ts';
import { translate } from '../../../gateways/translate.ts';
import { placeOf } from '../../../gateways/world.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { processesOf, runs, stillMisses } from '../process.ts';
import { processOf } from '../processes.ts';
import { configurationOf } from './configuration.ts';
import { judgeClasses } from './classes.ts';
import { givenGateway, writeGatewayStatus } from './gateways.ts';
import { keepInfrastructure, type Home, type Infrastructure } from './infrastructure.ts';
import { worldOf } from './known.ts';
import { writeAncestors, writeBackends, writeRoute, writeSet } from './statuses.ts';

export function envoyGateway(cluster: Cluster): void {
  const process = processOf(cluster, /envoyproxy\/gateway(?:[:@]|$)/, ['shutdown-manager']);
  if (process === undefined) return;
  const { namespace = '', name: deployment } = process.deployment.metadata;
  const home = { namespace, deployment };
  const { controllerName, settings } = configurationOf(cluster, process);
  if (!runs(cluster, namespace, deployment)) return;
  forgetOnRestart(cluster, home);
  const gateways = cluster.list(kinds.Gateway);
  const classes = judgeClasses(cluster, controllerName, gateways);
  const given = gateways.flatMap((gateway) => {
    const gatewayClass = classes.get(text(gateway, 'spec', 'gatewayClassName'));
    return gatewayClass === undefined ? [] : [givenGateway(cluster, gateway, gatewayClass)];
  });
  const said = translate(worldOf(cluster, settings), given);
  for (const route of said.routes) writeRoute(cluster, controllerName, route);
  for (const set of said.sets) writeSet(cluster, set);
  writeAncestors(cluster, controllerName, said.policies);
  writeAncestors(cluster, controllerName, new Map([...classProxies(classes), ...said.proxies]));
  writeBackends(cluster, said.backends);
  const infrastructure = keepInfrastructure(cluster, home, said.gateways);
  for (const one of said.gateways) {
    const made = infrastructure.get(placeOf(one.gateway)) ?? nothing;
    writeGatewayStatus(cluster, one, made, cluster.world.missedAddress);
  }
}

const nothing: Infrastructure = { service: undefined, deployment: undefined };

const classProxies = (classes: ReturnType<typeof judgeClasses>) =>
  [...classes.values()].flatMap(({ envoyProxy, proxyAncestor }) =>
    envoyProxy === undefined || proxyAncestor === undefined ? [] : [[envoyProxy, [proxyAncestor]] as const],
  );

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
