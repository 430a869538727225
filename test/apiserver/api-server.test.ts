/**
 * The demo's API server against what a real one (v1.36) answers: status codes, Status bodies, content types, and the names,
 * types and order of fields.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo, type KubernetesObject } from '../../src/demo/node/demo.ts';
import { ask, events, shape } from './support.ts';

const gateways = '/apis/gateway.networking.k8s.io/v1/namespaces/tailscale/gateways';
const gateway = `${gateways}/tailscale-gateway`;
const crew = '/api/v1/namespaces/crew';

/** A namespace of the tests' own, so that they do not depend on the homelab's objects. */
const pod = (name: string, labels: Record<string, string>, containers: readonly string[], phase = 'Running') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'crew', name, labels },
  spec: {
    nodeName: name === 'b' ? 'other' : 'legion',
    containers: containers.map((container) => ({ name: container, image: phase === 'Running' ? 'web' : 'nowhere' })),
  },
  status: {
    phase,
    containerStatuses: containers.map((container) => ({
      name: container,
      ready: phase === 'Running',
      restartCount: 0,
      state: phase === 'Running' ? { running: {} } : { waiting: { reason: 'ImagePullBackOff' } },
    })),
  },
});

const objects: readonly KubernetesObject[] = [
  pod('a', { app: 'web', tier: 'front' }, ['main']),
  pod('b', { app: 'web' }, ['main', 'side']),
];

/** Its image is in no registry, so it waits for ever. */
const pending = pod('c', { app: 'db' }, ['main'], 'Pending');

const readerRules = [
  { verbs: ['get', 'list', 'watch'], apiGroups: ['gateway.networking.k8s.io'], resources: ['gateways'] },
  { verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/log'] },
  { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['coredns'] },
];

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({
    objects,
    readerRules,
    scenario: {
      changes: [{ op: 'create', object: pending }],
      world: { missingImages: ['nowhere'] },
      logs: { crew_a_main: 'one\ntwo\nthree\n', 'crew_a_main.previous': 'before\n' },
    },
  });
});
afterAll(() => demo.close());

const status = (code: number, reason: string | undefined, message: string, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason === undefined ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code,
});

const names = (answer: { json: unknown }): string[] =>
  (answer.json as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);

describe('errors', () => {
  test('a container that has not started', async () => {
    expect((await ask(demo, `${crew}/pods/c/log`)).json).toEqual(
      status(400, 'BadRequest', 'container "main" in pod "c" is waiting to start: trying and failing to pull image'),
    );
  });

  test('what cannot be said in JSON or YAML', async () => {
    const answer = await ask(demo, gateways, { accept: 'application/vnd.kubernetes.protobuf' });
    expect(answer.json).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });

  test('a kind whose definition is gone is unknown', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gateways.gateway.networking.k8s.io' },
    };
    const broken = await startDemo({ scenario: { changes: [{ op: 'delete', object: definition }] } });
    try {
      expect(await ask(broken, gateway)).toMatchObject({ status: 404, text: '404 page not found\n' });
      expect((await ask(broken, '/apis/gateway.networking.k8s.io/v1/httproutes')).status).toBe(200);
    } finally {
      await broken.close();
    }
  });
});

