import { Refusal } from '../../src/formats/refusal.ts';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { connect } from '../../src/cluster/connect.ts';
import { chooseTarget, listContexts, loadKubeconfig, type KubeconfigOptions } from '../../src/cluster/kubeconfig.ts';
import { kubeconfig, temporaryDirectory, write } from './files.ts';

const at = (server: string, name?: string, user: object = {}): string => kubeconfig({ server }, user, name);

function errorOf(options: KubeconfigOptions): Refusal {
  try {
    connect({ env: {}, home: '/nonexistent', serviceAccount: '/nonexistent', ...options });
  } catch (error) {
    if (error instanceof Refusal) {
      expect(error.hint).not.toBe('');
      expect(`${error.message} ${error.hint}`).not.toContain('sesame');
      return error;
    }
    throw error;
  }
  throw new Error('Expected an error.');
}

describe('where a kubeconfig is looked for', () => {
  test('--kubeconfig comes before KUBECONFIG, which comes before ~/.kube/config, which comes before the pod', () => {
    const directory = temporaryDirectory();
    const given = write(directory, 'given', at('https://given:1'));
    const KUBECONFIG = write(directory, 'env', at('https://env:1'));
    write(directory, 'home/.kube/config', at('https://home:1'));
    write(directory, 'pod/token', 't');
    write(directory, 'pod/ca.crt', 'c');
    const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const surroundings = {
      env: { ...pod, KUBECONFIG },
      home: path.join(directory, 'home'),
      serviceAccount: path.join(directory, 'pod'),
    };
    const serverOf = (options: KubeconfigOptions) => chooseTarget(loadKubeconfig(options)).cluster.server;
    expect(serverOf({ ...surroundings, kubeconfig: given })).toBe('https://given:1');
    expect(serverOf(surroundings)).toBe('https://env:1');
    expect(serverOf({ ...surroundings, env: pod })).toBe('https://home:1');
    expect(serverOf({ ...surroundings, env: pod, home: directory })).toBe('https://[fd00::1]:443');
  });

  test('nowhere: it says where', () => {
    const error = errorOf({ home: '/nowhere' });
    expect(error.code).toBe('no-kubeconfig');
    expect(error.message).toContain(path.join('/nowhere', '.kube', 'config'));
    expect(error.hint).toContain('--demo');
  });

  test('KUBECONFIG names only files that do not exist', () => {
    const error = errorOf({ env: { KUBECONFIG: '/a/b' } });
    expect(error).toMatchObject({ code: 'no-kubeconfig', message: expect.stringContaining('/a/b') as string });
  });
});

describe('several files in KUBECONFIG', () => {
  test('are merged as kubectl does: the first wins, missing ones are skipped, paths belong to their file', () => {
    const directory = temporaryDirectory();
    write(directory, 'a/ca.crt', 'a');
    write(directory, 'b/ca.crt', 'b');
    const first = write(
      directory,
      'a/config',
      kubeconfig({ server: 'https://first:1', 'certificate-authority': 'ca.crt' }, { token: 'first' }),
    );
    const second = write(
      directory,
      'b/config',
      kubeconfig({ server: 'https://second:1', 'certificate-authority': 'ca.crt' }, { token: 'second', as: 'x' }),
    );
    const third = write(
      directory,
      'b/third',
      kubeconfig({ server: 'https://third:1', 'certificate-authority': 'ca.crt' }, {}, 'away'),
    );
    const env = { KUBECONFIG: [path.join(directory, 'missing'), first, second, third].join(path.delimiter) };
    const merged = loadKubeconfig({ env });
    expect(merged.currentContext).toBe('home');
    expect(chooseTarget(merged)).toMatchObject({
      cluster: { server: 'https://first:1', 'certificate-authority': path.join(directory, 'a/ca.crt') },
      user: { token: 'first' },
    });
    expect(chooseTarget(merged).user).not.toHaveProperty('as');
    expect(chooseTarget(merged, 'away').cluster).toMatchObject({
      server: 'https://third:1',
      'certificate-authority': path.join(directory, 'b/ca.crt'),
    });
    expect(merged.origin).toBe([first, second, third].join(', '));
  });

  test('may leave the current context to a later one', () => {
    const directory = temporaryDirectory();
    const first = write(directory, 'a', 'apiVersion: v1\nkind: Config\ncontexts: null\ncurrent-context: ""\n');
    const second = write(directory, 'b', at('https://b:1'));
    expect(loadKubeconfig({ env: { KUBECONFIG: [first, second].join(path.delimiter) } }).currentContext).toBe('home');
  });
});

