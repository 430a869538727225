/** Answers: in the media type that was agreed on, and for people to read where people ask. */
import { uid } from '../objects/object.ts';
import { encode, negotiate, type Representation } from '../reads/representations.ts';
import { header, type ApiAnswer, type ApiRequest } from './exchange.ts';
import type { StatusError } from './statuses.ts';

/** What a handler found, before it is written for somebody. */
export interface Reply {
  code: number;
  media: string;
  document: object;
  headers?: ApiAnswer['headers'];
}

export const isReply = (found: Reply | ApiAnswer): found is Reply => 'document' in found;

export function written({ code, media, document, headers }: Reply, request: ApiRequest): ApiAnswer {
  const body = encode(media === 'application/yaml' ? media : 'application/json', document, wantsPretty(request));
  return { code, headers: { ...headers, 'content-type': media }, body };
}

/** What a program wrote into an API server as it stands: indented, whoever asks. */
export const raw = (code: number, document: object): ApiAnswer => ({
  code,
  headers: { 'content-type': 'application/json' },
  body: encode('application/json', document, true),
});

export const plain = (code: number, body: string, media = 'text/plain; charset=utf-8'): ApiAnswer => ({
  code,
  headers: { 'content-type': media, 'x-content-type-options': 'nosniff' },
  body,
});

/** An error, in the format that its client reads; where there is none, it is not hidden behind that. */
export function refusal({ status }: StatusError, request: ApiRequest): ApiAnswer {
  const seconds = status.details?.retryAfterSeconds;
  const headers: ApiAnswer['headers'] = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  const media = mediaOf(request);
  const answer =
    media === undefined ? raw(status.code, status) : written({ code: status.code, media, document: status }, request);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function mediaOf(request: ApiRequest): Representation['media'] | undefined {
  try {
    return negotiate(header(request, 'accept'), []).media;
  } catch {
    return undefined;
  }
}

/** People's programs get answers that people can read [apiserver 1.36, negotiation/negotiate.go, isPrettyPrint]. */
function wantsPretty(request: ApiRequest): boolean {
  const asked = new URLSearchParams(request.url.split(/\?(.*)/s)[1]).get('pretty') ?? '';
  if (asked !== '') return /^(1|t|true)$/i.test(asked);
  return (
    /^(curl|Wget|Mozilla\/5\.0)/.test(header(request, 'user-agent') ?? '') ||
    /;\s*pretty=1/.test(header(request, 'accept') ?? '')
  );
}

/** What every answer carries: who could find it in the audit log, and which queue it waited in. */
export const marks = ({ headers }: ApiRequest): ApiAnswer['headers'] => ({
  'audit-id': headers['audit-id'] ?? crypto.randomUUID(),
  'cache-control': 'no-cache, private',
  'x-kubernetes-pf-flowschema-uid': uid('FlowSchema global-default'),
  'x-kubernetes-pf-prioritylevel-uid': uid('PriorityLevelConfiguration global-default'),
});

/** Advice that a client shows beside the answer (RFC 7234's `Warning`). */
export const advice = (warnings: readonly string[]): ApiAnswer['headers'] =>
  warnings.length === 0 ? {} : { warning: warnings.map((warning) => `299 - ${JSON.stringify(warning)}`) };
