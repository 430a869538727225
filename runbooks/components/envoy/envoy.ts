/** Envoy: the data plane, made and configured by Envoy Gateway for each Gateway. */
import { defineCheck, nameOf, pass, refOf, skip, type Remedy } from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone, knownOr } from '../../../src/runbook/told.ts';
import { mergePatch } from '../../models/patches.ts';
import { daemonSets, deployments, pods, topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { isManagedFor, tailnetGateways } from '../../models/topology.ts';
import { isReady, type Pod } from '../../models/pods.ts';
import { daemonSetFindings, judgeWorkload } from '../../models/workloads.ts';
import { letsEnvoyIn } from '../envoy-gateway/policies.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain } from '../envoy-gateway/remedies.ts';
import { type Gateway } from '../gateway/gateways.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

type EnvoyProxy = KubeObject<'EnvoyProxy'>;

const disturbs = 'Connections that this Envoy holds break and are made anew.';

const envoyPods = sh`kubectl get deployment,daemonset,pod -A -l app.kubernetes.io/managed-by=envoy-gateway,app.kubernetes.io/component=proxy`;

export const ready = defineCheck({
  id: 'envoy/ready',
  title: 'Envoy is running',
  why: 'It terminates TLS and routes; without a replica the Gateway has nothing behind its address.',
  needs: [envoyGateway.ready, letsEnvoyIn, gatewayclass.exists, gatewayclass.accepted],
  reads: { ...topologyReads, deployments: plain(deployments), daemonSets: plain(daemonSets), pods: raw(pods) },
  commands: [envoyPods],
  findings: {
    ...daemonSetFindings<{ envoyProxy: EnvoyProxy | undefined }>({
      name: 'Envoy',
      disturbs,
      // An Envoy that was made and does not come up has its own reason.
      explainedBy: () => [],
      remedy: ({ envoyProxy, unwell }, what) =>
        what === 'imageMissing' ? imageRemedy(envoyProxy, unwell[0]?.trouble.container?.image) : undefined,
    }),
    missing: finding<{ gateway: Gateway }>({
      headline: 'Gateway {gateway} has no Envoy',
      means: 'Envoy Gateway runs an Envoy for each Gateway. It has not made this one, or somebody deleted it.',
      message: ({ gateway }) =>
        `No Deployment or DaemonSet is labelled as Gateway ${nameOf(gateway)}’s own: Envoy Gateway runs no Envoy for it.`,
      evidence: ({ gateway }) => [
        {
          object: refOf(gateway),
          path: 'the Deployment labelled gateway.envoyproxy.io/owning-gateway-name',
          observed: 'not found',
          expected: `one in ${stack.envoyGateway.namespace}`,
        },
      ],
      commands: () => [envoyPods],
      remedies: () => lookAgain('the Gateway'),
    }),
  },
  judge(values, { find }) {
    const found = tailnetGateways(values);
    if (isNone(found)) return skip('There is no Gateway to run an Envoy for.');
    return eachOf(found, (one) => {
      const { gateway } = one;
      const workload = allOf(values.deployments, values.daemonSets).find((one) => isManagedFor(one, gateway));
      if (workload !== undefined)
        return judgeWorkload(workload, values.pods, find, { envoyProxy: knownOr(undefined, () => one.envoyProxy) });
      const ready = readyPods(values.pods, gateway);
      return ready > 0
        ? pass(
            `${ready} pod${ready > 1 ? 's' : ''} labelled as Gateway ${gateway.metadata.name}’s own ${ready > 1 ? 'are' : 'is'} ready.`,
          )
        : find.missing({ gateway });
    });
  },
});

/** How many pods serve a Gateway, whatever keeps them running. */
const readyPods = (pods: Fact<Pod[]>, gateway: Gateway): number =>
  pods.ok ? pods.value.filter((pod) => isManagedFor(pod, gateway) && isReady(pod)).length : 0;

/** An image that cannot be pulled is corrected where it is asked for: Envoy Gateway writes the Deployment as the EnvoyProxy says. */
function imageRemedy(envoyProxy: EnvoyProxy | undefined, wanted: string | undefined): Remedy | undefined {
  const image = envoyProxy?.spec.provider?.kubernetes?.envoyDeployment?.container?.image;
  if (envoyProxy === undefined || image !== wanted || image === undefined) return undefined;
  return {
    change: {
      object: refOf(envoyProxy),
      path: 'spec.provider.kubernetes.envoyDeployment.container.image',
      to: null,
    },
    title: `Take the image ${image} out of EnvoyProxy ${nameOf(envoyProxy)}: Envoy Gateway then takes the one of its release.`,
    commands: [
      mergePatch('envoyproxy', envoyProxy.metadata, {
        spec: { provider: { kubernetes: { envoyDeployment: { container: { image: null } } } } },
      }),
    ],
    disturbs,
  };
}

/**
 * Asked for in place of no name at all: Envoy treats both alike, and the access log then shows that this probe asked, not a
 * client that somebody would have to look for. The domain is reserved never to exist [RFC 2606].
 */
export const foreignName = 'runbook-probe.invalid';
