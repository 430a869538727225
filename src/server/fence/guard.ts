/**
 * Who may use the local API: this machine's own page, and nobody else. Every line of defence stands by itself: the method, the connection, whose
 * program it is, the host that was asked for, the origin, and a header that only the own page can send. Whether it may ask more than the demo
 * cluster is for the door to say (door.ts).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { pageHeader } from './door.ts';
import type { Origins } from './origins.ts';

export interface Caller {
  method: string | undefined;
  remoteAddress: string | undefined;
  /** Whether it is a program of another account, where that is known. */
  isOthers: boolean;
  headers: IncomingHttpHeaders;
}

export interface Refusal {
  status: 403 | 405;
  message: string;
}

const loopbackAddresses = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/**
 * Why a caller is turned away; undefined when it may pass.
 *
 * @param wanted POST for what changes something; all else reads.
 */
export function refusal(caller: Caller, origins: Origins, wanted: 'GET' | 'POST' = 'GET'): Refusal | undefined {
  const { method, remoteAddress, isOthers, headers } = caller;
  if (method !== wanted) {
    return { status: 405, message: `The local API takes ${wanted} here${wanted === 'GET' ? ': it only reads' : ''}.` };
  }
  const refused = (message: string): Refusal => ({ status: 403, message });
  if (remoteAddress === undefined || !loopbackAddresses.test(remoteAddress)) {
    return refused('The local API answers only this machine.');
  }
  if (isOthers)
    return refused('The local API answers only the account that started the handbook. Start it as yourself.');
  const { host = '' } = headers;
  if (!origins.isOwn(host)) return refused(strangeHost(host, origins));
  return isOwnPage(headers, wanted) ? undefined : refused('The local API answers only its own page.');
}

/** Why nothing is served at a host. */
export const strangeHost = (host: string, origins: Origins): string =>
  origins.isStale(host)
    ? 'The handbook was started again since: open the link that its terminal printed.'
    : 'The handbook answers its own pages only, at localhost, 127.0.0.1, [::1] and the link that its terminal printed.';

function isOwnPage(headers: IncomingHttpHeaders, wanted: 'GET' | 'POST'): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  // Browsers name the origin of every POST.
  const isOwnOrigin = origin === undefined ? wanted === 'GET' : origin === originOf(headers);
  return isOwnOrigin && (site === undefined || site === 'same-origin') && headers[pageHeader] !== undefined;
}

/** The origin of the pages of the host that a request asks. */
export const originOf = ({ host = '' }: IncomingHttpHeaders): string => `http://${host.toLowerCase()}`;
