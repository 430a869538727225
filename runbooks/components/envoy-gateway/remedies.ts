/** What helps where Envoy Gateway itself is to look again, or to tell what it makes of things: reading first, for a restart loses its log. */
import type { Remedy } from '../../../src/runbook/check.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { stack } from '#stack';

const { namespace, deployment } = stack.envoyGateway;

/** @param of What the log is read for: `the Gateway`. */
export const readLog = (of: string): Remedy => ({
  title: `Read Envoy Gateway’s log: it says what it makes of ${of}.`,
  commands: [sh`kubectl logs -n ${namespace} -l control-plane=envoy-gateway --tail=200`],
  disturbs: 'Nothing: reading only.',
});

export const restart: Remedy = {
  title: 'Restart Envoy Gateway: it looks at everything again.',
  commands: [sh`kubectl rollout restart deployment -n ${namespace} ${deployment}`],
  disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
};

export const lookAgain = (of: string): readonly [Remedy, Remedy] => [readLog(of), restart];
