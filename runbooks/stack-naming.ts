/** A stack under another Gateway or another domain, for one run or for a stack file that is about to be written. Pure. */
import type { Named, Stack } from './stack-type.ts';

export interface Naming {
  gateway?: Named;
  domain?: string;
}

/**
 * The stack with the Gateway and the domain that somebody names. Every name within the domain moves to the other one, and the certificate
 * stays in the Gateway's namespace, where a listener looks for it. All else is as it was: what the site is called, too.
 */
export function renamed(stack: Stack, { gateway = stack.gateway, domain = stack.domain }: Naming): Stack {
  const { site, ...rest } = stack;
  const moved = inDomain(rest, stack.domain, domain);
  const isBeside = stack.certificate.namespace === stack.gateway.namespace;
  return {
    site,
    ...moved,
    gateway: { ...moved.gateway, namespace: gateway.namespace, name: gateway.name },
    certificate: { ...moved.certificate, ...(isBeside ? { namespace: gateway.namespace } : {}) },
  };
}

/** The same value with each text that is a name in one domain, or an address there, in the other. */
export function inDomain<T>(value: T, from: string, to: string): T {
  if (typeof value === 'string') return movedName(value, from, to) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => inDomain(one, from, to)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inDomain(one as unknown, from, to)])) as T;
}

const movedName = (name: string, from: string, to: string): string =>
  name === from || ['.', '@'].some((before) => name.endsWith(`${before}${from}`))
    ? `${name.slice(0, -from.length)}${to}`
    : name;
