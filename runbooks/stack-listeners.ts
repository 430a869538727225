/** What a stack's Gateway listens for, and the Certificate and Secret of each listener: one of each for all hostnames, or one for each. Pure. */
import type { Named, Part, Stack } from './stack-type.ts';

/** A listener of the stack's Gateway. */
export interface StackListener {
  name: string;
  /** What it takes; a wildcard where one certificate covers the domain. */
  hostname: string;
  certificate: Named & { secret: string };
}

/** Whether a stack has a part. */
export const hasPart = (stack: Stack, part: Part): boolean =>
  part === 'wildcard' ? stack.certificate.covers === 'domain' : stack[part] !== null;

/** In names of a listener, a Certificate and its Secret: what the hostname has below the domain. */
export const hostMark = '{host}';

/** What stands for it there: `films-old` of films.old.example.org. */
export const hostOf = (hostname: string, domain: string): string =>
  hostname === domain ? 'apex' : hostname.slice(0, -domain.length - 1).replaceAll('.', '-');

/** The listener that takes a hostname of the stack. */
export function listenerFor(stack: Stack, hostname: string): StackListener {
  const { domain, gateway, certificate } = stack;
  const isWhole = hasPart(stack, 'wildcard');
  const named = (pattern: string): string =>
    isWhole ? pattern : pattern.replaceAll(hostMark, hostOf(hostname, domain));
  return {
    name: named(gateway.listener),
    hostname: isWhole ? `*.${domain}` : hostname,
    certificate: {
      namespace: certificate.namespace,
      name: named(certificate.name),
      secret: named(certificate.secret),
    },
  };
}

/** Every listener; that of the app which examples follow first. */
export function listenersOf(stack: Stack): readonly [StackListener, ...StackListener[]] {
  const { app, apps, vault } = stack;
  const hostnames = new Set([...apps, ...(vault === null ? [] : [vault])].map(({ hostname }) => hostname));
  hostnames.delete(app.hostname);
  const others = hasPart(stack, 'wildcard') ? [] : [...hostnames];
  return [listenerFor(stack, app.hostname), ...others.map((hostname) => listenerFor(stack, hostname))];
}

/** The record that proves a name; a wildcard's is that of its domain [RFC 8555, section 8.4]. */
export const challengeRecord = (name: string): string => `_acme-challenge.${name.replace(/^\*\./, '')}`;

/**
 * The names that pages may write: those of the stack file, of listeners and certificates that of the app which examples follow, and
 * those of the app that a reader adds.
 */
export function namesInPages(stack: Stack): Readonly<Record<string, unknown>> {
  const { name: listener, hostname, certificate } = listenerFor(stack, stack.app.hostname);
  const added = `photos.${stack.domain}`;
  const more = listenerFor(stack, added);
  return {
    ...stack,
    gateway: { ...stack.gateway, listener },
    certificate: { ...stack.certificate, ...certificate, challenge: challengeRecord(hostname) },
    newApp: {
      hostname: added,
      listener: more.name,
      certificate: more.certificate.name,
      secret: more.certificate.secret,
    },
  };
}
