/** Kinds as definitions and a server's OpenAPI say them, and what an API server would say of objects by them. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kindsFromCrds } from '../../src/kinds/definitions.ts';
import { firstOf, isServed, type Kind, type Kinds } from '../../src/kinds/kind.ts';
import { kindsFromFiles } from '../../src/kinds/node/definition-files.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { kindsFromOpenApi } from '../../src/kinds/openapi.ts';
import { judgeObject, type Judged } from '../../src/kinds/validate.ts';

const crontabs = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crontabs.example.com, labels: { app.kubernetes.io/version: v3.2.1 } }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all] }
  versions:
    - name: v1alpha1
      served: false
      storage: false
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object } } } }
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{ name: Spec, type: string, jsonPath: .spec.schedule }]
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          x-kubernetes-validations:
            - rule: "self.metadata.name != 'forbidden'"
              message: the name is taken
          properties:
            spec:
              type: object
              required: [schedule]
              properties:
                schedule: { type: string, pattern: '^(\\*|[0-9]+)( (\\*|[0-9]+)){4}$', maxLength: 20 }
                replicas: { type: integer, minimum: 1, maximum: 5, default: 1 }
                ratio: { type: number, exclusiveMinimum: true, minimum: 0, multipleOf: 0.5 }
                mode: { type: string, enum: [Once, Twice], default: Once }
                port: { anyOf: [{ type: integer }, { type: string }], x-kubernetes-int-or-string: true }
                address: { oneOf: [{ format: ipv4 }, { format: ipv6 }], type: string }
                free: { type: object, x-kubernetes-preserve-unknown-fields: true }
                closed: { type: object }
                tags: { type: array, items: { type: string, minLength: 2 }, x-kubernetes-list-type: set, maxItems: 2 }
                labels: { type: object, additionalProperties: { type: string }, minProperties: 1, maxProperties: 2 }
                not: { type: string, not: { enum: [never] } }
                jobs:
                  type: array
                  minItems: 1
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name, kind]
                  items:
                    type: object
                    required: [name]
                    properties:
                      name: { type: string }
                      kind: { type: string, default: Plain }
`;

const given = kindsFromCrds([parse(crontabs)], 'given');
const judge = async (spec: string, kinds: Kinds = given, metadata = '{name: a}'): Promise<Judged> => {
  const object = parse(`{apiVersion: example.com/v1, kind: CronTab, metadata: ${metadata}, spec: ${spec}}`) as object;
  const judged = await judgeObject(object, kinds);
  if (judged === undefined) throw new Error('Nobody knows the kind.');
  return judged;
};
const found = async (kinds: Kinds, apiVersion: string, kind: string): Promise<Kind> => {
  const one = await kinds.find(apiVersion, kind);
  if (one === undefined || !isServed(one)) throw new Error('It is not served.');
  return one;
};

const everyTime = '* * * * *';
const unchecked =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Each: the spec, and what a real API server says of it (kubectl prints the same with stars before). */
const wrong: readonly (readonly [title: string, spec: string, ...messages: readonly string[]])[] = [
  ['a missing field', '{}', 'spec.schedule: Required value', unchecked],
  [
    'a pattern',
    '{schedule: daily}',
    String.raw`spec.schedule: Invalid value: "daily": spec.schedule in body should match '^(\*|[0-9]+)( (\*|[0-9]+)){4}$'`,
  ],
  [
    'a long text',
    `{schedule: "* * * * ${'1'.repeat(20)}"}`,
    'spec.schedule: Too long: may not be more than 20 bytes',
    unchecked,
  ],
  [
    'a small number',
    `{schedule: "${everyTime}", replicas: 0}`,
    'spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
  ],
  [
    'a large number',
    `{schedule: "${everyTime}", replicas: 9}`,
    'spec.replicas: Invalid value: 9: spec.replicas in body should be less than or equal to 5',
  ],
  [
    'a fraction',
    `{schedule: "${everyTime}", replicas: 1.5}`,
    'spec.replicas: Invalid value: "number": spec.replicas in body must be of type integer: "number"',
    unchecked,
  ],
  [
    'an excluded limit',
    `{schedule: "${everyTime}", ratio: 0}`,
    'spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0',
  ],
  [
    'no multiple',
    `{schedule: "${everyTime}", ratio: 0.7}`,
    'spec.ratio: Invalid value: 0.7: spec.ratio in body should be a multiple of 0.5',
  ],
  [
    'a value',
    `{schedule: "${everyTime}", mode: Thrice}`,
    'spec.mode: Unsupported value: "Thrice": supported values: "Once", "Twice"',
    unchecked,
  ],
  [
    'neither',
    `{schedule: "${everyTime}", port: true}`,
    'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    unchecked,
  ],
  [
    'none of two',
    `{schedule: "${everyTime}", address: here}`,
    '<nil>: Invalid value: "": "spec.address" must validate one and only one schema (oneOf). Found none valid',
    'spec.address: Invalid value: "here": spec.address in body must be of type ipv4: "here"',
    unchecked,
  ],
  [
    'what must not be',
    `{schedule: "${everyTime}", not: never}`,
    '<nil>: Invalid value: "": "spec.not" must not validate the schema (not)',
  ],
  ['a field of an object without any', `{schedule: "${everyTime}", closed: {a: 1}}`, 'unknown field "spec.closed.a"'],
  ['a value twice', `{schedule: "${everyTime}", tags: [aa, aa]}`, 'spec.tags[1]: Duplicate value: "aa"'],
  [
    'too many',
    `{schedule: "${everyTime}", tags: [aa, bb, cc]}`,
    'spec.tags: Too many: 3: must have at most 2 items',
    unchecked,
  ],
  [
    'a short item',
    `{schedule: "${everyTime}", tags: [a]}`,
    'spec.tags[0]: Invalid value: "a": spec.tags[0] in body should be at least 2 chars long',
  ],
  [
    'too few',
    `{schedule: "${everyTime}", jobs: []}`,
    'spec.jobs: Invalid value: []: spec.jobs in body should have at least 1 items',
  ],
  [
    'an empty map',
    `{schedule: "${everyTime}", labels: {}}`,
    'spec.labels: Invalid value: {}: spec.labels in body should have at least 1 properties',
  ],
  [
    'a map of the wrong values',
    `{schedule: "${everyTime}", labels: {a: 1}}`,
    'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"',
    unchecked,
  ],
  [
    'an item twice, by a key that it leaves out',
    `{schedule: "${everyTime}", jobs: [{name: a}, {name: a, kind: Plain}, {name: a, kind: Other}]}`,
    'spec.jobs[1]: Duplicate value: {"kind":"Plain","name":"a"}',
  ],
];

