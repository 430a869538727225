/** The API server on loopback: HTTPS in front of what `api.ts` answers. */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createApi } from '../api.ts';
import type { User } from '../access/rbac.ts';
import type { ApiAnswer, ApiRequest, Stream } from '../http/exchange.ts';
import type { State } from '../state/state.ts';
import type { IssuedCertificate } from './certificates.ts';
import type { Exec } from './exec.ts';
import { packaged } from './packaged.ts';
import { createSigner } from './signer.ts';
import type { Trouble } from './trouble.ts';

export interface ApiServer {
  port: number;
  requests: () => number;
  close: () => Promise<void>;
}

export interface ServerOptions {
  /** Any free one when left out. */
  port?: number;
  /** What runs in containers; nothing does when left out. */
  exec?: Exec;
  /** Trouble on the way; none when left out. */
  trouble?: Trouble;
}

export async function startApiServer(
  state: State,
  users: readonly User[],
  { cert, key }: IssuedCertificate,
  { port = 0, exec, trouble }: ServerOptions = {},
): Promise<ApiServer> {
  let requests = 0;
  const api = createApi({ state, users, packaged, signer: createSigner(), requests: () => requests });
  const plainly = (request: IncomingMessage, response: ServerResponse): void =>
    void api.answer(asked(request)).then((answer) => write(answer, response));
  const handle = trouble?.before(plainly) ?? plainly;
  const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    requests += 1;
    handle(request, response);
  });
  await trouble?.attach(server);
  if (exec !== undefined) {
    server.on('upgrade', (request, socket, head) => {
      requests += 1;
      exec.upgrade(request, socket, head, () => api.authenticate(asked(request)));
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        exec?.close();
      }),
  };
}

const asked = (request: IncomingMessage): ApiRequest => ({
  method: request.method ?? 'GET',
  url: request.url ?? '/',
  headers: request.headersDistinct,
  body: request as AsyncIterable<Buffer>,
  address: `127.0.0.1:${request.socket.localPort ?? ''}`,
});

/** As in apiserver 1.36, endpoints/handlers/responsewriters/writers.go. */
const worthPacking = 128 * 1024;

function write({ code, headers, body }: ApiAnswer, response: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (typeof body === 'function') return stream(code, body, response);
  const whole = Buffer.from(body);
  const isPacked =
    whole.length > worthPacking &&
    /^application\/(json|yaml)/.test(String(headers['content-type'])) &&
    /\bgzip\b/.test(String(response.req.headers['accept-encoding']));
  const sent = isPacked ? gzipSync(whole) : whole;
  response.writeHead(code, {
    'content-length': sent.length,
    ...(isPacked ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
  });
  response.end(sent);
}

function stream(code: number, body: Stream, response: ServerResponse): void {
  response.writeHead(code);
  // A client waits for the head of the answer, whether or not there is anything to tell yet.
  response.flushHeaders();
  try {
    const stop = body({
      write: (content) => void response.write(content),
      end: () => void response.end(),
    });
    if (stop === undefined) return;
    if (response.destroyed) stop();
    else response.once('close', stop);
  } catch {
    response.destroy();
  }
}
