/** A real DNS server on loopback, over UDP and TCP on one port, that answers as a test tells it to, in order or out of it. */
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { decode, encode, type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import { onTestFinished } from 'vitest';

export interface DnsQuery {
  packet: DecodedPacket;
  over: 'udp' | 'tcp';
  /** How many came before this one. */
  before: number;
}

/** What to send back, datagram by datagram; nothing leaves the question unanswered. */
export type Respond = (query: DnsQuery) => readonly (Packet | Buffer)[];

export interface DnsServer {
  port: number;
  queries: DnsQuery[];
}

export async function serveDns(respond: Respond): Promise<DnsServer> {
  const queries: DnsQuery[] = [];
  const answer = (bytes: Buffer, over: 'udp' | 'tcp'): readonly Buffer[] => {
    const query = { packet: decode(bytes), over, before: queries.length };
    queries.push(query);
    return respond(query).map((reply) => (Buffer.isBuffer(reply) ? reply : encode(reply)));
  };

  const tcp = createServer();
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (bytes) => {
      for (const reply of answer(bytes.subarray(2), 'tcp')) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        // In two pieces, as a stream may come.
        socket.write(length);
        setTimeout(() => socket.write(reply), 5);
      }
    });
  });
  const udp = createSocket('udp4');
  udp.on('message', (bytes, { port: from, address }) => {
    for (const reply of answer(bytes, 'udp')) udp.send(reply, from, address);
  });
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));

  onTestFinished(async () => {
    udp.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => tcp.close(resolve));
  });
  return { port, queries };
}

const noError = 0;
export const serverFailure = 2;
export const noSuchName = 3;
export const refused = 5;

/** The answer to a query: these records and this response code. */
export const replyTo = ({ packet }: DnsQuery, answers: readonly Answer[], flags: number = noError): Packet => ({
  type: 'response',
  id: packet.id,
  flags,
  questions: packet.questions,
  answers: [...answers],
});
