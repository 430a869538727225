/** External Secrets: the controller that copies credentials out of Vault. [External Secrets 0.9 to 1.2, Helm chart] */
import { defineCheck, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain, raw } from '../../../src/runbook/read.ts';
import { joined, sh } from '../../../src/runbook/shell.ts';
import { atVersionOf } from '../../models/helm.ts';
import { judgeKinds, kindReads, kindsMissing, showKinds } from '../../models/installed-kinds.ts';
import { deployments, externalSecrets, pods } from '../../models/reads.ts';
import { partNames } from '../../parts.ts';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, missingWorkload, workloadFindings } from '../../models/workloads.ts';

type Deployment = KubeObject<'Deployment'>;

/** The Deployments of the chart, by what follows the release's name; all but the controller may be left out. */
type Part = '' | '-webhook' | '-cert-controller';

function partOf(all: readonly Deployment[], suffix: Part): Deployment | undefined {
  const { namespace, deployment: name } = partNames.externalSecrets;
  return (
    all.find((one) => isNamed(one, { namespace, name: `${name}${suffix}` })) ??
    all.find(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === `external-secrets${suffix}`)
  );
}

/** The controller’s Deployment, by its name, its label or its image. */
export const controllerOf = (all: readonly Deployment[]): Deployment | undefined =>
  partOf(all, '') ??
  all.find((one) =>
    one.spec?.template.spec?.containers.some(
      ({ image, args = [] }) =>
        /external-secrets\/external-secrets(?:[:@]|$)/.test(image ?? '') &&
        !args.includes('webhook') &&
        !args.includes('certcontroller'),
    ),
  );

const disturbs = 'Nothing: Secrets that were copied stay while it restarts.';

export const kindsInstalled = defineCheck({
  id: 'external-secrets/kinds-installed',
  title: 'The kinds of External Secrets are installed',
  why: 'Without their CustomResourceDefinitions there is nothing to copy, and no controller that could.',
  reads: { ...kindReads('external-secrets'), deployments: plain(deployments) },
  commands: [showKinds('external-secrets')],
  findings: {
    missing: kindsMissing<{ controller: Deployment }>({
      isDeployed: 'External Secrets',
      remedies: ({ controller }) => [
        {
          title: 'Install the CRDs of the release that runs here, then create the objects of the kinds again from Git.',
          commands: [
            joined([
              sh`helm upgrade external-secrets external-secrets/external-secrets`,
              ...atVersionOf(controller),
              sh`-n ${controller.metadata.namespace ?? 'default'} --reuse-values --set installCRDs=true`,
            ]),
            sh`kubectl apply -k infrastructure/external-secrets`,
          ],
          disturbs: 'Nothing that works now.',
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    judgeKinds('external-secrets', values, (missing) => {
      const controller = controllerOf(values.deployments);
      return controller === undefined
        ? skip('External Secrets is not installed.', [])
        : find.missing({ ...missing, controller });
    }),
});

const expected = { namespace: partNames.externalSecrets.namespace, name: partNames.externalSecrets.deployment };
const deployed = `Deployment ${expected.namespace}/${expected.name}`;

export const ready = defineCheck({
  id: 'external-secrets/ready',
  title: 'External Secrets is running',
  why: 'Without it no credential is copied any more; those that were copied grow old.',
  needs: [kindsInstalled],
  reads: { externalSecrets: optional(externalSecrets), deployments: plain(deployments), pods: raw(pods) },
  commands: [
    sh`kubectl get deployment -n ${partNames.externalSecrets.namespace}`,
    sh`kubectl logs -n ${partNames.externalSecrets.namespace} deployment/${partNames.externalSecrets.deployment} --tail=200`,
  ],
  findings: {
    ...workloadFindings({ name: '{workload}', disturbs }),
    missing: finding<{ waiting: number }>({
      ...missingWorkload({
        name: 'External Secrets',
        object: refTo('Deployment', expected),
        remedies: [
          {
            title: 'Install External Secrets.',
            commands: [
              sh`helm upgrade --install external-secrets external-secrets/external-secrets -n ${expected.namespace} --create-namespace`,
            ],
            disturbs,
          },
        ],
      }),
      message: ({ waiting }) =>
        `There ${waiting === 1 ? 'is 1 ExternalSecret' : `are ${waiting} ExternalSecrets`} and nobody to copy them: no ${deployed}, and none that runs its image.`,
    }),
  },
  judge({ externalSecrets, deployments, pods }, { find }): Judgement | readonly Judgement[] {
    const controller = controllerOf(deployments);
    const found = [controller, partOf(deployments, '-webhook'), partOf(deployments, '-cert-controller')].filter(
      (one) => one !== undefined,
    );
    const judged = found.map((deployment) => judgeWorkload(deployment, pods, find, {}));
    if (controller !== undefined) return judged;
    return externalSecrets.length === 0
      ? skip('There is no ExternalSecret that it would have to copy.')
      : [...judged, find.missing({ waiting: externalSecrets.length })];
  },
});
