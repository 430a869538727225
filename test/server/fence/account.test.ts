/** Programs of another account at the local API. Becoming another account takes root, which containers run as; elsewhere the own account is tried alone. */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../../src/server/api/api.ts';
import { isOthers } from '../../../src/server/fence/account.ts';
import { Door } from '../../../src/server/fence/door.ts';
import { comeIn, type Key } from '../../support/come-in.ts';

const door = new Door();
let key: Key;
let server: Server;

beforeAll(async () => {
  const api = createApi({ door, kubeconfig: '/nowhere' });
  server = createServer((incoming, response) => api(incoming, response, () => response.end('next')));
  door.origins.open(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await door.origins.opened();
  key = await comeIn(door, (server.address() as AddressInfo).port);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What a program of an account is answered, though it has stolen a whole key; it keeps its end open or gives it up at once. */
const asked = (uid: number | undefined, address: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const lines = [
      'GET /_runbook/sources HTTP/1.1',
      ...Object.entries(key).map(([name, text]) => `${name}: ${text}`),
      'connection: close',
    ];
    const program = `
      const socket = require('node:net').connect(${port}, ${JSON.stringify(address)});
      socket.write(${JSON.stringify(`${lines.join('\r\n')}\r\n\r\n`)});
      socket.pipe(process.stdout);`;
    const child = spawn(process.execPath, ['-e', program], {
      cwd: '/',
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });

const addresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

it.each(addresses)('answers the own account at %s', async (address) => {
  expect(await asked(undefined, address)).toMatch(/^HTTP\/1\.1 200 /);
});

it.runIf(process.platform === 'linux' && process.getuid?.() === 0).each(addresses)(
  'answers no other account at %s, even with a whole key',
  async (address) => {
    const said = await asked(65534, address);
    expect(said).toMatch(/^HTTP\/1\.1 403 /);
    expect(said).toContain('the account that started the handbook');
  },
);

it('takes a connection of which the system tells nothing for no stranger’s', () => {
  expect(isOthers({ remotePort: 0, localPort: 0 })).toBe(false);
});
