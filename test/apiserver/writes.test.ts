/** Writes against the demo's API server, against what a real one (v1.36) answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../src/demo/node/demo.ts';
import { ask, type Answer, type Asking } from './support.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crew' } });
});
afterAll(() => demo.close());

const core = '/api/v1/namespaces/crew';
const configMaps = `${core}/configmaps`;
const deployments = '/apis/apps/v1/namespaces/crew/deployments';
const gateways = '/apis/gateway.networking.k8s.io/v1/namespaces/crew/gateways';
const merge = 'application/merge-patch+json';
const jsonPatch = 'application/json-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const apply = 'application/apply-patch+yaml';

const create = (path: string, body: unknown, more: Asking = {}): Promise<Answer> =>
  ask(demo, path, { method: 'POST', body, ...more });
const put = (path: string, body: unknown): Promise<Answer> => ask(demo, path, { method: 'PUT', body });
const patch = (path: string, type: string, body: unknown, more: Asking = {}): Promise<Answer> =>
  ask(demo, path, { method: 'PATCH', type, body, ...more });
const get = (path: string): Promise<Answer> => ask(demo, path);
const remove = (path: string, body?: unknown): Promise<Answer> => ask(demo, path, { method: 'DELETE', body });

interface Shown {
  metadata: Record<string, unknown> & { resourceVersion: string; uid: string; generation: number };
  data: Record<string, string>;
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}
const shown = ({ json }: Answer): Shown => json as Shown;

const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
const deployment = (name: string, labels: Record<string, string> = { app: name }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: 'main', image: 'web:1', env: [{ name: 'A', value: '1' }] }] },
    },
  },
});
const gateway = (name: string, listener: object = {}) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name },
  spec: { gatewayClassName: 'nobody', listeners: [{ name: 'web', port: 80, protocol: 'HTTP', ...listener }] },
});

const failure = (code: number, reason: string, message: string, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(details === undefined ? {} : { details }),
  code,
});

describe('create', () => {
  test('fills in what the server knows, and drops what it alone writes', async () => {
    const body = { ...gateway('new'), status: { addresses: [] } };
    const answer = await create(`${gateways}?fieldManager=me`, { ...body, metadata: { name: 'new', uid: 'mine' } });
    expect(answer.status).toBe(201);
    const { metadata, spec, status } = shown(answer);
    expect(metadata).toMatchObject({ namespace: 'crew', generation: 1 });
    expect(metadata.uid).not.toBe('mine');
    expect(status).toBeUndefined();
    expect(spec['listeners']).toEqual([
      { name: 'web', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } },
    ]);
    expect(metadata['managedFields']).toMatchObject([
      {
        manager: 'me',
        operation: 'Update',
        apiVersion: 'gateway.networking.k8s.io/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:gatewayClassName': {}, 'f:listeners': { 'k:{"name":"web"}': { 'f:port': {} } } } },
      },
    ]);
  });

  test('names what has no name', async () => {
    const { metadata } = shown(await create(configMaps, configMap('', {}, { generateName: 'some-' })));
    expect(metadata['name']).toMatch(/^some-[a-z0-9]{5}$/);
  });

  test('encodes what a Secret says in plain text', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'plain' }, stringData: { key: 'value' } };
    expect((await create(`${core}/secrets`, secret)).json).toMatchObject({
      data: { key: Buffer.from('value').toString('base64') },
      type: 'Opaque',
    });
  });

  test('as a dry run stores nothing', async () => {
    const answer = await create(`${configMaps}?dryRun=All`, configMap('dry'));
    expect(answer.status).toBe(201);
    expect(shown(answer).metadata.resourceVersion).toBeUndefined();
    expect((await get(`${configMaps}/dry`)).status).toBe(404);
  });

  test('takes YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: yaml }\n';
    expect((await create(configMaps, body, { type: 'application/yaml' })).status).toBe(201);
  });

  test.each<[string, string, unknown, ReturnType<typeof failure>]>([
    [
      'a namespace that does not exist',
      '/api/v1/namespaces/nowhere/configmaps',
      configMap('a'),
      failure(404, 'NotFound', 'namespaces "nowhere" not found', { name: 'nowhere', kind: 'namespaces' }),
    ],
    [
      'another namespace than the path has',
      configMaps,
      configMap('a', {}, { namespace: 'docs' }),
      failure(
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      ),
    ],
    [
      'no name',
      configMaps,
      { metadata: {} },
      failure(
        422,
        'Invalid',
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
        {
          kind: 'ConfigMap',
          causes: [
            {
              reason: 'FieldValueRequired',
              message: 'Required value: name or generateName is required',
              field: 'metadata.name',
            },
          ],
        },
      ),
    ],
    [
      'an object of another version',
      configMaps,
      { ...configMap('a'), apiVersion: 'v2' },
      failure(400, 'BadRequest', 'the API version in the data (v2) does not match the expected API version (v1)'),
    ],
    [
      'half an object',
      configMaps,
      '{"kind":',
      failure(
        400,
        'BadRequest',
        'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"kind":)',
      ),
    ],
    [
      'a field that the kind does not have, strictly',
      `${gateways}?fieldValidation=Strict`,
      { ...gateway('a'), spec: { ...gateway('a').spec, color: 'red' } },
      failure(
        400,
        'BadRequest',
        'Gateway in version "v1" cannot be handled as a Gateway: strict decoding error: unknown field "spec.color"',
      ),
    ],
    [
      'a field that is there twice, strictly',
      `${configMaps}?fieldValidation=Strict`,
      '{"metadata":{"name":"a"},"data":{"a":"1","b":"[{","a":"2"}}',
      failure(
        400,
        'BadRequest',
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"',
      ),
    ],
    [
      'a number that is too large',
      gateways,
      gateway('a', { port: 99_999 }),
      failure(
        422,
        'Invalid',
        'Gateway.gateway.networking.k8s.io "a" is invalid: spec.listeners[0].port: Invalid value: 99999: spec.listeners[0].port in body should be less than or equal to 65535',
        {
          name: 'a',
          group: 'gateway.networking.k8s.io',
          kind: 'Gateway',
          causes: [
            {
              reason: 'FieldValueInvalid',
              message: 'Invalid value: 99999: spec.listeners[0].port in body should be less than or equal to 65535',
              field: 'spec.listeners[0].port',
            },
          ],
        },
      ),
    ],
    [
      'a name that is no text',
      configMaps,
      { metadata: { name: 5 } },
      failure(
        400,
        'BadRequest',
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
      ),
    ],
    [
      'a pod without containers',
      `${core}/pods`,
      { metadata: { name: 'empty' } },
      failure(422, 'Invalid', 'Pod "empty" is invalid: spec.containers: Required value', {
        name: 'empty',
        kind: 'Pod',
        causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers' }],
      }),
    ],
    [
      'a workload that does not select its own pods',
      deployments,
      deployment('a', { app: 'b' }),
      failure(
        422,
        'Invalid',
        'Deployment.apps "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
        {
          name: 'a',
          group: 'apps',
          kind: 'Deployment',
          causes: [
            {
              reason: 'FieldValueInvalid',
              message: 'Invalid value: {"app":"b"}: `selector` does not match template `labels`',
              field: 'spec.template.metadata.labels',
            },
          ],
        },
      ),
    ],
  ])('refuses %s', async (_what, path, body, expected) => {
    const answer = await create(path, body);
    expect(answer.json).toEqual(expected);
    expect(answer.status).toBe(expected.code);
    expect(answer.type).toBe('application/json');
  });

  test('refuses a name that is none, and one that is taken', async () => {
    expect((await create(configMaps, configMap('Upper'))).json).toMatchObject({
      code: 422,
      message: expect.stringContaining(
        'metadata.name: Invalid value: "Upper": a lowercase RFC 1123 subdomain',
      ) as string,
    });
    await create(configMaps, configMap('taken'));
    expect((await create(configMaps, configMap('taken'))).json).toEqual(
      failure(409, 'AlreadyExists', 'configmaps "taken" already exists', { name: 'taken', kind: 'configmaps' }),
    );
  });

  test('refuses a body of a format that nobody reads, and one that is too large', async () => {
    expect((await create(gateways, 'x', { type: 'text/plain' })).json).toEqual(
      failure(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
      ),
    );
    const large = configMap('large', { text: 'x'.repeat(4_000_000) });
    expect((await create(configMaps, large)).json).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
  });

  test('says which fields it leaves out', async () => {
    const answer = await create(gateways, { ...gateway('warned'), spec: { ...gateway('x').spec, color: 'red' } });
    expect(answer.warning).toBe('299 - "unknown field \\"spec.color\\""');
    expect(shown(answer).spec).not.toHaveProperty('color');
  });
});

describe('update', () => {
  test('counts generations, and refuses what is older than what there is', async () => {
    let first = shown(await create(deployments, deployment('counted')));
    const changed = () => ({ ...first, spec: { ...first.spec, replicas: 3 } });
    let fresh = changed();
    let taken = await put(`${deployments}/counted`, fresh);
    // A controller may have written its status meanwhile.
    await expect
      .poll(async () => {
        if (taken.status === 200) return 200;
        first = shown(await get(`${deployments}/counted`));
        fresh = changed();
        taken = await put(`${deployments}/counted`, fresh);
        return taken.status;
      })
      .toBe(200);
    expect(shown(taken).metadata.generation).toBe(first.metadata.generation + 1);
    expect((await put(`${deployments}/counted`, fresh)).json).toEqual(
      failure(
        409,
        'Conflict',
        'Operation cannot be fulfilled on deployments.apps "counted": the object has been modified; please apply your changes to the latest version and try again',
        { name: 'counted', group: 'apps', kind: 'deployments' },
      ),
    );
  });

  test('keeps the status; its own path writes nothing else', async () => {
    const old = shown(await create(gateways, gateway('two-sided')));
    const status = { addresses: [{ type: 'IPAddress', value: '192.0.2.1' }] };
    const both = { ...old, status, spec: { ...old.spec, gatewayClassName: 'other' } };
    const inStatus = shown(await put(`${gateways}/two-sided/status`, both));
    expect(inStatus).toMatchObject({ status, spec: { gatewayClassName: 'nobody' } });
    expect(inStatus.metadata.generation).toBe(1);
    const inSpec = shown(await put(`${gateways}/two-sided`, { ...inStatus, spec: both.spec, status: {} }));
    expect(inSpec).toMatchObject({ status, spec: { gatewayClassName: 'other' } });
    const unversioned = { ...gateway('two-sided'), spec: both.spec };
    expect((await put(`${gateways}/two-sided`, unversioned)).json).toMatchObject({
      code: 422,
      message:
        'Gateway.gateway.networking.k8s.io "two-sided" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    });
  });

  test('of the scale changes replicas alone', async () => {
    await create(deployments, deployment('scaled'));
    const { json } = await get(`${deployments}/scaled/scale`);
    expect(json).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 1 },
      status: { selector: 'app=scaled' },
    });
    // The workload's controllers write, too: who loses against them reads again.
    const scale = `${deployments}/scaled/scale`;
    const setTo = async (replicas: number) =>
      put(scale, { ...((await get(scale)).json as object), spec: { replicas } });
    await expect.poll(async () => (await setTo(2)).json).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
    expect((await patch(scale, merge, { spec: { replicas: 4 } })).status).toBe(200);
    expect(shown(await get(`${deployments}/scaled`)).spec).toMatchObject({ replicas: 4 });
  });

  test('finds nothing to update', async () => {
    expect((await put(`${configMaps}/nope`, configMap('nope'))).json).toEqual(
      failure(404, 'NotFound', 'configmaps "nope" not found', { name: 'nope', kind: 'configmaps' }),
    );
    expect((await put(`${configMaps}/nope`, configMap('other'))).status).toBe(404);
  });
});

describe('patch', () => {
  test('merges, and null deletes', async () => {
    await create(configMaps, configMap('merged', { a: '1', b: '2' }));
    const answer = await patch(`${configMaps}/merged`, merge, { data: { a: null, c: '3' } });
    expect(shown(answer).data).toEqual({ b: '2', c: '3' });
  });

  test('by operations, all of them or none', async () => {
    await create(configMaps, configMap('operated', { 'a/b': '1' }));
    const place = `${configMaps}/operated`;
    expect(shown(await patch(place, jsonPatch, [{ op: 'replace', path: '/data/a~1b', value: '2' }])).data).toEqual({
      'a/b': '2',
    });
    const answer = await patch(place, jsonPatch, [
      { op: 'replace', path: '/data/a~1b', value: '3' },
      { op: 'remove', path: '/data/nope' },
    ]);
    expect(answer.json).toEqual(
      failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {}),
    );
    expect(shown(await get(place)).data).toEqual({ 'a/b': '2' });
  });

  test('strategically, by an item’s key', async () => {
    await create(deployments, deployment('strategic'));
    const pod = (spec: object) => ({ spec: { template: { spec } } });
    const place = `${deployments}/strategic`;
    await patch(place, strategic, pod({ containers: [{ name: 'side', image: 'side:1' }] }));
    const env = [{ name: 'B', value: '2' }];
    await patch(place, strategic, pod({ containers: [{ name: 'main', env }] }));
    const ordered = { '$setElementOrder/containers': [{ name: 'main' }, { name: 'side' }] };
    const answer = await patch(place, strategic, pod({ ...ordered, containers: [{ name: 'main', image: 'web:2' }] }));
    expect(shown(answer).spec).toMatchObject({
      template: {
        spec: {
          containers: [
            {
              name: 'main',
              image: 'web:2',
              env: [
                { name: 'B', value: '2' },
                { name: 'A', value: '1' },
              ],
            },
            { name: 'side', image: 'side:1' },
          ],
        },
      },
    });
    const gone = await patch(place, strategic, pod({ containers: [{ name: 'side', $patch: 'delete' }] }));
    expect(shown(gone).spec).toMatchObject({ template: { spec: { containers: [{ name: 'main' }] } } });
  });

  test('strategically is not for custom kinds', async () => {
    await create(gateways, gateway('custom'));
    expect((await patch(`${gateways}/custom`, strategic, {})).json).toEqual(
      failure(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      ),
    );
  });

  test('is refused a field that the kind does not have, strictly', async () => {
    await create(gateways, gateway('strict'));
    const answer = await patch(`${gateways}/strict?fieldValidation=Strict`, merge, { spec: { color: 'red' } });
    expect(answer.json).toMatchObject({
      code: 422,
      message:
        ' "" is invalid: patch: Invalid value: "{\\"spec\\":{\\"color\\":\\"red\\"}}": strict decoding error: unknown field "spec.color"',
    });
  });

  test('tells who wrote which field, and when', async () => {
    await create(configMaps, configMap('owned', { a: '1', b: '1' }), { headers: { 'user-agent': 'maker/1.0 (x)' } });
    const answer = await patch(`${configMaps}/owned?fieldManager=changer`, merge, { data: { b: '2' } });
    expect(shown(answer).metadata['managedFields']).toMatchObject([
      { manager: 'maker', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'changer', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:b': {} } } },
    ]);
    const [maker] = shown(answer).metadata['managedFields'] as readonly { fieldsV1: { 'f:data': object } }[];
    expect(maker?.fieldsV1['f:data']).not.toHaveProperty('f:b');
  });

  test.each([
    [
      'a Deployment’s selector',
      deployments,
      deployment('fixed'),
      { spec: { selector: { matchLabels: { app: 'other' } }, template: { metadata: { labels: { app: 'other' } } } } },
      'Deployment.apps "fixed" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    ],
    [
      'a load balancer’s class',
      `${core}/services`,
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'fixed' },
        spec: { type: 'LoadBalancer', loadBalancerClass: 'tailscale', ports: [{ port: 80 }] },
      },
      { spec: { loadBalancerClass: 'other' } },
      'Service "fixed" is invalid: spec.loadBalancerClass: Invalid value: "other": may not change once set',
    ],
    [
      'a Secret’s type',
      `${core}/secrets`,
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'fixed' } },
      { type: 'kubernetes.io/tls' },
      'Secret "fixed" is invalid: type: Invalid value: "kubernetes.io/tls": field is immutable',
    ],
  ])('may not change %s', async (_what, path, object, change, message) => {
    await create(path, object);
    const answer = await patch(`${path}/fixed`, merge, change);
    expect(answer.json).toMatchObject({ code: 422, reason: 'Invalid', message });
  });
});

describe('apply', () => {
  const applied = (name: string, data: object): string => JSON.stringify({ ...configMap(name), data });
  const as = (name: string, manager: string, more = ''): string =>
    `${configMaps}/${name}?fieldManager=${manager}${more}`;

  test('creates, and takes away what its manager no longer names', async () => {
    const made = await patch(as('applied', 'me'), apply, applied('applied', { a: '1', b: '1' }));
    expect(made.status).toBe(201);
    await patch(`${configMaps}/applied?fieldManager=other`, merge, { data: { c: '1' } });
    const again = await patch(as('applied', 'me'), apply, applied('applied', { a: '2' }));
    expect(again.status).toBe(200);
    expect(shown(again).data).toEqual({ a: '2', c: '1' });
    expect(shown(again).metadata['managedFields']).toMatchObject([
      { manager: 'me', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'other', operation: 'Update', fieldsV1: { 'f:data': { 'f:c': {} } } },
    ]);
  });

  test('is refused what others own, unless it insists', async () => {
    await create(`${configMaps}?fieldManager=first`, configMap('contested', { a: '1' }));
    const refused = await patch(as('contested', 'second'), apply, applied('contested', { a: '2' }));
    expect(refused.json).toEqual(
      failure(409, 'Conflict', 'Apply failed with 1 conflict: conflict with "first" using v1: .data.a', {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first" using v1', field: '.data.a' }],
      }),
    );
    const forced = await patch(as('contested', 'second', '&force=true'), apply, applied('contested', { a: '2' }));
    expect(shown(forced).data).toEqual({ a: '2' });
    expect(shown(forced).metadata['managedFields']).toMatchObject([{ manager: 'second' }]);
  });

  test('leaves alone what it does not name', async () => {
    await create(deployments, deployment('shared'));
    const mine = {
      ...deployment('shared'),
      spec: { template: { spec: { containers: [{ name: 'side', image: 's:1' }] } } },
    };
    const answer = await patch(`${deployments}/shared?fieldManager=me`, apply, JSON.stringify(mine));
    expect(shown(answer).spec).toMatchObject({
      template: { spec: { containers: [{ name: 'side' }, { name: 'main', image: 'web:1' }] } },
    });
    const none = JSON.stringify({ ...deployment('shared'), spec: {} });
    const after = shown(await patch(`${deployments}/shared?fieldManager=me`, apply, none));
    expect(after.spec).toMatchObject({ template: { spec: { containers: [{ name: 'main' }] } } });
  });

  test('says who it is', async () => {
    expect((await patch(`${configMaps}/x`, apply, applied('x', {}))).json).toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    });
  });
});

describe('delete', () => {
  test('answers with a Status, and the object is gone', async () => {
    const { metadata } = shown(await create(configMaps, configMap('gone')));
    expect((await remove(`${configMaps}/gone`)).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'gone', kind: 'configmaps', uid: metadata.uid },
    });
    expect((await remove(`${configMaps}/gone`)).status).toBe(404);
  });

  test('waits for finalizers', async () => {
    await create(configMaps, configMap('held', {}, { finalizers: ['example.com/hold'] }));
    const going = shown(await remove(`${configMaps}/held`));
    expect(going.metadata['deletionTimestamp']).toEqual(expect.any(String));
    expect((await get(`${configMaps}/held`)).status).toBe(200);
    await patch(`${configMaps}/held`, merge, { metadata: { finalizers: null } });
    expect((await get(`${configMaps}/held`)).status).toBe(404);
  });

  test('heeds preconditions and dry runs', async () => {
    const { metadata } = shown(await create(configMaps, configMap('guarded')));
    expect((await remove(`${configMaps}/guarded`, { preconditions: { uid: 'other' } })).json).toEqual(
      failure(
        409,
        'Conflict',
        `Operation cannot be fulfilled on configmaps "guarded": Precondition failed: UID in precondition: other, UID in object meta: ${metadata.uid}`,
        { name: 'guarded', kind: 'configmaps' },
      ),
    );
    expect((await remove(`${configMaps}/guarded`, { dryRun: ['All'] })).status).toBe(200);
    expect((await get(`${configMaps}/guarded`)).status).toBe(200);
  });

  test('takes dependents along, or lets them go', async () => {
    const ownedBy = ({ metadata }: Shown) => [
      { apiVersion: 'v1', kind: 'ConfigMap', name: metadata['name'], uid: metadata.uid },
    ];
    for (const owner of ['parent', 'released']) {
      const made = shown(await create(configMaps, configMap(owner)));
      await create(configMaps, configMap(`${owner}-child`, {}, { ownerReferences: ownedBy(made) }));
    }
    await remove(`${configMaps}/released`, { propagationPolicy: 'Orphan' });
    await remove(`${configMaps}/parent`, { propagationPolicy: 'Background' });
    await expect.poll(async () => (await get(`${configMaps}/parent-child`)).status).toBe(404);
    await expect.poll(async () => (await get(`${configMaps}/released`)).status).toBe(404);
    expect(shown(await get(`${configMaps}/released-child`)).metadata['ownerReferences']).toEqual([]);
  });

  test('in the foreground waits for dependents that block it, and only for those', async () => {
    const made = shown(await create(configMaps, configMap('waiting')));
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'waiting', uid: made.metadata.uid };
    const held = { finalizers: ['example.com/hold'] };
    for (const [name, blockOwnerDeletion] of [
      ['blocking', true],
      ['harmless', false],
    ] as const) {
      const ownerReferences = [{ ...owner, blockOwnerDeletion }];
      await create(configMaps, configMap(name, {}, { ...held, ownerReferences }));
    }
    const going = shown(await remove(`${configMaps}/waiting`, { propagationPolicy: 'Foreground' }));
    expect(going.metadata).toMatchObject({ finalizers: ['foregroundDeletion'] });
    await expect
      .poll(async () => shown(await get(`${configMaps}/harmless`)).metadata['deletionTimestamp'])
      .toEqual(expect.any(String));
    expect((await get(`${configMaps}/waiting`)).status).toBe(200);
    await patch(`${configMaps}/blocking`, merge, { metadata: { finalizers: null } });
    await expect.poll(async () => (await get(`${configMaps}/waiting`)).status).toBe(404);
    expect((await get(`${configMaps}/harmless`)).status).toBe(200);
    await patch(`${configMaps}/harmless`, merge, { metadata: { finalizers: null } });
  });

  test('of a running pod gives it time to stop, unless it is forced', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const pod = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { terminationGracePeriodSeconds: 7, containers: [{ name: 'main', image: 'pod:1' }] },
    });
    const phase = async (name: string) => (shown(await get(`${pods}/${name}`))['status'] as { phase: string }).phase;
    for (const name of ['polite', 'forced']) {
      await create(pods, pod(name));
      await expect.poll(() => phase(name)).toBe('Running');
    }
    const going = shown(await remove(`${pods}/polite`));
    expect(going.metadata).toMatchObject({
      deletionTimestamp: expect.any(String) as unknown,
      deletionGracePeriodSeconds: 7,
    });
    expect((await get(`${pods}/polite`)).status).toBe(200);
    await expect.poll(async () => (await get(`${pods}/polite`)).status).toBe(404);
    await remove(`${pods}/forced`, { gracePeriodSeconds: 0 });
    expect((await get(`${pods}/forced`)).status).toBe(404);
  });

  test('of a namespace takes what lives there first, and nothing new may come', async () => {
    const crowded = '/api/v1/namespaces/crowded';
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crowded' } });
    const place = { namespace: 'crowded', finalizers: ['example.com/hold'] };
    await create(`${crowded}/configmaps`, configMap('staying', {}, place));
    expect(shown(await remove(crowded))['status']).toEqual({ phase: 'Terminating' });
    expect((await create(`${crowded}/configmaps`, configMap('late', {}, { namespace: 'crowded' }))).status).toBe(403);
    await patch(`${crowded}/configmaps/staying`, merge, { metadata: { finalizers: null } });
    await expect.poll(async () => (await get(crowded)).status).toBe(404);
  });

  test('of many takes those that are selected', async () => {
    for (const name of ['many-a', 'many-b']) await create(configMaps, configMap(name, {}, { labels: { many: name } }));
    const answer = await remove(`${configMaps}?labelSelector=many%3Dmany-a`);
    expect(answer.json).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'many-a' } }] });
    expect((await get(`${configMaps}/many-a`)).status).toBe(404);
    expect((await get(`${configMaps}/many-b`)).status).toBe(200);
  });

  test('of a definition takes its objects, and the kind is unknown', async () => {
    const other = await startDemo();
    try {
      const path = '/apis/gateway.envoyproxy.io/v1alpha1/envoyproxies';
      expect((await ask(other, path)).status).toBe(200);
      const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/envoyproxies.gateway.envoyproxy.io';
      expect((await ask(other, definition, { method: 'DELETE' })).status).toBe(200);
      expect((await ask(other, path)).text).toBe('404 page not found\n');
    } finally {
      await other.close();
    }
  });
});

describe('OpenAPI', () => {
  test('has a document for each group and version that is served', async () => {
    const { paths } = (await get('/openapi/v3')).json as { paths: Record<string, { serverRelativeURL: string }> };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/cert-manager.io/v1']));
    const document = (await get(paths['apis/gateway.networking.k8s.io/v1']?.serverRelativeURL ?? '')).json as {
      paths: Record<string, unknown>;
      components: { schemas: Record<string, { properties: Record<string, { description: string }> }> };
    };
    const { schemas } = document.components;
    expect(schemas['io.k8s.networking.gateway.v1.Gateway']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'gateway.networking.k8s.io', version: 'v1', kind: 'Gateway' }],
    });
    expect(document.paths).toHaveProperty([
      '/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}/gateways/{name}',
    ]);
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, reference]) => reference ?? '');
    expect(references.filter((reference) => !(reference in schemas))).toEqual([]);
    expect((await get('/openapi/v3/apis/nothing/v1')).status).toBe(404);
  });

  test('and a definition that a client creates is served at once', async () => {
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' };
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
    const made = await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: { group: 'example.com', names, scope: 'Namespaced', versions: [version] },
    });
    expect(shown(made).status).toMatchObject({ conditions: [{ type: 'NamesAccepted' }, { type: 'Established' }] });
    const widgets = '/apis/example.com/v1/namespaces/crew/widgets';
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'one' }, spec: { size: 3 } };
    expect((await create(widgets, widget)).status).toBe(201);
    expect((await get(`${widgets}/one`)).json).toMatchObject({ spec: { size: 3 }, metadata: { generation: 1 } });
    expect((await get('/openapi/v3/apis/example.com/v1')).status).toBe(200);
  });
});

describe('for somebody else', () => {
  const account = { 'impersonate-user': 'system:serviceaccount:crew:robot' };

  test('counts what that one may do', async () => {
    const ask1 = (): Promise<Answer> => ask(demo, configMaps, { headers: account });
    expect((await ask1()).json).toMatchObject({
      code: 403,
      message:
        'configmaps is forbidden: User "system:serviceaccount:crew:robot" cannot list resource "configmaps" in API group "" in the namespace "crew"',
    });
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/crew';
    await create(`${rbac}/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reading' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    });
    await create(`${rbac}/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'reading' },
      roleRef: { kind: 'Role', name: 'reading' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'crew', name: 'robot' }],
    });
    expect((await ask1()).status).toBe(200);
    expect((await ask(demo, '/api/v1/configmaps', { headers: account })).status).toBe(403);
  });

  test('is for who may', async () => {
    const answer = await ask(demo, configMaps, { as: 'nobody', headers: { 'impersonate-user': 'admin' } });
    expect(answer.json).toMatchObject({
      code: 403,
      message:
        'users "admin" is forbidden: User "nobody" cannot impersonate resource "users" in API group "" at the cluster scope',
    });
  });
});

// Go leaves out what is empty [apimachinery, ObjectMeta: omitempty]; kubectl diff would show a difference otherwise.
test('no labels and no annotations are none', async () => {
  const bare = await create(configMaps, configMap('bare', {}, { annotations: {}, labels: { a: '1' } }));
  expect(shown(bare).metadata).not.toHaveProperty('annotations');
  expect(shown(bare).metadata).toHaveProperty('labels', { a: '1' });
  const without = await patch(`${configMaps}/bare`, merge, { metadata: { annotations: {}, labels: { a: null } } });
  expect(shown(without).metadata).not.toHaveProperty('annotations');
  expect(shown(without).metadata).not.toHaveProperty('labels');
});
