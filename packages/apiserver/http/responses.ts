/** How answers go out: in the media type that was agreed on, for people to read where people ask, and packed where it pays. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { uid } from '../objects/object.ts';
import { encode, negotiate, type Representation } from '../reads/representations.ts';
import { StatusError, type Status } from './statuses.ts';

/** As in apiserver 1.36, endpoints/handlers/responsewriters/writers.go. */
const worthPacking = 128 * 1024;

export function send(response: ServerResponse, code: number, media: string, document: object): void {
  const { req: request } = response;
  const isPretty = wantsPretty(request);
  write(response, code, media, encode(media === 'application/yaml' ? media : 'application/json', document, isPretty));
}

/** What a program wrote into an API server as it stands: indented, whoever asks. */
export const sendRaw = (response: ServerResponse, code: number, media: string, document: object): void =>
  write(response, code, media, encode('application/json', document, true));

function write(response: ServerResponse, code: number, media: string, text: string): void {
  const plain = Buffer.from(text);
  const isPacked = plain.length > worthPacking && /\bgzip\b/.test(response.req.headers['accept-encoding'] ?? '');
  const body = isPacked ? gzipSync(plain) : plain;
  response.writeHead(code, {
    'content-type': media,
    'content-length': body.length,
    ...(isPacked ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
  });
  response.end(body);
}

export function sendBytes(response: ServerResponse, code: number, media: string, body: Buffer): void {
  response.writeHead(code, { 'content-type': media, 'content-length': body.length });
  response.end(body);
}

/** An error, in the format that its client reads; where there is none, it is not hidden behind that. */
export function sendStatus(response: ServerResponse, { status }: StatusError): void {
  if (status.details?.retryAfterSeconds !== undefined) {
    response.setHeader('retry-after', String(status.details.retryAfterSeconds));
  }
  const media = mediaOf(response.req);
  if (media === undefined) sendRaw(response, status.code, 'application/json', status satisfies Status);
  else send(response, status.code, media, status);
}

function mediaOf({ headers }: IncomingMessage): Representation['media'] | undefined {
  try {
    return negotiate(headers.accept, []).media;
  } catch {
    return undefined;
  }
}

/** People's programs get answers that people can read [apiserver 1.36, negotiation/negotiate.go, isPrettyPrint]. */
function wantsPretty({ url = '', headers }: IncomingMessage): boolean {
  const asked = new URLSearchParams(url.split(/\?(.*)/s)[1]).get('pretty') ?? '';
  if (asked !== '') return /^(1|t|true)$/i.test(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '') || /;\s*pretty=1/.test(headers.accept ?? '');
}

export function sendText(
  response: ServerResponse,
  code: number,
  body: string,
  media = 'text/plain; charset=utf-8',
): void {
  response.writeHead(code, { 'content-type': media, 'x-content-type-options': 'nosniff' });
  response.end(body);
}

/** What every answer carries: who could find it in the audit log, and which queue it waited in. */
export function mark(response: ServerResponse): void {
  const { headers } = response.req;
  response.setHeader('audit-id', headers['audit-id'] ?? randomUUID());
  response.setHeader('cache-control', 'no-cache, private');
  response.setHeader('x-kubernetes-pf-flowschema-uid', uid('FlowSchema global-default'));
  response.setHeader('x-kubernetes-pf-prioritylevel-uid', uid('PriorityLevelConfiguration global-default'));
}

/** Advice that a client shows beside the answer (RFC 7234's `Warning`). */
export function warn(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length === 0) return;
  response.setHeader(
    'warning',
    warnings.map((warning) => `299 - ${JSON.stringify(warning)}`),
  );
}
