/** As whom a cluster is asked, and whether it is the right one: real TLS, real plugins, real proxies. */
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServerOptions } from 'node:https';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect, type ConnectOptions, type LiveCluster } from '../../src/cluster/connect.ts';
import { createAuthority, type Authority, type KeyPair } from '../support/certificates.ts';
import { sendJson, startApiServer, status, type ApiServer } from './api-server.ts';
import { base64, kubeconfig, temporaryDirectory, write } from './files.ts';

let authority: Authority;
let stranger: Authority;
let own: KeyPair;

beforeAll(async () => {
  [authority, stranger] = await Promise.all([createAuthority('CN=kubernetes-ca'), createAuthority('CN=stranger')]);
  own = await authority.server(['127.0.0.1', 'localhost', 'kubernetes.default.svc']);
});

async function start(tls?: ServerOptions): Promise<ApiServer> {
  const server = await startApiServer(tls);
  server.answer((_, response) => sendJson(response, 200, { gitVersion: 'v1.36.2' }));
  onTestFinished(() => server.close());
  return server;
}

function open(cluster: object, user: object = {}, options: ConnectOptions & { directory?: string } = {}): LiveCluster {
  const { directory = temporaryDirectory(), ...rest } = options;
  const file = write(directory, 'config', kubeconfig(cluster, user));
  const opened = connect({ kubeconfig: file, env: {}, timeoutMs: 2000, ...rest });
  onTestFinished(() => opened.close());
  return opened;
}

const ca = () => ({ 'certificate-authority-data': base64(authority.cert) });
const served = { ok: true, value: 'v1.36.2' };

async function problemOf(cluster: LiveCluster) {
  const fact = await cluster.version();
  if (fact.ok) throw new Error('Expected a problem.');
  expect(fact.problem.message).not.toMatch(/sesame|\n/);
  return fact.problem;
}

describe("the server's certificate", () => {
  test('is trusted when the CA signed it, given as data or as a file beside the kubeconfig', async () => {
    const server = await start(own);
    expect(await open({ server: server.url, ...ca() }).version()).toEqual(served);
    const directory = temporaryDirectory();
    write(directory, 'pki/ca.crt', authority.cert);
    expect(
      await open({ server: server.url, 'certificate-authority': 'pki/ca.crt' }, {}, { directory }).version(),
    ).toEqual(served);
  });

  test('is trusted by the CA data also when there is a file', async () => {
    const server = await start(own);
    const directory = temporaryDirectory();
    write(directory, 'other.crt', stranger.cert);
    const both = { server: server.url, ...ca(), 'certificate-authority': 'other.crt' };
    expect(await open(both, {}, { directory }).version()).toEqual(served);
  });

  test.each([
    [
      'another CA',
      () => ({ 'certificate-authority-data': base64(stranger.cert) }),
      "not signed by the kubeconfig's CA",
    ],
    ['no CA', () => ({}), 'the kubeconfig names none'],
  ])('is not trusted with %s', async (_, given, said) => {
    const server = await start(own);
    const problem = await problemOf(open({ server: server.url, ...given() }));
    expect(problem).toMatchObject({ kind: 'unreachable', message: expect.stringContaining(said) as string });
    expect(server.asked).toEqual([]);
  });

  test('may be for another name', async () => {
    const server = await start(await authority.server(['elsewhere.example.com']));
    const problem = await problemOf(open({ server: server.url, ...ca() }));
    expect(problem).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('is not for 127.0.0.1') as string,
    });
    expect(await open({ server: server.url, ...ca(), 'tls-server-name': 'elsewhere.example.com' }).version()).toEqual(
      served,
    );
  });

  test('may have expired', async () => {
    const server = await start(await authority.server(['127.0.0.1'], { notAfter: new Date(Date.now() - 1000) }));
    expect(await problemOf(open({ server: server.url, ...ca() }))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('expired') as string,
    });
  });

  test('is not looked at with insecure-skip-tls-verify', async () => {
    const server = await start(own);
    expect(await open({ server: server.url, 'insecure-skip-tls-verify': true }).version()).toEqual(served);
  });

  test('is missing where the server does not speak TLS', async () => {
    const server = await start();
    expect(await problemOf(open({ server: server.url.replace('http:', 'https:'), ...ca() }))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('TLS') as string,
    });
  });

  test('is missing where a TLS server is asked over plain HTTP', async () => {
    const server = await start(own);
    const problem = await problemOf(open({ server: server.url.replace('https:', 'http:') }));
    expect(['unreachable', 'malformed']).toContain(problem.kind);
  });
});

