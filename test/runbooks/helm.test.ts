/** Helm: a command that mends a release must not upgrade it. */
import { expect, it } from 'vitest';
import { atVersionOf } from '../../runbooks/models/helm.ts';
import { allChecks, examineCheck } from '../support/examine.ts';

it.each([
  { chart: 'gateway-helm-v1.9.1', option: ['--version v1.9.1'] },
  { chart: 'external-secrets-0.19.2', option: ['--version 0.19.2'] },
  { chart: 'cert-manager-v1.20.0-alpha.1', option: ['--version v1.20.0-alpha.1'] },
  { chart: 'vault-0.30.0_build.5', option: ['--version 0.30.0+build.5'] },
  { chart: 'gateway-helm', option: [] },
  { chart: undefined, option: [] },
])('of $chart', ({ chart, option }) => {
  const labels = chart === undefined ? {} : { 'helm.sh/chart': chart };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', labels } };
  expect(atVersionOf(deployment as never).map(({ text }) => text)).toEqual(option);
});

it('CRDs are those of the release that runs', async () => {
  const check = allChecks.find(({ id }) => id === 'envoy-gateway/kinds-installed');
  if (check === undefined) throw new Error('There is no such check.');
  const { findings } = await examineCheck(check, { problems: { EnvoyProxy: 'kind-not-installed' } });
  expect(findings[0]?.remedies[0]?.commands[0]).toContain('/gateway-crds-helm --version v1.9.1 --set ');
});
