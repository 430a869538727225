/** What every check of a Gateway has in common: which Gateways there are, who speaks of them, and where to look. */
import { skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';

import { stack } from '#stack';
import { tailnetGateways, type ResolvedGateway } from '../../models/topology.ts';

export type Gateway = KubeObject<'Gateway'>;

export const showGateway = sh`kubectl get gateway ${place(stack.gateway)}`;
const none = 'There is no Gateway to look at.';

export const by = 'Envoy Gateway, in the Gateway’s status';

/** Judges each Gateway of the tailnet by itself. */
export function eachGateway(
  values: Parameters<typeof tailnetGateways>[0],
  judge: (found: ResolvedGateway) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  const found = tailnetGateways(values);
  return isNone(found) ? skip(none) : eachOf(found, judge);
}
