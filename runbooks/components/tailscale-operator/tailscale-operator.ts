/** Tailscale Operator: makes a tailnet device of every Service of its class. [Tailscale Operator 1.92] */
import { defineCheck, refTo } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { knownOr } from '../../../src/runbook/told.ts';
import { readyOf, writes } from '../../models/external-secrets.ts';
import { deployments, externalSecrets, pods } from '../../models/reads.ts';
import { stack } from '#stack';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, missingWorkload, workloadFindings } from '../../models/workloads.ts';
import { synced } from '../external-secrets/sync.ts';

/** The operator's Deployment: the stack's, else the one of that name and image elsewhere. */
export const operatorOf = (all: readonly KubeObject<'Deployment'>[]): KubeObject<'Deployment'> | undefined =>
  all.find((deployment) =>
    isNamed(deployment, { namespace: stack.tailscaleOperator.namespace, name: stack.tailscaleOperator.deployment }),
  ) ??
  all.find((deployment) =>
    deployment.spec?.template.spec?.containers.some(({ image }) => image?.includes('tailscale/k8s-operator')),
  );

const expected = { namespace: stack.tailscaleOperator.namespace, name: stack.tailscaleOperator.deployment };

export const ready = defineCheck({
  id: 'tailscale-operator/ready',
  title: 'The Tailscale Operator is running',
  why: 'It sets up the proxy and writes the address into the Service; without it a new Service never gets one.',
  needs: [synced],
  reads: { deployments: plain(deployments), pods: raw(pods), externalSecrets: optional(externalSecrets) },
  commands: [
    sh`kubectl get deployment -n ${stack.tailscaleOperator.namespace} ${stack.tailscaleOperator.deployment}`,
    sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l app=operator --tail=200`,
  ],
  findings: {
    ...workloadFindings<{ lacksCredential: boolean }>({
      name: 'The Tailscale Operator',
      disturbs: 'Nothing: proxies that already run keep forwarding while the operator restarts.',
      // It mounts its OAuth client: without it the pod does not start, with an old one it ends at once.
      explainedBy: ({ lacksCredential }) => (lacksCredential ? [synced.id] : []),
    }),
    missing: missingWorkload({
      name: 'The Tailscale Operator',
      object: refTo('Deployment', expected),
      remedies: [
        {
          title: 'Install the operator.',
          commands: [
            sh`helm upgrade --install tailscale-operator tailscale/tailscale-operator -n ${expected.namespace} --create-namespace`,
          ],
          disturbs: 'Nothing: proxies that already run keep running.',
        },
      ],
    }),
  },
  judge({ deployments, pods, externalSecrets }, { find }) {
    const operator = operatorOf(deployments);
    if (operator === undefined) return find.missing({});
    const oauth = { namespace: operator.metadata.namespace ?? '', name: stack.tailscaleOperator.oauthSecret };
    const lacksCredential = knownOr(false, () =>
      externalSecrets.some((secret) => writes(secret, oauth) && readyOf(secret)?.status === 'False'),
    );
    return judgeWorkload(operator, pods, find, { lacksCredential });
  },
});
