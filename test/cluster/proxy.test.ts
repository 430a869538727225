import { expect, test } from 'vitest';
import { proxyFor } from '../../src/cluster/proxy.ts';

const proxy = 'http://proxy.lan:3128/';
const through = (server: string, env: Record<string, string>, proxyUrl?: string) =>
  proxyFor(new URL(server), { proxyUrl, env })?.href;

test.each([
  ['https://k8s.lan:6443', { HTTPS_PROXY: proxy }, proxy],
  ['https://k8s.lan:6443', { https_proxy: 'proxy.lan:3128' }, proxy],
  ['https://k8s.lan:6443', { HTTP_PROXY: proxy }, undefined],
  ['http://k8s.lan:8001', { HTTP_PROXY: proxy }, proxy],
  ['https://k8s.lan:6443', {}, undefined],
  // Loopback is never asked of a proxy.
  ['https://localhost:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://[::1]:6443', { HTTPS_PROXY: proxy }, undefined],
  // NO_PROXY: names, what is below them, addresses, networks, ports.
  ['https://k8s.lan:6443', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, undefined],
  ['https://k8s.lan:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'other.org, LAN' }, undefined],
  ['https://k8s.lan:6443', { HTTPS_PROXY: proxy, no_proxy: '.lan' }, undefined],
  ['https://lan:6443', { HTTPS_PROXY: proxy, NO_PROXY: '.lan' }, proxy],
  ['https://k8s.plan:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'lan' }, proxy],
  ['https://k8s.lan:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'k8s.lan:443' }, proxy],
  ['https://k8s.lan:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'k8s.lan:6443' }, undefined],
  ['https://192.168.1.10:6443', { HTTPS_PROXY: proxy, NO_PROXY: '192.168.0.0/16' }, undefined],
  ['https://192.168.1.10:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8,192.168.1.11' }, proxy],
  ['https://192.168.1.10:6443', { HTTPS_PROXY: proxy, NO_PROXY: '192.168.1.10' }, undefined],
  ['https://[fd7a:115c::1]:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'fd7a:115c::/32' }, undefined],
] as const)('%s with %o goes through %s', (server, env, expected) => {
  expect(through(server, env)).toBe(expected);
});

test("the kubeconfig's own proxy comes first, whatever NO_PROXY says", () => {
  expect(through('https://127.0.0.1:6443', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, 'socks5://bastion:1080')).toBe(
    'socks5://bastion:1080',
  );
});