describe('what can be wrong with a kubeconfig', () => {
  const file = (content: string): string => write(temporaryDirectory(), 'config', content);

  test('it does not exist', () => {
    expect(errorOf({ kubeconfig: '/nonexistent/config' })).toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('/nonexistent/config') as string,
    });
  });

  test('it is a directory', () => {
    expect(errorOf({ kubeconfig: temporaryDirectory() }).code).toBe('unreadable');
  });

  test.each([
    ['a named pipe', (file: string) => execFileSync('mkfifo', [file])],
    ['a device', (file: string) => symlinkSync('/dev/zero', file)],
    ['a directory', (file: string) => mkdirSync(file)],
    ['larger than 1 MiB', (file: string) => writeFileSync(file, `#${' '.repeat(2 ** 20)}`)],
  ])('it is %s, which is not read', (what, make) => {
    const odd = path.join(temporaryDirectory(), 'odd');
    make(odd);
    const unread = { code: 'unreadable', message: expect.stringContaining(what) as string };
    expect(errorOf({ kubeconfig: odd })).toMatchObject(unread);
    expect(errorOf({ env: { KUBECONFIG: odd } })).toMatchObject(unread);
    for (const field of ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']) {
      const content = kubeconfig({ server: 'https://a:1', [field]: odd }, { [field]: odd });
      expect(errorOf({ kubeconfig: file(content) })).toMatchObject(unread);
    }
    const provider = { name: 'oidc', config: { 'idp-certificate-authority': odd } };
    expect(errorOf({ kubeconfig: file(at('https://a:1', 'home', { 'auth-provider': provider })) })).toMatchObject(
      unread,
    );
  });

  test('it is a socket', async () => {
    const socket = path.join(temporaryDirectory(), 'socket');
    const server = net.createServer().listen(socket);
    await once(server, 'listening');
    expect(errorOf({ kubeconfig: socket }).message).toContain('it is a socket');
    server.close();
  });

  test('it is nothing, as scripts say it', () => {
    expect(errorOf({ kubeconfig: '/dev/null' }).code).toBe('no-current-context');
  });

  test('it is nested deeper than anybody reads', () => {
    expect(errorOf({ kubeconfig: file('['.repeat(500_000)) }).code).toBe('invalid');
    expect(errorOf({ kubeconfig: file(`users: ${'{a: '.repeat(100_000)}`) }).code).toBe('invalid');
  });

  test.skipIf(process.getuid?.() === 0)('it may not be read', () => {
    const secret = file(at('https://a:1'));
    chmodSync(secret, 0);
    expect(errorOf({ kubeconfig: secret }).code).toBe('unreadable');
  });

  test('it is not YAML: the line is named, not quoted', () => {
    const error = errorOf({ kubeconfig: file('users:\n- name: a\n  user: {token: sesame\ncontexts: [') });
    expect(error.code).toBe('invalid');
    expect(error.message).toMatch(/line \d/);
  });

  test.each([
    ['a list', '- sesame'],
    ['a text', 'sesame'],
    ['an alias that leads nowhere', 'users: *sesame'],
    ['a cluster without server', 'clusters: [{name: a, cluster: {certificate-authority-data: sesame}}]'],
    ['a token that is a number', 'users: [{name: a, user: {token: 12345, password: sesame}}]'],
  ])('it is %s', (_, content) => {
    expect(errorOf({ kubeconfig: file(content) }).code).toBe('invalid');
  });

  test('it is empty', () => {
    expect(errorOf({ kubeconfig: file('') })).toMatchObject({
      code: 'no-current-context',
      message: expect.stringContaining('no contexts') as string,
    });
  });

  test('it has no current context', () => {
    expect(
      errorOf({ kubeconfig: file(at('https://a:1').replace('current-context: home', 'current-context: ""')) }),
    ).toMatchObject({
      code: 'no-current-context',
      message: expect.stringContaining('home') as string,
    });
  });

  test('it has no such context among thousands: the nearest are named', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `cluster-${index}`);
    const content = stringify({
      'current-context': 'cluster-1',
      contexts: [...names, 'homelab'].map((name) => ({ name, context: { cluster: 'one', user: 'one' } })),
    });
    const { message } = errorOf({ kubeconfig: file(content), context: 'homlab' });
    expect(message).toContain('Of its 5001 contexts the nearest is: homelab.');
    const farOff = errorOf({ kubeconfig: file(content), context: 'elsewhere' }).message;
    expect(farOff).toContain(
      'It has 5001 contexts, among them: cluster-0, cluster-1, cluster-2, cluster-3, cluster-4.',
    );
    expect(message.length).toBeLessThan(400);
    expect(
      errorOf({ kubeconfig: file(content.replace('current-context: cluster-1', '')) }).message.length,
    ).toBeLessThan(400);
  });

  test('it has no such context: it lists those that it has', () => {
    expect(errorOf({ kubeconfig: file(at('https://a:1')), context: 'hoem' })).toMatchObject({
      code: 'unknown-context',
      message: expect.stringMatching(/"hoem".*It has: home/) as string,
    });
  });

  test("the context's cluster is missing", () => {
    const content = at('https://a:1').replace('cluster: home-cluster', 'cluster: gone');
    expect(errorOf({ kubeconfig: file(content) })).toMatchObject({
      code: 'unknown-cluster',
      message: expect.stringContaining('gone') as string,
    });
  });

  test("the context's user is missing", () => {
    const content = at('https://a:1').replace('user: home-user', 'user: gone');
    expect(errorOf({ kubeconfig: file(content) })).toMatchObject({
      code: 'unknown-user',
      message: expect.stringContaining('gone') as string,
    });
  });

  test.each([
    ['https://a:1/?x=sesame', 'query'],
    ['https://a:1?', 'query'],
    ['https://a:1/k8s#sesame', 'fragment'],
  ])('the server is %s: its %s would swallow the path of a request', (server, what) => {
    expect(errorOf({ kubeconfig: file(at(server)) })).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(what) as string,
    });
  });

  test.each(['ftp://proxy:21', 'http://', 'https://a:99999', 'file:///etc/passwd'])(
    'the proxy-url is %s, which is not gone without',
    (proxy) => {
      const content = kubeconfig({ server: 'https://a:1', 'proxy-url': proxy });
      expect(errorOf({ kubeconfig: file(content) })).toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('proxy-url') as string,
      });
    },
  );

  test.each([
    ['gcp', 'gke-gcloud-auth-plugin'],
    ['azure', 'kubelogin'],
    ['openstack', 'credential plugin'],
  ])('the user logs in with the auth-provider %s, which could run anything', (name, instead) => {
    const mark = path.join(temporaryDirectory(), 'mark');
    const config = { 'cmd-path': '/usr/bin/touch', 'cmd-args': mark };
    const error = errorOf({ kubeconfig: file(at('https://a:1', 'home', { 'auth-provider': { name, config } })) });
    expect(error.code).toBe('invalid');
    expect(error.hint).toContain(instead);
    expect(existsSync(mark)).toBe(false);
  });

  test('the auth-provider hides a program or a file', () => {
    const withConfig = (config: object) =>
      file(at('https://a:1', 'home', { 'auth-provider': { name: 'oidc', config } }));
    expect(errorOf({ kubeconfig: withConfig({ exec: { command: '/usr/bin/touch' } }) }).code).toBe('invalid');
  });

  test.each([{ 'as-uid': '7' }, { 'as-groups': ['admins'] }, { 'as-user-extra': { scopes: ['all'] } }])(
    'the user impersonates nobody, with %o',
    (user) => {
      const { message } = errorOf({ kubeconfig: file(at('https://a:1', 'home', user)) });
      expect(message).toContain(Object.keys(user)[0]);
    },
  );

  test('the server is not a URL', () => {
    expect(errorOf({ kubeconfig: file(at('sesame')) }).code).toBe('invalid');
  });

  test.each(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'])(
    'the file that it names as %s is missing',
    (field) => {
      const content = kubeconfig({ server: 'https://a:1', [field]: '/gone.pem' }, { [field]: '/gone.pem' });
      expect(errorOf({ kubeconfig: file(content) })).toMatchObject({
        code: 'unreadable',
        message: expect.stringMatching(new RegExp(`/gone\\.pem as ${field}`)) as string,
      });
    },
  );
});

