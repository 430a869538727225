/**
 * The demo's DNS: real servers on loopback, one for each view of its names, over UDP and TCP on one port.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, type Answer, type Packet } from 'dns-packet';
import { encodeHttps, httpsType } from '../../formats/dns-https.ts';
import type { DnsRecord } from '../../formats/corefile/record.ts';
import type { View } from '../network/name-answer.ts';
import { views, type Views } from '../network/names.ts';
import type { State } from '../../../packages/apiserver/state/state.ts';
import type { World } from '../world.ts';

/** Where each view is served: a port on 127.0.0.1. */
export type ResolverPorts = Readonly<Record<keyof Views, number>>;

export interface Resolvers {
  ports: ResolverPorts;
  close: () => Promise<void>;
}

export async function startResolvers(state: State, world: World): Promise<Resolvers> {
  // What the objects and the world say is asked again only when they have changed.
  let known: { objects: State['objects']; facts: World['facts']; views: Views } | undefined;
  const current = (): Views => {
    const { objects } = state;
    const { facts } = world;
    if (known?.objects !== objects || known.facts !== facts) known = { objects, facts, views: views(objects, facts) };
    return known.views;
  };
  const [ofPublic, ofTailnet, ofMagic] = await Promise.all([
    serve((name, type) => current().public(name, type)),
    serve((name, type) => current().tailnet(name, type)),
    serve((name, type) => current().magic(name, type)),
  ]);
  return {
    ports: { public: ofPublic.port, tailnet: ofTailnet.port, magic: ofMagic.port },
    close: async () => {
      await Promise.all([ofPublic.close(), ofTailnet.close(), ofMagic.close()]);
    },
  };
}

async function serve(view: View): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()).setTimeout(10_000, () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      // Several questions may come over one connection, each after its length [RFC 7766].
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const reply = replyTo(received.subarray(2, end), view);
        received = received.subarray(end);
        if (reply === undefined) return void socket.destroy();
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([length, reply]));
      }
    });
  });
  const { udp, port } = await bindBoth(tcp);
  udp.on('message', (bytes, from) => {
    const reply = replyTo(bytes, view);
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        udp.close();
        tcp.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

/** A port that is free for TCP is nearly always free for UDP; if not, another one is. */
async function bindBoth(tcp: Server): Promise<{ udp: UdpSocket; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket('udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        udp.once('error', reject).bind(port, '127.0.0.1', resolve);
      });
      return { udp, port };
    } catch (error) {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
      if (attempt === 5) throw error;
    }
  }
}

/** The answer to a query; nothing for what is none. */
function replyTo(bytes: Buffer, view: View): Buffer | undefined {
  let query: Packet;
  try {
    query = decode(bytes);
  } catch {
    return undefined;
  }
  const [question] = query.questions ?? [];
  if (query.type !== 'query' || question === undefined) return undefined;
  const asked: string = question.type;
  const { rcode, records } = view(question.name.toLowerCase(), asked === httpsType ? 'HTTPS' : asked);
  return encode({
    type: 'response',
    id: query.id,
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & recursionDesired) | rcode,
    questions: [question],
    // The name is echoed as it was asked: some clients compare case.
    answers: records.map((record) =>
      wire(record.name === question.name.toLowerCase() ? { ...record, name: question.name } : record),
    ),
  });
}

const recursionDesired = 1 << 8;

function wire({ name, type, data }: DnsRecord): Answer {
  const head = { name, ttl: 60 };
  if (type === 'HTTPS') return { ...head, type: httpsType as 'NULL', data: Buffer.from(encodeHttps(data) ?? []) };
  if (type === 'TXT') return { ...head, type: 'TXT', data: data.replace(/^"|"$/g, '') };
  return { ...head, type: type as 'A', data };
}
