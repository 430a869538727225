/** Addresses of Services in URLs, as cluster DNS has them; every other host is none. */
import { expect, it } from 'vitest';
import { serviceOfUrl } from '../../src/formats/service-url.ts';

it.each([
  ['http://vault.vault.svc:8200', { namespace: 'vault', name: 'vault', port: 8200 }],
  ['https://vault-ui.secrets.svc.cluster.local', { namespace: 'secrets', name: 'vault-ui', port: 443 }],
  ['http://vault.vault.svc.cluster.local.:80/v1', { namespace: 'vault', name: 'vault', port: 80 }],
  ['https://vault.example.com', undefined],
  ['https://vault.vault', undefined],
  ['https://10.0.0.1:8200', undefined],
  ['https://[fd00::1]:8200', undefined],
  ['http://svc', undefined],
  ['vault.vault.svc:8200', undefined],
  ['', undefined],
])('%s', (url, expected) => expect(serviceOfUrl(url)).toEqual(expected));
