/** What Envoy Gateway makes for a Gateway in its own namespace: a Service, an Envoy, and what Envoy needs to start. */
import { hasLabels } from '../../../formats/label-selector.ts';
import { at, list, strings, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject, StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import type { Kind } from '../../../../packages/apiserver/state/kind.ts';
import { apply } from '../apply.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { JudgedGateway } from '../../../gateways/gateway.ts';
import { isProgrammed } from '../../../gateways/listener.ts';
import { placeOf, type Resource } from '../../../gateways/world.ts';
import { deploymentSpec, managed, managedName, ownerName, ownerNamespace, picked, type Port, sds } from './managed.ts';

export interface Infrastructure {
  service: StoredObject | undefined;
  deployment: StoredObject | undefined;
}

/** Where the controller runs. */
export interface Home {
  namespace: string;
  deployment: string;
}

/** Makes and keeps what the Gateways need, and takes away what belongs to none of them. By the key of the Gateway. */
export function keepInfrastructure(
  cluster: Cluster,
  home: Home,
  judged: readonly JudgedGateway[],
): ReadonlyMap<string, Infrastructure> {
  const isOurs = (object: StoredObject): boolean => hasLabels(strings(object, 'metadata', 'labels'), managed);
  const wanted = new Set(judged.map(({ gateway }) => placeOf(gateway)));
  for (const kind of [kinds.Service, kinds.Deployment, kinds.ConfigMap, kinds.ServiceAccount]) {
    cluster
      .list(kind, home.namespace)
      .filter((object) => isOurs(object) && !wanted.has(ownerOf(object)))
      .forEach((object) => cluster.remove(object));
  }
  return new Map(judged.map((one) => [placeOf(one.gateway), keepOne(cluster, home, one)]));
}

const ownerOf = ({ metadata }: StoredObject): string =>
  `${text(metadata, 'labels', ownerNamespace)}/${text(metadata, 'labels', ownerName)}`;

/** Envoy runs unprivileged: ports below 1024 are shifted. */
const containerPort = (port: number, envoyProxy: Resource | undefined): number =>
  port < 1024 && at(envoyProxy, 'spec', 'provider', 'kubernetes', 'useListenerPortAsContainerPort') !== true
    ? port + 10_000
    : port;

function portsOf({ listeners, envoyProxy }: JudgedGateway): readonly Port[] {
  const byNumber = new Map(
    listeners.filter(isProgrammed).map(({ port, protocol }): [string, Port] => {
      const transport = protocol === 'UDP' ? 'UDP' : 'TCP';
      const name = `${protocol.toLowerCase()}-${port}`;
      return [
        `${transport} ${port}`,
        { name, protocol: transport, port, containerPort: containerPort(port, envoyProxy) },
      ];
    }),
  );
  return [...byNumber.values()].sort((a, b) => a.port - b.port);
}

function keepOne(cluster: Cluster, { namespace, deployment }: Home, one: JudgedGateway): Infrastructure {
  const { gateway, envoyProxy, isMade } = one;
  const { name: gatewayName, namespace: gatewayNamespace = '' } = gateway.metadata;
  const name = managedName(gatewayNamespace, gatewayName);
  const ports = portsOf(one);
  // Without a valid listener, or with parameters of its own that are wrong, there is nothing to ask for; what runs goes on running.
  if (ports.length === 0 || !isMade) {
    return {
      service: cluster.get(kinds.Service, namespace, name),
      deployment: cluster.get(kinds.Deployment, namespace, name),
    };
  }
  const selector = { ...managed, [ownerName]: gatewayName, [ownerNamespace]: gatewayNamespace };
  const labels = { ...strings(gateway, 'spec', 'infrastructure', 'labels'), ...selector };
  const annotations = strings(gateway, 'spec', 'infrastructure', 'annotations');
  const metadata = { namespace, name, labels };
  const kubernetes = at(envoyProxy, 'spec', 'provider', 'kubernetes');
  const make = (kind: Kind, apiVersion: string, content: Fields): StoredObject =>
    apply(cluster, kind, { apiVersion, kind: kind.kind, metadata, ...content });
  make(kinds.ServiceAccount, 'v1', {});
  make(kinds.ConfigMap, 'v1', { data: sds });
  return {
    deployment: apply(
      cluster,
      kinds.Deployment,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: withAnnotations(metadata, annotations),
        spec: deploymentSpec({
          namespace,
          gateway: `${gatewayNamespace}/${gatewayName}`,
          name,
          selector,
          labels,
          options: at(kubernetes, 'envoyDeployment'),
          ports,
          managerImage: imageOf(cluster.get(kinds.Deployment, namespace, deployment)),
        }),
      },
      { defaults: { spec: { replicas: 1 } } },
    ),
    service: apply(
      cluster,
      kinds.Service,
      serviceOf(metadata, selector, annotations, at(kubernetes, 'envoyService'), ports),
      {
        isAllowed: keepsItsClass,
        defaults: { spec: { internalTrafficPolicy: 'Cluster' }, status: { loadBalancer: {} } },
      },
    ),
  };
}

/** Without a controller's Deployment nobody would be here; its image is what the shutdown manager runs. */
const imageOf = (deployment: StoredObject | undefined): string =>
  text(list(deployment, 'spec', 'template', 'spec', 'containers')[0], 'image');

/** While a Service is a LoadBalancer its class cannot be changed, set or taken away [Kubernetes 1.24 and later]. */
const keepsItsClass = (old: StoredObject, fresh: StoredObject): boolean =>
  text(old, 'spec', 'type') !== 'LoadBalancer' ||
  text(fresh, 'spec', 'type') !== 'LoadBalancer' ||
  text(old, 'spec', 'loadBalancerClass') === text(fresh, 'spec', 'loadBalancerClass');

const withAnnotations = (
  metadata: KubernetesObject['metadata'],
  annotations: Readonly<Record<string, string>>,
): KubernetesObject['metadata'] => (Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations });

function serviceOf(
  metadata: KubernetesObject['metadata'],
  selector: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
  options: unknown,
  ports: readonly Port[],
): KubernetesObject {
  const type = text(options, 'type') || 'LoadBalancer';
  const policy = text(options, 'externalTrafficPolicy') || 'Local';
  const taken = ['loadBalancerClass', 'allocateLoadBalancerNodePorts', 'loadBalancerIP', 'loadBalancerSourceRanges'];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: withAnnotations(
      { ...metadata, labels: { ...strings(options, 'labels'), ...strings(metadata, 'labels') } },
      { ...annotations, ...strings(options, 'annotations') },
    ),
    spec: {
      type,
      ...(type === 'ClusterIP' ? {} : { externalTrafficPolicy: policy }),
      ...(type === 'LoadBalancer' ? picked(options, taken) : {}),
      sessionAffinity: 'None',
      selector,
      ports: ports.map(({ name, protocol, port, containerPort: targetPort }) => ({ name, protocol, port, targetPort })),
    },
  };
}
