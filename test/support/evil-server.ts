/** A server that is no friend: it answers as told, or not at all, and counts who is connected. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kinds } from '../../src/runbook/kinds.ts';

export interface EvilServer {
  /** A kubeconfig whose one context leads here. */
  kubeconfig: string;
  requests: () => number;
  sockets: () => number;
  close: () => void;
}

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** Takes every request and never answers. */
export const silence: Answering = () => undefined;

/** Hands out one empty page after the other, slowly, and always promises another. */
export const endless: Answering = (request, response) => {
  const apiVersion = /^\/apis?\/([^/]+\/v[^/]+|v1)\//.exec(request.url ?? '')?.[1] ?? '';
  const plural = /(\w+)(\?|$)/.exec(request.url ?? '')?.[1] ?? '';
  const kind = Object.entries(kinds).find(([, known]) => known.plural === plural)?.[0] ?? '';
  const page = Number(/continue=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
  const send = (body: unknown): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.url === '/version') return send({ gitVersion: 'v1.36.2' });
  const body = { apiVersion, kind: `${kind}List`, metadata: { continue: String(page + 1) }, items: [] };
  setTimeout(() => send(body), 100);
};

export async function evilServer(answering: Answering): Promise<EvilServer> {
  let [requests, sockets] = [0, 0];
  const server = createServer((request, response) => {
    requests += 1;
    answering(request, response);
  });
  server.on('connection', (socket) => {
    sockets += 1;
    socket.on('close', () => (sockets -= 1)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: `apiVersion: v1
kind: Config
clusters: [{ name: evil, cluster: { server: 'http://127.0.0.1:${port}' } }]
users: [{ name: me, user: { token: a-token } }]
contexts: [{ name: evil, context: { cluster: evil, user: me } }]
current-context: evil
`,
    requests: () => requests,
    sockets: () => sockets,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
