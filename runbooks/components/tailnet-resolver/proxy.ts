/** Tailnet resolver, the Tailscale proxy in front of it: the nameserver that clients really ask. [Tailscale Operator 1.92] */
import { defineCheck, nameOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { clusterIpsOf, forwardingEvidence, targetOf, type Forwarding } from '../../models/proxy-forwarding.ts';
import { pods, statefulSets } from '../../models/reads.ts';
import { proxyOf } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import { stack } from '#stack';
import { partNames } from '../../parts.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import { reads, whereInstalled } from './resolver.ts';
import { isExposed } from './service.ts';

const disturbs = 'Name resolution of the domain on the tailnet, until the proxy is back.';

export const proxyForwards = defineCheck({
  id: 'tailnet-resolver/proxy-forwards',
  title: 'The resolver’s Tailscale proxy runs and forwards to its Service',
  why: 'Its pod is the nameserver that clients ask; it sends every packet to the ClusterIP that it was started with.',
  needs: [tailscaleOperator.ready, isExposed],
  reads: { ...reads, statefulSets: plain(statefulSets), pods: raw(pods) },
  commands: [
    sh`kubectl get statefulset -n ${stack.tailscaleOperator.namespace} -l tailscale.com/parent-resource=${partNames.tailnetResolver.name} -o yaml`,
  ],
  findings: {
    ...workloadFindings({ name: 'The tailnet resolver’s proxy', disturbs, explainedBy: () => [] }),
    wrongTarget: finding<Forwarding>({
      headline: 'The tailnet resolver’s proxy forwards to a wrong address',
      means: 'The Service was made anew and has another ClusterIP, and the proxy still sends to the one before.',
      message: ({ proxy, service, target }) =>
        `The resolver’s proxy ${nameOf(proxy)} forwards to ${target}, and Service ${nameOf(service)} has ClusterIP ${clusterIpsOf(service).join(', ')}.`,
      evidence: (subject) => [forwardingEvidence(subject)],
      remedies: ({ proxy }) => [
        {
          title: 'Let the operator write the proxy anew: delete the StatefulSet.',
          commands: [sh`kubectl delete statefulset ${place(proxy.metadata)}`],
          disturbs,
        },
      ],
      explainedBy: () => [],
    }),
  },
  judge: (values, { find }) =>
    whereInstalled(values, ({ service }) => {
      const proxy = service && proxyOf(service, values.statefulSets);
      if (service === undefined || proxy === undefined)
        return skip('No StatefulSet is labelled as the resolver’s proxy.');
      const target = targetOf(proxy);
      return target === undefined || clusterIpsOf(service).includes(target)
        ? judgeWorkload(proxy, values.pods, find, {})
        : find.wrongTarget({ proxy, service, target });
    }),
});
