/** The API server as a function: requests and answers as values, with no socket, no file and no key. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createAdmin, createUser } from '../../packages/apiserver/access/rbac.ts';
import { createApi, type Api } from '../../packages/apiserver/api.ts';
import { toBytes } from '../../packages/apiserver/bytes/utf8.ts';
import { Cluster, kinds } from '../../packages/apiserver/controllers/cluster.ts';
import { standardControllers } from '../../packages/apiserver/controllers/index.ts';
import { settle } from '../../packages/apiserver/controllers/loop.ts';
import { text } from '../../packages/apiserver/objects/fields.ts';
import { State } from '../../packages/apiserver/state/state.ts';

const admin = createAdmin();
const nobody = createUser('nobody', []);
let state: State;
let api: Api;
beforeEach(() => {
  state = new State([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } }]);
  api = createApi({ state, users: [admin, nobody] });
});

const ask = (method: string, url: string, content?: object, { token = '' } = admin): ReturnType<Api['answer']> =>
  api.answer({
    method,
    url,
    headers: { authorization: [`Bearer ${token}`] },
    body: content === undefined ? [] : [toBytes(JSON.stringify(content))],
    address: 'cluster.example:443',
  });

const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { colour: 'green' },
};
const configMaps = '/api/v1/namespaces/default/configmaps';

describe('without a socket', () => {
  it('keeps what it is given', async () => {
    expect((await ask('POST', configMaps, settings)).code).toBe(201);
    const { code, headers, body } = await ask('GET', `${configMaps}/settings`);
    expect([code, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(String(body))).toMatchObject(settings);
  });

  it('knows who may do what', async () => {
    expect((await ask('GET', configMaps, undefined, nobody)).code).toBe(403);
    expect((await ask('GET', configMaps, undefined, { ...nobody, token: 'of-nobody' })).code).toBe(401);
  });

  it('writes a watch as long as somebody listens', async () => {
    const { body } = await ask('GET', `${configMaps}?watch=true`);
    const lines: string[] = [];
    const stop =
      typeof body === 'function' ? body({ write: (line) => lines.push(String(line)), end: () => 0 }) : undefined;
    await ask('POST', configMaps, settings);
    stop?.();
    await ask('DELETE', `${configMaps}/settings`);
    expect(lines.map((line) => text(JSON.parse(line), 'type'))).toEqual(['ADDED']);
  });

  it('says that it signs no tokens where it has no key', async () => {
    settle(new Cluster(state), standardControllers());
    const { code, body } = await ask('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {});
    expect([code, JSON.parse(String(body))]).toMatchObject([500, { message: 'this API server signs no tokens' }]);
  });

  it('tells where it was asked', async () => {
    const { body } = await ask('GET', '/api');
    expect(String(body)).toContain('"serverAddress":"cluster.example:443"');
  });
});

it('keeps the workloads of an empty cluster going', async () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template },
  };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  };
  await ask('POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
  await ask('POST', '/api/v1/namespaces/default/services', service);
  settle(new Cluster(state), standardControllers());
  expect(state.list(kinds.Pod).map((pod) => text(pod, 'status', 'phase'))).toEqual(['Running', 'Running']);
  expect(state.list(kinds.EndpointSlice)).toMatchObject([{ endpoints: [{}, {}], ports: [{ port: 80 }] }]);
  await ask('DELETE', '/api/v1/namespaces/default/pods');
  await ask('DELETE', '/apis/apps/v1/namespaces/default/deployments/web');
  settle(new Cluster(state), standardControllers());
  expect(state.list(kinds.Pod)).toEqual([]);
});
