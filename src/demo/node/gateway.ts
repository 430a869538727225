/**
 * Stands in for Envoy: a TCP listener on loopback that chooses by server name, as a Gateway's HTTPS listeners do.
 *
 * A connection whose ClientHello names no host, or a foreign one, finds no filter chain: it is reset without a TLS alert, and
 * the access log says so. Every other one is served by the HTTPRoute of its Host.
 */
import type { CertificateAuthority } from '../../../packages/apiserver/node/certificates.ts';
import { resolveTimes } from '../../../packages/apiserver/objects/relative-times.ts';
import type { State } from '../../../packages/apiserver/state/state.ts';
import { mostSpecific } from '../../formats/hostname.ts';
import { type Asked, type Behind, chosen, redirection, ruleFor } from '../network/gateway-routes.ts';
import { type Chain, type GatewayState, gatewayState } from '../network/gateway-state.ts';
import type { World } from '../world.ts';
import { type AccessLogEntry, accessLogEntry } from '../network/access-log.ts';
import { inspectClientHello } from './client-hello.ts';
import type { ResolverPorts } from './resolver.ts';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';

/** Where a connection to an address of the demo's network really goes; `unanswered` when packets to it get no answer. */
export type Dial = (host: string, port: number) => { host: string; port: number } | 'unanswered';

export interface Gateway {
  dial: Dial;
  close: () => Promise<void>;
}

/** Envoy's listener filter timeout. */
const helloTimeout = 15_000;

export async function startGateway(state: State, world: World, resolvers: ResolverPorts): Promise<Gateway> {
  const start = state.now();
  const dated = (time: string): Date => new Date(resolveTimes(time, start));
  const asServed = (gateway: GatewayState): GatewayState => {
    const { servedCertificate: served } = world.facts;
    const validity = served && { notBefore: dated(served.notBefore), notAfter: dated(served.notAfter) };
    return {
      ...gateway,
      chains: gateway.chains.map((chain) => ({ ...chain, certificate: { ...chain.certificate, ...validity } })),
    };
  };
  // What the objects and the world say is asked again only when they have changed.
  let known: { objects: State['objects']; facts: World['facts']; gateway: GatewayState } | undefined;
  const current = (): GatewayState => {
    const { objects } = state;
    const { facts } = world;
    if (known?.objects !== objects || known.facts !== facts)
      known = { objects, facts, gateway: asServed(gatewayState(objects)) };
    return known.gateway;
  };
  const contexts = new Map<string, Promise<SecureContext>>();
  let authority: Promise<CertificateAuthority> | undefined;
  const makeContext = async ({ hostname, certificate }: Chain): Promise<SecureContext> => {
    // Most of what starts a demo never shakes hands.
    const { createCertificateAuthority } = await import('../../../packages/apiserver/node/certificates.ts');
    const { cert: own, issue } = await (authority ??= createCertificateAuthority("Demo CA in place of Let's Encrypt"));
    const { names, notBefore = daysFrom(state.now(), -1), notAfter = daysFrom(state.now(), 90) } = certificate;
    const issued = await issue({ commonName: names[0] ?? hostname, names, notBefore, notAfter });
    return createSecureContext({ cert: issued.cert + own, key: issued.key });
  };
  const contextOf = (chain: Chain): Promise<SecureContext> => {
    const key = JSON.stringify(chain.certificate);
    const context = contexts.get(key) ?? makeContext(chain);
    contexts.set(key, context);
    return context;
  };

  const log = (entry: Partial<AccessLogEntry>): void => {
    const line = JSON.stringify(accessLogEntry({ start_time: state.now().toISOString(), ...entry }));
    for (const container of current().logs) state.appendLog(container, line);
  };

  const https = createHttpsServer(
    {
      ALPNProtocols: ['http/1.1'],
      SNICallback: (serverName, callback) => {
        const chain = chainFor(current(), serverName);
        if (chain === undefined) callback(new Error(`no listener for ${serverName}`));
        else contextOf(chain).then((context) => callback(null, context), callback);
      },
    },
    (request, response) => serveRequest(current(), request, response, log),
  );
  https.on('tlsClientError', (_error, socket) => socket.destroy());

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    inspect(socket, (serverName) => {
      const chain = chainFor(current(), serverName);
      if (chain !== undefined) {
        https.emit('connection', socket);
        return;
      }
      log({
        ...connection(socket),
        response_code: 0,
        response_code_details: 'filter_chain_not_found',
        response_flags: 'NR',
        requested_server_name: serverName,
      });
      // Envoy has only peeked at the bytes: closing with them unread makes the kernel answer with a reset.
      socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port: ownPort } = server.address() as AddressInfo;

  return {
    dial: (host, port) => {
      const name = host.toLowerCase().replace(/\.$/, '');
      if (name === magicDns && port === 53) return { host: '127.0.0.1', port: resolvers.magic };
      const entrance = current().entrances.find(({ hosts }) => hosts.includes(name));
      // Nobody has this address: nothing answers. (Nor may the demo lead out of this machine.)
      if (entrance === undefined || entrance.reach === 'unanswered') return 'unanswered';
      if (entrance.reach === 'refused' || !entrance.ports.includes(port)) return refusing;
      return { host: '127.0.0.1', port: entrance.reach === 'envoy' ? ownPort : resolvers.tailnet };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
        https.closeAllConnections();
      }),
  };
}