describe('a client certificate', () => {
  const demanding = (): ServerOptions => ({ ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: true });

  test('says who asks, as data or as files', async () => {
    const server = await start(demanding());
    const client = await authority.client('CN=reader, O=handbook');
    const user = { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) };
    expect(await open({ server: server.url, ...ca() }, user).version()).toEqual(served);
    const directory = temporaryDirectory();
    write(directory, 'client.crt', client.cert);
    write(directory, 'client.key', client.key);
    const files = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    expect(await open({ server: server.url, ...ca() }, files, { directory }).version()).toEqual(served);
    expect(server.asked.map(({ clientName }) => clientName)).toEqual(['reader', 'reader']);
  });

  test('is missed by a server that demands one', async () => {
    const server = await start(demanding());
    expect(await problemOf(open({ server: server.url, ...ca() }))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('client certificate') as string,
    });
  });

  test('that has expired is named as the reason for a 401', async () => {
    const server = await start({ ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: false });
    server.answer((_, response) => sendJson(response, 401, status(401, 'Unauthorized', 'Unauthorized')));
    const client = await authority.client('CN=reader', {
      notBefore: new Date('2024-01-01'),
      notAfter: new Date('2025-01-01'),
    });
    const user = { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) };
    expect(await problemOf(open({ server: server.url, ...ca() }, user))).toMatchObject({
      kind: 'unauthenticated',
      message: expect.stringContaining('expired on 2025-01-01') as string,
    });
  });

  test('that is no certificate is said to be unusable', async () => {
    const server = await start(own);
    const user = { 'client-certificate-data': base64('sesame'), 'client-key-data': base64('sesame') };
    const problem = await problemOf(open({ server: server.url, ...ca() }, user));
    expect(problem.kind).toBe('unauthenticated');
    expect(server.asked).toEqual([]);
  });
});

