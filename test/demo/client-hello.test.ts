import { createServer, type AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectClientHello } from '../../src/demo/node/client-hello.ts';

/** The first bytes that Node sends with these options. */
const helloOf = (options: ConnectionOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.once('data', (bytes: Buffer) => {
        socket.destroy();
        server.close(() => resolve(bytes));
      });
      socket.on('error', () => undefined);
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      connect({ host: '127.0.0.1', port, ...options }).on('error', () => undefined);
    });
  });

let named: Buffer;
let unnamed: Buffer;
beforeAll(async () => {
  [named, unnamed] = await Promise.all([helloOf({ servername: 'Docs.sudhanva.me' }), helloOf({ servername: '' })]);
});

/** The same handshake message in records of at most `size` bytes. */
function fragmented(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let offset = 0; offset < message.length; offset += size) {
    const part = message.subarray(offset, offset + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length % 256]), part);
  }
  return Buffer.concat(records);
}

describe('inspectClientHello', () => {
  test('finds the server name, in lower case', () => {
    expect(inspectClientHello(named)).toEqual({ state: 'client-hello', serverName: 'docs.sudhanva.me' });
  });

  test('finds that there is none', () => {
    expect(inspectClientHello(unnamed)).toEqual({ state: 'client-hello', serverName: null });
  });

  test('in TLS 1.2 too', async () => {
    const hello = await helloOf({ servername: 'docs.sudhanva.me', maxVersion: 'TLSv1.2' });
    expect(inspectClientHello(hello)).toEqual({ state: 'client-hello', serverName: 'docs.sudhanva.me' });
  });

  test('waits for the last byte, however the bytes arrive', () => {
    for (let length = 0; length < named.length; length++) {
      expect(inspectClientHello(named.subarray(0, length))).toEqual({ state: 'incomplete' });
    }
  });

  test.each([1, 7, 100])('reads a message cut into records of %i bytes', (size) => {
    expect(inspectClientHello(fragmented(named, size))).toMatchObject({ serverName: 'docs.sudhanva.me' });
  });

  test.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_10.0\r\n')],
    ['another handshake message', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record of another protocol', Buffer.from([22, 9, 9, 0, 5])],
    ['a message that is far too long', Buffer.from([22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff])],
  ])('%s is no ClientHello', (_what, bytes) => {
    expect(inspectClientHello(bytes)).toEqual({ state: 'not-tls' });
  });

  test('survives damage: every byte of the message, changed', () => {
    for (let index = 0; index < named.length; index++) {
      const damaged = Buffer.from(named);
      damaged[index] = (damaged[index] ?? 0) ^ 0xff;
      expect(['incomplete', 'not-tls', 'client-hello']).toContain(inspectClientHello(damaged).state);
    }
  });
});
