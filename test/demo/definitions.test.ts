/** The demo cluster's CustomResourceDefinitions: what they say of their kinds' structure, and of their names, as their makers say it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stack } from '#stack';
import { customResourceDefinitions } from '../../src/demo/custom-resources.ts';
import { startDemo, type Demo } from '../../src/demo/node/demo.ts';
import { kindsFromCrds } from '../../src/kinds/definitions.ts';
import { isServed } from '../../src/kinds/kind.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { validate } from '../../src/kinds/validate.ts';
import { ask } from '../apiserver/support.ts';

interface Names {
  plural: string;
  singular: string;
  kind: string;
  shortNames?: readonly string[];
  categories?: readonly string[];
}
interface Version {
  name: string;
  served: boolean;
  subresources?: { status?: object };
  additionalPrinterColumns?: readonly { name: string; jsonPath: string; type: string; priority?: number }[];
  schema: { openAPIV3Schema: Schema };
}
interface Schema {
  type?: string;
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  'x-kubernetes-validations'?: readonly unknown[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
}
interface Definition {
  metadata: { name: string; labels?: object; resourceVersion: string };
  spec: { group: string; scope: string; names: Names; versions: readonly Version[] };
}

const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const gateways = `${path}/gateways.gateway.networking.k8s.io`;
const nodes = `${path}/ciliumnodes.cilium.io`;

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

const read = async (place: string): Promise<Definition> => (await ask(demo, place)).json as Definition;
const specOf = ({ spec }: Definition): Schema | undefined =>
  spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'];
const change = (place: string, body: unknown): ReturnType<typeof ask> =>
  ask(demo, place, { method: 'PATCH', type: 'application/merge-patch+json', body });

describe('a definition of the demo cluster', () => {
  it('tells the structure of its kind and its rules to who reads it', async () => {
    const definition = await read(gateways);
    const listener = specOf(definition)?.properties?.['listeners']?.items;
    expect(listener?.properties?.['hostname']?.type).toBe('string');
    expect(specOf(definition)?.properties?.['listeners']?.['x-kubernetes-validations']).not.toEqual([]);
    expect(JSON.stringify(definition)).not.toContain('$ref');
    expect(definition.spec.versions.map(({ name }) => name)).toEqual(['v1', 'v1beta1']);
  });

  it('tells it in a list, too, and in no table', async () => {
    const { items } = (await ask(demo, `${path}?limit=40`)).json as { items: readonly Definition[] };
    expect(items).toHaveLength(customResourceDefinitions(stack).length);
    const told = items.filter((item) => specOf(item)?.properties !== undefined);
    // Nobody's package knows the Tailscale Operator's kinds, and an identity of Cilium has no spec.
    expect(items.filter((item) => !told.includes(item)).map(({ metadata }) => metadata.name)).toEqual([
      'ciliumendpoints.cilium.io',
      'ciliumidentities.cilium.io',
      'connectors.tailscale.com',
      'dnsconfigs.tailscale.com',
      'proxyclasses.tailscale.com',
      'proxygroups.tailscale.com',
      'recorders.tailscale.com',
    ]);
    const { text } = await ask(demo, gateways, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
    expect(text).not.toContain('openAPIV3Schema');
  });

  it('judges as the packages do, by their fields, types and rules', async () => {
    const { items } = (await ask(demo, path)).json as { items: readonly Definition[] };
    // Items of a built-in kind's list do not say what they are.
    const type = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    const kinds = kindsFromCrds(
      items.map((item) => ({ ...item, ...type })),
      'cluster',
    );
    const gateway = (spec: string): object => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'a' },
      spec: parse(spec) as unknown,
    });
    for (const spec of [
      '{gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}]}',
      '{gatewayClassName: a, listners: [], listeners: [{name: a, port: 80, protocol: HTTP, hostname: 7}]}',
      '{gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP, tls: {mode: Passthrough}}]}',
      '{gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}, {name: a, port: 81, protocol: HTTP}]}',
    ]) {
      expect(await validate(gateway(spec), kinds)).toEqual(await validate(gateway(spec), packagedKinds));
    }
  });

  it('stays as it was when somebody changes something else, and is found so', async () => {
    const before = await read(nodes);
    expect((await change(nodes, { metadata: { labels: { seen: 'yes' } } })).status).toBe(200);
    const after = await read(nodes);
    expect(after.spec).toEqual(before.spec);
    expect(after.metadata.labels).toEqual({ seen: 'yes' });
    // Sent back as it was read, it changes nothing.
    const sent = await ask(demo, nodes, { method: 'PUT', body: after });
    expect((sent.json as Definition).metadata.resourceVersion).toBe(after.metadata.resourceVersion);
  });

  it('says what somebody writes into it from then on', async () => {
    const { spec } = await read(nodes);
    const [version] = spec.versions;
    const openAPIV3Schema = { ...version?.schema.openAPIV3Schema, description: 'mine' };
    const versions = [{ ...version, schema: { openAPIV3Schema } }];
    expect((await change(nodes, { spec: { versions } })).status).toBe(200);
    expect((await read(nodes)).spec.versions[0]?.schema.openAPIV3Schema).toEqual(openAPIV3Schema);
    const { text } = await ask(demo, '/openapi/v3/apis/cilium.io/v2');
    expect(text).toContain('"description":"mine"');
  });
});

const shared = process.env['HANDBOOK_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const folder = join(shared, 'kinds');
const makers: readonly Definition[] = !existsSync(folder)
  ? []
  : readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.yaml'))
      .map((file) => parse(readFileSync(join(file.parentPath, file.name), 'utf8')) as Definition);
const own = customResourceDefinitions(stack) as unknown as readonly Definition[];
const pairs = own.flatMap((definition) => {
  const found = makers.find(({ metadata }) => metadata.name === definition.metadata.name);
  return found === undefined ? [] : [{ name: definition.metadata.name, definition, found }];
});

describe.skipIf(pairs.length === 0)(
  `the names that we wrote out${pairs.length === 0 ? ' (skipped: the makers’ data are not here)' : ''}`,
  () => {
    it('are of the kinds of every maker whose definitions are here', () => {
      const groups = new Set(makers.map(({ spec }) => spec.group));
      const strange = own.filter(
        ({ spec, metadata }) => groups.has(spec.group) && !pairs.some(({ name }) => name === metadata.name),
      );
      expect(strange.map(({ metadata }) => metadata.name)).toEqual([]);
      expect(pairs.length).toBeGreaterThan(25);
    });

    /** Of the next release of cert-manager, where the stack's has none. */
    const later = new Set(['Expiration']);

    const columns = ({ additionalPrinterColumns = [] }: Version): readonly object[] =>
      additionalPrinterColumns
        .filter(({ name }) => !later.has(name))
        .map(({ name, jsonPath, type, priority = 0 }) => ({
          name,
          jsonPath: jsonPath.replaceAll(' ', ''),
          type,
          priority,
        }));

    it.each(pairs)('$name is as its maker has it', ({ definition, found }) => {
      const { group, scope, names, versions } = definition.spec;
      const { singular, kind, plural, shortNames = [], categories = [] } = found.spec.names;
      expect({ shortNames: [], categories: [], ...names }).toMatchObject({
        ...{ singular, kind, plural, shortNames, categories },
      });
      expect({ group, scope }).toEqual({ group: found.spec.group, scope: found.spec.scope });
      for (const version of versions) {
        const theirs = found.spec.versions.find(({ name, served }) => name === version.name && served);
        if (theirs === undefined) throw new Error(`${version.name} is not served.`);
        expect(columns(version)).toEqual(columns(theirs));
        expect(version.subresources?.status !== undefined).toBe(theirs.subresources?.status !== undefined);
      }
    });
  },
);

it('every kind of the packages’ that a definition names is one', async () => {
  const unknown = await Promise.all(
    own.map(async ({ spec: { group, names, versions } }) => {
      const found = await packagedKinds.find(`${group}/${versions[0]?.name ?? ''}`, names.kind);
      return found !== undefined && isServed(found) ? [] : [group];
    }),
  );
  expect([...new Set(unknown.flat())]).toEqual(['tailscale.com']);
});