describe('objects', () => {
  test('of a custom kind: keys in order', async () => {
    const { json, type } = await ask(demo, gateway);
    expect(type).toBe('application/json');
    expect(shape(json, 1)).toBe('{apiVersion: string, kind: string, metadata: {…}, spec: {…}, status: {…}}');
    expect(shape((json as { metadata: object }).metadata, 1)).toBe(
      '{annotations: {…}, creationTimestamp: string, generation: number, managedFields: [{…}], name: string, namespace: string, resourceVersion: string, uid: string}',
    );
  });

  test('of a built-in kind: the type first, metadata as its type declares it', async () => {
    const { json } = await ask(demo, `${crew}/pods/a`);
    expect(shape(json, 1)).toBe('{kind: string, apiVersion: string, metadata: {…}, spec: {…}, status: {…}}');
    expect(shape((json as { metadata: object }).metadata, 1)).toBe(
      '{name: string, namespace: string, uid: string, resourceVersion: string, generation: number, creationTimestamp: string, labels: {…}, managedFields: [{…}]}',
    );
  });

  test('in another version of the same kind', async () => {
    const { json } = await ask(demo, gateway.replace('/v1/', '/v1beta1/'));
    expect(json).toMatchObject({ apiVersion: 'gateway.networking.k8s.io/v1beta1', kind: 'Gateway' });
  });

  test('in YAML', async () => {
    const answer = await ask(demo, gateway, { accept: 'application/yaml' });
    expect(answer.type).toBe('application/yaml');
    expect(answer.text).toMatch(
      /^apiVersion: gateway\.networking\.k8s\.io\/v1\nkind: Gateway\nmetadata:\n {2}annotations:\n/,
    );
    expect(answer.text).toContain(
      "\n  - allowedRoutes:\n      namespaces:\n        from: All\n    hostname: '*.sudhanva.me'\n",
    );
  });

  test('their metadata alone', async () => {
    const one = await ask(demo, `${crew}/pods/a`, {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    expect(shape(one.json, 1)).toBe('{kind: string, apiVersion: string, metadata: {…}}');
    expect(one.json).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a' },
    });
    const many = await ask(demo, `${crew}/pods`, {
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    });
    expect(shape(many.json, 2)).toBe(
      '{kind: string, apiVersion: string, metadata: {resourceVersion: string}, items: [{kind: string, apiVersion: string, metadata: {…}}]}',
    );
  });

  test('a subresource that only controllers write', async () => {
    expect((await ask(demo, `${gateway}/status`)).json).toMatchObject({ kind: 'Gateway' });
    expect((await ask(demo, '/api/v1/namespaces/crew')).json).toMatchObject({
      kind: 'Namespace',
      status: { phase: 'Active' },
    });
    expect((await ask(demo, '/api/v1/namespaces/crew/status')).json).toMatchObject({ kind: 'Namespace' });
  });
});