describe('contexts', () => {
  test('are listed without anybody’s credentials', () => {
    const directory = temporaryDirectory();
    const home = write(directory, 'home', at('https://me:sesame@home:6443/', 'home', { token: 'sesame' }));
    const away = write(
      directory,
      'away',
      at('https://away:6443', 'away', { password: 'sesame' }).replace('name: away-cluster', 'name: gone'),
    );
    const options = { env: { KUBECONFIG: [home, away].join(path.delimiter) } };
    const contexts = listContexts(options);
    expect(contexts).toEqual([
      { name: 'home', cluster: 'home-cluster', server: 'https://home:6443', user: 'home-user', current: true },
      { name: 'away', cluster: 'away-cluster', server: undefined, user: 'away-user', current: false },
    ]);
    expect(listContexts({ ...options, context: 'away' }).find(({ current }) => current)?.name).toBe('away');
  });

  test('are the ones that a connection names', () => {
    const kubeconfig = write(
      temporaryDirectory(),
      'config',
      at('https://me:sesame@home:6443/', 'home', { token: 'sesame' }),
    );
    const cluster = connect({ kubeconfig, env: {} });
    expect(cluster).toMatchObject({
      source: 'live',
      context: 'home',
      server: 'https://home:6443',
      user: 'home-user',
      origin: kubeconfig,
    });
    expect(JSON.stringify(cluster)).not.toContain('sesame');
    expect(cluster.requests()).toBe(0);
    expect(connect({ kubeconfig, env: {}, source: 'demo' }).source).toBe('demo');
  });
});

