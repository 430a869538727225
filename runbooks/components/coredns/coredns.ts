/** CoreDNS: whether it runs, with the Corefile that it is given. [CoreDNS 1.12 and 1.13] */
import { defineCheck, nameOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { foundOr } from '../../../src/runbook/told.ts';
import {
  inCorefile,
  judgePatterns,
  judgeUpstreams,
  patternFindings,
  upstreamFindings,
} from '../../models/corefile-rules.ts';
import { corefile, daemonSets, deployments, pods } from '../../models/reads.ts';
import { isNamed } from '../../models/topology.ts';
import { daemonSetFindings, judgeWorkload } from '../../models/workloads.ts';
import { stack } from '#stack';
import { edit, fromGit, ofCorefile, showCorefile, type ConfigMap } from './corefile.ts';

const { namespace, deployment } = stack.coredns;

export const loadsCorefile = defineCheck({
  id: 'coredns/loads-its-corefile',
  title: 'CoreDNS can load its Corefile',
  why: 'A fault in it is refused as a whole: running pods keep the old one, restarted ones do not come up.',
  reads: { corefile: plain(corefile), deployments: raw(deployments) },
  commands: [showCorefile, sh`kubectl logs -n ${namespace} -l k8s-app=kube-dns --tail=50`],
  findings: {
    refused: finding<{ config: ConfigMap; faults: readonly string[] }>({
      headline: 'CoreDNS refuses the Corefile of {config}',
      means: 'CoreDNS cannot make sense of the Corefile: a block is left open, say, or two blocks claim one zone.',
      message: ({ config, faults }) =>
        `CoreDNS refuses the Corefile of ConfigMap ${nameOf(config)}: ${faults.join(' ')}`,
      evidence: ({ config, faults }) => [inCorefile(config, faults, 'blocks that close, and each zone claimed once')],
      remedies: () => [edit('Correct the Corefile.'), fromGit],
    }),
    ...upstreamFindings(edit),
  },
  judge: (values, { find }) =>
    ofCorefile(values, (configured) => {
      const { config, corefile } = configured;
      const { faults, blocks } = corefile;
      return faults.length > 0
        ? find.refused({ config, faults })
        : foundOr(
            `The Corefile has ${blocks.length} server blocks.`,
            judgeUpstreams(configured, values.deployments, isOwn, find),
          );
    }),
});

export const rulesCanMatch = defineCheck({
  id: 'coredns/rules-can-match',
  title: 'Every rule of CoreDNS’s Corefile can match a name',
  why: 'A rule that matches nothing is loaded without complaint, and names go past it.',
  needs: [loadsCorefile],
  reads: { corefile: plain(corefile) },
  commands: [showCorefile],
  findings: patternFindings(edit),
  judge: (values, { find }) => ofCorefile(values, (configured) => judgePatterns(configured, find)),
});

const isOwn = (one: KubeObject<'Deployment'>): boolean => isNamed(one, { namespace, name: deployment });

/** What runs CoreDNS: the stack's Deployment, else whatever the label of the cluster's DNS selects. */
const workloadOf = (
  deployments: readonly KubeObject<'Deployment'>[],
  daemonSets: readonly KubeObject<'DaemonSet'>[],
): KubeObject<'Deployment'> | KubeObject<'DaemonSet'> | undefined =>
  deployments.find(isOwn) ??
  allOf(deployments, daemonSets).find(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && spec?.template.metadata?.labels?.['k8s-app'] === 'kube-dns',
  );

export const ready = defineCheck({
  id: 'coredns/ready',
  title: 'CoreDNS is running',
  why: 'Without it pods resolve nothing at all.',
  needs: [loadsCorefile],
  reads: { deployments: plain(deployments), daemonSets: plain(daemonSets), pods: raw(pods) },
  commands: [sh`kubectl get deployment,pod -n ${namespace} -l k8s-app=kube-dns`],
  findings: daemonSetFindings({ name: 'CoreDNS', disturbs: 'Name resolution in pods, for the seconds that it takes.' }),
  judge({ deployments, daemonSets, pods }, { find }) {
    const workload = workloadOf(deployments, daemonSets);
    if (workload === undefined) return skip(`Nothing in ${namespace} runs CoreDNS by the label k8s-app=kube-dns.`);
    return judgeWorkload(workload, pods, find, {});
  },
});
