/** What helps where cert-manager itself is to look again, or to tell what it makes of things. */
import type { Remedy } from '../../../src/runbook/check.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { stack } from '#stack';

export const readLog: Remedy = {
  title: 'Read cert-manager’s log.',
  commands: [sh`kubectl logs -n ${stack.certManager.namespace} deployment/${stack.certManager.deployment} --tail=200`],
  disturbs: 'Nothing: reading only.',
};

export const rollout = sh`kubectl rollout restart deployment -n ${stack.certManager.namespace} ${stack.certManager.deployment}`;

export const restart: Remedy = {
  title: 'Restart cert-manager: it looks at everything again.',
  commands: [rollout],
  disturbs: 'Nothing: certificates that are there are served as before.',
};

/** Writes a token into the Secret that somebody keeps by hand; the command reads it from standard input. */
export const writeToken = ({ namespace, name }: { namespace: string; name: string }, key = 'api-token'): Shell =>
  sh`kubectl create secret generic -n ${namespace} ${name} --from-file=${key}=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -`;