describe('a kubeconfig from a pipe', () => {
  /** As a shell hands it over: `run --kubeconfig <(command)`. Twice, for whoever lists the contexts opens one of them later. */
  const throughPipe = (command: string) => {
    const module = (name: string) => JSON.stringify(new URL(`../../src/cluster/${name}`, import.meta.url).href);
    const script = `
      import { listContexts } from ${module('kubeconfig.ts')};
      import { readSmallFile } from ${module('small-file.ts')};
      const kubeconfig = process.argv[1];
      const attempt = (act) => { try { return act(); } catch (error) { return error.message; } };
      attempt(() => readSmallFile(kubeconfig, 1000));
      const names = () => listContexts({ kubeconfig }).map(({ name }) => name).join();
      console.log([attempt(() => readSmallFile(kubeconfig, 1000)), attempt(names)].join('|'));`;
    const shell = `"$0" --input-type=module -e "$1" <(${command})`;
    return execFileSync('bash', ['-c', shell, process.execPath, script], { encoding: 'utf8', timeout: 30_000 });
  };

  test('is read once, to its end, however slowly it comes', () => {
    const config = write(temporaryDirectory(), 'config', at('https://a:1'));
    expect(throughPipe(`head -c 30 '${config}'; sleep 0.3; tail -c +31 '${config}'`)).toMatch(
      /name: home[^]*\|home\n$/,
    );
  });

  test('has an end', () => {
    expect(throughPipe('cat /dev/zero')).toMatch(/it is larger than 1 MiB[^]*it is larger than 1 MiB/);
  });

  test('that nobody writes to is given up', () => {
    expect(throughPipe('sleep 4')).toContain('was not written to its end within 1 s');
  });
});
