/** How Cilium translates Services, as far as the demo's objects say: what its agents run with, and what becomes of a forwarded packet. Pure. */
import { imageBase } from '../../formats/image-version.ts';
import { selects } from '../../formats/label-selector.ts';
import { at, list, number, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import { ofKind, type StoredObject } from '../../../packages/apiserver/objects/object.ts';

/**
 * Whether Cilium translates the ClusterIP in packets that the Tailscale proxy forwards. It does not while socket load
 * balancing covers pods, unless something compiles per-packet load balancing back in.
 */
export function forwards(objects: readonly StoredObject[]): boolean {
  const settings = ciliumSettings(objects);
  if (settings === undefined) return true;
  const { on, socketLb } = translation(settings);
  // Where Cilium leaves Services to a kube-proxy that does not run, nobody translates a ClusterIP.
  if (!on('kube-proxy-replacement') && !hasKubeProxy(objects)) return false;
  const perPacket = ['enable-envoy-config', 'enable-gateway-api', 'enable-ingress-controller', 'enable-sctp'].some(on);
  return !socketLb || on(hostNamespaceOnly) || perPacket;
}

type Settings = ReadonlyMap<string, string>;

interface Translation {
  on: (key: string) => boolean;
  /** Whether sockets connect to backends at once: kube-proxy replacement turns it on, whatever else is set. */
  socketLb: boolean;
}

/** What agents make of their settings. */
export function translation(settings: Settings): Translation {
  const on = (key: string): boolean => settings.get(key) === 'true';
  return { on, socketLb: on('kube-proxy-replacement') || on('bpf-lb-sock') };
}

const hasKubeProxy = (objects: readonly StoredObject[]): boolean =>
  ofKind(objects, 'apps', 'DaemonSet').some(
    (set) => set.metadata.name === 'kube-proxy' && number(set, 'status', 'numberReady') > 0,
  );

export const hostNamespaceOnly = 'bpf-lb-sock-hostns-only';

/** What the agents run with: their ConfigMap, and what a CiliumNodeConfig says instead for a node. Undefined without Cilium. */
export function ciliumSettings(objects: readonly StoredObject[]): Settings | undefined {
  const agents = ofKind(objects, 'apps', 'DaemonSet').find((set) =>
    list(set, 'spec', 'template', 'spec', 'containers').some((one) => imageBase(text(one, 'image')) === 'cilium'),
  );
  const files = list(agents, 'spec', 'template', 'spec', 'volumes').map((volume) => text(volume, 'configMap', 'name'));
  const config = ofKind(objects, '', 'ConfigMap').find(
    ({ metadata }) => metadata.namespace === agents?.metadata.namespace && files.includes(metadata.name),
  );
  if (config === undefined) return undefined;
  const nodes = ofKind(objects, '', 'Node').map((node) => strings(node, 'metadata', 'labels'));
  const overrides = ofKind(objects, 'cilium.io', 'CiliumNodeConfig').filter((override) => {
    const selector = at(override, 'spec', 'nodeSelector') ?? {};
    return nodes.some((labels) => selects(selector, labels));
  });
  const settings = new Map(
    [strings(config, 'data'), ...overrides.map((override) => strings(override, 'spec', 'defaults'))].flatMap(
      Object.entries,
    ),
  );
  // A cure that the agents have not read, for want of a restart, cures nothing.
  if (!isRead(objects, config, hostNamespaceOnly)) settings.delete(hostNamespaceOnly);
  return settings;
}

/** Whether every agent started after a key of its ConfigMap was last written, as far as the objects say. */
function isRead(objects: readonly StoredObject[], config: StoredObject, key: string): boolean {
  const written = list(config, 'metadata', 'managedFields')
    .filter((entry) => at(entry, 'fieldsV1', 'f:data', `f:${key}`) !== undefined)
    .map((entry) => text(entry, 'time'));
  return ofKind(objects, '', 'Pod')
    .filter((pod) => text(pod, 'metadata', 'labels', 'k8s-app') === 'cilium')
    .flatMap((pod) => list(pod, 'status', 'containerStatuses'))
    .map((status) => text(status, 'state', 'running', 'startedAt'))
    .every((started) => started === '' || written.every((time) => time <= started));
}
