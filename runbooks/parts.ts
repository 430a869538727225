/**
 * Which parts the stack has, and their names. A part that the stack file says is null is not spoken of: `components.ts` and `index.ts` leave out
 * what belongs to it, and pages their sections about it.
 */
import { stack } from '#stack';
import { hasPart } from './stack-listeners.ts';
import type { Part, Parts } from './stack-type.ts';

/** In the place of a name that there is not: what asks for it belongs to a part that is absent. */
export const absentName = 'not-in-this-stack';

const absentNames: Parts = {
  internalService: { namespace: absentName, name: absentName },
  cilium: { namespace: absentName, configMap: absentName, daemonSet: absentName },
  externalDns: { namespace: absentName, deployment: absentName, owner: absentName, tokenSecret: absentName },
  externalSecrets: { namespace: absentName, deployment: absentName, store: absentName },
  vault: { namespace: absentName, service: absentName, port: 0, hostname: absentName },
  tailnetResolver: { namespace: absentName, name: absentName, device: absentName, updater: absentName },
  splitHorizon: { hostname: absentName, pages: absentName },
};

const sections = Object.keys(absentNames) as unknown as readonly (keyof Parts)[];

export const allParts = ['wildcard', ...sections] as const satisfies readonly Part[];

export const has = (part: Part): boolean => hasPart(stack, part);

/** Where neither ExternalDNS nor a resolver on the tailnet answers for the hostnames, somebody has made their public records by hand. */
export const hasHandmadeRecords = !has('externalDns') && !has('tailnetResolver');

/** Words about a part; others, or none, in a stack without it. */
export const ifThere = (part: Part, words: string, otherwise = ''): string => (has(part) ? words : otherwise);

/** The names of every part, for what counts only where the part is there. */
export const partNames = Object.fromEntries(
  sections.map((part) => [part, stack[part] ?? absentNames[part]] as const),
) as unknown as Parts;
