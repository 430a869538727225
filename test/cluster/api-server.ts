/**
 * A real HTTP(S) server on loopback that answers as a test says, and remembers what it was asked.
 */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface Asked {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  /** Subject of the client certificate, if there was one. */
  clientName: string | undefined;
  socket: number;
}

export type Handler = (request: Asked, response: http.ServerResponse) => void;

export interface ApiServer {
  url: string;
  port: number;
  asked: Asked[];
  /** What answers from now on. */
  answer: (handler: Handler) => void;
  close: () => Promise<void>;
}

export async function startApiServer(tls?: https.ServerOptions, host = '127.0.0.1'): Promise<ApiServer> {
  let handler: Handler = (_, response) => void response.destroy();
  const asked: Asked[] = [];
  const sockets: unknown[] = [];
  const listener: http.RequestListener = (request, response) => {
    if (!sockets.includes(request.socket)) sockets.push(request.socket);
    const subject = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject : undefined;
    const one: Asked = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      clientName: [subject?.CN].flat()[0],
      socket: sockets.indexOf(request.socket),
    };
    asked.push(one);
    handler(one, response);
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  // Clients that do not trust the certificate leave in the middle of the handshake.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    asked,
    answer: (next) => void (handler = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function sendText(
  response: http.ServerResponse,
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': contentType }).end(body);
}

/** What an API server says of a path that it does not serve: no Status, just this text. */
export const sendUnknownPath = (response: http.ServerResponse): void => sendText(response, 404, '404 page not found\n');

/** A Status as an API server sends it in place of an object. */
export const status = (code: number, reason: string | undefined, message: string, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason && { reason }),
  ...(details && { details }),
  code,
});
