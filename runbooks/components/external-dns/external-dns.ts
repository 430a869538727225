/** ExternalDNS: publishes the hostnames of exposed routes in Cloudflare. [ExternalDNS 0.19 to 0.22] */
import { defineCheck, nameOf, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, findingId } from '../../../src/runbook/finding.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { externalDnsOf, type ExternalDns } from '../../models/external-dns-options.ts';
import { pods } from '../../models/reads.ts';
import { partNames } from '../../parts.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as externalSecrets from '../external-secrets/sync.ts';

import { argumentsOf, disturbs, exposedRoutes, notInstalled, reads, setArgument, type Route } from './exposed.ts';
import { annotationPrefix } from './prefix.ts';
import { routesYieldRecords } from './records.ts';
import { watchesRoutes } from './selection.ts';
import { leavesSplitHorizonAlone } from './split-horizon.ts';
import { targetIsTheDevice } from './target.ts';

export { annotationPrefix, leavesSplitHorizonAlone, routesYieldRecords, targetIsTheDevice, watchesRoutes };

const wanted = { namespace: partNames.externalDns.namespace, name: partNames.externalDns.deployment };

type Down = Extract<Judgement, { outcome: 'failed' }>;

export const ready = defineCheck({
  id: 'external-dns/ready',
  title: 'ExternalDNS is running',
  why: 'While it stands still, records stay as they are: new hostnames get none, and changed targets are not followed.',
  needs: [externalSecrets.synced],
  reads: { ...reads, pods: raw(pods) },
  commands: [
    sh`kubectl get deployment,pod -n ${partNames.externalDns.namespace}`,
    sh`kubectl logs -n ${partNames.externalDns.namespace} deployment/${partNames.externalDns.deployment} --tail=50`,
  ],
  findings: {
    ...workloadFindings({
      ...{ name: 'ExternalDNS', disturbs },
      // A Secret that is not there explains a container that cannot be configured, and nothing else.
      explainedBy: (_, what) => (what === 'notConfigured' ? [externalSecrets.synced.id] : []),
    }),
    missing: finding<{ exposed: readonly Route[] }>({
      headline: 'There is no ExternalDNS, and routes ask for records',
      means: 'Routes carry the annotation that asks for a DNS record, and nothing in the cluster makes one.',
      message: ({ exposed }) =>
        `There is no ExternalDNS, and ${exposed.length === 1 ? 'a route asks' : `${exposed.length} routes ask`} for a record (${exposed.map(nameOf).join(', ')}).`,
      evidence: () => [
        { object: refTo('Deployment', wanted), path: 'metadata.name', observed: 'not found', expected: 'exists' },
      ],
      remedies: () => [
        {
          title: 'Install ExternalDNS from Git.',
          commands: [sh`kubectl apply -k infrastructure/external-dns`],
          disturbs: 'Nothing: with the same owner id it takes its own records over.',
        },
        {
          title: 'If it runs under another name, correct its namespace and name in runbooks/stack.ts.',
          commands: [sh`kubectl get deployment -A`],
          disturbs: 'Nothing.',
        },
      ],
    }),
    policyMissing: finding<{ options: ExternalDns; down: Down }>({
      headline: 'ExternalDNS does not start without --policy',
      means: 'From 0.22 the flag has no default, and ExternalDNS ends at once where it is not given.',
      message: ({ down }) => `${down.message} From 0.22 it does not start without --policy, and it has none.`,
      quote: ({ down }) => down.quote ?? undefined,
      evidence: ({ options, down }) => [
        argumentsOf(options, 'no --policy', '--policy=sync or --policy=upsert-only'),
        ...down.evidence,
      ],
      remedies: ({ options, down }) => [
        {
          title: 'Add the argument --policy=upsert-only: ExternalDNS then never deletes a record.',
          commands: [setArgument(options, '--policy=upsert-only')],
          disturbs,
        },
        {
          title: 'Add the argument --policy=sync: ExternalDNS then deletes records of its own that nobody asks for.',
          commands: [setArgument(options, '--policy=sync')],
          disturbs: 'Records of its own that no route asks for are deleted as soon as it starts.',
        },
        ...down.remedies,
      ],
      explainedBy: ({ down }) => down.explainedBy ?? [],
    }),
  },
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) {
      const exposed = exposedRoutes(values, all);
      return exposed.length === 0 ? skip(notInstalled) : find.missing({ exposed });
    }
    return all.map((options): Judgement => {
      const down = judgeWorkload(options.deployment, values.pods, find, {});
      return isForWantOfPolicy(down, options) ? find.policyMissing({ options, down }) : down;
    });
  },
});

/** What is seen of a program that ends at once: its crash loop, or, where its pods tell nothing, too few of them. */
const ends: readonly string[] = ['crashLoop', 'pending'].map((name) => findingId('external-dns/ready', name));

/** What never starts the program, as an image that is not there, is not for want of an argument. [ExternalDNS 0.22] */
const isForWantOfPolicy = (judged: Judgement, { hasPolicy, minor = 0 }: ExternalDns): judged is Down =>
  judged.outcome === 'failed' && !hasPolicy && minor >= 22 && ends.includes(judged.finding);