describe('what an API server says of an object', () => {
  it.each(wrong.map(([title, spec, ...messages]) => ({ title, spec, messages })))(
    '$title',
    async ({ spec, messages }) => {
      const { violations } = await judge(spec);
      expect(violations.map(({ message }) => message)).toEqual(messages);
    },
  );

  it('of what metadata and the whole object hold', async () => {
    const { violations } = await judge(`{schedule: "${everyTime}"}`, given, '{name: forbidden, label: {}}');
    expect(violations.map(({ message }) => message)).toEqual([
      'unknown field "metadata.label"',
      '<nil>: Invalid value: the name is taken',
    ]);
  });

  it.each([
    [`{schedule: "${everyTime}", replicas: 5, ratio: 1.5, mode: Twice, port: http, address: "fd00::1", not: ever}`],
    [`{schedule: "${everyTime}", port: 80, address: 10.0.0.1, replicas: 2.0, mode: null}`],
    [`{schedule: "${everyTime}", free: {a: [1, {b: {}}]}, closed: {}, tags: [aa, bb], labels: {a: b, x.y/z: c}}`],
    [`{schedule: "${everyTime}", jobs: [{name: a}, {name: b}, {name: a, kind: Other}]}`],
  ])('nothing of %s', async (spec) => {
    expect((await judge(spec)).violations).toEqual([]);
  });
});

