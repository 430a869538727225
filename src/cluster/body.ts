/**
 * The body of an answer, unpacked as it comes, within what one answer, the answers beside it and all answers together may take.
 */
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { mostBytes, mostPageBytes, mostWholeBytes, smallBytes } from './budget.ts';

/** What the answers on one connection share. */
export class Intake {
  #left = mostBytes;
  #last: Promise<void> = Promise.resolve();
  readonly #page = new Page();

  /** Takes bytes off the budget of the connection; whether there were as many. */
  spend(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** Waits for its turn to read what is more than small. */
  async turn(): Promise<{ page: Page; end: () => void }> {
    const before = this.#last;
    let end = (): void => undefined;
    this.#last = new Promise((resolve) => (end = resolve));
    await before;
    this.#page.clear();
    return { page: this.#page, end };
  }
}

/**
 * Memory for one answer, used again for the next one: pieces that are kept until the end would be swept up late, and many long
 * answers one after the other would stand in memory together after all.
 */
class Page {
  #bytes = Buffer.alloc(0);
  #size = 0;

  clear(): void {
    this.#size = 0;
    if (this.#bytes.length > mostPageBytes) this.#bytes = Buffer.alloc(0);
  }

  add(chunk: Buffer): void {
    const size = this.#size + chunk.length;
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(2 * this.#bytes.length, mostWholeBytes)));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#size);
    this.#size = size;
  }

  text(): string {
    return this.#bytes.toString('utf8', 0, this.#size);
  }
}

/** How reading a body failed, as a phrase about the server. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

export interface BodyOptions {
  /** Bytes of this answer, unpacked. */
  limit: number;
  intake: Intake;
  /** The clock of the request stands still while it waits for other answers to be read. */
  patience: { pause: () => void; resume: () => void };
}

/** @throws {BodyError} */
export async function readBody(response: IncomingMessage, options: BodyOptions): Promise<string> {
  const isPacked = /^(x-)?gzip$/i.test(response.headers['content-encoding'] ?? '');
  // `pipeline` destroys both when one of them ends early; the error comes out of the loop over the last.
  const body = isPacked ? pipeline(response, createGunzip(), () => undefined) : response;
  try {
    return await collect(body, options);
  } catch (error) {
    if (error instanceof BodyError) throw error;
    throw new BodyError(response.complete && isPacked ? notPacked : cut);
  }
}

async function collect(body: Readable, { limit, intake, patience }: BodyOptions): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let turn: Awaited<ReturnType<Intake['turn']>> | undefined;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new BodyError(tooLong(limit));
      if (!intake.spend(chunk.length)) throw new BodyError(tooMuch);
      if (turn === undefined) chunks.push(chunk);
      else turn.page.add(chunk);
      if (size <= smallBytes || turn !== undefined) continue;
      patience.pause();
      turn = await intake.turn();
      patience.resume();
      for (const piece of chunks.splice(0)) turn.page.add(piece);
    }
    return turn?.page.text() ?? Buffer.concat(chunks, size).toString('utf8');
  } finally {
    turn?.end();
  }
}

const inMebibytes = (bytes: number): string => `${bytes / 2 ** 20} MiB`;

const tooLong = (limit: number): string => `its answer is longer than ${inMebibytes(limit)}; is this an API server?`;

const tooMuch = `its answers hold more than ${inMebibytes(mostBytes)} in all, and this machine's memory has an end; is this an API server?`;

const notPacked = 'its answer says that it is compressed and is not';

const cut =
  'the connection was cut in the middle of its answer. Repeat this; if it stays so, look at what stands before the API server (proxy, VPN, load balancer)';
