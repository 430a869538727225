/**
 * The addresses at which the handbook is. The plain ones (http://127.0.0.1:4321, localhost, [::1]) are every project's: whoever was there before
 * may have left a service worker, storage and cookies. So each start has two fresh ones besides, and only they lead to a person's clusters.
 */
import type { Server } from 'node:http';
import { createServer, type AddressInfo, type Server as Listener } from 'node:net';
import { randomWord } from './random.ts';

const plain = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const named = /^handbook-[a-z0-9]+\.localhost(:\d+)?$/i;

export class Origins {
  readonly #name = `handbook-${randomWord(10)}.localhost`;
  #fresh: readonly string[] = [];
  #opened: Promise<void> = Promise.resolve();

  /** Hosts with their ports, in lower case; none before `open`. */
  fresh(): readonly string[] {
    return this.#fresh;
  }

  isFresh(host: string): boolean {
    return this.#fresh.includes(host.toLowerCase());
  }

  /** Whether a Host header is one of the handbook's. A name that a foreign DNS resolves to 127.0.0.1 is none, nor is 0.0.0.0. */
  isOwn(host: string): boolean {
    return plain.test(host) || this.isFresh(host);
  }

  /** Whether a host was fresh at an earlier start. */
  isStale(host: string): boolean {
    return named.test(host) && !this.isFresh(host);
  }

  /** Gives a server that will listen on 127.0.0.1 its further addresses, for as long as it listens. */
  open(server: Server): void {
    this.#opened = new Promise((resolve, reject) => {
      server.once('listening', () => void this.#listen(server).then(resolve, reject));
    });
    // Whoever wants to know asks `opened`.
    this.#opened.catch(() => undefined);
  }

  opened(): Promise<void> {
    return this.#opened;
  }

  async #listen(server: Server): Promise<void> {
    const { port } = server.address() as AddressInfo;
    const isOthers = await alsoAt(server, '::1', port).then(
      () => false,
      // Where there is no IPv6, nobody is there.
      (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE',
    );
    const other = await alsoAt(server, '127.0.0.1', 0);
    const numbered = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    // The name comes first: nobody can have prepared an origin that nobody can guess, where a port is one of some thousands. Chromium and Firefox
    // know names under localhost by themselves, and try [::1] before 127.0.0.1: not if that belongs to somebody else.
    this.#fresh = isOthers ? [numbered] : [new URL(`http://${this.#name}:${port}`).host, numbered];
  }
}

/** Lets a server serve connections to one more address, until it closes. */
function alsoAt(server: Server, host: string, port: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    );
    listener.on('error', reject);
    listener.listen(port, host, () => resolve(listener));
    server.once('close', () => listener.close());
  });
}