describe('a kind of a definition', () => {
  it('has its names, versions, columns and release', async () => {
    expect(await found(given, 'example.com/v1', 'CronTab')).toMatchObject({
      group: 'example.com',
      version: 'v1',
      names: { plural: 'crontabs', shortNames: ['ct'], categories: ['all'], namespaced: true },
      versions: [
        { name: 'v1alpha1', served: false, storage: false },
        { name: 'v1', served: true, storage: true },
      ],
      columns: [{ name: 'Spec', type: 'string', jsonPath: '.spec.schedule' }],
      release: { name: 'example.com v3.2.1', installed: true },
    });
  });

  it.each(['example.com/v1alpha1', 'example.com/v2'])(
    'is not taken in version %s, which is not served',
    async (apiVersion) => {
      const judged = await judgeObject({ apiVersion, kind: 'CronTab', metadata: { name: 'a' } }, given);
      expect(judged?.violations).toMatchObject([
        {
          message: `no matches for kind "CronTab" in version "${apiVersion}"`,
          hint: 'Write example.com/v1: that is served.',
        },
      ]);
    },
  );

  it('is the last of two, and nothing else that is given is one', async () => {
    const later = parse(crontabs.replace('v3.2.1', 'v4.0.0')) as unknown;
    const kinds = kindsFromCrds(
      [null, 'text', { kind: 'CustomResourceDefinition' }, parse(crontabs), later, {}],
      'given',
    );
    expect((await found(kinds, 'example.com/v1', 'CronTab')).release.name).toBe('example.com v4.0.0');
    expect(await kinds.find('example.com/v1', 'Other')).toBeUndefined();
  });

  it.each<[string, object, object, string]>([
    ['the common label', { 'app.kubernetes.io/version': 'v1.20.2' }, {}, 'example.com v1.20.2'],
    ['an annotation of its maker', {}, { 'operator.example.com/version': '0.93.0' }, 'example.com 0.93.0'],
    [
      'none of the program that wrote it',
      {},
      { 'controller-gen.kubebuilder.io/version': 'v0.19.0' },
      'example.com of the definitions given',
    ],
    ['and nothing that is no release', {}, { 'example.com/version': 'main' }, 'example.com of the definitions given'],
  ])('says its release by %s', async (_title, labels, annotations, name) => {
    const definition = parse(crontabs) as { metadata: object };
    definition.metadata = { name: 'crontabs.example.com', labels, annotations };
    const kinds = kindsFromCrds([definition], 'given');
    expect((await found(kinds, 'example.com/v1', 'CronTab')).release.name).toBe(name);
  });

  it('is somebody else’s to tell where it says nothing of its structure', async () => {
    const bare = parse(crontabs) as { spec: { versions: { schema: unknown }[] } };
    bare.spec.versions.forEach((version) => (version.schema = { openAPIV3Schema: { type: 'object' } }));
    const kinds = firstOf(kindsFromCrds([bare], 'cluster'), given);
    expect((await found(kinds, 'example.com/v1', 'CronTab')).release.name).toBe('example.com v3.2.1');
  });

  it('goes before that of the packages, which says so itself', async () => {
    expect((await found(packagedKinds, 'v1', 'Pod')).release).toEqual({ name: 'Kubernetes v1.36.0', installed: false });
    const own = parse(
      crontabs.replaceAll('example.com', 'gateway.networking.k8s.io').replaceAll('CronTab', 'Gateway'),
    ) as unknown;
    const kinds = firstOf(kindsFromCrds([own], 'cluster'), packagedKinds);
    expect((await found(kinds, 'gateway.networking.k8s.io/v1', 'Gateway')).release.name).toBe(
      'Gateway API v3.2.1, as installed in the cluster',
    );
  });
});

