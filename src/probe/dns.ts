/**
 * Asks one resolver one question and says what it answered: over UDP, and over TCP when the answer did not fit.
 *
 * Node's own resolver knows neither HTTPS records nor where it may send a question in a demo, so the packets are
 * `dns-packet`'s. A datagram that does not answer the question (another id, another name, no DNS at all) is passed over, as
 * resolvers do, for anybody could have sent it.
 */
import { createSocket, type SocketOptions } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { decode, encode, RECURSION_DESIRED, streamEncode, type DecodedPacket, type Packet } from 'dns-packet';
import { decodeHttps, httpsType } from '../formats/dns-https.ts';
import { problem, value, type Fact } from '../runbook/fact.ts';
import type { DnsRead, DnsResult, DnsType } from '../runbook/read.ts';
import { stopped, whenStopped } from '../runbook/stopped.ts';
import { shorten } from '../runbook/words.ts';
import { Forbidden } from './address.ts';
import type { Address, Limits } from './limits.ts';
import { openConnection, reasonOf, type OpenOptions, type Reason } from './tcp.ts';

/** How one attempt ended. */
type Reply =
  | { outcome: 'answered'; packet: DecodedPacket }
  | { outcome: 'failed'; reason: Reason }
  /** Something came back that is no answer to the question. */
  | { outcome: 'garbage' }
  /** Nothing was learnt about the resolver: this machine could not ask. */
  | { outcome: 'unknown'; why: string };

/** A question that goes unanswered is asked once more: a datagram may be lost. */
const attempts = 2;

export async function resolve(
  { name, record }: Pick<DnsRead, 'name' | 'record'>,
  resolver: Address,
  { timeoutMs, signal, lookup }: Limits & Pick<OpenOptions, 'lookup'>,
): Promise<Fact<DnsResult>> {
  if (!isName(name)) throw new Error(`${shorten(name)} is no name that DNS can hold`);
  const started = performance.now();
  const left = (): number => Math.max(1, timeoutMs - (performance.now() - started));
  let reply: Reply = { outcome: 'failed', reason: 'timed-out' };
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const query = newQuery(name, record);
    const share = { signal, lookup, timeoutMs: left() / (attempts - attempt + 1) };
    reply = await askOverUdp(query, resolver, share);
    if (reply.outcome === 'answered' && reply.packet.flag_tc) {
      reply = await askOverTcp(query, resolver, { signal, lookup, timeoutMs: left() });
    }
    if (signal?.aborted) return stopped(signal);
    if (reply.outcome === 'answered' || reply.outcome === 'unknown') break;
  }
  const place = `${resolver.host}:${resolver.port}`;
  switch (reply.outcome) {
    case 'answered':
      return value(resultOf(reply.packet, name, record, Math.round(performance.now() - started)));
    case 'failed':
      return value({ outcome: 'no-answer', reason: reply.reason });
    case 'garbage':
      return problem('malformed', `${place} sent something back, but no answer to the question for ${name}.`);
    case 'unknown':
      return problem('unreachable', `Could not ask ${place}: ${reply.why}.`);
  }
}

const wireTypes = { A: 'A', AAAA: 'AAAA', CNAME: 'CNAME', HTTPS: httpsType, TXT: 'TXT' } as const;
const wireType = (type: DnsType): 'A' => wireTypes[type] as 'A';

/** At most 253 characters, in labels of at most 63 [RFC 1035, 2.3.4]; `dns-packet` writes whatever it is given. */
const isName = (name: string): boolean =>
  Buffer.byteLength(name) <= 254 &&
  name
    .replace(/\.$/, '')
    .split('.')
    .every((label) => label !== '' && Buffer.byteLength(label) <= 63);

const newQuery = (name: string, record: DnsType): Packet => ({
  type: 'query',
  id: randomInt(0x10000),
  flags: RECURSION_DESIRED,
  questions: [{ type: wireType(record), name }],
});

const same = (one: string, other: string): boolean => plain(one) === plain(other);
const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** The packet in these bytes if it answers the query. */
function answerTo({ id, questions = [] }: Packet, bytes: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(bytes);
    const [asked] = questions;
    const [echoed] = packet.questions ?? [];
    const isAnswer =
      packet.type === 'response' &&
      packet.id === id &&
      asked !== undefined &&
      // Some servers leave the question out of a refusal.
      (echoed === undefined ? rcode(packet) !== 0 : echoed.type === asked.type && same(echoed.name, asked.name));
    return isAnswer ? packet : undefined;
  } catch {
    return undefined;
  }
}

