/**
 * The proxies' own part: a pod that runs registers a device on the tailnet, and writes who it is into its Secret.
 * [Tailscale 1.92: cmd/containerboot keeps its state in the Secret `<pod>`, and reads `<pod>-config`]
 */
import { fromBase64, toBase64 } from '../../../../packages/apiserver/bytes/base64.ts';
import { toText } from '../../../../packages/apiserver/bytes/utf8.ts';
import { sha256 } from '../../../../packages/apiserver/bytes/sha256.ts';
import { number, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';

export interface Device {
  /** Its name within the tailnet, such as `gateway.example.ts.net`. */
  name: string;
  ips: readonly string[];
}

/** What a Secret's data holds, decoded. */
const decoded = (secret: StoredObject | undefined, key: string): string =>
  toText(fromBase64(text(secret, 'data', key)));

export const encoded = toBase64;

/** The device that a proxy has registered, as its Secret says. */
export function deviceOf(secret: StoredObject | undefined): Device | undefined {
  // Kubernetes takes no name that ends in a dot.
  const name = decoded(secret, 'device_fqdn').replace(/\.$/, '');
  if (name === '' || text(secret, 'data', 'device_id') === '') return undefined;
  return { name, ips: stringsIn(decoded(secret, 'device_ips')) };
}

function stringsIn(json: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : [];
  } catch {
    return [];
  }
}

/** The configuration that the operator hands to a proxy. */
export const configuration = (hostname: string, authKey: string | undefined): string =>
  JSON.stringify({
    Version: 'alpha0',
    AcceptDNS: 'false',
    AcceptRoutes: 'false',
    Locked: 'false',
    Hostname: hostname,
    ...(authKey === undefined ? {} : { AuthKey: authKey }),
  });

export const configKeys = ['cap-95.hujson', 'cap-106.hujson'] as const;

/** The hostname that a proxy is told to ask for. */
function wantedName(config: StoredObject | undefined): string {
  try {
    return text(JSON.parse(decoded(config, configKeys[1])), 'Hostname');
  } catch {
    return '';
  }
}

/** Lets every proxy that runs, and is not the device that it is told to be, register. */
export function registerDevices(cluster: Cluster): void {
  const { tailnet, taken, addresses } = cluster.world.tailscale;
  const proxies = cluster
    .list(kinds.StatefulSet)
    .filter((set) => text(set, 'metadata', 'labels', 'tailscale.com/managed') === 'true');
  const secrets = proxies.map(({ metadata }) => cluster.get(kinds.Secret, metadata.namespace, `${metadata.name}-0`));
  const devices = secrets.flatMap((secret) => deviceOf(secret) ?? []);
  proxies.forEach((proxy, index) => {
    const secret = secrets[index];
    const { namespace } = proxy.metadata;
    const wanted = wantedName(cluster.get(kinds.Secret, namespace, `${proxy.metadata.name}-0-config`));
    if (secret === undefined || wanted === '' || number(proxy, 'status', 'readyReplicas') === 0) return;
    const device = deviceOf(secret);
    const label = device?.name.split('.')[0] ?? '';
    if (label === wanted || (label.startsWith(`${wanted}-`) && /^\d+$/.test(label.slice(wanted.length + 1)))) return;
    const others = devices.filter((other) => other.name !== device?.name).map(({ name }) => name.split('.')[0] ?? '');
    const name = freeName(wanted, [...taken, ...others]);
    const ips = device?.ips ?? [addresses[name] ?? addressFor(secret.metadata.uid)];
    cluster.replace({
      ...secret,
      data: {
        ...strings(secret, 'data'),
        '_current-profile': encoded('profile'),
        _machinekey: encoded('demo'),
        _profiles: encoded('demo'),
        device_fqdn: encoded(`${name}.${tailnet}.`),
        device_id: encoded(`n${secret.metadata.uid.replaceAll('-', '').slice(0, 10)}CNTRL`),
        device_ips: encoded(JSON.stringify(ips)),
        pod_uid: encoded(cluster.get(kinds.Pod, namespace, `${proxy.metadata.name}-0`)?.metadata.uid ?? ''),
      },
    });
  });
}

/** Tailscale appends a number to a name that another device holds. */
function freeName(wanted: string, taken: readonly string[]): string {
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? wanted : `${wanted}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** Where addresses for new devices come from, in Tailscale's range 100.64.0.0/10; none of the first devices has one of these. */
export const newDevices = '100.101.250.';

/** The same in every run. */
function addressFor(seed: string): string {
  const [byte = 0] = sha256(`tailnet ${seed}`);
  return `${newDevices}${1 + (byte % 254)}`;
}
