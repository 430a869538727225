/**
 * The demo's way in, experienced as a client would: two handshakes tell a missing server name from everything else.
 */
import { request } from 'node:http';
import { connect as tcp } from 'node:net';
import { connect as tls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stack } from '#stack';
import { partNames } from '../../runbooks/parts.ts';
import { startDemo, type Change, type Demo } from '../../src/demo/node/demo.ts';
import { chosen, redirection, ruleFor, type Match, type Rule } from '../../src/demo/network/gateway-routes.ts';
import { gatewayState } from '../../src/demo/network/gateway-state.ts';
import { hostnameTakes } from '../../src/formats/hostname.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { ofKind, type StoredObject } from '../../packages/apiserver/objects/object.ts';
import { store } from '../../packages/apiserver/state/store.ts';
import { ask, open } from '../apiserver/support.ts';
import { changedObjects } from '../support/objects.ts';

const now = new Date();
const healthy = store(loadObjects(), now);
const device = `${stack.device.name}.${stack.tailnet}`;

const find = (group: string, kind: string, matches: (object: StoredObject) => boolean): StoredObject => {
  const found = ofKind(healthy, group, kind).find(matches);
  if (found === undefined) throw new Error(`The demo's objects hold no such ${kind}.`);
  return found;
};
const labelled = (label: string, value: string) => (object: StoredObject) =>
  (object.metadata.labels as Record<string, string> | undefined)?.[label] === value;
const owner = labelled('gateway.envoyproxy.io/owning-gateway-name', stack.gateway.name);
const envoyService = find('', 'Service', owner);
const envoyDeployment = find('apps', 'Deployment', owner);
const envoyPod = find('', 'Pod', owner);
const proxy = find('apps', 'StatefulSet', labelled('tailscale.com/parent-resource', envoyService.metadata.name));

const merge = ({ apiVersion, kind, metadata: { namespace, name } }: StoredObject, fields: object): Change => ({
  op: 'merge',
  object: { apiVersion, kind, metadata: { namespace, name }, ...fields },
});
const ciliumConfig = (data: Record<string, string | null>): Change => ({
  op: 'merge',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: partNames.cilium.namespace, name: partNames.cilium.configMap },
    data,
  },
});
const nodeOverride = (matchLabels: Record<string, string>): Change => ({
  op: 'create',
  object: {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNodeConfig',
    metadata: { namespace: partNames.cilium.namespace, name: 'experiment' },
    spec: { nodeSelector: { matchLabels }, defaults: { 'bpf-lb-sock-hostns-only': 'false' } },
  },
});
const writtenJustNow: Change = {
  op: 'merge',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace: partNames.cilium.namespace,
      name: partNames.cilium.configMap,
      managedFields: [{ time: '{{ago 1m}}', fieldsV1: { 'f:data': { 'f:bpf-lb-sock-hostns-only': {} } } }],
    },
  },
};
const stateWith = (...changes: readonly Change[]) => gatewayState(changedObjects(changes, now));
const reachWith = (...changes: readonly Change[]) =>
  stateWith(...changes).entrances.find(({ hosts }) => hosts.includes(device))?.reach;

describe('what the objects say', () => {
  test('healthy: the device leads to Envoy, which serves the domain with its certificate', () => {
    const { chains, routes, logs } = gatewayState(healthy);
    expect(reachWith()).toBe('envoy');
    expect(chains).toMatchObject([{ hostname: `*.${stack.domain}`, certificate: { names: [`*.${stack.domain}`] } }]);
    expect(routes.map(({ name }) => name)).toContain(`${stack.app.namespace}/${stack.app.name}`);
    expect(logs).toEqual([`${envoyPod.metadata.namespace}_${envoyPod.metadata.name}_envoy`]);
  });

  test.each([
    ['socket LB covers pods', ciliumConfig({ 'bpf-lb-sock-hostns-only': null }), 'unanswered'],
    ['socket LB covers pods, said outright', ciliumConfig({ 'bpf-lb-sock-hostns-only': 'false' }), 'unanswered'],
    [
      'per-packet load balancing is compiled in all the same',
      ciliumConfig({ 'bpf-lb-sock-hostns-only': 'false', 'enable-gateway-api': 'true' }),
      'envoy',
    ],
    [
      'Cilium leaves Services to a kube-proxy that is not there',
      ciliumConfig({ 'bpf-lb-sock-hostns-only': 'false', 'kube-proxy-replacement': 'false' }),
      'unanswered',
    ],
    ['the Tailscale proxy is not ready', merge(proxy, { status: { readyReplicas: null } }), 'unanswered'],
    ['the Service has a new ClusterIP', merge(envoyService, { spec: { clusterIP: '10.96.9.9' } }), 'unanswered'],
    ['no Envoy is available', merge(envoyDeployment, { status: { availableReplicas: null } }), 'refused'],
    ['a CiliumNodeConfig says otherwise for the node', nodeOverride({}), 'unanswered'],
    ['a CiliumNodeConfig is for another node', nodeOverride({ 'kubernetes.io/hostname': 'other' }), 'envoy'],
    ['the agents have not read what would cure them', writtenJustNow, 'unanswered'],
  ] as const)('%s: %3$s', (_what, change, expected) => {
    expect(reachWith(change)).toBe(expected);
  });

  test('a Service without address leads nowhere', () => {
    expect(reachWith(merge(envoyService, { status: { loadBalancer: { ingress: null } } }))).toBeUndefined();
  });

  test('a listener that is not programmed has no filter chain', () => {
    const listeners = [{ name: stack.gateway.listener, conditions: [{ type: 'Programmed', status: 'False' }] }];
    const gateway = find(
      'gateway.networking.k8s.io',
      'Gateway',
      ({ metadata }) => metadata.name === stack.gateway.name,
    );
    expect(stateWith(merge(gateway, { status: { listeners } })).chains).toEqual([]);
  });

  test.each([
    ['*.sudhanva.me', 'docs.sudhanva.me', true],
    ['*.sudhanva.me', 'a.b.sudhanva.me', true],
    ['*.sudhanva.me', 'sudhanva.me', false],
    ['*.sudhanva.me', 'sudhanva.me.example', false],
    ['docs.sudhanva.me', 'docs.sudhanva.me', true],
    ['docs.sudhanva.me', 'vault.sudhanva.me', false],
    ['', 'anything', true],
  ])('listener %s covers %s: %s', (hostname, name, expected) => {
    expect(hostnameTakes(hostname, name)).toBe(expected);
  });
});

