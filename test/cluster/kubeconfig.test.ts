import { chmodSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import {
  chooseTarget,
  KubeconfigError,
  listContexts,
  loadKubeconfig,
  type KubeconfigOptions,
} from '../../src/cluster/kubeconfig.ts';
import { kubeconfig, temporaryDirectory, write } from './files.ts';

const at = (server: string, name?: string, user: object = {}): string => kubeconfig({ server }, user, name);

function errorOf(options: KubeconfigOptions): KubeconfigError {
  try {
    connect({ env: {}, home: '/nonexistent', serviceAccount: '/nonexistent', ...options });
  } catch (error) {
    if (error instanceof KubeconfigError) {
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
