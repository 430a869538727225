/** External Secrets: the controller that copies credentials out of Vault. [External Secrets 0.9 to 1.2, Helm chart] */
import { defineCheck, fail, pass, refTo, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import { provesServed } from '../../../src/runbook/fact.ts';
import { crdName, type KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { clusterSecretStores, deployments, externalSecrets, pods } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, workloadFindings } from '../../models/workloads.ts';

type Deployment = KubeObject<'Deployment'>;

/** The Deployments of the chart, by what follows the release's name; all but the controller may be left out. */
type Part = '' | '-webhook' | '-cert-controller';

function partOf(all: readonly Deployment[], suffix: Part): Deployment | undefined {
  const { namespace, deployment: name } = stack.externalSecrets;
  return (
    all.find((one) => isNamed(one, { namespace, name: `${name}${suffix}` })) ??
    all.find(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === `external-secrets${suffix}`)
  );
}

const controllerOf = (all: readonly Deployment[]): Deployment | undefined =>
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
  reads: {
    ExternalSecret: raw(externalSecrets),
    ClusterSecretStore: raw(clusterSecretStores),
    deployments: plain(deployments),
  },
  commands: [sh`kubectl get crd | grep external-secrets.io`],
  judge(values) {
    const kinds = ['ExternalSecret', 'ClusterSecretStore'] as const;
    provesServed(...kinds.map((kind) => values[kind]));
    const absent = kinds.filter((kind) => {
      const fact = values[kind];
      return !fact.ok && fact.problem.kind === 'kind-not-installed';
    });
    const controller = controllerOf(values.deployments);
    const [first] = absent;
    if (first === undefined) {
      const problem = kinds.map((kind) => values[kind]).find((fact) => !fact.ok);
      return problem === undefined
        ? pass('ExternalSecret and ClusterSecretStore are served.')
        : unknown(problem.problem.message, problem.problem);
    }
    if (controller === undefined) return skip('External Secrets is not installed.', []);
    const missing = (kind: (typeof kinds)[number]) => ({
      object: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: crdName(kind) },
      path: 'metadata.name',
      observed: 'not installed',
      expected: 'installed',
    });
    return fail({
      message: `External Secrets is deployed, and the kind${absent.length > 1 ? 's' : ''} ${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} not installed.`,
      evidence: [missing(first), ...absent.slice(1).map(missing)],
      remedy: {
        title:
          'Install the CRDs of the release that runs here. With a deleted CRD every object of its kind is gone too: apply them again from Git.',
        commands: [
          sh`helm upgrade external-secrets external-secrets/external-secrets -n external-secrets --reuse-values --set installCRDs=true`,
          sh`kubectl apply -k infrastructure/external-secrets`,
        ],
        disturbs: 'Nothing that works now.',
      },
    });
  },
});

export const ready = defineCheck({
  id: 'external-secrets/ready',
  title: 'External Secrets is running',
  why: 'Without it no credential is copied any more; those that were copied grow old.',
  needs: [kindsInstalled],
  reads: { externalSecrets: optional(externalSecrets), deployments: plain(deployments), pods: raw(pods) },
  commands: [
    sh`kubectl get deployment -n ${stack.externalSecrets.namespace}`,
    sh`kubectl logs -n ${stack.externalSecrets.namespace} deployment/${stack.externalSecrets.deployment} --tail=200`,
  ],
  findings: workloadFindings({ name: '{workload}', disturbs }),
  judge({ externalSecrets, deployments, pods }, { find }): Judgement | readonly Judgement[] {
    const controller = controllerOf(deployments);
    const found = [controller, partOf(deployments, '-webhook'), partOf(deployments, '-cert-controller')].filter(
      (one) => one !== undefined,
    );
    const judged = found.map((deployment) => judgeWorkload(deployment, pods, find, {}));
    if (controller !== undefined) return judged;
    if (externalSecrets.length === 0) return skip('There is no ExternalSecret that it would have to copy.');
    const expected = { namespace: stack.externalSecrets.namespace, name: stack.externalSecrets.deployment };
    return [
      ...judged,
      fail({
        message: `There are ${externalSecrets.length} ExternalSecrets and nobody to copy them: no Deployment ${expected.namespace}/${expected.name}, and none that runs its image.`,
        evidence: [
          { object: refTo('Deployment', expected), path: 'metadata.name', observed: 'not found', expected: 'exists' },
        ],
        remedy: {
          title: 'Install External Secrets, or correct its namespace and name in runbooks/stack.ts.',
          commands: [
            sh`helm upgrade --install external-secrets external-secrets/external-secrets -n ${expected.namespace} --create-namespace`,
          ],
          disturbs,
        },
      }),
    ];
  },
});