describe('a token', () => {
  const sent = async (user: object, options: ConnectOptions & { directory?: string } = {}) => {
    const server = await start();
    expect(await open({ server: server.url }, user, options).version()).toEqual(served);
    return server.asked[0]?.headers ?? {};
  };

  test('is sent', async () => {
    expect((await sent({ token: 'sesame' })).authorization).toBe('Bearer sesame');
  });

  test('comes from a file beside the kubeconfig, without the line break, and before a token', async () => {
    const directory = temporaryDirectory();
    write(directory, 'token', 'from-file\n');
    expect((await sent({ tokenFile: 'token', token: 'sesame' }, { directory })).authorization).toBe('Bearer from-file');
  });

  test('is read again when it was refused', async () => {
    const server = await start();
    const directory = temporaryDirectory();
    write(directory, 'token', 'old');
    const cluster = open({ server: server.url }, { tokenFile: 'token' }, { directory });
    server.answer(({ headers }, response) =>
      headers.authorization === 'Bearer new'
        ? sendJson(response, 200, { gitVersion: 'v1.36.2' })
        : sendJson(response, 401, status(401, 'Unauthorized', 'Unauthorized')),
    );
    expect((await problemOf(cluster)).kind).toBe('unauthenticated');
    write(directory, 'token', 'new');
    expect(await cluster.version()).toEqual(served);
    expect(server.asked.map(({ socket }) => socket)).toEqual([0, 0]);
  });

  test('is not needed', async () => {
    expect((await sent({})).authorization).toBeUndefined();
  });

  test('may be a name and a password', async () => {
    const { authorization } = await sent({ username: 'reader', password: 'sesame' });
    expect(authorization).toBe(`Basic ${base64('reader:sesame')}`);
  });

  test('may act as somebody else', async () => {
    const headers = await sent({ token: 'sesame', as: 'reader', 'as-uid': '7', 'as-groups': ['handbook', 'viewers'] });
    expect(headers).toMatchObject({
      'impersonate-user': 'reader',
      'impersonate-uid': '7',
      'impersonate-group': 'handbook, viewers',
    });
  });

  test('may act as somebody of whom more is known, in the words of kubectl', async () => {
    const extra = { 'example.com/scopes': ['view', 'logs'], 'Näme%': ['ü'] };
    const server = await start();
    const cluster = open({ server: server.url }, { token: 'sesame', as: 'jürgen', 'as-user-extra': extra });
    expect(await cluster.version()).toEqual(served);
    const headers = server.asked[0]?.headers ?? {};
    const utf8 = (header: unknown) => Buffer.from(String(header), 'latin1').toString();
    expect(utf8(headers['impersonate-user'])).toBe('jürgen');
    expect(headers['impersonate-extra-example.com%2fscopes']).toBe('view, logs');
    expect(utf8(headers['impersonate-extra-n%c3%a4me%25'])).toBe('ü');
  });

  test('of an auth-provider is OIDC’s, whatever else the provider names', async () => {
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const token = `${part({})}.${part({ exp: Date.now() })}.signature`;
    const provider = { name: 'oidc', config: { 'id-token': token, tokenFile: '/etc/hostname', exec: 'touch' } };
    const server = await start();
    expect(await open({ server: server.url }, { 'auth-provider': provider }).version()).toEqual(served);
    expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test('comes from the service account in a pod', async () => {
    const server = await start(own);
    const serviceAccount = temporaryDirectory();
    write(serviceAccount, 'token', 'of-the-pod');
    write(serviceAccount, 'ca.crt', authority.cert);
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) };
    const cluster = connect({ env, home: serviceAccount, serviceAccount });
    onTestFinished(() => cluster.close());
    expect(await cluster.version()).toEqual(served);
    expect(cluster).toMatchObject({
      context: 'in-cluster',
      server: server.url,
      origin: 'the service account of this pod',
    });
    expect(server.asked[0]?.headers.authorization).toBe('Bearer of-the-pod');
  });
});

