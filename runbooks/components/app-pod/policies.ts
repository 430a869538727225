/** App pod: whether network policies let Envoy in. */
import { defineCheck } from '../../../src/runbook/check.ts';
import { whatFails } from '../../models/backends.ts';
import { hopFindings, judgeAll, showPolicies } from '../../models/hop-findings.ts';
import { endOf, podsBehind, policyReads, targetPort, unlike, type Hop, type PolicyValues } from '../../models/hops.ts';
import { envoyPods } from '../../models/in-cluster-names.ts';
import { nameOf } from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as appPod from './app-pod.ts';

type Routed = ReturnType<typeof appPod.routed>[number]['routed'];

/** From Envoy to every pod behind a routed Service, on the port that the route asks for. */
const hopsTo = ({ service, backends }: Routed, envoys: readonly Hop['from'][], values: PolicyValues): readonly Hop[] =>
  podsBehind(service, values.pods).flatMap((pod) => {
    const asked = (service.spec?.ports ?? []).filter(({ port }) => backends.some((backend) => backend.port === port));
    const ports = new Set(asked.map((one) => targetPort(one, pod)).filter((port) => port !== undefined));
    return [...ports].flatMap((port) =>
      envoys.map((from) => ({
        from,
        to: endOf(`the app behind ${nameOf(service)}`, pod, values),
        ...{ protocol: 'TCP' as const, port },
        breaks: whatFails({ service, backends }),
      })),
    );
  });

export const letsEnvoyIn = defineCheck({
  id: 'app-pod/lets-envoy-in',
  title: 'Network policies let Envoy reach every routed app',
  why: 'A packet that no policy allows is dropped without a word: the app is well, and Envoy answers 503 after a while.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...appPod.reads, ...policyReads },
  commands: showPolicies,
  findings: hopFindings,
  judge(values, { inputs, find }) {
    const envoys = unlike(envoyPods(values)).map((pod) => endOf('Envoy', pod, values));
    const hops = appPod.routed(values, inputs).flatMap(({ routed }) => hopsTo(routed, envoys, values));
    return judgeAll(hops, values, find, 'No Envoy runs, or no pod behind a route, between which a policy could stand.');
  },
});
