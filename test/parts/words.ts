/** Words that only somebody uses who speaks of a part. */
import type { Part } from '../../runbooks/stack-type.ts';

const words: Readonly<Record<Part, RegExp>> = {
  cilium: /cilium|socket (?:lb|load)/i,
  externalDns: /external-?dns/i,
  externalSecrets: /external[- ]?secret/i,
  internalService: /internal service|in-cluster access/i,
  splitHorizon: /public copy|pages\.dev|split-horizon hostname/i,
  tailnetResolver: /tailnet(?:’s|'s)? resolver|\bupdater\b|split-horizon dns/i,
  vault: /\bvault/i,
  // `"wildcard": false` is a field of cert-manager's own.
  wildcard: /wildcard(?!":)|\*\.lab\.example/i,
};

/** What matches a word about any of some parts. */
export const wordsOf = (parts: readonly Part[]): RegExp =>
  new RegExp(parts.map((part) => `(?:${words[part].source})`).join('|'), 'i');
