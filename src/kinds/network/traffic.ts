/** Who talks to whom, as policies see them. */
import type { Labels } from '../../formats/label-selector.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type Direction = 'ingress' | 'egress';

/** A pod with an address of its own. One on the host's network is a node to policies: `NodeParty`. */
export interface PodParty {
  is: 'pod';
  namespace: string;
  name: string;
  labels: Labels;
  /** Those of its namespace; undefined where the namespace was not read, so that only its name is known. */
  namespaceLabels: Labels | undefined;
  addresses: readonly string[];
  ports: readonly { name?: string; containerPort: number; protocol?: string }[];
  serviceAccount: string | undefined;
  /** Name of the node that it runs on, where that is known. */
  node: string | undefined;
}

/** A node: its kubelet, whatever runs on its own network, an API server there. */
export interface NodeParty {
  is: 'node';
  /** Its name; undefined where it is not known which node it is. */
  name: string | undefined;
  addresses: readonly string[];
  isApiServer?: boolean;
}

/** Whatever is not in the cluster. */
export interface OutsideParty {
  is: 'outside';
  /** Its address; undefined for what has a public address that no object tells. */
  address?: string;
  /** The DNS name that it is asked by. */
  name?: string;
  isApiServer?: boolean;
}

export type Party = PodParty | NodeParty | OutsideParty;

/** A connection, or a datagram, by the port where it arrives: a pod's, not a Service's. */
export interface Traffic {
  from: Party;
  to: Party;
  protocol: Protocol;
  port: number;
}

/** The one of a direction that policies let in or out, and the other. */
export const endsOf = ({ from, to }: Traffic, direction: Direction): { own: Party; peer: Party } =>
  direction === 'ingress' ? { own: to, peer: from } : { own: from, peer: to };

/** Whether a pod runs on a node; undefined where one of them does not say. */
export const runsOn = (pod: PodParty, node: NodeParty): boolean | undefined =>
  pod.node === undefined || node.name === undefined ? undefined : pod.node === node.name;
