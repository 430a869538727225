/** Which ports a rule is about. Pure. */
import type { Party, Protocol, Traffic } from './traffic.ts';

/** A port as a rule names it; without one, every port of the protocol. */
export interface RulePort {
  /** `ANY`, where Cilium means each. */
  protocol: Protocol | 'ANY';
  port: number | string | undefined;
  endPort: number | undefined;
}

/** Whether a rule's port takes traffic. Names are those that the containers of the pod that is reached give their ports. */
export function takesPort({ protocol, port, endPort }: RulePort, traffic: Traffic): boolean {
  if (protocol !== 'ANY' && protocol !== traffic.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'string') return isNamed(traffic.to, port, traffic);
  return traffic.port >= port && traffic.port <= Math.max(port, endPort ?? port);
}

const isNamed = (to: Party, name: string, traffic: Traffic): boolean =>
  to.is === 'pod' &&
  to.ports.some(
    (one) => one.name === name && one.containerPort === traffic.port && (one.protocol ?? 'TCP') === traffic.protocol,
  );
