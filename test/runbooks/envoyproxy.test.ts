/** EnvoyProxy: a field is changed where it is said, and a patch has the last word. */
import { expect, it } from 'vitest';
import { allChecks, examineCheck } from '../support/examine.ts';

const service = 'spec.provider.kubernetes.envoyService';

it.each([
  { asked: { loadBalancerClass: 'other' }, path: `${service}.loadBalancerClass`, written: {} },
  {
    asked: { patch: { value: { spec: { loadBalancerClass: 'other' } } } },
    path: `${service}.patch.value.spec.loadBalancerClass`,
    written: { patch: { value: { spec: { loadBalancerClass: 'tailscale' } } } },
  },
])('at $path', async ({ asked, path, written }) => {
  const check = allChecks.find(({ id }) => id === 'envoyproxy/asks-for-tailscale');
  if (check === undefined) throw new Error('There is no such check.');
  const { findings } = await examineCheck(check, {
    changes: [
      {
        op: 'merge',
        object: {
          apiVersion: 'gateway.envoyproxy.io/v1alpha1',
          kind: 'EnvoyProxy',
          metadata: { namespace: 'tailscale', name: 'tailscale-proxy' },
          spec: { provider: { kubernetes: { envoyService: asked } } },
        },
      },
    ],
  });
  const [remedy] = findings[0]?.remedies ?? [];
  expect(remedy?.change).toMatchObject({ path, to: 'tailscale' });
  const [, patch = ''] = /-p '(.*)'/.exec(remedy?.commands[0] ?? '') ?? [];
  expect(JSON.parse(patch)).toMatchObject({
    spec: { provider: { kubernetes: { envoyService: { loadBalancerClass: 'tailscale', ...written } } } },
  });
});
