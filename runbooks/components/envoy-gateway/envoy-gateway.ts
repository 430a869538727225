/**
 * Envoy Gateway: the controller that turns Gateways and routes into running Envoys.
 * [Envoy Gateway 1.6 to 1.9: Helm chart gateway-helm labels the Deployment control-plane=envoy-gateway]
 */
import { defineCheck, refTo } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { joined, sh } from '../../../src/runbook/shell.ts';
import { atVersionOf } from '../../models/helm.ts';
import { judgeKinds, kindReads, kindsMissing, showKinds } from '../../models/installed-kinds.ts';
import { deployments, pods } from '../../models/reads.ts';
import { stack } from '#stack';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, missingWorkload, workloadFindings } from '../../models/workloads.ts';

type Deployment = KubeObject<'Deployment'>;

const { namespace, deployment: name } = stack.envoyGateway;

export const kindsInstalled = defineCheck({
  id: 'envoy-gateway/kinds-installed',
  title: 'The kinds of Gateway API and Envoy Gateway are installed',
  why: 'Without their CustomResourceDefinitions, no controller can see a Gateway.',
  reads: { ...kindReads('envoy-gateway'), deployments: raw(deployments) },
  commands: [showKinds('envoy-gateway')],
  findings: {
    missing: kindsMissing<{ controller: Deployment | undefined }>({
      remedies: ({ controller }) => [
        {
          title:
            'Install the CRDs of the Envoy Gateway release that runs here: one chart carries Gateway API’s and its own.',
          commands: [
            joined([
              sh`helm template eg-crds oci://docker.io/envoyproxy/gateway-crds-helm`,
              ...atVersionOf(controller),
              sh`--set crds.gatewayAPI.enabled=true --set crds.gatewayAPI.channel=standard --set crds.envoyGateway.enabled=true | kubectl apply --server-side -f -`,
            ]),
            sh`kubectl rollout restart deployment -n ${namespace} ${name}`,
          ],
          disturbs: 'Nothing that runs: Envoys keep the configuration they have.',
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    judgeKinds('envoy-gateway', values, (missing) => {
      const controller = values.deployments.ok ? controllerOf(values.deployments.value) : undefined;
      return find.missing({ ...missing, controller });
    }),
});

/** The controller's Deployment, by the label of its chart or by its name. */
export const controllerOf = (all: readonly Deployment[]): Deployment | undefined =>
  all.find((deployment) => isNamed(deployment, { namespace, name })) ??
  all.find((deployment) => deployment.metadata.labels?.['control-plane'] === 'envoy-gateway') ??
  all.find((deployment) => deployment.spec?.template.metadata?.labels?.['control-plane'] === 'envoy-gateway');

const notInstalled = missingWorkload({
  name: 'Envoy Gateway',
  object: refTo('Deployment', { namespace, name }),
  remedies: [
    {
      title: 'Install Envoy Gateway.',
      commands: [
        sh`helm upgrade --install eg oci://docker.io/envoyproxy/gateway-helm -n ${namespace} --create-namespace`,
      ],
      disturbs: 'Nothing that runs.',
    },
  ],
});

export const ready = defineCheck({
  id: 'envoy-gateway/ready',
  title: 'Envoy Gateway’s controller is running',
  why: 'It writes every status below and makes the Service and the Envoys; without it nothing changes any more.',
  reads: { deployments: plain(deployments), pods: raw(pods) },
  commands: [
    sh`kubectl get deployment -A -l control-plane=envoy-gateway`,
    sh`kubectl logs -n ${namespace} -l control-plane=envoy-gateway --tail=200`,
  ],
  findings: {
    ...workloadFindings({
      name: 'Envoy Gateway’s controller',
      disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
    }),
    missing: {
      ...notInstalled,
      // Its image says nothing: a helper in Envoy's pods runs it too.
      message: () =>
        `There is no Envoy Gateway: no Deployment ${namespace}/${name}, and none labelled control-plane=envoy-gateway.`,
    },
  },
  judge({ deployments, pods }, { find }) {
    const controller = controllerOf(deployments);
    return controller === undefined ? find.missing({}) : judgeWorkload(controller, pods, find, {});
  },
});
