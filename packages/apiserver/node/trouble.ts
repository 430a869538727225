/**
 * Trouble on the way to the API server, for practising what no object shows: it is slow, busy, broken or silent, it no longer
 * accepts a token, or its certificate is not to be trusted. It troubles every client alike.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { IssuedCertificate } from './certificates.ts';
import { StatusError, unauthorized } from '../http/statuses.ts';

/** The kinds of trouble, each with what is then true. */
export const troubles = {
  slow: 'Every answer takes a second and a half',
  busy: 'Every request is turned away as one too many (429, with Retry-After)',
  'internal-error': 'Every request ends in an internal error (500)',
  cut: 'Every answer is cut off in the middle',
  silent: 'Connections are accepted and nothing is ever answered',
  'expired-token': 'Every token has expired (401)',
  'expired-certificate': 'The server’s certificate has expired',
  'foreign-certificate': 'The server’s certificate is signed by another authority',
} as const satisfies Readonly<Record<string, string>>;

export type TroubleKind = keyof typeof troubles;

export const isTrouble = (text: string): text is TroubleKind => Object.hasOwn(troubles, text);

export interface Trouble {
  /** Puts itself before a server's own handling of requests. */
  before: (handle: RequestListener) => RequestListener;
  /** Makes trouble of a kind from now on, or none. */
  set: (kind: TroubleKind | null) => Promise<void>;
  /** Takes the server whose certificate it may change. */
  attach: (server: Server) => Promise<void>;
}

export interface TroubleOptions {
  kind: TroubleKind | null;
  serving: IssuedCertificate;
  /** Issues a certificate for the server, by its own authority or by a foreign one. */
  issue: (how: { foreign: boolean; notAfter?: Date }) => Promise<IssuedCertificate>;
}

/** Long enough to be felt, short enough for every client's patience. */
const delayMs = 1500;

export function createTrouble({ kind: first, serving, issue }: TroubleOptions): Trouble {
  let kind = first;
  let attached: Server | undefined;
  const silenced = new Set<ServerResponse>();

  /** Clients keep connections: those that shook hands with another certificate have to go. */
  async function present(certificate: Promise<IssuedCertificate> | IssuedCertificate): Promise<void> {
    attached?.setSecureContext(await certificate);
    attached?.closeAllConnections();
  }

  async function set(next: TroubleKind | null): Promise<void> {
    const before = kind;
    kind = next;
    silenced.forEach((response) => response.destroy());
    if (next === 'expired-certificate') {
      await present(issue({ foreign: false, notAfter: new Date(Date.now() - 3_600_000) }));
    } else if (next === 'foreign-certificate') {
      await present(issue({ foreign: true }));
    } else if (before === 'expired-certificate' || before === 'foreign-certificate') {
      await present(serving);
    }
  }

  return {
    set,
    attach: (server) => {
      attached = server;
      return set(kind);
    },
    before: (handle) => (request, response) => {
      switch (kind) {
        case null:
        case 'expired-certificate':
        case 'foreign-certificate':
          return handle(request, response);
        case 'slow':
          return void setTimeout(() => handle(request, response), delayMs);
        case 'busy':
          // As the server's own limit of requests in flight says it (apiserver 1.36, filters/priority-and-fairness.go).
          return refuse(
            response,
            new StatusError(429, 'TooManyRequests', 'too many requests, please try again later', {}),
            { 'retry-after': '1' },
          );
        case 'internal-error':
          return refuse(response, new StatusError(500, 'InternalError', 'etcdserver: request timed out'));
        case 'expired-token':
          return request.headers.authorization === undefined
            ? handle(request, response)
            : refuse(response, unauthorized());
        case 'cut':
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': 4096 });
          return void response.write('{"kind":"', () => request.socket.destroy());
        case 'silent':
          silenced.add(response);
          return void response.once('close', () => silenced.delete(response));
      }
    },
  };
}

function refuse(response: ServerResponse, { status }: StatusError, headers: Record<string, string> = {}): void {
  const body = JSON.stringify(status);
  response.writeHead(status.code, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
