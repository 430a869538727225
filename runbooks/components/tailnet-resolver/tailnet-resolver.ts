/** Tailnet resolver: the CoreDNS that answers tailnet clients for the domain. [CoreDNS 1.12 and 1.13] */
import { defineCheck } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { pods } from '../../models/reads.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import { partNames } from '../../parts.ts';
import { loadsCorefile } from './corefile.ts';
import { absent, reads, whereInstalled } from './resolver.ts';

export { holdsAddress } from './answers.ts';
export { loadsCorefile, reloads, rulesCanMatch } from './corefile.ts';
export { hasEndpoints } from './endpoints.ts';
export { keepsEveryType } from './leaks.ts';
export { proxyForwards } from './proxy.ts';
export { isExposed } from './service.ts';
export { updaterSucceeds } from './updater-runs.ts';
export { updaterIsScheduled } from './updater.ts';

const { namespace, name } = partNames.tailnetResolver;

export const ready = defineCheck({
  id: 'tailnet-resolver/ready',
  title: 'The tailnet resolver is running',
  why: 'The tailnet sends every question for the domain to it; without it no hostname resolves there, whatever public DNS says.',
  needs: [loadsCorefile],
  reads: { ...reads, pods: raw(pods) },
  commands: [sh`kubectl get deployment,pod -n ${namespace}`],
  findings: {
    ...workloadFindings({
      name: 'The tailnet resolver',
      disturbs: 'Name resolution of the domain on the tailnet, until it is back.',
    }),
    missing: finding<{ config: KubeObject<'ConfigMap'> | undefined }>({
      headline: 'The tailnet resolver has no Deployment',
      means:
        'Other objects of the resolver are there, and nothing runs it, under the name that runbooks/stack.ts gives.',
      message: ({ config }) =>
        `There is no Deployment ${namespace}/${name} to answer for the tailnet, though its ${config === undefined ? 'Service' : 'configuration'} is there.`,
      evidence: () => [absent('Deployment', { namespace, name })],
      remedies: () => [
        {
          title: 'Create it again from Git.',
          commands: [sh`kubectl apply -k infrastructure/tailscale-dns`],
          disturbs: 'Nothing that works now.',
        },
        {
          title: 'If it has another name, correct that in runbooks/stack.ts.',
          commands: [sh`kubectl get deployment -A`],
          disturbs: 'Nothing.',
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    whereInstalled(values, (found) =>
      found.deployment === undefined
        ? find.missing({ config: found.config })
        : judgeWorkload(found.deployment, values.pods, find, {}),
    ),
});
