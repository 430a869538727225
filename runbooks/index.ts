/** Every runbook, in the order in which lists show them. Each belongs to the page `content/issues/<id>.md`. */
import type { Runbook } from '../src/runbook/runbook.ts';
import { certificateNotReady } from './issues/certificate-not-ready.ts';
import { ciliumSocketLb } from './issues/cilium-socket-lb.ts';
import { dnsRecordMissing } from './issues/dns-record-missing.ts';
import { gatewayNotProgrammed } from './issues/gateway-not-programmed.ts';
import { inClusterAccess } from './issues/in-cluster-access.ts';
import { missingSni } from './issues/missing-sni.ts';
import { requestPath } from './issues/request-path.ts';
import { requiredWiring } from './issues/required-wiring.ts';
import { routeNotReachable } from './issues/route-not-reachable.ts';
import { secretsNotSynced } from './issues/secrets-not-synced.ts';
import { splitHorizonDns } from './issues/split-horizon-dns.ts';
import { present } from './present.ts';

const all: readonly Runbook[] = [
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

export const runbooks = present(all);