describe('connecting', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.close());

  const entrance = (host = device): { host: string; port: number } => {
    const where = demo.dial(host, 443);
    if (where === 'unanswered') throw new Error(`${host} does not answer.`);
    return where;
  };

  const handshake = (servername: string): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = tls({ ...entrance(), servername, rejectUnauthorized: false }, () => resolve(socket));
      socket.once('error', reject);
    });

  const get = async (host: string, path = '/', servername = host): Promise<{ status?: number; body: string }> => {
    const socket = await handshake(servername);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { createConnection: () => socket, path, headers: { host, connection: 'close' } },
        (incoming) => {
          let body = '';
          incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
          incoming.on('end', () => resolve({ status: incoming.statusCode, body }));
        },
      );
      outgoing.once('error', reject);
      outgoing.end();
    });
  };

  const envoyLog = async (): Promise<Record<string, unknown>[]> => {
    const { namespace, name } = envoyPod.metadata;
    const { text } = await ask(demo, `/api/v1/namespaces/${namespace}/pods/${name}/log?container=envoy`);
    return text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  test('with a server name of the domain: the wildcard certificate, and the app', async () => {
    const socket = await handshake(stack.app.hostname);
    const certificate = socket.getPeerCertificate();
    expect(certificate.subjectaltname).toBe(`DNS:*.${stack.domain}`);
    expect(Date.parse(certificate.valid_to)).toBeGreaterThan(Date.now());
    socket.destroy();
    const { status, body } = await get(stack.app.hostname);
    expect(status).toBe(200);
    expect(body).toContain(`HTTPRoute ${stack.app.namespace}/${stack.app.name}`);
  });

  test('a name that no route has: 404', async () => {
    expect(await get(`nothing.${stack.domain}`)).toMatchObject({ status: 404 });
    expect((await envoyLog()).at(-1)).toMatchObject({
      response_code: 404,
      response_flags: 'NR',
      response_code_details: 'route_not_found',
      requested_server_name: `nothing.${stack.domain}`,
    });
  });

  test.each([
    ['without server name', ''],
    ['with the bare domain', stack.domain],
    ['with a foreign name', 'example.com'],
  ])('%s: reset, no alert, and a line in the log of Envoy', async (_what, servername) => {
    const failure = await handshake(servername).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'ECONNRESET' });
    expect((await envoyLog()).at(-1)).toMatchObject({
      response_code: 0,
      response_flags: 'NR',
      response_code_details: 'filter_chain_not_found',
      requested_server_name: servername === '' ? null : servername,
    });
  });

  test('the log can be followed', async () => {
    const { namespace, name } = envoyPod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?container=envoy&follow=true&tailLines=1`;
    const log = open(demo, path);
    await expect.poll(log.text).not.toBe('');
    await handshake('followed.example').catch(() => undefined);
    await expect.poll(log.text).toContain('"requested_server_name":"followed.example"');
    log.stop();
  });

  test('bytes that are no TLS: reset', async () => {
    const outcome = await new Promise<string>((resolve) => {
      const socket = tcp(entrance(), () => socket.write('GET / HTTP/1.1\r\nHost: docs.sudhanva.me\r\n\r\n'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('end', () => resolve('ended'));
    });
    expect(outcome).toBe('ECONNRESET');
  });

  test('by address and by name of the device; nobody else answers', () => {
    const { status } = envoyService as unknown as { status: { loadBalancer: { ingress: { ip?: string }[] } } };
    const address = status.loadBalancer.ingress.map(({ ip }) => ip).find((ip) => ip !== undefined) ?? '';
    expect(entrance(address)).toEqual(entrance());
    expect(entrance(`${device}.`)).toEqual(entrance());
    expect(demo.dial('100.64.99.99', 443)).toBe('unanswered');
    expect(demo.dial('example.com', 443)).toBe('unanswered');
  });

  test('a port that the Service does not have: refused', async () => {
    const where = demo.dial(device, 80);
    if (where === 'unanswered') throw new Error('It should be refused.');
    const code = await new Promise((resolve) => {
      tcp(where).once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(code).toBe('ECONNREFUSED');
  });

  test('follows the objects while it runs', () => {
    demo.change([ciliumConfig({ 'bpf-lb-sock-hostns-only': 'false' })]);
    expect(demo.dial(device, 443)).toBe('unanswered');
    demo.change([ciliumConfig({ 'bpf-lb-sock-hostns-only': 'true' })]);
    expect(demo.dial(device, 443)).toEqual(entrance());
  });

  // Envoy tries pods that are not ready when there are no others [panic threshold]; without any endpoint Envoy Gateway lets it answer itself.
  test('an app whose pod crashes, or that selects none: 503, in other words', async () => {
    const app = find('', 'Service', ({ metadata }) => metadata.name === stack.app.name);
    const answer = (): Promise<unknown> => get(stack.app.hostname);
    const { namespace = '', name } = app.metadata;
    const crash = { programs: [{ workload: `${namespace}/${name}`, container: name, exitCode: 1 }] };
    demo.changeWorld(crash);
    await expect
      .poll(answer)
      .toEqual({ status: 503, body: expect.stringContaining('delayed connect error: Connection refused') as string });
    demo.changeWorld({ programs: [{ workload: `${namespace}/${name}`, container: name, notReady: 'it hangs' }] });
    await expect.poll(answer).toEqual({ status: 504, body: 'upstream request timeout' });
    demo.mendWorld(crash);
    await expect.poll(answer).toMatchObject({ status: 200 });
    demo.change([merge(app, { spec: { selector: { 'app.kubernetes.io/name': 'nobody' } } })]);
    await expect.poll(answer).toEqual({ status: 503, body: '' });
    demo.change([merge(app, { spec: app['spec'] })]);
    await expect.poll(answer).toMatchObject({ status: 200 });
  });
});

describe('which rule takes a request', () => {
  const match = (path: string, more: Partial<Match> = {}): Match => ({
    type: 'PathPrefix',
    path,
    method: '',
    headers: [],
    ...more,
  });
  const rule = (name: string, ...matches: readonly Match[]): Rule => ({
    matches,
    backends: [{ name, weight: 1, behind: 'serves' }],
    redirect: undefined,
  });
  const routes = [
    {
      name: 'a/first',
      hostnames: ['app.example.com'],
      rules: [rule('all', match('/')), rule('api', match('/api')), rule('exact', match('/api', { type: 'Exact' }))],
    },
    { name: 'a/second', hostnames: ['app.example.com'], rules: [rule('posted', match('/api', { method: 'POST' }))] },
    { name: 'a/wide', hostnames: ['*.example.com'], rules: [rule('wide', match('/'))] },
  ];
  const at = (host: string, path: string, method = 'GET'): string | undefined =>
    ruleFor(routes, { host, path, method, headers: {} })?.rule.backends[0]?.name;

  test.each([
    ['app.example.com', '/', 'GET', 'all'],
    ['app.example.com', '/api/v1', 'GET', 'api'],
    ['app.example.com', '/apiary', 'GET', 'all'],
    ['app.example.com', '/api', 'GET', 'exact'],
    ['app.example.com', '/api/v1', 'POST', 'posted'],
    ['other.example.com', '/api', 'GET', 'wide'],
    ['example.com', '/', 'GET', undefined],
  ])('%s%s by %s: %s', (host, path, method, expected) => {
    expect(at(host, path, method)).toBe(expected);
  });

  test('backends share by weight, and one of weight zero has no part', () => {
    const backends = [
      { name: 'none', weight: 0, behind: 'serves' },
      { name: 'some', weight: 1, behind: 'serves' },
      { name: 'most', weight: 9, behind: 'serves' },
    ] as const;
    expect([0, 0.05, 0.15, 0.99].map((chance) => chosen(backends, chance)?.name)).toEqual([
      'some',
      'some',
      'most',
      'most',
    ]);
    expect(chosen(backends.slice(0, 1), 0.5)).toBeUndefined();
  });

  test('a redirect leads where its filter says', () => {
    const asked = { host: 'app.example.com', path: '/a', method: 'GET', headers: {} };
    expect(redirection({ hostname: 'new.example.com', statusCode: 301 }, asked)).toEqual({
      code: 301,
      location: 'https://new.example.com/a',
    });
  });
});
