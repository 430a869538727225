/** Kinds that a server is built with, by its OpenAPI: made from Go's types, it says more than the server asks, and in other words. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kindsFromOpenApi } from '../../src/kinds/openapi.ts';
import { judgeObject } from '../../src/kinds/validate.ts';
import type { Unjudged } from '../../src/kinds/violation.ts';
import { stopwatch } from '../support/work.ts';

const of = (name: string): object => ({ allOf: [{ $ref: `#/components/schemas/${name}` }], default: {} });
const container = 'io.k8s.api.core.v1.Container';
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const port = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/** As a server of 1.36 has it, in small. */
const document = {
  components: {
    schemas: {
      'io.k8s.api.apps.v1.StatefulSet': {
        type: 'object',
        'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'StatefulSet' }],
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: of('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
          spec: of('io.k8s.api.apps.v1.StatefulSetSpec'),
          raw: of('io.k8s.apimachinery.pkg.runtime.RawExtension'),
        },
      },
      'io.k8s.api.apps.v1.StatefulSetSpec': {
        type: 'object',
        required: ['serviceName', 'containers'],
        properties: {
          serviceName: { type: 'string', default: '' },
          containers: {
            type: 'array',
            items: of(container),
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name', 'protocol'],
          },
        },
      },
      [container]: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', default: '' },
          protocol: { type: 'string', default: 'TCP', enum: ['TCP', 'UDP'] },
          memory: of(quantity),
          port: of(port),
          secret: { type: 'object', additionalProperties: { type: 'string', format: 'byte', default: '' } },
        },
      },
      [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
      [port]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
      'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object' },
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': {
        type: 'object',
        properties: {
          name: { type: 'string' },
          finalizers: { type: 'array', items: { type: 'string', default: '' }, 'x-kubernetes-list-type': 'set' },
        },
      },
      'io.k8s.networking.gateway.v1.Gateway': {
        type: 'object',
        'x-kubernetes-group-version-kind': [{ group: 'gateway.networking.k8s.io', version: 'v1', kind: 'Gateway' }],
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: of('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
          spec: {
            type: 'object',
            required: ['listeners', 'mode'],
            'x-kubernetes-validations': [{ rule: "self.mode == '' || self.mode == 'on'", message: 'on, or nothing' }],
            properties: {
              mode: { type: 'string', default: '' },
              listeners: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: { type: 'object', properties: { name: { type: 'string' } } },
              },
            },
          },
        },
      },
    },
  },
};

const kinds = kindsFromOpenApi([document], { name: 'Kubernetes v1.36.2', installed: true });

async function saidOf(apiVersion: string, kind: string, rest: string): Promise<readonly string[] | undefined> {
  const object = { apiVersion, kind, metadata: { name: 'a' }, ...(parse(rest) as object) } as Unjudged;
  return (await judgeObject(object, kinds))?.violations.map(({ message }) => message);
}
const said = (spec: string): ReturnType<typeof saidOf> => saidOf('apps/v1', 'StatefulSet', `spec: ${spec}`);

describe('a kind that a server is built with', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'what Go has for an absent field is no default',
      '{containers: [{}]}',
      ['spec.containers[0].name: Required value'],
    ],
    ['what a field is when nobody says is one', '{containers: [{name: a}, {name: b, protocol: UDP}]}', []],
    ['required is what a server asks for', '{serviceName: a}', ['spec.containers: Required value']],
    ['and not what old documents say beside it', '{containers: []}', []],
    ['list types are for applying', '{containers: [{name: a}, {name: a}]}', []],
    ['a quantity is text or a number', '{containers: [{name: a, memory: 1.5Gi}, {name: b, memory: 2}]}', []],
    [
      'and not any text',
      '{containers: [{name: a, memory: 1 Gi}]}',
      [
        `spec.containers[0].memory: Invalid value: "1 Gi": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
      ],
    ],
    ['a port is a number or a name', '{containers: [{name: a, port: 80}, {name: b, port: http}]}', []],
    [
      'and nothing else',
      '{containers: [{name: a, port: true}]}',
      [
        'spec.containers[0].port: Invalid value: "boolean": spec.containers[0].port in body must be of type integer,string: "boolean"',
      ],
    ],
    [
      'values are of their set',
      '{containers: [{name: a, protocol: ICMP}]}',
      ['spec.containers[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP"'],
    ],
    [
      'base64 is base64',
      '{containers: [{name: a, secret: {good: YQ==, bad: "?"}}]}',
      [
        'spec.containers[0].secret.bad: Invalid value: "?": spec.containers[0].secret.bad in body must be of type byte: "?"',
      ],
    ],
    ['a field that is not there is none', '{containers: [], replica: 1}', ['unknown field "spec.replica"']],
  ])('%s', async (_title, spec, messages) => {
    expect(await said(spec)).toEqual(messages);
  });

  it('holds anything where Go has no fields', async () => {
    expect(await saidOf('apps/v1', 'StatefulSet', 'spec: {containers: []}\nraw: {any: {thing: 1}}')).toEqual([]);
  });

  it('is what a definition made, where its group has a domain: all of it counts', async () => {
    const gateway = (spec: string): ReturnType<typeof saidOf> =>
      saidOf('gateway.networking.k8s.io/v1', 'Gateway', `spec: ${spec}`);
    expect(await gateway('{listeners: []}')).toEqual([]);
    expect(await gateway('{mode: off, listeners: []}')).toEqual(['spec: Invalid value: on, or nothing']);
    expect(await gateway('{listeners: [{name: a}, {name: a}]}')).toEqual([
      'spec.listeners[1]: Duplicate value: {"name":"a"}',
    ]);
  });
});

describe('a document that means harm', () => {
  const component = (rest: object): object => ({
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Harm' }],
    ...rest,
  });
  const properties = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: {} };
  const itself = { $ref: '#/components/schemas/Harm' };
  const chain = Object.fromEntries(
    Array.from({ length: 50_000 }, (_, index) => [
      `C${index}`,
      { type: 'object', properties: { next: { $ref: `#/components/schemas/C${index + 1}` } } },
    ]),
  );

  it.each<[string, object]>([
    ['defaults without end', { properties: { ...properties, spec: { ...itself, default: {} } } }],
    [
      'defaults that double',
      { properties: { ...properties, spec: { ...itself, default: {} }, status: { ...itself, default: {} } } },
    ],
    ['alternatives of itself', { properties, allOf: [itself, itself], anyOf: [itself], oneOf: [itself], not: itself }],
    [
      'alternatives of alternatives of itself',
      { properties, anyOf: [{ oneOf: [{ allOf: [itself] }, { not: { anyOf: [itself] } }] }] },
    ],
    ['a reference to itself', { properties: { ...properties, spec: { allOf: [itself] } }, $ref: itself.$ref }],
    ['a long chain', { properties: { ...properties, spec: { $ref: '#/components/schemas/C0' } } }],
    ['a reference to what an object has by birth', { properties: { ...properties, spec: { $ref: '#/toString' } } }],
  ])('does not hold anybody up: %s', async (_title, rest) => {
    const harm = { components: { schemas: { Harm: component(rest), ...chain } } };
    const kinds = kindsFromOpenApi([harm], { name: 'example.com', installed: true });
    const object = { apiVersion: 'example.com/v1', kind: 'Harm', metadata: { name: 'a' }, spec: { next: {} } };
    const worked = stopwatch();
    expect((await judgeObject(object, kinds))?.release.name).toBe('example.com');
    expect(worked()).toBeLessThan(5000);
  });
});
