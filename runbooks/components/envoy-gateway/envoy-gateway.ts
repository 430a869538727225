/**
 * Envoy Gateway: the controller that turns Gateways and routes into running Envoys.
 * [Envoy Gateway 1.6 to 1.9: Helm chart gateway-helm labels the Deployment control-plane=envoy-gateway]
 */
import { defineCheck, fail, pass, refTo, unknown, type Evidence } from '../../../src/runbook/check.ts';
import { provesServed } from '../../../src/runbook/fact.ts';
import { crdName, type KindName, type KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { deployments, envoyProxies, gatewayClasses, gateways, httpRoutes, pods } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';

const missing = (kind: KindName): Evidence => ({
  object: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: crdName(kind) },
  path: 'metadata.name',
  observed: 'not installed',
  expected: 'installed',
});

export const kindsInstalled = defineCheck({
  id: 'envoy-gateway/kinds-installed',
  title: 'The kinds of Gateway API and Envoy Gateway are installed',
  why: 'Without their CustomResourceDefinitions, no controller can see a Gateway.',
  reads: {
    GatewayClass: raw(gatewayClasses),
    Gateway: raw(gateways),
    HTTPRoute: raw(httpRoutes),
    EnvoyProxy: raw(envoyProxies),
  },
  commands: [sh`kubectl get crd | grep -E 'gateway.networking.k8s.io|gateway.envoyproxy.io'`],
  judge(facts) {
    const kinds = ['GatewayClass', 'Gateway', 'HTTPRoute', 'EnvoyProxy'] as const;
    provesServed(...kinds.map((kind) => facts[kind]));
    const absent = kinds.filter((kind) => {
      const fact = facts[kind];
      return !fact.ok && fact.problem.kind === 'kind-not-installed';
    });
    const [first, ...others] = absent.map(missing);
    if (first !== undefined) {
      return fail({
        message: `The kind${absent.length > 1 ? 's' : ''} ${absent.join(', ')} ${absent.length > 1 ? 'are' : 'is'} not installed: the CustomResourceDefinition${absent.length > 1 ? 's are' : ' is'} missing.`,
        evidence: [first, ...others],
        remedy: {
          title:
            'Install the CRDs of the Envoy Gateway release that runs here; the chart carries Gateway API’s and its own.',
          commands: [
            sh`helm template eg-crds oci://docker.io/envoyproxy/gateway-crds-helm --set crds.gatewayAPI.enabled=true --set crds.gatewayAPI.channel=standard --set crds.envoyGateway.enabled=true | kubectl apply --server-side -f -`,
            sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
          ],
          disturbs: 'Nothing that runs: Envoys keep the configuration they have.',
        },
      });
    }
    // A list that may not be read was answered by an installed kind, or by nobody.
    const problem = kinds.map((kind) => facts[kind]).find((fact) => !fact.ok)?.problem;
    return problem === undefined
      ? pass('GatewayClass, Gateway, HTTPRoute and EnvoyProxy are all served.')
      : unknown(problem.message, problem);
  },
});

/** The controller's Deployment, by the label of its chart or by its name. */
export const controllerOf = (all: readonly KubeObject<'Deployment'>[]): KubeObject<'Deployment'> | undefined =>
  all.find((deployment) =>
    isNamed(deployment, { namespace: stack.envoyGateway.namespace, name: stack.envoyGateway.deployment }),
  ) ??
  all.find((deployment) => deployment.metadata.labels?.['control-plane'] === 'envoy-gateway') ??
  all.find((deployment) => deployment.spec?.template.metadata?.labels?.['control-plane'] === 'envoy-gateway');

export const ready = defineCheck({
  id: 'envoy-gateway/ready',
  title: 'Envoy Gateway’s controller is running',
  why: 'It writes every status below and makes the Service and the Envoys; without it nothing changes any more.',
  reads: { deployments: plain(deployments), pods: raw(pods) },
  commands: [
    sh`kubectl get deployment -A -l control-plane=envoy-gateway`,
    sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
  ],
  findings: workloadFindings({
    name: 'Envoy Gateway’s controller',
    disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
  }),
  judge({ deployments, pods }, { find }) {
    const controller = controllerOf(deployments);
    if (controller === undefined) {
      const expected = { namespace: stack.envoyGateway.namespace, name: stack.envoyGateway.deployment };
      return fail({
        message: `There is no Envoy Gateway: no Deployment ${expected.namespace}/${expected.name}, and none labelled control-plane=envoy-gateway.`,
        evidence: [
          { object: refTo('Deployment', expected), path: 'metadata.name', observed: 'not found', expected: 'exists' },
        ],
        remedy: {
          title: 'Install Envoy Gateway, or correct its namespace and name in runbooks/stack.ts.',
          commands: [
            sh`helm upgrade --install eg oci://docker.io/envoyproxy/gateway-helm -n ${expected.namespace} --create-namespace`,
          ],
          disturbs: 'Nothing that runs.',
        },
      });
    }
    return judgeWorkload(controller, pods, find, {});
  },
});
