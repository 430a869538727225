/**
 * Real listeners on loopback that behave like the ones a probe meets, and remember what the client's first bytes were.
 */
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

export interface Listener {
  port: number;
  /** The first bytes of each connection, as they came over the wire. */
  hellos: Buffer[];
}

/** Listens until the test has ended; each connection is handled once its first bytes are there. */
export async function listen(handle: (socket: net.Socket, hello: Buffer) => void): Promise<Listener> {
  const hellos: Buffer[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (hello) => {
      hellos.push(hello);
      handle(socket, hello);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { port: (server.address() as AddressInfo).port, hellos };
}

/** Hands a connection whose first bytes were read already to a TLS server, which reads them again. */
export function serveTls(options: tls.TlsOptions): (socket: net.Socket, hello: Buffer) => void {
  const server = tls.createServer(options).on('tlsClientError', () => undefined);
  return (socket, hello) => {
    socket.pause();
    socket.unshift(hello);
    server.emit('connection', socket);
  };
}

/** The server name in a ClientHello (RFC 8446, 4.1.2; RFC 6066, 3), or null when it carries none. */
export function serverName(hello: Buffer): string | null {
  // Record header 5, handshake header 4, version 2, random 32; then three vectors, each after its length.
  let at = 43;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  const end = at + 2 + hello.readUInt16BE(at);
  for (at += 2; at < end; at += 4 + hello.readUInt16BE(at + 2)) {
    // Extension 0 holds a list (2) of entries: type (1), length (2), name.
    if (hello.readUInt16BE(at) === 0) return hello.toString('ascii', at + 9, at + 9 + hello.readUInt16BE(at + 7));
  }
  return null;
}

/** A fatal alert as it goes over the wire, e.g. 112 for unrecognized_name. */
export const alert = (number: number): Buffer => Buffer.from([21, 3, 3, 0, 2, 2, number]);

/** A port on which SYNs go unanswered: its listener never accepts, and its queue is full. */
export async function deafPort(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fillers = Array.from({ length: 6 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  onTestFinished(async () => {
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  });
  // The first of them are in the queue before a probe knocks.
  await Promise.race(fillers.map((filler) => new Promise((resolve) => filler.once('connect', resolve))));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return port;
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
