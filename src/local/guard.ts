/**
 * Who may use the local API: this machine's own page, and nobody else. It can read a cluster with a person's credentials, so
 * every line of defence stands by itself: the method, the connection, the host that was asked for, the origin, and the session's token.
 *
 * All of it keeps out pages. It does not keep out programs of this machine's other accounts: the page has to get its token over the
 * same loopback address that they can reach.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Caller {
  method: string | undefined;
  remoteAddress: string | undefined;
  headers: IncomingHttpHeaders;
}

export interface Refusal {
  status: 401 | 403 | 405;
  message: string;
}

/** Carries the token; a header of our own, so that a foreign page cannot send it without a preflight that nobody answers. */
export const tokenHeader = 'x-runbook-token';

const loopbackAddresses = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
/** Host headers of this machine. A name that a foreign DNS resolves to 127.0.0.1 is none, nor is 0.0.0.0, of which browsers tell nothing. */
export const loopbackHosts = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Why a caller is turned away; undefined when it may pass.
 *
 * @param wanted POST for what changes the practice cluster; all else reads.
 */
export function refusal(
  { method, remoteAddress, headers }: Caller,
  token: string,
  wanted: 'GET' | 'POST' = 'GET',
): Refusal | undefined {
  if (method !== wanted) {
    const message =
      wanted === 'GET' ? 'The local API only reads: use GET.' : 'This changes the practice cluster: use POST.';
    return { status: 405, message };
  }
  if (remoteAddress === undefined || !loopbackAddresses.test(remoteAddress)) {
    return { status: 403, message: 'The local API answers only this machine.' };
  }
  const host = headers.host ?? '';
  if (!loopbackHosts.test(host)) {
    return { status: 403, message: 'The local API answers only at localhost, 127.0.0.1 and [::1].' };
  }
  const { origin } = headers;
  // Browsers name the origin of every POST.
  if (origin === undefined && wanted === 'POST') {
    return { status: 403, message: 'The local API answers only its own page.' };
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return { status: 403, message: 'The local API answers only its own page.' };
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    return { status: 403, message: 'The local API answers only its own page.' };
  }
  const sent = headers[tokenHeader];
  if (typeof sent !== 'string' || !sameText(sent, token)) {
    return { status: 401, message: 'The session has changed, because the server was started again: reload the page.' };
  }
  return undefined;
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
