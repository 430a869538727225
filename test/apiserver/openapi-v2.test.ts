/** OpenAPI v2, which old clients read: kubectl 1.20 itself reads the protobuf in `kubectl.test.ts`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../src/demo/node/demo.ts';
import { at, fieldsOf } from '../../packages/apiserver/objects/fields.ts';
import { ask } from './support.ts';

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

test('a client that asks for JSON gets definitions and paths', async () => {
  const { json } = await ask(demo, '/openapi/v2');
  const definitions = fieldsOf(json, 'definitions');
  expect(at(definitions, 'io.k8s.api.apps.v1.Deployment')).toMatchObject({
    properties: { spec: { $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentSpec' } },
    'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  });
  expect(at(definitions, 'io.k8s.api.apps.v1.DeploymentSpec', 'properties')).toMatchObject({
    replicas: { type: 'integer' },
    strategy: { 'x-kubernetes-patch-strategy': 'retainKeys' },
  });
  expect(at(definitions, 'io.k8s.api.core.v1.PodSpec', 'properties')).toMatchObject({
    containers: { 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge' },
    volumes: { 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge,retainKeys' },
  });
  expect(at(json, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch')).toMatchObject({
    consumes: expect.arrayContaining(['application/merge-patch+json']) as unknown,
    parameters: expect.arrayContaining([expect.objectContaining({ name: 'dryRun', type: 'string' })]) as unknown,
  });
});

test('a custom kind is one piece, and a schema that says nothing says nothing', async () => {
  const { json } = await ask(demo, '/openapi/v2');
  expect(at(json, 'definitions', 'io.k8s.networking.gateway.v1.Gateway', 'properties', 'spec')).toMatchObject({
    type: 'object',
    properties: { listeners: { type: 'array', items: { type: 'object' } } },
  });
  expect(at(json, 'definitions', 'com.tailscale.v1alpha1.Connector')).toEqual({
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'tailscale.com', version: 'v1alpha1', kind: 'Connector' }],
  });
});

test.each(['@', '.'])('protobuf is there for whoever asks for spec.v2%sv1.0', async (sign) => {
  const accept = `application/com.github.proto-openapi.spec.v2${sign}v1.0+protobuf`;
  const { type, text } = await ask(demo, '/openapi/v2', { accept });
  expect(type).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  expect(text).toMatch(/^\n\u00032\.0/);
});
