/**
 * ConfigMaps and Secrets that a kustomization makes of files and literals [kustomize 5.5, api/internal/generators and api/kv].
 *
 * kustomize appends a hash of the content to their names, and lets those who name them follow. Here they keep the names that people write:
 * the hash means nothing to who reads Git, and every name in Git is the one without it.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Path } from '../manifest.ts';
import { fileOf, textOf, type Build, type Target } from './build-state.ts';
import type { Generator, GeneratorOptions } from './fields.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import { calledBy, idOf, nameOf, namespaceOf, setMetadata, textsOf, type Fields, type Resource } from './resource.ts';

export type GeneratedKind = 'ConfigMap' | 'Secret';

/** @param at Where the generator stands in the kustomization. */
export async function generated(
  build: Build,
  target: Target,
  kind: GeneratedKind,
  generator: Generator,
  at: Path,
): Promise<Resource> {
  const { name = '', namespace = '', behavior = 'create', type = '' } = generator;
  if (name === '') throw new Refused(`generates a ${kind} without a name`);
  const options = optionsOf(generator.options, target.fields.generatorOptions);
  const pairs = await pairsOf(build, target, generator);
  const places = new Map(pairs.map(({ key, from }) => [key, [...at, ...from]]));
  if (places.size < pairs.length) throw new Refused(`generates the ${kind} ${name} with a key twice`);
  const metadata: Fields = {
    name,
    ...(namespace === '' ? {} : { namespace }),
    ...(options.labels === undefined ? {} : { labels: { ...options.labels } }),
    ...(options.annotations === undefined ? {} : { annotations: { ...options.annotations } }),
  };
  const object: Fields = {
    apiVersion: 'v1',
    kind,
    metadata,
    ...(kind === 'Secret' ? { type: type === '' ? 'Opaque' : type } : {}),
    ...(kind === 'Secret' ? encoded(pairs) : dataOf(pairs)),
    ...(options.immutable === true ? { immutable: true } : {}),
  };
  return {
    object,
    file: target.file,
    place: (path) =>
      target.place(
        path[0] === 'metadata' && path[1] === 'name' ? [...at, 'name'] : (places.get(String(path[1])) ?? at),
      ),
    earlier: [],
    prefixes: [],
    suffixes: [],
    variables: [],
    behavior: behavior === 'merge' || behavior === 'replace' ? behavior : 'create',
  };
}

function optionsOf(own: GeneratorOptions | undefined, all: GeneratorOptions | undefined): GeneratorOptions {
  const both = (field: 'labels' | 'annotations'): Readonly<Record<string, string>> | undefined =>
    own?.[field] === undefined && all?.[field] === undefined ? undefined : { ...all?.[field], ...own?.[field] };
  return {
    labels: both('labels'),
    annotations: both('annotations'),
    immutable: own?.immutable === true || all?.immutable === true,
  };
}

/** A key with its value: text, or bytes that are none. */
interface Pair {
  key: string;
  value: string | Buffer;
  from: Path;
}

async function pairsOf(build: Build, target: Target, generator: Generator): Promise<readonly Pair[]> {
  const { envs = [], env, literals = [], files = [] } = generator;
  const pairs: Pair[] = [];
  for (const [index, file] of [...envs, ...(env === undefined || env === '' ? [] : [env])].entries()) {
    const from = index < envs.length ? ['envs', index] : ['env'];
    pairs.push(...linesOf(await textOf(build, target, file)).map((pair) => ({ ...pair, from })));
  }
  literals.forEach((literal, index) => pairs.push({ ...literalOf(literal), from: ['literals', index] }));
  for (const [index, source] of files.entries()) {
    const { key, file } = sourceOf(source);
    pairs.push({ key, value: await contentOf(build, target, file), from: ['files', index] });
  }
  return pairs;
}

async function contentOf(build: Build, target: Target, file: string): Promise<string | Buffer> {
  const text = await textOf(build, target, file);
  // What cannot be text has been read as this sign.
  if (!text.includes('\uFFFD')) return text;
  const bytes = await readFile(fileOf(build, target, file));
  return isText(bytes) ? text : bytes;
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function linesOf(text: string): readonly { key: string; value: string }[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line) => {
      const whole = line.trimStart();
      if (whole === '' || whole.startsWith('#')) return [];
      const [key = '', ...value] = whole.split('=');
      return [{ key, value: value.join('=') }];
    });
}

/** The message leaves out what is written there: it may be a Secret's. */
function literalOf(literal: string): { key: string; value: string } {
  const [key = '', ...rest] = literal.split('=');
  if (key === '' || rest.length === 0) throw new Refused('has a literal that is not key=value');
  const value = rest.join('=');
  const quote = value[0];
  const isQuoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return { key, value: isQuoted ? value.slice(1, -1) : value };
}

function sourceOf(source: string): { key: string; file: string } {
  const [first = '', second, ...more] = source.split('=');
  if (second === undefined) return { key: basename(source), file: source };
  if (first === '' || second === '' || more.length > 0) throw new Refused(`has ${source} where a file is, or key=file`);
  return { key: first, file: second };
}

function dataOf(pairs: readonly Pair[]): Fields {
  const texts = pairs.flatMap(({ key, value }) => (typeof value === 'string' ? [[key, value]] : []));
  const bytes = pairs.flatMap(({ key, value }) => (typeof value === 'string' ? [] : [[key, value.toString('base64')]]));
  return {
    ...(texts.length === 0 ? {} : { data: Object.fromEntries(texts) as unknown }),
    ...(bytes.length === 0 ? {} : { binaryData: Object.fromEntries(bytes) as unknown }),
  };
}

const encoded = (pairs: readonly Pair[]): Fields => ({
  data: Object.fromEntries(pairs.map(({ key, value }) => [key, Buffer.from(value).toString('base64')])),
});

/** Puts what a generator makes beside what is there, or into it, as its behavior says. */
export function absorb(set: ResourceSet, resource: Resource): void {
  const { behavior = 'create' } = resource;
  const id = idOf(resource);
  const [there, another] = set.calledOnce(id);
  if (another !== undefined) throw new Refused(`generates ${calledBy(id)}, of which there are more than one`);
  if (there === undefined) {
    if (behavior !== 'create') throw new Refused(`generates ${calledBy(id)} to ${behavior} one that is not there`);
    set.add(resource);
    return;
  }
  if (behavior === 'create')
    throw new Refused(`generates ${calledBy(id)}, which is there already: say behavior: merge or replace`);
  resource.earlier = there.earlier;
  resource.prefixes = there.prefixes;
  resource.suffixes = there.suffixes;
  resource.variables = there.variables;
  takeMetadata(resource, there);
  if (behavior === 'merge') for (const field of ['data', 'binaryData']) mergeData(resource, there, field);
  set.remove(there);
  set.add(resource);
}

function takeMetadata(resource: Resource, there: Resource): void {
  const metadata = resource.object['metadata'] as Fields;
  for (const field of ['labels', 'annotations'] as const) {
    const texts = { ...textsOf(there, field), ...textsOf(resource, field) };
    if (Object.keys(texts).length > 0) metadata[field] = texts;
  }
  setMetadata(resource, 'name', nameOf(there));
  const taken = resource.object['metadata'] as Fields;
  delete taken['namespace'];
  if (namespaceOf(there) !== '') taken['namespace'] = namespaceOf(there);
}

function mergeData(resource: Resource, there: Resource, field: string): void {
  const both = { ...(there.object[field] as Fields | undefined), ...(resource.object[field] as Fields | undefined) };
  if (Object.keys(both).length > 0) resource.object[field] = both;
}