describe('lists', () => {
  test('of a custom kind keep each item whole', async () => {
    const { json } = await ask(demo, gateways);
    expect(shape(json, 2)).toBe(
      '{apiVersion: string, items: [{apiVersion: string, kind: string, metadata: {…}, spec: {…}, status: {…}}], kind: string, metadata: {continue: string, resourceVersion: string}}',
    );
    expect(json).toMatchObject({ kind: 'GatewayList', metadata: { continue: '' } });
  });

  test('of a built-in kind do not repeat what the list says', async () => {
    const { json } = await ask(demo, `${crew}/pods`);
    expect(shape(json, 2)).toBe(
      '{kind: string, apiVersion: string, metadata: {resourceVersion: string}, items: [{metadata: {…}, spec: {…}, status: {…}}]}',
    );
    expect((await ask(demo, '/api/v1/namespaces/empty/pods')).json).toMatchObject({ kind: 'PodList', items: [] });
  });

  test('in pages', async () => {
    const first = await ask(demo, `${crew}/pods?limit=2`);
    expect(names(first)).toEqual(['a', 'b']);
    const { metadata } = first.json as { metadata: { continue: string; remainingItemCount: number } };
    expect(metadata.remainingItemCount).toBe(1);
    expect(Object.keys(metadata)).toEqual(['resourceVersion', 'continue', 'remainingItemCount']);
    const token = JSON.parse(Buffer.from(metadata.continue, 'base64url').toString()) as object;
    expect(token).toMatchObject({ v: 'meta.k8s.io/v1', start: '/crew/b\u0000' });
    const second = await ask(demo, `${crew}/pods?limit=2&continue=${metadata.continue}`);
    expect(names(second)).toEqual(['c']);
    expect(shape((second.json as { metadata: object }).metadata)).toBe('{resourceVersion: string}');
  });

  test('as they were at an earlier version, and pages with them', async () => {
    const config = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'crew', name },
      data: { size: 'small' },
    });
    demo.change([
      { op: 'create', object: config('m') },
      { op: 'create', object: config('n') },
    ]);
    const all = `${crew}/configmaps`;
    const first = await ask(demo, `${all}?limit=2`);
    const { metadata } = first.json as { metadata: { continue: string; resourceVersion: string } };
    demo.change([
      { op: 'delete', object: config('m') },
      { op: 'merge', object: { ...config('n'), data: { size: 'large' } } },
      { op: 'create', object: config('o') },
    ]);
    const before = await ask(demo, `${all}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(names(before)).toEqual(['kube-root-ca.crt', 'm', 'n']);
    expect(before.json).toMatchObject({ metadata: { resourceVersion: metadata.resourceVersion } });
    const second = await ask(demo, `${all}?limit=2&continue=${metadata.continue}`);
    expect(second.json).toMatchObject({ items: [{ metadata: { name: 'n' }, data: { size: 'small' } }] });
    expect(names(await ask(demo, all))).toEqual(['kube-root-ca.crt', 'n', 'o']);
  });

  test('large ones packed, for whom can unpack them', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const data = { text: 'x'.repeat(200_000) };
    demo.change([
      {
        op: 'create',
        object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'crew', name: 'large' }, data },
      },
    ]);
    const large = await ask(demo, `${crew}/configmaps/large`, { headers });
    expect(large.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(large.json).toMatchObject({ data });
    expect((await ask(demo, `${crew}/configmaps/large`)).headers).not.toHaveProperty('content-encoding');
    expect((await ask(demo, `${crew}/pods/a`, { headers })).headers).not.toHaveProperty('content-encoding');
  });

  test('of a custom kind in pages', async () => {
    const { json } = await ask(demo, '/apis/gateway.networking.k8s.io/v1/httproutes?limit=1');
    expect(shape((json as { metadata: object }).metadata)).toBe(
      '{continue: string, remainingItemCount: number, resourceVersion: string}',
    );
  });

  test.each([
    ['app=web', ['a', 'b']],
    ['app==web,tier=front', ['a']],
    ['app!=web', ['c']],
    ['tier', ['a']],
    ['!tier', ['b', 'c']],
    ['app in (web, db),tier notin (front)', ['b', 'c']],
    ['app=nothing', []],
  ])('by label: %s', async (selector, expected) => {
    expect(names(await ask(demo, `${crew}/pods?labelSelector=${encodeURIComponent(selector)}`))).toEqual(expected);
  });

  test.each([
    ['metadata.name=b', ['b']],
    ['spec.nodeName=legion', ['a', 'c']],
    ['status.phase!=Running', ['c']],
    ['metadata.namespace=crew,status.phase=Running', ['a', 'b']],
  ])('by field: %s', async (selector, expected) => {
    expect(
      names(
        await ask(demo, `/api/v1/pods?labelSelector=app+in+(web,db)&fieldSelector=${encodeURIComponent(selector)}`),
      ),
    ).toEqual(expected);
  });

  test('as a table', async () => {
    const { json } = await ask(demo, gateways, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(shape(json, 2)).toBe(
      '{kind: string, apiVersion: string, metadata: {resourceVersion: string}, columnDefinitions: [{name: string, type: string, format: string, description: string, priority: number}], rows: [{cells: [string], object: {…}}]}',
    );
    const { columnDefinitions } = json as { columnDefinitions: { name: string; type: string }[] };
    expect(columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Class', 'Address', 'Programmed', 'Age']);
    expect(columnDefinitions.at(-1)?.type).toBe('date');
  });
});

describe('watches', () => {
  const bookmarks = 'timeoutSeconds=1&allowWatchBookmarks=true';

  test('begin with what is there, and a bookmark', async () => {
    const seen = events(await ask(demo, `${crew}/pods?watch=true&${bookmarks}`));
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'BOOKMARK']);
    expect(seen[0]?.object).toMatchObject({ kind: 'Pod', apiVersion: 'v1' });
    expect(seen.at(-1)?.object).toMatchObject({
      kind: 'Pod',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  });

  test('from the present on hear of changes only', async () => {
    const list = await ask(demo, `${crew}/pods`);
    const { resourceVersion } = (list.json as { metadata: { resourceVersion: string } }).metadata;
    const watching = ask(
      demo,
      `${crew}/pods?watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=1&labelSelector=app%3Ddb`,
    );
    await expect.poll(() => demo.requests()).toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const change = (labels: Record<string, string | null>) =>
      demo.change([
        { op: 'merge', object: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'crew', name: 'c', labels } } },
      ]);
    change({ color: 'red' });
    change({ app: 'gone' });
    change({ app: 'db', color: null });
    const seen = events(await watching);
    expect(seen.map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED', 'ADDED']);
    const versions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions.every((version) => version > Number(resourceVersion))).toBe(true);
  });

  test('from an old version replay what happened since, in its order', async () => {
    const seen = events(await ask(demo, `${crew}/pods?watch=true&resourceVersion=1&timeoutSeconds=1`));
    expect(seen.slice(0, 2).map(({ type, object }) => `${type} ${String(object.metadata['name'])}`)).toEqual([
      'ADDED a',
      'ADDED b',
    ]);
    const versions = seen.map(({ object }) => Number(object.metadata['resourceVersion']));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  test('from a version that nobody remembers end with an error', async () => {
    const busy = await startDemo();
    try {
      const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'counter' } };
      busy.change([{ op: 'create', object: config }]);
      for (let count = 0; count < 1001; count += 1) {
        busy.change([{ op: 'merge', object: { ...config, data: { count: String(count) } } }]);
      }
      const old = '/api/v1/configmaps?resourceVersion=1&resourceVersionMatch=Exact';
      expect((await ask(busy, old)).json).toEqual(
        status(410, 'Expired', 'The resourceVersion for the provided list is too old.'),
      );
      const page = Buffer.from('{"v":"meta.k8s.io/v1","rv":1001,"start":"/default/a\\u0000"}').toString('base64url');
      const late = await ask(busy, `/api/v1/configmaps?limit=1&continue=${page}`);
      const { metadata } = late.json as { metadata: { continue: string } };
      expect(late.json).toMatchObject({ code: 410, reason: 'Expired' });
      expect(names(await ask(busy, `/api/v1/configmaps?limit=1&continue=${metadata.continue}`))).toEqual(['counter']);
      const answer = await ask(busy, '/api/v1/configmaps?watch=true&resourceVersion=1&timeoutSeconds=5');
      expect(answer.status).toBe(200);
      expect(events(answer)).toEqual([
        {
          type: 'ERROR',
          object: status(410, 'Expired', expect.stringMatching(/^too old resource version: 1 \(\d+\)$/) as string),
        },
      ]);
    } finally {
      await busy.close();
    }
  });
});

describe('logs', () => {
  test.each([
    ['', 'one\ntwo\nthree\n'],
    ['?container=main&tailLines=2', 'two\nthree\n'],
    ['?tailLines=0', ''],
    ['?limitBytes=3', 'one'],
    ['?previous=true', 'before\n'],
  ])('pods/a/log%s', async (query, expected) => {
    expect(await ask(demo, `${crew}/pods/a/log${query}`)).toMatchObject({
      status: 200,
      type: 'text/plain',
      text: expected,
    });
  });

  test('of a container that wrote nothing are empty', async () => {
    expect(await ask(demo, `${crew}/pods/b/log?container=side`)).toMatchObject({ status: 200, text: '' });
  });

  test('of a run that never was', async () => {
    expect((await ask(demo, `${crew}/pods/b/log?container=side&previous=true`)).json).toEqual(
      status(400, 'BadRequest', 'previous terminated container "side" in pod "b" not found'),
    );
  });
});

describe('discovery', () => {
  test('/api, /version, /readyz', async () => {
    expect(shape((await ask(demo, '/api')).json)).toBe(
      '{kind: string, versions: [string], serverAddressByClientCIDRs: [{clientCIDR: string, serverAddress: string}]}',
    );
    expect((await ask(demo, '/version', { as: 'none' })).json).toMatchObject({
      major: '1',
      minor: '36',
      gitVersion: 'v1.36.2',
    });
    for (const path of ['/healthz', '/livez', '/readyz']) {
      expect(await ask(demo, path, { as: 'none' })).toMatchObject({
        status: 200,
        type: 'text/plain; charset=utf-8',
        text: 'ok',
      });
    }
  });

  test('the groups', async () => {
    const { json } = await ask(demo, '/apis');
    expect(shape(json)).toBe(
      '{kind: string, apiVersion: string, groups: [{name: string, versions: [{groupVersion: string, version: string}], preferredVersion: {groupVersion: string, version: string}}]}',
    );
    const { groups } = json as { groups: { name: string }[] };
    expect(groups.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'apps',
        'batch',
        'gateway.networking.k8s.io',
        'cert-manager.io',
        'external-secrets.io',
        'cilium.io',
      ]),
    );
  });

  test('the kinds of a group', async () => {
    const { json } = await ask(demo, '/apis/gateway.networking.k8s.io/v1');
    const { resources } = json as { resources: { name: string }[] };
    expect(resources.find(({ name }) => name === 'gateways')).toEqual({
      name: 'gateways',
      singularName: 'gateway',
      namespaced: true,
      kind: 'Gateway',
      verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
      shortNames: ['gtw'],
      categories: ['gateway-api'],
      storageVersionHash: 'vTT6VZ2LmOo=',
    });
    expect(resources.find(({ name }) => name === 'gateways/status')).toEqual({
      name: 'gateways/status',
      singularName: '',
      namespaced: true,
      kind: 'Gateway',
      verbs: ['get', 'patch', 'update'],
    });
    expect(Object.keys((await ask(demo, '/api/v1')).json as object)).toEqual(['kind', 'groupVersion', 'resources']);
  });

  test('aggregated', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const answer = await ask(demo, '/apis', { accept });
    expect(answer.type).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    const { items } = answer.json as { items: { metadata: { name: string }; versions: { resources: object[] }[] }[] };
    const apps = items.find(({ metadata }) => metadata.name === 'apps')?.versions[0]?.resources ?? [];
    expect(apps).toContainEqual({
      resource: 'deployments',
      responseKind: { group: '', version: '', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: [
        {
          subresource: 'scale',
          responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
          verbs: ['get', 'patch', 'update'],
        },
        {
          subresource: 'status',
          responseKind: { group: '', version: '', kind: 'Deployment' },
          verbs: ['get', 'patch', 'update'],
        },
      ],
    });
  });
});

describe('authorization', () => {
  test('a ServiceAccount’s token is good for its account, while there is one', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'crew', name: 'robot' } };
    demo.change([{ op: 'create', object: account }]);
    const request = await ask(demo, `${crew}/serviceaccounts/robot/token`, { method: 'POST', body: { spec: {} } });
    const { token } = (request.json as { status: { token: string } }).status;
    const whoami = () =>
      ask(demo, '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        method: 'POST',
        body: {},
        as: 'none',
        headers: { authorization: `Bearer ${token}` },
      });
    const review = () =>
      ask(demo, '/apis/authentication.k8s.io/v1/tokenreviews', { method: 'POST', body: { spec: { token } } });
    const username = 'system:serviceaccount:crew:robot';
    expect((await whoami()).json).toMatchObject({ status: { userInfo: { username } } });
    expect((await review()).json).toMatchObject({ status: { authenticated: true, user: { username } } });
    const forged = `${token.slice(0, -4)}AAAA`;
    expect((await ask(demo, '/api', { as: 'none', headers: { authorization: `Bearer ${forged}` } })).status).toBe(401);
    demo.change([{ op: 'delete', object: account }]);
    expect((await whoami()).status).toBe(401);
  });

  test.each([
    [{ verb: 'list', group: 'gateway.networking.k8s.io', resource: 'gateways' }, true],
    [{ verb: 'list', group: 'cert-manager.io', resource: 'certificates' }, false],
    [{ verb: 'get', group: '', resource: 'pods', subresource: 'log' }, true],
    [{ verb: 'get', group: '', resource: 'pods', subresource: 'exec' }, false],
    [{ verb: 'get', group: '', resource: 'configmaps', name: 'coredns' }, true],
    [{ verb: 'get', group: '', resource: 'configmaps', name: 'other' }, false],
  ])('whether one may %o: %s', async (resourceAttributes, allowed) => {
    const { json } = await ask(demo, '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      body: { spec: { resourceAttributes } },
      as: 'reader',
    });
    expect(json).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed } });
    const { spec } = json as { spec: { resourceAttributes: object } };
    expect(spec.resourceAttributes).toEqual(
      Object.fromEntries(Object.entries(resourceAttributes).filter(([, value]) => value !== '')),
    );
  });

  test('all that one may', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const { json } = await ask(demo, path, { method: 'POST', body: { spec: { namespace: 'docs' } }, as: 'reader' });
    expect(shape(json)).toBe(
      '{kind: string, apiVersion: string, metadata: {}, spec: {}, status: {resourceRules: [{verbs: [string], apiGroups: [string], resources: [string]}], nonResourceRules: [{verbs: [string], nonResourceURLs: [string]}], incomplete: boolean}}',
    );
    const { resourceRules } = (json as { status: { resourceRules: object[] } }).status;
    expect(resourceRules).toContainEqual(readerRules[0]);
  });

  test('a name in the field selector counts as a name in the path', async () => {
    const list = '/api/v1/namespaces/kube-system/configmaps';
    expect((await ask(demo, list, { as: 'reader' })).status).toBe(403);
    expect(names(await ask(demo, `${list}?fieldSelector=metadata.name%3Dcoredns`, { as: 'reader' }))).toEqual([
      'coredns',
    ]);
  });
});

test('several demos run side by side, with keys of their own', async () => {
  const other = await startDemo();
  try {
    expect(other.server).not.toBe(demo.server);
    expect((await ask(other, '/api')).status).toBe(200);
    expect(other.kubeconfig()).not.toBe(demo.kubeconfig());
    expect(other.requests()).toBe(1);
  } finally {
    await other.close();
  }
});
