/** cert-manager: obtains certificates and renews them. [cert-manager 1.12 to 1.19, Helm chart] */
import { flagsOf, wordsOf, type Flags } from '../../../src/formats/container-flags.ts';
import { imageBase } from '../../../src/formats/image-version.ts';
import { certManagerRules } from '../../../src/formats/program-flags.ts';
import { defineCheck, fail, refOf, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { deployments, pods } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Deployment = KubeObject<'Deployment'>;

/** The parts that the chart installs, by the label that it gives them; only the first is always there. */
const parts = [
  { component: 'controller', suffix: '' },
  { component: 'webhook', suffix: '-webhook' },
  { component: 'cainjector', suffix: '-cainjector' },
] as const;

type Part = (typeof parts)[number]['component'];

function partOf(all: readonly Deployment[], part: Part, suffix: string): Deployment | undefined {
  const { namespace, deployment: name } = stack.certManager;
  return (
    all.find((one) => isNamed(one, { namespace, name: `${name}${suffix}` })) ??
    all.find(
      ({ metadata: { labels = {} } }) =>
        labels['app.kubernetes.io/component'] === part &&
        /^(cert-manager|webhook|cainjector)$/.test(labels['app.kubernetes.io/name'] ?? '') &&
        labels['app'] !== 'trust-manager',
    ) ??
    all.find((one) =>
      one.spec?.template.spec?.containers.some(({ image }) => imageBase(image ?? '') === `cert-manager-${part}`),
    )
  );
}

/** The controller's Deployment. */
export const controllerOf = (all: readonly Deployment[]): Deployment | undefined => partOf(all, 'controller', '');

/** The container of the controller's Deployment that runs it: by its image, else the first. */
function containerOf(deployment: Deployment | undefined): unknown {
  const containers = deployment?.spec?.template.spec?.containers ?? [];
  return containers.find(({ image }) => imageBase(image ?? '') === 'cert-manager-controller') ?? containers[0];
}

/** The arguments that the controller runs with. */
export const argumentsOf = (deployment: Deployment | undefined): readonly string[] => wordsOf(containerOf(deployment));

/** What the arguments say. */
export const flagsOfController = (deployment: Deployment | undefined): Flags =>
  flagsOf(containerOf(deployment), certManagerRules);

/** Where cert-manager looks for the Secrets of a ClusterIssuer: its own namespace, unless it is told another. */
export function clusterResourceNamespace(all: readonly Deployment[]): string {
  const controller = controllerOf(all);
  const told = flagsOfController(controller).last('cluster-resource-namespace');
  // The chart names the pod's own namespace by a variable.
  return told !== '' && !told.startsWith('$(') ? told : (controller?.metadata.namespace ?? stack.certManager.namespace);
}

export const ready = defineCheck({
  id: 'cert-manager/ready',
  title: 'cert-manager is running',
  why: 'Without its controller nothing is issued or renewed, and a certificate that is there runs out in silence.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...listenerReads, deployments: plain(deployments), pods: raw(pods) },
  commands: [
    sh`kubectl get deployment -n ${stack.certManager.namespace}`,
    sh`kubectl logs -n ${stack.certManager.namespace} deployment/${stack.certManager.deployment} --tail=200`,
  ],
  findings: workloadFindings<{ part: string }>({
    name: '{part}',
    disturbs: 'Nothing: certificates that are there go on being served.',
  }),
  judge(values, { find }): Judgement | readonly Judgement[] {
    const found = parts.flatMap(({ component, suffix }) => {
      const deployment = partOf(values.deployments, component, suffix);
      const part = component === 'controller' ? 'cert-manager' : `cert-manager’s ${component}`;
      return deployment === undefined ? [] : [{ component, deployment, part }];
    });
    const missing = found.every(({ component }) => component !== 'controller');
    const [certificate] = servedCertificates(values);
    if (missing && certificate === undefined) {
      return skip('No Certificate of cert-manager fills a Secret of the Gateway’s listeners.', []);
    }
    const expected = { namespace: stack.certManager.namespace, name: stack.certManager.deployment };
    return [
      ...found.map(({ deployment, part }) => judgeWorkload(deployment, values.pods, find, { part })),
      ...(missing && certificate !== undefined
        ? [
            fail({
              message: `There is no cert-manager to renew Certificate ${certificate.metadata.namespace}/${certificate.metadata.name}: no Deployment ${expected.namespace}/${expected.name}, and none that runs its image.`,
              evidence: [
                {
                  object: refTo('Deployment', expected),
                  path: 'metadata.name',
                  observed: 'not found',
                  expected: 'exists',
                },
                {
                  object: refOf(certificate),
                  path: 'spec.issuerRef',
                  observed: certificate.spec.issuerRef,
                  expected: 'an issuer that somebody serves',
                },
              ],
              remedy: {
                title: 'Install cert-manager, or correct its namespace and name in runbooks/stack.ts.',
                commands: [
                  sh`helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager -n ${expected.namespace} --create-namespace --set crds.enabled=true`,
                ],
                disturbs: 'Nothing: certificates that are there go on being served.',
              },
            }),
          ]
        : []),
    ];
  },
});
