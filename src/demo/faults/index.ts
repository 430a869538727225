/** Everything that can go wrong with a stack's demo cluster. */
import type { Fault, FaultOf, Healthy } from '../fault.ts';
import { appFaults } from './apps.ts';
import { certificateFaults } from './certificates.ts';
import { gatewayFaults } from './gateway.ts';
import { inClusterFaults } from './in-cluster.ts';
import { nameFaults } from './names.ts';
import { policyFaults } from './policies.ts';
import { tailscaleFaults } from './tailscale.ts';

const all: readonly FaultOf[] = [
  ...gatewayFaults,
  ...tailscaleFaults,
  ...certificateFaults,
  ...inClusterFaults,
  ...nameFaults,
  ...appFaults,
  ...policyFaults,
];

/** The faults that a stack can have, by id. */
export const faultsOf = (healthy: Healthy): readonly Fault[] =>
  all.flatMap((faultOf) => faultOf(healthy) ?? []).toSorted((one, other) => (one.id < other.id ? -1 : 1));
