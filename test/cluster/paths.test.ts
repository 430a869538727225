import { expect, test } from 'vitest';
import { metadataOnly, resourceRequest } from '../../src/cluster/paths.ts';
import type { Kind } from '../../src/runbook/kinds.ts';

const secrets: Kind = { group: '', versions: ['v1'], plural: 'secrets', namespaced: true };

test('the data of Secrets cannot be asked for', () => {
  const where = { namespace: 'tailscale', name: 'operator-oauth' };
  expect(() => resourceRequest(secrets, 'v1', where)).toThrow('Secrets are never read.');
  expect(() => resourceRequest(secrets, 'v1', { ...where, accept: 'application/json, */*' })).toThrow();
  expect(resourceRequest(secrets, 'v1', { ...where, accept: metadataOnly })).toEqual({
    path: '/api/v1/namespaces/tailscale/secrets/operator-oauth',
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  });
});
