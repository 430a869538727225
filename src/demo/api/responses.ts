/** How answers go out. */
import type { ServerResponse } from 'node:http';
import { encode } from './representations.ts';

export function send(response: ServerResponse, code: number, media: string, document: object): void {
  const body = encode(media === 'application/yaml' ? media : 'application/json', document);
  response.writeHead(code, { 'content-type': media, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

export function sendBytes(response: ServerResponse, code: number, media: string, body: Buffer): void {
  response.writeHead(code, { 'content-type': media, 'content-length': body.length });
  response.end(body);
}

export function sendText(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(body);
}

/** Advice that a client shows beside the answer (RFC 7234's `Warning`). */
export function warn(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length === 0) return;
  response.setHeader(
    'warning',
    warnings.map((warning) => `299 - ${JSON.stringify(warning)}`),
  );
}
