/** `cilium-dbg` as far as the handbook asks for it: its `status`, of what the agents run with [Cilium 1.18, pkg/client/client.go]. */
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { ciliumSettings, hostNamespaceOnly, translation } from '../network/cilium.ts';

/** What it prints, and on which stream. */
interface Printed {
  stdout: string;
  stderr: string;
  exitCode: number;
}

const refused = (stderr: string): Printed => ({ stdout: '', stderr, exitCode: 1 });

/** @param image Of the agent's container, whose tag is its version. */
export function ciliumCommand(
  args: readonly string[],
  objects: readonly StoredObject[],
  { image, node }: { image: string; node: string },
): Printed {
  const [command = '', ...flags] = args;
  if (command !== 'status') return refused(`cilium-dbg: the demo cluster knows of its commands "status" alone\n`);
  const unknown = flags.find((flag) => flag !== '--verbose');
  if (unknown !== undefined) return refused(`Error: unknown flag: ${unknown}\n`);
  const settings = ciliumSettings(objects) ?? new Map<string, string>();
  const { on, socketLb } = translation(settings);
  const replaces = on('kube-proxy-replacement');
  const version = image.replace(/@.*$/, '').replace(/^.*:v?/, '');
  const rows: readonly (readonly [string, string])[] = [
    ['KVStore', 'Disabled'],
    ['Kubernetes', 'Ok'],
    ['KubeProxyReplacement', `${title(replaces)}   [eth0   ${node} (Direct Routing)]`],
    ['Cilium', `Ok   ${version}`],
    ['IPAM', `IPv4 from ${settings.get('cluster-pool-ipv4-cidr') ?? 'the pool'}`],
    ['Routing', `Network: Tunnel [${settings.get('tunnel-protocol') ?? 'vxlan'}]   Host: Legacy`],
    ['Controller Status', 'healthy'],
  ];
  const details: readonly (readonly [string, string])[] = [
    ['Status', title(replaces)],
    ['Socket LB', socketLb ? 'Enabled' : 'Disabled'],
    ['Socket LB Tracing', socketLb ? 'Enabled' : 'Disabled'],
    ...(socketLb ? [['Socket LB Coverage', on(hostNamespaceOnly) ? 'Hostns-only' : 'Full'] as const] : []),
    ['Devices', `eth0   ${node} (Direct Routing)`],
    ['Mode', 'SNAT'],
  ];
  const more = ['KubeProxyReplacement Details:', ...details.map(([name, value]) => `  ${aligned(name, 20)}${value}`)];
  const lines = [...rows.map(([name, value]) => aligned(name, 24) + value), ...(flags.length > 0 ? more : [])];
  return { stdout: lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode: 0 };
}

const title = (is: boolean): string => (is ? 'True' : 'False');

const aligned = (name: string, width: number): string => `${name}:`.padEnd(width + 1);
