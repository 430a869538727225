/** Where a Tailscale proxy sends its packets: the ClusterIP that it was started with. [Tailscale Operator 1.92: env TS_DEST_IP] */
import { refOf, type Evidence } from '../../src/runbook/check.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';

type Proxy = KubeObject<'StatefulSet'>;
type Service = KubeObject<'Service'>;

/** A proxy with the address that it forwards to. */
export interface Forwarding {
  service: Service;
  proxy: Proxy;
  target: string;
}

/** The address that a proxy forwards to; undefined where it names none. */
export const targetOf = ({ spec }: Proxy): string | undefined =>
  spec?.template.spec?.containers.flatMap(({ env = [] }) => env).find((variable) => variable.name === 'TS_DEST_IP')
    ?.value;

export const clusterIpsOf = ({ spec }: Service): readonly string[] => spec?.clusterIPs ?? [spec?.clusterIP ?? ''];

/** What a proxy shows that forwards to another address than its Service's. */
export const forwardingEvidence = ({ service, proxy, target }: Forwarding): Evidence => ({
  object: refOf(proxy),
  path: 'spec.template.spec.containers[*].env[?(@.name=="TS_DEST_IP")].value',
  observed: target,
  expected: clusterIpsOf(service)[0],
});
