/** The world around a stack in which nothing is wrong. */
import type { Stack } from '../../runbooks/stack-type.ts';
import { allCredentials, vaultRole } from './objects/credentials.ts';
import { deviceName } from './objects/tailscale.ts';
import type { WorldFacts } from './world.ts';

type Records = WorldFacts['publicRecords'];

/** The public site, behind Cloudflare's proxy, so that no alias shows [addresses: RFC 5737, RFC 3849]. */
const publicCopy = ({ splitHorizon }: Stack): Records =>
  splitHorizon === null
    ? {}
    : {
        [splitHorizon.hostname]: [
          { type: 'A', data: '192.0.2.80' },
          { type: 'AAAA', data: '2001:db8::80' },
          { type: 'HTTPS', data: '1 .' },
        ],
      };

/** Where neither ExternalDNS nor a resolver on the tailnet answers for the hostnames, somebody wrote their records by hand. */
const handmadeRecords = (stack: Stack): Records =>
  stack.externalDns !== null || stack.tailnetResolver !== null
    ? {}
    : Object.fromEntries(
        [...stack.apps, ...(stack.vault === null ? [] : [stack.vault])].map(({ hostname }) => [
          hostname,
          [{ type: 'CNAME', data: deviceName(stack, stack.device.name) }],
        ]),
      );

export const soundWorld = (stack: Stack): WorldFacts => ({
  splitDns: true,
  publicRecords: { ...handmadeRecords(stack), ...publicCopy(stack) },
  servedCertificate: null,
  missedAddress: false,
  restoredFromGit: [],
  vault: {
    sealed: false,
    progress: 0,
    refuses: null,
    holds: Object.fromEntries(allCredentials(stack).map(({ path, properties }) => [path, properties])),
    roles:
      stack.externalSecrets === null
        ? {}
        : {
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
