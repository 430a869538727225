/** cert-manager: obtains certificates and renews them. [cert-manager 1.12 to 1.19, Helm chart] */
import { flagsOf, wordsOf, type Flags } from '../../../src/formats/container-flags.ts';
import { imageBase } from '../../../src/formats/image-version.ts';
import { certManagerRules } from '../../../src/formats/program-flags.ts';
import { defineCheck, nameOf, refOf, refTo, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { joined, sh } from '../../../src/runbook/shell.ts';
import { atVersionOf } from '../../models/helm.ts';
import { judgeKinds, kindReads, kindsMissing, showKinds } from '../../models/installed-kinds.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { deployments, pods } from '../../models/reads.ts';
import { stack } from '#stack';
import { isNamed } from '../../models/topology.ts';
import { correctName, judgeWorkload, workloadFindings } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Deployment = KubeObject<'Deployment'>;

/** The parts that the chart installs, by the label that it gives them; only the first is always there. */
const parts = [
  { component: 'controller', suffix: '' },
  { component: 'webhook', suffix: '-webhook' },
  { component: 'cainjector', suffix: '-cainjector' },
] as const;

type Part = (typeof parts)[number]['component'];

const { namespace, deployment: name } = stack.certManager;

function partOf(all: readonly Deployment[], part: Part, suffix: string): Deployment | undefined {
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

/** The parts that are there, and what headlines call each. */
const partsOf = (all: readonly Deployment[]): readonly { part: string; workload: Deployment }[] =>
  parts.flatMap(({ component, suffix }) => {
    const workload = partOf(all, component, suffix);
    const part = component === 'controller' ? 'cert-manager' : `cert-manager’s ${component}`;
    return workload === undefined ? [] : [{ part, workload }];
  });

const disturbs = 'Nothing: certificates that are there go on being served.';

export const kindsInstalled = defineCheck({
  id: 'cert-manager/kinds-installed',
  title: 'The kinds of cert-manager are installed',
  why: 'Without their CustomResourceDefinitions there is no Certificate and no issuer, and nothing is issued.',
  reads: { ...kindReads('cert-manager'), deployments: plain(deployments) },
  commands: [showKinds('cert-manager')],
  findings: {
    missing: kindsMissing<{ controller: Deployment }>({
      isDeployed: 'cert-manager',
      remedies: ({ controller }) => [
        {
          title: 'Install the CRDs of the release that runs here, then create the objects of the kinds again from Git.',
          commands: [
            joined([
              sh`helm upgrade cert-manager oci://quay.io/jetstack/charts/cert-manager`,
              ...atVersionOf(controller),
              sh`-n ${controller.metadata.namespace ?? 'default'} --reuse-values --set crds.enabled=true`,
            ]),
            sh`kubectl apply -f infrastructure/cert-manager/clusterissuer.yaml -f infrastructure/gateway/certificate.yaml`,
          ],
          disturbs: 'Nothing that works now.',
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    judgeKinds('cert-manager', values, (missing) => {
      const controller = controllerOf(values.deployments);
      return controller === undefined
        ? skip('cert-manager is not installed.', [])
        : find.missing({ ...missing, controller });
    }),
});

export const ready = defineCheck({
  id: 'cert-manager/ready',
  title: 'cert-manager is running',
  why: 'Without its controller nothing is issued or renewed, and a certificate that is there runs out in silence.',
  needs: [envoyGateway.kindsInstalled, kindsInstalled],
  reads: { ...listenerReads, deployments: plain(deployments), pods: raw(pods) },
  commands: [
    sh`kubectl get deployment -n ${namespace}`,
    sh`kubectl logs -n ${namespace} deployment/${name} --tail=200`,
  ],
  findings: {
    ...workloadFindings<{ part: string }>({ name: '{part}', disturbs }),
    missing: finding<{ certificate: KubeObject<'Certificate'>; rest: Deployment | undefined }>({
      headline: 'There is no cert-manager to renew Certificate {certificate}',
      means:
        'A Certificate waits for cert-manager, and nothing in the cluster runs its controller, under the name that runbooks/stack.ts gives or any other.',
      message: ({ certificate }) =>
        `There is no cert-manager to renew Certificate ${nameOf(certificate)}: no Deployment ${namespace}/${name}, and none that runs its image.`,
      evidence: ({ certificate }) => [
        {
          object: refTo('Deployment', { namespace, name }),
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
      remedies: ({ rest }) => [
        {
          title: 'Install cert-manager.',
          commands: [
            joined([
              sh`helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager`,
              ...atVersionOf(rest),
              sh`-n ${namespace} --create-namespace --set crds.enabled=true`,
            ]),
          ],
          disturbs,
        },
        correctName,
      ],
    }),
  },
  judge(values, { find }) {
    const found = partsOf(values.deployments);
    const judged = found.map(({ part, workload }) => judgeWorkload(workload, values.pods, find, { part }));
    if (controllerOf(values.deployments) !== undefined) return judged;
    const [certificate] = servedCertificates(values);
    if (certificate === undefined)
      return skip('No Certificate of cert-manager fills a Secret of the Gateway’s listeners.', []);
    return [...judged, find.missing({ certificate, rest: found[0]?.workload })];
  },
});
