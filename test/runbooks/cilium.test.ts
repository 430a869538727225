/** Cilium: what changes one setting must not upgrade it. */
import { expect, it } from 'vitest';
import { installedVersion } from '../../runbooks/components/cilium/config.ts';
import type { Change } from '../../packages/apiserver/state/changes.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { allChecks, examineCheck } from '../support/examine.ts';

const metadata = { namespace: 'kube-system', name: 'cilium' };

const running = (image: string): readonly KubeObject<'DaemonSet'>[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: { selector: {}, template: { spec: { containers: [{ name: 'cilium-agent', image }] } } },
  },
];

it.each([
  { image: 'quay.io/cilium/cilium:v1.18.4@sha256:85cd', version: '1.18.4' },
  { image: 'registry.example:5000/cilium:v1.19.0-rc.1', version: '1.19.0-rc.1' },
  { image: 'quay.io/cilium/cilium:latest', version: undefined },
  { image: 'quay.io/cilium/cilium-ci:v1.18.4-dirty', version: undefined },
  { image: 'quay.io/cilium/cilium', version: undefined },
])('$image is of $version', ({ image, version }) => expect(installedVersion(running(image))).toBe(version));

const merge = (object: Change['object']): Change => ({ op: 'merge', object });

const unconfined = merge({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'kube-system', name: 'cilium-config' },
  data: { 'bpf-lb-sock-hostns-only': null },
});

it.each([
  { name: 'the version that is installed', changes: [unconfined], pin: ' --version 1.18.4' },
  {
    name: 'no version where nobody tells it',
    changes: [unconfined, { op: 'delete' as const, object: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata } }],
    pin: '',
  },
])('Helm is given $name', async ({ changes, pin }) => {
  const check = allChecks.find(({ id }) => id === 'cilium/socket-lb-is-confined-to-the-host');
  if (check === undefined) throw new Error('There is no such check.');
  const { findings } = await examineCheck(check, { changes });
  expect(findings[0]?.remedies[0]?.commands[0]).toBe(
    `helm upgrade cilium cilium/cilium -n kube-system${pin} --reuse-values --set socketLB.hostNamespaceOnly=true`,
  );
});
