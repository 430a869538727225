/** The parties that objects are to policies. Pure. */
import type { NodeParty, Party } from './traffic.ts';

interface Container {
  ports?: readonly { name?: string; containerPort: number; protocol?: string }[];
  restartPolicy?: string;
}

/** Of a Pod what policies look at. */
export interface PodLike {
  metadata: { namespace?: string; name: string; labels?: Readonly<Record<string, string>> };
  spec?: {
    containers: readonly Container[];
    initContainers?: readonly Container[];
    hostNetwork?: boolean;
    nodeName?: string;
    serviceAccountName?: string;
  };
  status?: { hostIP?: string; podIP?: string; podIPs?: readonly { ip: string }[] };
}

interface NamespaceLike {
  metadata: { name: string; labels?: Readonly<Record<string, string>> };
}

/** @param namespaces Those that were read. */
export function partyOf(pod: PodLike, namespaces: readonly NamespaceLike[]): Party {
  const { metadata, spec, status } = pod;
  if (spec?.hostNetwork === true) return hostOf(pod);
  const namespace = metadata.namespace ?? 'default';
  const found = namespaces.find((one) => one.metadata.name === namespace);
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return {
    is: 'pod',
    ...{ namespace, name: metadata.name, labels: metadata.labels ?? {} },
    namespaceLabels: found === undefined ? undefined : (found.metadata.labels ?? {}),
    addresses: status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP === undefined ? [] : [status.podIP]),
    ports: [...sidecars, ...(spec?.containers ?? [])].flatMap(({ ports }) => ports ?? []),
    serviceAccount: spec === undefined ? undefined : (spec.serviceAccountName ?? 'default'),
    node: spec?.nodeName,
  };
}

/** The node that a pod runs on: its kubelet, and whatever is on its network. */
const hostOf = ({ spec, status }: PodLike): NodeParty => ({
  is: 'node',
  name: spec?.nodeName,
  addresses: status?.hostIP === undefined ? [] : [status.hostIP],
});
