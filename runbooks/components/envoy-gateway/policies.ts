/** Envoy Gateway: whether network policies let Envoy fetch its configuration. [Envoy Gateway 1.6 to 1.9: xDS on TCP 18000] */
import { defineCheck } from '../../../src/runbook/check.ts';
import { plain } from '../../../src/runbook/read.ts';
import { hopFindings, judgeAll, showPolicies } from '../../models/hop-findings.ts';
import { endOf, podsBehind, policyReads, unlike, type Hop } from '../../models/hops.ts';
import { envoyPods } from '../../models/in-cluster-names.ts';
import { deployments, topologyReads } from '../../models/reads.ts';
import { controllerOf, kindsInstalled } from './envoy-gateway.ts';

const xdsPort = 18000;

export const letsEnvoyIn = defineCheck({
  id: 'envoy-gateway/lets-envoy-in',
  title: 'Network policies let Envoy fetch its configuration',
  why: 'An Envoy that runs keeps what it has; the next one that starts serves nothing, and never gets ready.',
  needs: [kindsInstalled],
  reads: { ...topologyReads, deployments: plain(deployments), ...policyReads },
  commands: showPolicies,
  findings: hopFindings,
  judge(values, { find }) {
    const controller = controllerOf(values.deployments);
    const receivers = controller === undefined ? [] : podsBehind(controller, values.pods);
    const hops = unlike(envoyPods(values)).flatMap((sender) =>
      receivers.map((pod): Hop => ({
        from: endOf('Envoy', sender, values),
        to: endOf('Envoy Gateway', pod, values),
        ...{ protocol: 'TCP', port: xdsPort },
        breaks: 'Envoy gets no configuration, so that changes of routes have no effect and a new Envoy serves nothing',
      })),
    );
    return judgeAll(
      hops,
      values,
      find,
      'No Envoy and no controller of Envoy Gateway run, between which a policy could stand.',
    );
  },
});