function askOverUdp(query: Packet, { host, port }: Address, limits: OpenOptions): Promise<Reply> {
  const { timeoutMs, signal, lookup } = limits;
  const question = encode(query);
  return new Promise((settle) => {
    let sawGarbage = false;
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: lookup as SocketOptions['lookup'] });
    const finish = (reply: Reply): void => {
      clearTimeout(timer);
      letGo();
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      settle(reply);
    };
    const timer = setTimeout(
      () => finish(sawGarbage ? { outcome: 'garbage' } : { outcome: 'failed', reason: 'timed-out' }),
      timeoutMs,
    );
    const letGo = whenStopped(signal, () => finish({ outcome: 'unknown', why: 'it was stopped' }));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(failure(error, host)));
    socket.on('message', (bytes) => {
      const packet = answerTo(query, bytes);
      if (packet === undefined) sawGarbage = true;
      else finish({ outcome: 'answered', packet });
    });
    // A connected socket hears of a port at which nobody listens, and only from the one that it asked.
    try {
      socket.connect(port, host, (error?: NodeJS.ErrnoException) => {
        if (error) finish(failure(error, host));
        else socket.send(question);
      });
    } catch (error) {
      // A port that cannot be.
      finish({ outcome: 'unknown', why: (error as Error).message });
    }
  });
}

function failure(error: NodeJS.ErrnoException, host: string): Reply {
  if (error instanceof Forbidden) return { outcome: 'unknown', why: error.message };
  const reason = reasonOf(error);
  return reason === undefined
    ? { outcome: 'unknown', why: `this machine could not send to ${host} (${error.code ?? error.message})` }
    : { outcome: 'failed', reason };
}

async function askOverTcp(query: Packet, resolver: Address, limits: OpenOptions): Promise<Reply> {
  const started = performance.now();
  const opened = await openConnection(resolver, limits);
  if (opened.outcome !== 'open') return opened;
  const { socket } = opened;
  return new Promise((settle) => {
    const message = createMessage();
    const finish = (reply: Reply): void => {
      clearTimeout(timer);
      letGo();
      socket.removeAllListeners().on('error', () => undefined);
      socket.destroy();
      settle(reply);
    };
    const timer = setTimeout(
      () => finish({ outcome: 'failed', reason: 'timed-out' }),
      Math.max(1, limits.timeoutMs - (performance.now() - started)),
    );
    const letGo = whenStopped(limits.signal, () => finish({ outcome: 'unknown', why: 'it was stopped' }));
    socket.on('error', () => finish({ outcome: 'garbage' }));
    socket.on('close', () => finish({ outcome: 'garbage' }));
    socket.on('data', (chunk: Buffer) => {
      const whole = message.add(chunk);
      if (whole === undefined) return;
      const packet = answerTo(query, whole);
      finish(packet === undefined ? { outcome: 'garbage' } : { outcome: 'answered', packet });
    });
    socket.write(streamEncode(query));
  });
}

/** Puts a message together that comes in pieces after its length [RFC 1035, 4.2.2]; what comes after it is not kept. */
function createMessage(): { add: (chunk: Buffer) => Buffer | undefined } {
  const bytes = Buffer.alloc(2 + 0xffff);
  let size = 0;
  return {
    add: (chunk) => {
      size += chunk.copy(bytes, size);
      const end = 2 + bytes.readUInt16BE(0);
      return size >= 2 && size >= end ? bytes.subarray(2, end) : undefined;
    },
  };
}

const rcode = ({ flags = 0 }: DecodedPacket): number => flags & 0xf;

/** Response codes that say something of the name [RFC 1035, 4.1.1]; every other one is a failure of the server. */
const rcodes: Readonly<Record<number, 'no-such-name' | 'refused'>> = { 3: 'no-such-name', 5: 'refused' };

function resultOf(packet: DecodedPacket, name: string, record: DnsType, ms: number): DnsResult {
  const answers = packet.answers ?? [];
  const aliases: string[] = [];
  let owner = name;
  // The answers come in any order, and a chain of CNAMEs may be a circle.
  for (let step = 0; record !== 'CNAME' && step < answers.length; step += 1) {
    const alias = answers.find((answer) => answer.type === 'CNAME' && same(answer.name, owner));
    if (alias?.type !== 'CNAME' || aliases.includes(alias.data)) break;
    aliases.push((owner = alias.data));
  }
  const records = answers
    .filter((answer) => answer.type === wireType(record) && same(answer.name, owner))
    .map((answer) => recordText(record, 'data' in answer ? answer.data : ''));
  if (rcode(packet) === 0 && records.length > 0) return { outcome: 'answered', records, aliases, ms };
  const outcome = rcode(packet) === 0 ? 'no-records' : (rcodes[rcode(packet)] ?? 'server-failure');
  return { outcome, aliases, ms };
}

function recordText(record: DnsType, data: unknown): string {
  if (record === 'TXT') return [data].flat().map(String).join('');
  if (record === 'HTTPS' && Buffer.isBuffer(data)) return decodeHttps(data) ?? '?';
  return String(data);
}
