/** What people type, and the page that has to come first: messages that they paste, and everyday words. */
import { expect, test } from '@playwright/test';
import { publicUrl } from '../../playwright.config.ts';

const wanted: Readonly<Record<string, string>> = {
  ERR_CONNECTION_RESET: '/issues/missing-sni/',
  'PROGRAMMED False': '/issues/gateway-not-programmed/',
  SERVFAIL: '/issues/in-cluster-access/',
  'certificate expired': '/issues/certificate-not-ready/',
  '404': '/issues/route-not-reachable/',
  'no healthy upstream': '/issues/route-not-reachable/',
  NXDOMAIN: '/issues/dns-record-missing/',
  'x509 certificate has expired': '/issues/certificate-not-ready/',
  '503': '/issues/route-not-reachable/',
  'connection timed out': '/issues/cilium-socket-lb/',
  'too many redirects': '/issues/route-not-reachable/',
  'page does not load': '/issues/request-path/',
  'gateway-envoy-1': '/issues/gateway-not-programmed/',
  'how do I add a new app': '/how-to/expose-an-app/',
  'add an app': '/how-to/expose-an-app/',
  'rate limit': '/issues/certificate-not-ready/',
  'kubectl get gateway address empty': '/issues/gateway-not-programmed/',
  AddressNotAssigned: '/issues/gateway-not-programmed/',
  filter_chain_not_found: '/issues/missing-sni/',
  'curl by IP address': '/issues/missing-sni/',
  'NET::ERR_CERT_AUTHORITY_INVALID': '/issues/request-path/',
  ERR_CERT_DATE_INVALID: '/issues/certificate-not-ready/',
  'vault sealed': '/issues/secrets-not-synced/',
  SecretSyncedError: '/issues/secrets-not-synced/',
  'ExternalDNS does not create a record': '/issues/dns-record-missing/',
  'DNS record missing': '/issues/dns-record-missing/',
  'split DNS wrong answer': '/issues/split-horizon-dns/',
  'wrong site opens': '/issues/split-horizon-dns/',
  'pods cannot resolve hostname': '/issues/in-cluster-access/',
  'CoreDNS rewrite': '/issues/in-cluster-access/',
  'bpf-lb-sock-hostns-only': '/issues/cilium-socket-lb/',
  socketLB: '/issues/cilium-socket-lb/',
  '500 internal server error': '/issues/route-not-reachable/',
  'upstream connect error': '/issues/route-not-reachable/',
  'least ClusterRole permissions': '/how-to/run-a-runbook/',
  'pull request check': '/how-to/gate-pull-requests/',
  'pre-commit': '/how-to/gate-pull-requests/',
  'validate manifests in CI': '/how-to/judge-manifests/',
  'use my own domain': '/how-to/adopt/',
  MagicDNS: '/explanation/split-horizon-dns/',
  'what is a GatewayClass': '/reference/glossary/',
  'exit code': '/reference/terminal/',
  Claude: '/how-to/ask-an-assistant/',
  MCP: '/how-to/ask-an-assistant/',
  'publish to Cloudflare Pages': '/how-to/publish/',
  'try it without a cluster': '/tutorials/first-run/',
  'Gateway API and Networking': '/explanation/overview/',
  'site can’t be reached': '/issues/request-path/',
  '502 bad gateway': '/issues/route-not-reachable/',
  'how does a request travel': '/explanation/request-path/',
};

interface Pagefind {
  search: (phrase: string) => Promise<{ results: readonly { data: () => Promise<{ url: string }> }[] }>;
}

test('each phrase leads to its page first', async ({ page }) => {
  await page.goto(publicUrl);
  const first = await page.evaluate(async (phrases) => {
    const path = '/pagefind/pagefind.js';
    const { search } = (await import(path)) as Pagefind;
    const found: [string, string][] = [];
    for (const phrase of phrases) {
      const { results } = await search(phrase);
      found.push([phrase, (await results[0]?.data())?.url ?? 'nothing']);
    }
    return found;
  }, Object.keys(wanted));
  expect(Object.fromEntries(first)).toEqual(wanted);
});
