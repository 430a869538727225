/** Every runbook, in the order in which lists show them. Each belongs to the page `content/issues/<id>.md`. */
import type { Runbook } from '../src/runbook/runbook.ts';
import { ciliumSocketLb } from './cilium-socket-lb.ts';
import { gatewayNotProgrammed } from './gateway-not-programmed.ts';
import { missingSni } from './missing-sni.ts';

export const runbooks: readonly Runbook[] = [gatewayNotProgrammed, ciliumSocketLb, missingSni];
