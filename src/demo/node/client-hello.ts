/**
 * Finds the server name in a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3), as Envoy's TLS inspector does:
 * from bytes that have arrived so far, before anybody answers them.
 */

export type Inspection =
  /** Not enough bytes yet. */
  | { state: 'incomplete' }
  /** These bytes begin no ClientHello. */
  | { state: 'not-tls' }
  /** A whole ClientHello; `serverName` is null when the client names none. */
  | { state: 'client-hello'; serverName: string | null };

/** More than any honest ClientHello, and Envoy's own limit. */
const limit = 64 * 1024;

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const hostName = 0;

export function inspectClientHello(bytes: Buffer): Inspection {
  if (bytes.length > limit) return { state: 'not-tls' };
  const message = handshakeBytes(bytes);
  if (message === undefined) return { state: 'not-tls' };
  if (message.length < 4) return { state: 'incomplete' };
  if (message[0] !== clientHello) return { state: 'not-tls' };
  const length = message.readUIntBE(1, 3);
  if (length > limit) return { state: 'not-tls' };
  if (message.length < 4 + length) return { state: 'incomplete' };
  try {
    return { state: 'client-hello', serverName: serverName(message.subarray(4, 4 + length)) };
  } catch (error) {
    if (error instanceof RangeError) return { state: 'not-tls' };
    throw error;
  }
}

/** The handshake messages in the records so far: one message may be cut into several records. Undefined: no such records. */
function handshakeBytes(bytes: Buffer): Buffer | undefined {
  const fragments: Buffer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const record = bytes.subarray(offset);
    if (record[0] !== handshakeRecord) return undefined;
    if (record.length > 1 && record[1] !== 3) return undefined;
    if (record.length < 5) break;
    const length = record.readUInt16BE(3);
    if (length === 0 || length > 0x4800) return undefined;
    fragments.push(record.subarray(5, 5 + length));
    offset += 5 + length;
  }
  return Buffer.concat(fragments);
}

/** @throws RangeError when a length points outside of the message. */
function serverName(hello: Buffer): string | null {
  const reader = new Reader(hello);
  reader.take(2 + 32); // legacy_version, random
  reader.vector(1); // legacy_session_id
  reader.vector(2); // cipher_suites
  reader.vector(1); // legacy_compression_methods
  if (reader.done) return null;
  const extensions = new Reader(reader.vector(2));
  while (!extensions.done) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type !== serverNameExtension) continue;
    const names = new Reader(new Reader(data).vector(2));
    while (!names.done) {
      const nameType = names.number(1);
      const name = names.vector(2).toString('latin1');
      if (nameType === hostName) return name.toLowerCase();
    }
  }
  return null;
}

/** Reads numbers and length-prefixed vectors from the front. */
class Reader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new RangeError('a length points outside of the message');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  number(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  vector(lengthSize: number): Buffer {
    return this.take(this.number(lengthSize));
  }
}
