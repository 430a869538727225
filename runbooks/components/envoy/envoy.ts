/** Envoy: the data plane, made and configured by Envoy Gateway for each Gateway. */
import { defineCheck, fail, pass, refOf, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { mergePatch } from '../../models/patches.ts';
import { daemonSets, deployments, pods, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isManagedFor, tailnetGateways } from '../../models/topology.ts';
import { isReady } from '../../models/pods.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

type EnvoyProxy = KubeObject<'EnvoyProxy'>;

const envoyPods = sh`kubectl get deployment,daemonset,pod -A -l app.kubernetes.io/managed-by=envoy-gateway,app.kubernetes.io/component=proxy`;

export const ready = defineCheck({
  id: 'envoy/ready',
  title: 'Envoy is running',
  why: 'It terminates TLS and routes; without a replica the Gateway has nothing behind its address.',
  needs: [envoyGateway.ready, gatewayclass.exists, gatewayclass.accepted],
  reads: { ...topologyReads, deployments: plain(deployments), daemonSets: plain(daemonSets), pods: raw(pods) },
  commands: [envoyPods],
  findings: workloadFindings<{ envoyProxy: EnvoyProxy | undefined }>({
    name: 'Envoy',
    disturbs: 'Connections that this Envoy holds break and are made anew.',
    // An Envoy that was made and does not come up has its own reason.
    explainedBy: () => [],
    remedy: ({ envoyProxy, unwell }, what) =>
      what === 'imageMissing' ? imageRemedy(envoyProxy, unwell[0]?.trouble.container?.image) : undefined,
  }),
  judge(values, { find }) {
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway to run an Envoy for.');
    return found.map(({ gateway, envoyProxy }): Judgement => {
      const workloads = [...values.deployments, ...values.daemonSets].filter((workload) =>
        isManagedFor(workload, gateway),
      );
      const [workload] = workloads;
      if (workload === undefined) {
        const pods = values.pods.ok
          ? values.pods.value.filter((pod) => isManagedFor(pod, gateway) && isReady(pod))
          : [];
        if (pods.length > 0)
          return pass(
            `${pods.length} pod${pods.length > 1 ? 's' : ''} labelled as Gateway ${gateway.metadata.name}’s own ${pods.length > 1 ? 'are' : 'is'} ready.`,
          );
        return fail({
          message: `No Deployment or DaemonSet is labelled as Gateway ${gateway.metadata.namespace}/${gateway.metadata.name}’s own: Envoy Gateway runs no Envoy for it.`,
          evidence: [
            {
              object: refOf(gateway),
              path: 'the Deployment labelled gateway.envoyproxy.io/owning-gateway-name',
              observed: 'not found',
              expected: `one in ${stack.envoyGateway.namespace}`,
            },
          ],
          commands: [envoyPods],
          remedy: {
            title:
              'Envoy Gateway makes it again when it next looks at the Gateway; its log says what keeps it from that.',
            commands: [
              sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
              sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
            ],
            disturbs: 'Nothing: the controller restarts, Envoys that run keep serving.',
          },
        });
      }
      return judgeWorkload(workload, values.pods, find, { envoyProxy });
    });
  },
});

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
    title: `EnvoyProxy ${envoyProxy.metadata.namespace}/${envoyProxy.metadata.name} asks for the image ${image}: take that out, and Envoy Gateway takes the one of its release; or name one that exists. In Git too.`,
    commands: [
      mergePatch('envoyproxy', envoyProxy.metadata, {
        spec: { provider: { kubernetes: { envoyDeployment: { container: { image: null } } } } },
      }),
    ],
    disturbs: 'Connections that this Envoy holds break and are made anew.',
  };
}

/**
 * Asked for in place of no name at all: Envoy treats both alike, and the access log then shows that this probe asked, not a
 * client that somebody would have to look for. The domain is reserved never to exist [RFC 2606].
 */
export const foreignName = 'runbook-probe.invalid';
