/** The world around a stack in which nothing is wrong. */
import type { Stack } from '../../runbooks/stack-type.ts';
import { credentials, vaultRole } from './objects/credentials.ts';
import type { WorldFacts } from './world.ts';

export const soundWorld = (stack: Stack): WorldFacts => ({
  splitDns: true,
  publicRecords: {
    // The public site, behind Cloudflare's proxy, so that no alias shows [addresses: RFC 5737, RFC 3849].
    [stack.splitHorizon.hostname]: [
      { type: 'A', data: '192.0.2.80' },
      { type: 'AAAA', data: '2001:db8::80' },
      { type: 'HTTPS', data: '1 .' },
    ],
  },
  servedCertificate: null,
  missedAddress: false,
  restoredFromGit: [],
  vault: {
    sealed: false,
    progress: 0,
    refuses: null,
    holds: Object.fromEntries(Object.values(credentials(stack)).map(({ path, properties }) => [path, properties])),
    roles: {
      [vaultRole]: {
        names: [stack.externalSecrets.deployment],
        namespaces: [stack.externalSecrets.namespace],
        policies: [vaultRole],
      },
    },
    policies: { default: [], [vaultRole]: ['secret/data/*', 'secret/metadata/*'] },
  },
  tailscale: {
    tailnet: stack.tailnet,
    refuses: null,
    taken: [],
    addresses: {},
    missedClusterIp: false,
  },
  letsEncrypt: { refuses: null, refusesAccount: null },
  cloudflare: { refuses: null },
  missingImages: [],
  programs: [],
});
