/** Which release a kind's maker calls it, for sentences. */
import { isBuiltIn, type Release } from './kind.ts';

/** Makers that write no name of theirs into their definitions, by the end of the group. */
const makers: readonly (readonly [group: string, name: string])[] = [
  ['gateway.networking.k8s.io', 'Gateway API'],
  ['gateway.networking.x-k8s.io', 'Gateway API'],
  ['gateway.envoyproxy.io', 'Envoy Gateway'],
  ['cert-manager.io', 'cert-manager'],
  ['external-secrets.io', 'External Secrets'],
  ['tailscale.com', 'Tailscale Operator'],
  ['cilium.io', 'Cilium'],
  ['monitoring.coreos.com', 'Prometheus Operator'],
];

/** The project that a group's kinds are of. */
const makerOf = (group: string): string =>
  isBuiltIn(group) ? 'Kubernetes' : (makers.find(([end]) => group === end || group.endsWith(`.${end}`))?.[1] ?? group);

/** Whether a cluster has it, or somebody gave it as what is, or will be, installed. */
export type Origin = 'cluster' | 'given';

/** @param version As far as it is known: `v1.5.1`, and what kind of release it is: `(standard channel)`. */
export function installedRelease(group: string, origin: Origin, version = ''): Release {
  const name = `${makerOf(group)}${version === '' ? '' : ` ${version}`}`;
  if (origin === 'cluster') return { name: `${name}, as installed in the cluster`, installed: true };
  return { name: version === '' ? `${name} of the definitions given` : name, installed: true };
}
