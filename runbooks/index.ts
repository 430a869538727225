/** Every runbook, in the order in which lists show them. Each belongs to the page `content/issues/<id>.md`. */
import type { Runbook } from '../src/runbook/runbook.ts';
import { certificateNotReady } from './certificate-not-ready.ts';
import { ciliumSocketLb } from './cilium-socket-lb.ts';
import { dnsRecordMissing } from './dns-record-missing.ts';
import { gatewayNotProgrammed } from './gateway-not-programmed.ts';
import { inClusterAccess } from './in-cluster-access.ts';
import { missingSni } from './missing-sni.ts';
import { requestPath } from './request-path.ts';
import { requiredWiring } from './required-wiring.ts';
import { routeNotReachable } from './route-not-reachable.ts';
import { secretsNotSynced } from './secrets-not-synced.ts';
import { splitHorizonDns } from './split-horizon-dns.ts';

export const runbooks: readonly Runbook[] = [
  gatewayNotProgrammed,
  ciliumSocketLb,
  missingSni,
  routeNotReachable,
  certificateNotReady,
  secretsNotSynced,
  requiredWiring,
  requestPath,
  dnsRecordMissing,
  splitHorizonDns,
  inClusterAccess,
];
