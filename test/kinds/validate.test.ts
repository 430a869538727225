/** Objects are judged as an API server would judge them, and in its words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadFaults } from '../../src/demo/node/faults.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { store } from '../../packages/apiserver/state/store.ts';
import { parseDeclarations } from '../../src/kinds/node/declarations.ts';
import { schemaOf } from '../../src/kinds/node/declared-schema.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { dereference } from '../../src/kinds/schema.ts';
import { validate as validateAs } from '../../src/kinds/validate.ts';
import type { Unjudged, Violation } from '../../src/kinds/violation.ts';
import { replaceTokens } from '../../src/site/markdown/tokens.ts';
import { changedObjects } from '../support/objects.ts';

const validate = (object: Unjudged): Promise<readonly Violation[] | undefined> => validateAs(object, packagedKinds);

const gateway = (spec: string): string =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: ${spec}}`;
const listener = (more: string): string =>
  gateway(`{gatewayClassName: x, listeners: [{name: https, port: 443, protocol: HTTPS, ${more}}]}`);
const pod = (spec: string): string => `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: ${spec}}`;
const service = (spec: string): string => `{apiVersion: v1, kind: Service, metadata: {name: a}, spec: ${spec}}`;
const deployment = (labels: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: ${labels}}, spec: {containers: [{name: a, image: a}]}}}}`;
const configMap = (metadata: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: ${metadata}}`;

/** Each: the object, its kind of violation, what the API server says, and the hint that goes with it. */
const wrong: readonly (readonly [title: string, yaml: string, kind: string, message: string, hint?: string])[] = [
  [
    'a field beside the listener that belongs into it',
    gateway('{gatewayClassName: x, listeners: [{name: a, port: 443, protocol: HTTPS}], allowedRoutes: {}}'),
    'unknown-field',
    'unknown field "spec.allowedRoutes"',
    'spec has no such field; spec.listeners[0] has. Move it there.',
  ],
  [
    'the same with several listeners',
    gateway(
      '{gatewayClassName: x, listeners: [{name: a, port: 443, protocol: HTTPS}, {name: b, port: 80, protocol: HTTP}], allowedRoutes: {}}',
    ),
    'unknown-field',
    'unknown field "spec.allowedRoutes"',
    'spec has no such field; spec.listeners[*] has. Move it there.',
  ],
  [
    'a field too far in',
    gateway(
      '{gatewayClassName: x, listeners: [{name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough, allowedRoutes: {}}}]}',
    ),
    'unknown-field',
    'unknown field "spec.listeners[0].tls.allowedRoutes"',
    'spec.listeners[0].tls has no such field; spec.listeners[0] has. Move it there.',
  ],
  [
    'a field of the spec at the top',
    '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {}, hostnames: [a.b]}',
    'unknown-field',
    'unknown field "hostnames"',
    'The object itself has no such field; spec has. Move it there.',
  ],
  [
    'a field of a container in the pod',
    pod('{containers: [{name: a, image: a}], imagePullPolicy: Always}'),
    'unknown-field',
    'unknown field "spec.imagePullPolicy"',
    'spec has no such field; spec.containers[0] has. Move it there.',
  ],
  [
    'a misspelt field',
    service('{ports: [{port: 80}], selectors: {app: a}}'),
    'unknown-field',
    'unknown field "spec.selectors"',
    'Did you mean "selector"?',
  ],
  [
    'a field in the wrong case',
    pod('{containers: [{name: a, image: a, imagePullpolicy: Always}]}'),
    'unknown-field',
    'unknown field "spec.containers[0].imagePullpolicy"',
    'Did you mean "imagePullPolicy"?',
  ],
  [
    'a field that is nowhere',
    service('{ports: [{port: 80}], colour: red}'),
    'unknown-field',
    'unknown field "spec.colour"',
  ],
  [
    'a missing field',
    gateway('{listeners: [{name: a, port: 443, protocol: HTTPS}]}'),
    'missing',
    'spec.gatewayClassName: Required value',
  ],
  [
    'a value that is none of the allowed ones',
    service('{ports: [{port: 80, protocol: tcp}]}'),
    'unsupported',
    'spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    'a number in quotes',
    service("{ports: [{port: '80'}]}"),
    'wrong-type',
    'spec.ports[0].port: Invalid value: "string": spec.ports[0].port in body must be of type integer: "string"',
  ],
  [
    'a number where text is wanted',
    pod('{containers: [{name: a, image: a, env: [{name: A, value: 3}]}]}'),
    'wrong-type',
    'spec.containers[0].env[0].value: Invalid value: "integer": spec.containers[0].env[0].value in body must be of type string: "integer"',
  ],
  [
    'neither a number nor text',
    service('{ports: [{port: 80, targetPort: true}]}'),
    'wrong-type',
    'spec.ports[0].targetPort: Invalid value: "boolean": spec.ports[0].targetPort in body must be of type string or integer: "boolean"',
  ],
  [
    'a quantity that is none',
    pod('{containers: [{name: a, image: a, resources: {limits: {cpu: 100x}}}]}'),
    'invalid',
    `spec.containers[0].resources.limits.cpu: Invalid value: "100x": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
  ],
  [
    'a number that is too small',
    gateway('{gatewayClassName: x, listeners: [{name: a, port: 0, protocol: HTTPS}]}'),
    'invalid',
    'spec.listeners[0].port: Invalid value: 0: spec.listeners[0].port in body should be greater than or equal to 1',
  ],
  [
    'text that does not match',
    listener('hostname: Upper.example.com'),
    'invalid',
    'spec.listeners[0].hostname: Invalid value: "Upper.example.com": spec.listeners[0].hostname in body should match',
  ],
  [
    'an object where text stands',
    '{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a}, spec: {secretName: a, issuerRef: letsencrypt}}',
    'wrong-type',
    'spec.issuerRef: Invalid value: "string": spec.issuerRef in body must be of type object: "string"',
  ],
  [
    'no name',
    configMap('{namespace: a}'),
    'missing',
    'metadata.name: Required value: name or generateName is required',
  ],
  [
    'a name with capitals',
    configMap('{name: Settings}'),
    'invalid',
    'metadata.name: Invalid value: "Settings": a lowercase RFC 1123 subdomain must consist of',
  ],
  [
    'a label that is none',
    configMap('{name: a, labels: {app: "a b"}}'),
    'invalid',
    'metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of',
  ],
  [
    'an annotation that is no text',
    configMap('{name: a, annotations: {external-dns.alpha.kubernetes.io/expose: true}}'),
    'wrong-type',
    'metadata.annotations[external-dns.alpha.kubernetes.io/expose]: Invalid value: "boolean"',
  ],
  [
    'a selector that does not match its template',
    deployment('{app: b}'),
    'invalid',
    'spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`',
    'The template’s labels must hold everything that spec.selector.matchLabels asks for.',
  ],
  [
    'a port out of range',
    service('{ports: [{port: 70000}]}'),
    'invalid',
    'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    'a container without image',
    pod('{containers: [{name: a}]}'),
    'missing',
    'spec.containers[0].image: Required value',
  ],
  [
    'a volume that is not there',
    pod('{containers: [{name: a, image: a, volumeMounts: [{name: data, mountPath: /d}]}], volumes: [{name: date}]}'),
    'invalid',
    'spec.containers[0].volumeMounts[0].name: Not found: "data"',
    'spec.volumes has no volume of that name.',
  ],
  [
    'a job that would restart for ever',
    '{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: {containers: [{name: a, image: a}]}}}}',
    'unsupported',
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
];

const right: readonly (readonly [title: string, yaml: string])[] = [
  ['a port by name', service('{ports: [{port: 80, targetPort: http}]}')],
  [
    'quantities as text and as numbers',
    pod('{containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 100m}}}]}'),
  ],
  [
    'nothing where nothing need be',
    gateway('{gatewayClassName: x, listeners: [{name: a, port: 443, protocol: HTTPS, hostname: null}]}'),
  ],
  ['any key in a map', configMap('{name: a, labels: {a: b, example.com/part-of: c}, annotations: {whatever/key: ""}}')],
  [
    'a volume that a StatefulSet claims',
    '{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a, volumeMounts: [{name: data, mountPath: /d}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]}}',
  ],
  ['a name that is generated', configMap('{generateName: a-}')],
  [
    'what a field holds that takes everything',
    '{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: EnvoyProxy, metadata: {name: a}, spec: {provider: {type: Kubernetes, kubernetes: {envoyService: {patch: {type: StrategicMerge, value: {spec: {anything: [1, {goes: true}]}}}}}}}}',
  ],
  [
    'an RBAC name with a colon',
    '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: "system:a"}, rules: []}',
  ],
  [
    'a definition whose schema refers to itself',
    '{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: as.example.com}, spec: {group: example.com, scope: Namespaced, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: array, items: {type: object, properties: {b: {type: string}}}}}}}}]}}',
  ],
];

describe('what is wrong', () => {
  const cases = wrong.map(([title, yaml, kind, message, hint]) => ({ title, yaml, kind, message, hint }));
  it.each(cases)('$title', async ({ yaml, kind, message, hint }) => {
    const all = await validate(parse(yaml) as object);
    // What is wrong may keep the kind's rules from being asked; the API server says so, too.
    const found = all?.filter((violation) => violation.kind !== 'unchecked');
    const same = found?.find((violation) => violation.message.startsWith(message));
    expect(same, JSON.stringify(found, null, 1)).toMatchObject({ kind, ...(hint === undefined ? {} : { hint }) });
    if (hint === undefined) expect(same?.hint).toBeUndefined();
    expect(same?.message).toContain(same?.path);
    expect(found).toHaveLength(1);
  });
});

describe('what is right', () => {
  it.each(right)('%s', async (_title, yaml) => {
    expect(await validate(parse(yaml) as object)).toEqual([]);
  });

  it('every object of the repository, as the demo cluster holds it', async () => {
    const objects = store(loadObjects(), new Date('2026-11-22T12:00:00Z'));
    const judged = await Promise.all(objects.map(async (object) => ({ object, found: await validate(object) })));
    const said = judged.flatMap(({ object: { kind, metadata }, found }) =>
      (found ?? [{ message: 'no schema' }]).map(({ message }) => `${kind} ${metadata.name}: ${message}`),
    );
    expect(objects.length).toBeGreaterThan(150);
    expect(said).toEqual([]);
  });
});

describe('what this project writes', () => {
  const now = new Date('2026-11-22T12:00:00Z');

  it.each(loadFaults())('$id: an API server would hold every object of it', async ({ changes }) => {
    const changed = new Set(changes.map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`));
    const objects = changedObjects(changes, now);
    const about = objects.filter(({ kind, metadata }) => changed.has(`${kind} ${metadata.name}`));
    for (const object of about) expect(await validate(object), `${object.kind} ${object.metadata.name}`).toEqual([]);
  });

  it('the manifests on the pages', async () => {
    const pages = readdirSync('content', { recursive: true, withFileTypes: true }).filter(({ name }) =>
      name.endsWith('.md'),
    );
    const objects = pages.flatMap((page) => {
      const text = replaceTokens(readFileSync(join(page.parentPath, page.name), 'utf8'));
      return [...text.matchAll(/^```yaml[^\n]*\n(.*?)^```/gms)]
        .flatMap(([, yaml = '']) =>
          parseAllDocuments(yaml).map((tree) => tree.toJS() as Record<string, unknown> | null),
        )
        .filter((object) => object !== null && 'apiVersion' in object && 'kind' in object)
        .map((object) => ({ object: object ?? {}, page: page.name }));
    });
    expect(objects.length).toBeGreaterThan(1);
    for (const { object, page } of objects) expect(await validate(object), page).toEqual([]);
  });
});

describe('schemas', () => {
  it('say what a field means, and lead from reference to reference', async () => {
    const schema = await schemaOf('gateway.networking.k8s.io/v1', 'Gateway');
    if (schema === undefined) throw new Error('The package has no Gateway.');
    const spec = dereference(schema.properties['spec'] ?? {}, schema);
    expect(schema.description).toMatch(/^Gateway represents an instance/);
    expect(spec.required).toEqual(['gatewayClassName', 'listeners']);
    const item = dereference(spec.properties?.['listeners']?.items ?? {}, schema);
    expect(Object.keys(item.properties ?? {})).toContain('allowedRoutes');
    const protocol = item.properties?.['hostname'];
    expect(protocol?.description).toMatch(/^Hostname specifies the virtual hostname/);
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(references.filter((name) => !Object.hasOwn(schema.$defs, name))).toEqual([]);
  });

  it.each([
    ['v1', 'Lists'],
    ['example.com/v1', 'Gateway'],
    ['gateway.networking.k8s.io/v1', 'Listener'],
    ['../../secrets/v1', 'Gateway'],
    ['v1', '../v1/Pod'],
    ['v9', 'Pod'],
  ])('nobody knows %s %s', async (apiVersion, kind) => {
    expect(await schemaOf(apiVersion, kind)).toBeUndefined();
    expect(await validate({ apiVersion, kind, metadata: { name: 'a' } })).toBeUndefined();
  });

  it('every declaration of the packages can be read', () => {
    const own = ['gateway-api', 'envoy-gateway', 'cert-manager', 'external-secrets', 'cilium', 'apimachinery'];
    const files = ['kubernetes-models', ...own.map((name) => `@kubernetes-models/${name}`)].flatMap((name) =>
      readdirSync(join('node_modules', name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.name.endsWith('.d.ts') && entry.name !== 'index.d.ts')
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => !file.includes('_schemas')),
    );
    const empty = files.filter((file) => parseDeclarations(readFileSync(file, 'utf8'), file).types.size === 0);
    expect(files.length).toBeGreaterThan(2000);
    expect(empty).toEqual([]);
  });
});