describe('a definition that is not as it should be', () => {
  const odd: readonly unknown[] = [null, 7, 1e300, 'text', true, [], [null], {}, { a: null }];
  const places = [
    ['spec'],
    ['spec', 'versions'],
    ['spec', 'names'],
    ['spec', 'versions', 1, 'schema'],
    ['spec', 'versions', 1, 'schema', 'openAPIV3Schema'],
    ['spec', 'versions', 1, 'schema', 'openAPIV3Schema', 'properties'],
    ...['required', 'x-kubernetes-validations', 'allOf', 'not', 'items', '$ref'].map((key) => [
      'spec',
      'versions',
      1,
      'schema',
      'openAPIV3Schema',
      key,
    ]),
    ...[
      'type',
      'properties',
      'enum',
      'pattern',
      'minItems',
      'items',
      'anyOf',
      'oneOf',
      'additionalProperties',
      'x-kubernetes-list-type',
      'x-kubernetes-list-map-keys',
      'x-kubernetes-validations',
    ].map((key) => [
      'spec',
      'versions',
      1,
      'schema',
      'openAPIV3Schema',
      'properties',
      'spec',
      'properties',
      'jobs',
      key,
    ]),
  ];

  it.each(places.map((place) => ({ name: place.slice(-3).join('.'), place })))(
    'stops nobody: $name',
    async ({ place }) => {
      for (const value of odd) {
        const definition = parse(crontabs) as Record<string, unknown>;
        const parent = place
          .slice(0, -1)
          .reduce<Record<string | number, unknown>>((object, step) => object[step] as typeof object, definition);
        parent[String(place.at(-1))] = value;
        const object = parse(
          `{apiVersion: example.com/v1, kind: CronTab, metadata: {name: a}, spec: {schedule: "${everyTime}", jobs: [{name: a}, {name: b}]}}`,
        ) as object;
        await expect(
          judgeObject(object, kindsFromCrds([definition], 'given')),
          JSON.stringify(value),
        ).resolves.toSatisfy(() => true);
      }
    },
  );
});

describe('definitions in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'definitions-test-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each([
    [
      'a file of several',
      write('several.yaml', `kind: ConfigMap\n---\n${crontabs}\n---\n${crontabs.replaceAll('CronTab', 'Other')}`),
    ],
    [
      'a list of kubectl',
      write('list.json', JSON.stringify({ kind: 'List', items: [{ kind: 'Pod' }, parse(crontabs)] })),
    ],
    ['a folder', folder],
  ])('%s', async (_title, place) => {
    expect((await found(await kindsFromFiles(place), 'example.com/v1', 'CronTab')).kind).toBe('CronTab');
  });

  it.each([
    ['a place that is not there', () => join(folder, 'nowhere'), /^There is no file or folder .*nowhere\.$/],
    [
      'a file without any',
      () => write('none.txt', 'kind: Pod'),
      /^There is no CustomResourceDefinition in .*none\.txt\.$/,
    ],
  ])('%s is told', async (_title, place, message) => {
    await expect(kindsFromFiles(place())).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      hint: expect.stringContaining('--crds -') as string,
    });
  });

  it('what is no YAML is told when its kind is asked for', async () => {
    const kinds = await kindsFromFiles(write('broken.txt', `${crontabs}\n  : : [`));
    expect(await kinds.find('example.com/v1', 'SomethingElse')).toBeUndefined();
    await expect(async () => kinds.find('example.com/v1', 'CronTab')).rejects.toThrow(/broken\.txt is not YAML/);
  });
});

describe('a server’s OpenAPI', () => {
  const document = {
    components: {
      schemas: {
        'com.example.v1.CronTab': {
          type: 'object',
          'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'CronTab' }],
          properties: {
            apiVersion: { type: 'string' },
            kind: { type: 'string' },
            metadata: { allOf: [{ $ref: '#/components/schemas/Meta' }], default: {} },
            spec: { $ref: '#/components/schemas/com.example.v1.Spec' },
          },
        },
        'com.example.v1.Spec': { type: 'object', required: ['schedule'], properties: { schedule: { type: 'string' } } },
        Meta: { type: 'object', properties: { name: { type: 'string' } } },
      },
    },
  };
  const kinds = kindsFromOpenApi([document, null], { name: 'Kubernetes v1.36.2', installed: true });

  it('tells of kinds and leads from reference to reference', async () => {
    const { violations, release } = await judge('{scheduled: x}', kinds);
    expect(violations.map(({ message }) => message)).toEqual([
      'unknown field "spec.scheduled"',
      'spec.schedule: Required value',
    ]);
    expect(violations[0]?.hint).toBe('Did you mean "schedule"?');
    expect(release.name).toBe('Kubernetes v1.36.2');
    expect((await judge('{schedule: x}', kinds)).violations).toEqual([]);
  });
});