/** Where every device of a tailnet finds MagicDNS. */
const magicDns = '100.100.100.100';

/** An address that refuses connections: tcpmux, which nothing has served on a loopback in decades. */
const refusing = { host: '127.0.0.1', port: 1 };

const daysFrom = (date: Date, days: number): Date => new Date(date.getTime() + days * 86_400_000);

const chainFor = ({ chains }: GatewayState, serverName: string | null): Chain | undefined =>
  serverName === null
    ? chains.find(({ hostname }) => hostname === '')
    : mostSpecific(chains, ({ hostname }) => [hostname], serverName)[0];

/** Reads until the ClientHello is whole, puts the bytes back, and says which server it names; null for none, or for no TLS. */
function inspect(socket: Socket, done: (serverName: string | null) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const inspection = inspectClientHello(bytes);
    if (inspection.state === 'incomplete') return;
    socket.off('data', onData);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(bytes);
    done(inspection.state === 'client-hello' ? inspection.serverName : null);
  };
  socket.setTimeout(helloTimeout, () => socket.destroy());
  socket.on('data', onData);
}

type Log = (entry: Partial<AccessLogEntry>) => void;

function serveRequest(gateway: GatewayState, request: IncomingMessage, response: ServerResponse, log: Log): void {
  const authority = request.headers.host ?? '';
  const host = authority.toLowerCase().replace(/:\d+$/, '');
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const asked = { host, path, method: request.method ?? 'GET', headers: request.headers };
  const reply = replyTo(gateway, asked);
  response.writeHead(reply.code, {
    ...(reply.location === undefined ? {} : { location: reply.location }),
    ...(reply.body === '' ? {} : { 'content-type': 'text/plain' }),
    'content-length': Buffer.byteLength(reply.body),
  });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
  log({
    ...connection(request.socket),
    ':authority': authority,
    bytes_sent: Buffer.byteLength(reply.body),
    method: request.method ?? null,
    protocol: `HTTP/${request.httpVersion}`,
    requested_server_name: request.socket instanceof TLSSocket ? request.socket.servername || null : null,
    response_code: reply.code,
    response_code_details: reply.details,
    response_flags: reply.flags,
    route_name: reply.route === undefined ? null : `httproute/${reply.route}`,
    upstream_cluster: reply.upstream ?? null,
    'user-agent': request.headers['user-agent'] ?? null,
    'x-envoy-origin-path': request.url ?? null,
    'x-request-id': randomUUID(),
  });
}

interface Reply {
  code: number;
  body: string;
  details: string;
  flags: string;
  /** The HTTPRoute that the request fell to. */
  route?: string;
  /** The backend that it was sent to; none when Envoy answered by itself. */
  upstream?: string;
  location?: string;
}

const itself = { body: '', details: 'direct_response', flags: '-' };

/** What Envoy says for a backend that does not answer [Envoy 1.39, source/common/router; Envoy Gateway 1.9, internal/gatewayapi/route.go]. */
const failures: Readonly<Record<Exclude<Behind, 'serves'>, Omit<Reply, 'upstream'> & { isTried: boolean }>> = {
  unresolved: { ...itself, code: 500, isTried: false },
  nobody: { ...itself, code: 503, isTried: false },
  refuses: {
    code: 503,
    body: 'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
    details:
      'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
    flags: 'UF',
    isTried: true,
  },
  dropped: {
    code: 503,
    body: 'upstream connect error or disconnect/reset before headers. reset reason: connection timeout',
    details: 'upstream_reset_before_response_started{connection_timeout}',
    flags: 'UF',
    isTried: true,
  },
  // Envoy gives up after fifteen seconds; here at once, so that nobody waits for it.
  hangs: { code: 504, body: 'upstream request timeout', details: 'response_timeout', flags: 'UT', isTried: true },
};

/** What Envoy answers for a backend, or in place of one. */
function replyTo({ routes }: GatewayState, asked: Asked): Reply {
  const found = ruleFor(routes, asked);
  if (found === undefined) return { code: 404, body: '', details: 'route_not_found', flags: 'NR' };
  const route = found.route.name;
  const { redirect, backends } = found.rule;
  if (redirect !== undefined) return { ...itself, ...redirection(redirect, asked), details: 'direct_response', route };
  const backend = chosen(backends, Math.random());
  if (backend === undefined) return { ...itself, code: 500, route };
  if (backend.behind === 'serves') {
    const body = `Served by the demo: HTTPRoute ${route}, backend Service ${backend.name}.\n`;
    return { code: 200, body, details: 'via_upstream', flags: '-', route, upstream: backend.name };
  }
  const { isTried, ...failure } = failures[backend.behind];
  return { ...failure, route, ...(isTried ? { upstream: backend.name } : {}) };
}

const connection = (socket: Socket): Partial<AccessLogEntry> => ({
  downstream_local_address: `${socket.localAddress ?? ''}:${socket.localPort ?? ''}`,
  downstream_remote_address: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`,
});