describe('a credential plugin', () => {
  /** A plugin is a script of a line or two, run by this very Node. */
  const plugin = (script: string, rest: object = {}) => ({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      interactiveMode: 'Never',
      ...rest,
    },
  });
  const print = (status: string): string =>
    `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: ${status} }))`;

  test('gives a token, once for all requests, and is told what kubectl would tell it', async () => {
    const server = await start();
    const directory = temporaryDirectory();
    const told = path.join(directory, 'told');
    const script = `require('fs').appendFileSync(process.env.TOLD, process.env.KUBERNETES_EXEC_INFO + '\\n'); ${print("{ token: 'minted' }")}`;
    const env = [{ name: 'TOLD', value: told }];
    const cluster = open({ server: server.url }, plugin(script, { env, provideClusterInfo: true }), { directory });
    const pods = { type: 'list', kind: 'Pod', why: '' } as const;
    await Promise.all([cluster.version(), cluster.read(pods), cluster.read({ ...pods, namespace: 'apps' })]);
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer minted'));
    const lines = readFileSync(told, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        spec: { interactive: false, cluster: { server: server.url } },
      },
    ]);
  });

  test('is asked again when its credential has expired or the server refused it', async () => {
    const server = await start();
    const directory = temporaryDirectory();
    const count = write(directory, 'count', '');
    const mint = (status: string) =>
      `const fs = require('fs'); fs.appendFileSync(${JSON.stringify(count)}, 'x'); const n = fs.readFileSync(${JSON.stringify(count)}).length; ${print(status)}`;
    const short = open(
      { server: server.url },
      plugin(mint("{ token: 't' + n, expirationTimestamp: new Date().toISOString() }")),
      { directory },
    );
    await short.version();
    await short.version();
    writeFileSync(count, '');
    const long = open({ server: server.url }, plugin(mint("{ token: 'u' + n }")), { directory: temporaryDirectory() });
    server.answer(({ headers }, response) =>
      headers.authorization === 'Bearer u1'
        ? sendJson(response, 401, status(401, 'Unauthorized', 'Unauthorized'))
        : sendJson(response, 200, { gitVersion: 'v1.36.2' }),
    );
    expect((await problemOf(long)).kind).toBe('unauthenticated');
    expect(await long.version()).toEqual(served);
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(
      ['t1', 't2', 'u1', 'u2'].map((token) => `Bearer ${token}`),
    );
  });

  test('that fails once is asked again', async () => {
    const server = await start();
    const directory = temporaryDirectory();
    const flag = JSON.stringify(path.join(directory, 'logged-in'));
    const script = `if (!require('fs').existsSync(${flag})) process.exit(1); ${print("{ token: 'minted' }")}`;
    const cluster = open({ server: server.url }, plugin(script), { directory });
    expect((await problemOf(cluster)).kind).toBe('unauthenticated');
    write(directory, 'logged-in', '');
    expect(await cluster.version()).toEqual(served);
  });

  test('gives a client certificate', async () => {
    const server = await start({ ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const client = await authority.client('CN=from-plugin');
    const script = print(JSON.stringify({ clientCertificateData: client.cert, clientKeyData: client.key }));
    expect(await open({ server: server.url, ...ca() }, plugin(script)).version()).toEqual(served);
    expect(server.asked[0]?.clientName).toBe('from-plugin');
  });

  test.each([
    [
      'fails',
      plugin(
        "console.log('sesame'); console.error('starting'); console.error('login expired, run: cloud login'); process.exit(3)",
      ),
      'exit code 3): login expired, run: cloud login',
    ],
    [
      'is not installed',
      {
        exec: {
          command: 'no-such-plugin',
          apiVersion: 'client.authentication.k8s.io/v1',
          installHint: 'Install it\nwith: apt install it',
        },
      },
      'not on PATH. Install it with: apt install it',
    ],
    [
      'prints without end',
      { exec: { command: 'yes', args: ['sesame'], apiVersion: 'client.authentication.k8s.io/v1' } },
      'more than a credential takes',
    ],
    ['has arguments that no program can have', plugin('', { args: ['sesame\0'] }), 'ERR_INVALID_ARG_VALUE'],
    ['has much to say', plugin("console.error('x'.repeat(100_000)); process.exit(3)"), 'xxx … xxx'],
    ['prints no JSON', plugin("console.log('sesame')"), 'something other than JSON'],
    ['prints something else', plugin("console.log(JSON.stringify({ token: 'sesame' }))"), 'no ExecCredential'],
    ['gives nothing', plugin(print('{}')), 'neither a token'],
    ['waits for an answer', plugin('process.stdin.on("end", () => process.exit(4)).resume()'), 'exit code 4'],
  ])('that %s is named with its last words', async (_, user, said) => {
    const problem = await problemOf(
      open({ server: 'http://127.0.0.1:1' }, user, { env: { PATH: process.env['PATH'] } }),
    );
    expect(problem.kind).toBe('unauthenticated');
    expect(problem.message).toContain(said);
    expect(problem.message).toContain(user.exec.command);
  });

  /** A script around a program, which goes on when only the script is ended. */
  const wrapped = (mark: string) => ({
    exec: {
      command: 'bash',
      args: ['-c', `bash -c 'echo $$ >> "${mark}"; while true; do sleep 0.1; done' & wait`],
      apiVersion: 'client.authentication.k8s.io/v1',
    },
  });
  /** What has ended may still stand in the table of processes until somebody asks how. */
  const isAlive = (pid: number): boolean => {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim() !== '' && !stdout.startsWith('Z');
  };

  test('is ended with all that it started when the run is stopped, and nothing is asked', async () => {
    const server = await start();
    const mark = path.join(temporaryDirectory(), 'pids');
    const cluster = open({ server: server.url }, wrapped(mark), { env: { PATH: process.env['PATH'] } });
    const stop = new AbortController();
    const pods = { type: 'list', kind: 'Pod', why: '' } as const;
    const facts = [cluster.version(stop.signal), cluster.read(pods, stop.signal)];
    await expect.poll(() => existsSync(mark)).toBe(true);
    stop.abort(new Error('you stopped it'));
    for (const fact of await Promise.all(facts)) {
      expect(fact).toMatchObject({
        problem: { kind: 'timed-out', message: expect.stringMatching(/: you stopped it\.$/) as string },
      });
    }
    const pids = readFileSync(mark, 'utf8').trim().split('\n').map(Number);
    expect(pids).toHaveLength(1);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  test('goes on when one of those who wait for it goes', async () => {
    const server = await start();
    const slow = plugin(`setTimeout(() => ${print("{ token: 'minted' }")}, 300)`);
    const cluster = open({ server: server.url }, slow);
    const stop = new AbortController();
    const [mine, others] = [cluster.read({ type: 'list', kind: 'Pod', why: '' }, stop.signal), cluster.version()];
    stop.abort();
    expect(await mine).toMatchObject({ problem: { kind: 'timed-out' } });
    expect(await others).toEqual(served);
  });

  test('that hangs is ended with all that it started', async () => {
    const mark = path.join(temporaryDirectory(), 'pids');
    const options = { pluginTimeoutMs: 500, env: { PATH: process.env['PATH'] } };
    const problem = await problemOf(open({ server: 'http://127.0.0.1:1' }, wrapped(mark), options));
    expect(problem.message).toContain('did not finish within 0.5 s');
    const pid = Number(readFileSync(mark, 'utf8'));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('that hangs is ended', async () => {
    const cluster = open({ server: 'http://127.0.0.1:1' }, plugin('setInterval(() => undefined, 1000)'), {
      pluginTimeoutMs: 200,
    });
    expect((await problemOf(cluster)).message).toContain('did not finish within 0.2 s');
  });
});

describe('a proxy', () => {
  /** As much of SOCKS 5 (RFC 1928) as it takes to connect without authentication; every name is one of this machine's. */
  async function startSocksProxy() {
    const seen: string[] = [];
    const sockets = new Set<net.Socket>();
    const proxy = net.createServer((client) => {
      sockets.add(client.on('error', () => undefined));
      client.once('data', () => {
        client.write(Buffer.from([5, 0]));
        client.once('data', (request) => {
          const isName = request[3] === 3;
          const host = isName ? request.toString('ascii', 5, request.length - 2) : request.subarray(4, 8).join('.');
          const port = request.readUInt16BE(request.length - 2);
          seen.push(`${host}:${port}`);
          const upstream = net.connect(port, isName ? '127.0.0.1' : host, () => {
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            upstream.pipe(client).pipe(upstream);
          });
          sockets.add(upstream.on('error', () => undefined));
        });
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(
      () =>
        new Promise((resolve) => {
          proxy.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    );
    return { seen, url: `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  }

  async function startProxy(refuse = false) {
    const seen: string[] = [];
    const proxy = http.createServer((request, response) => {
      // Plain HTTP is asked of the proxy itself, with the whole URL.
      seen.push(`${request.method} ${request.url}`);
      http.get(request.url ?? '', { headers: request.headers }, (answer) =>
        answer.pipe(response.writeHead(answer.statusCode ?? 0)),
      );
    });
    const sockets = new Set<net.Socket>();
    proxy.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
      seen.push(`CONNECT ${request.url}`);
      if (refuse) return client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const upstream = net.connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [upstream, client]) sockets.add(socket.on('error', () => undefined));
      return undefined;
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(
      () =>
        new Promise((resolve) => {
          proxy.close(() => resolve());
          proxy.closeAllConnections();
          for (const socket of sockets) socket.destroy();
        }),
    );
    return { seen, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  }

  test('named in the kubeconfig is used, with TLS to the server itself', async () => {
    const server = await start(own);
    const proxy = await startProxy();
    expect(await open({ server: server.url, ...ca(), 'proxy-url': proxy.url }).version()).toEqual(served);
    expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  });

  test('does not weaken what is trusted', async () => {
    const server = await start(own);
    const proxy = await startProxy();
    const strange = { server: server.url, 'certificate-authority-data': base64(stranger.cert), 'proxy-url': proxy.url };
    expect((await problemOf(open(strange))).message).toContain("not signed by the kubeconfig's CA");
  });

  test('of the environment is used where NO_PROXY does not forbid it', async () => {
    const server = await start(await authority.server(['homelab.test']));
    const proxy = await startProxy();
    const resolving = { server: `https://homelab.test:${server.port}`, ...ca() };
    // The name exists nowhere: only the proxy could look it up, and this one cannot either.
    const env = { HTTPS_PROXY: proxy.url };
    await open(resolving, {}, { env, timeoutMs: 150 }).version();
    expect(proxy.seen).toEqual([`CONNECT homelab.test:${server.port}`]);
    await open(resolving, {}, { env: { ...env, NO_PROXY: '.test' } }).version();
    expect(proxy.seen).toHaveLength(1);
  });

  test('may speak SOCKS', async () => {
    const server = await start(own);
    const proxy = await startSocksProxy();
    const cluster = { server: server.url, 'proxy-url': proxy.url };
    expect(await open({ ...cluster, ...ca() }).version()).toEqual(served);
    expect(proxy.seen).toEqual([`127.0.0.1:${server.port}`]);
    expect((await problemOf(open(cluster))).message).toContain('the kubeconfig names none');
  });

  test('of the environment may speak SOCKS too, and look names up itself', async () => {
    const server = await start(await authority.server(['homelab.test']));
    const proxy = await startSocksProxy();
    const env = { HTTPS_PROXY: proxy.url.replace('socks5:', 'socks5h:') };
    expect(await open({ server: `https://homelab.test:${server.port}`, ...ca() }, {}, { env }).version()).toEqual(
      served,
    );
    expect(proxy.seen).toEqual([`homelab.test:${server.port}`]);
  });

  test('that speaks SOCKS is named by its address too', async () => {
    const url = 'socks5://me:sesame@127.0.0.1:1';
    const problem = await problemOf(open({ server: 'https://192.0.2.1:6443', ...ca(), 'proxy-url': url }));
    expect(problem.message).toContain('(asked through the proxy socks5://127.0.0.1:1)');
  });

  test('that never lets anybody through is left when the run is stopped', async () => {
    const sockets = new Set<net.Socket>();
    const deaf = net.createServer((socket) => {
      sockets.add(socket.on('error', () => undefined).resume());
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void deaf.close());
    const proxy = { 'proxy-url': `http://127.0.0.1:${(deaf.address() as AddressInfo).port}` };
    const cluster = open({ server: 'https://192.0.2.1:6443', ...ca(), ...proxy }, {}, { timeoutMs: 60_000 });
    const stop = new AbortController();
    const version = cluster.version(stop.signal);
    await expect.poll(() => sockets.size).toBe(1);
    stop.abort(new Error('you stopped it'));
    expect(await version).toMatchObject({ problem: { kind: 'timed-out' } });
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('carries plain HTTP', async () => {
    const server = await start();
    const proxy = await startProxy();
    expect(await open({ server: server.url, 'proxy-url': proxy.url }).version()).toEqual(served);
    expect(proxy.seen).toEqual([`GET ${server.url}/version`]);
  });

  test('that lets nobody through is named, without its password', async () => {
    const proxy = await startProxy(true);
    const url = proxy.url.replace('//', '//me:sesame@');
    const problem = await problemOf(open({ server: 'https://192.0.2.1:6443', ...ca(), 'proxy-url': url }));
    expect(problem.kind).toBe('unreachable');
    expect(problem.message).toContain(proxy.url);
  });
});
