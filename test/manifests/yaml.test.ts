/** YAML is read as kubectl reads it, which is neither YAML 1.1 nor 1.2: kubectl itself is asked. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readFolders, writeFolder } from '../support/manifests.ts';

const written = [
  ...['N', 'y', 'yes', 'on', 'Off', 'TRUE', '~', 'null', 'nothing'],
  ...[
    '0644',
    '0o644',
    '0x1F',
    '0b11',
    '1_000',
    '1e3',
    '1.0',
    '.5',
    '-7',
    '010.0.0.1',
    '.',
    '-.',
    'e3',
    '.e3',
    '.5e3',
    '2.',
  ],
  ...['08:30:00', '1:30', '2026-01-01', '2026-01-01T00:00:00Z', '1.2.3', '10Gi', '='],
  ...['"quoted: yes"', "'0644'", '|\n    two\n    lines'],
];

const folder = writeFolder({
  'settings.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b }\ndata:\n${written
    .map((value, index) => `  v${index}: ${value}`)
    .join('\n')}\n  on: key\n  merged: &base { one: 1 }\n  merging: { <<: *base, two: 2 }\n`,
});

it('reads every value as kubectl does', async () => {
  const file = join(folder, 'settings.yaml');
  // A label that is added locally: kubectl reads the file and prints it, and asks no server.
  const { stdout } = await promisify(execFile)('kubectl', [
    ...['label', '--local', '--kubeconfig', '/dev/null', '-f', file, 'read=by-kubectl', '-o', 'json'],
  ]);
  const manifests = await readFolders([folder]);
  const own = manifests[0]?.object as unknown as { data: unknown };
  expect(own.data).toEqual((JSON.parse(stdout) as { data: unknown }).data);
});

it('puts objects into the namespace of their kustomization, but for kinds that have none', async () => {
  const object = (kind: string, apiVersion: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: a }\nspec: {}\n`;
  const manifests = await readFolders([
    writeFolder({
      'net/kustomization.yaml': 'namespace: net\nresources: [all.yaml]\n',
      'net/all.yaml': [
        object('Gateway', 'gateway.networking.k8s.io/v1'),
        object('GatewayClass', 'gateway.networking.k8s.io/v1'),
        object('ClusterIssuer', 'cert-manager.io/v1'),
      ].join('---\n'),
    }),
  ]);
  expect(manifests.map(({ object: { kind, metadata } }) => [kind, metadata.namespace])).toEqual([
    ['Gateway', 'net'],
    ['GatewayClass', undefined],
    ['ClusterIssuer', undefined],
  ]);
});
