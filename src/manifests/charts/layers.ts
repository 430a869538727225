/**
 * What a release is told: values in layers, the weakest first, as whoever installs the chart gathers them. Whatever of it does not stand in the
 * tree leaves all of it untold, for nobody can say what it changes.
 */
import { asText, setValues } from '../../formats/helm-set.ts';
import { isMap, mergeAsKustomize, mergeValues, type Values } from '../../formats/helm-values.ts';
import type { ConfigOf } from '../apply/variables.ts';
import type { Sources, Repository } from '../apply/repository.ts';
import { fieldsOf } from '../fields.ts';
import { valuesOf } from '../files/documents.ts';
import type { Tree } from '../files/tree.ts';
import type { ManifestObject, Path, Place } from '../manifest.ts';

/** Where something stands, and its fields. */
export interface Standing {
  file: string;
  place: (path: Path) => Place;
}

/** A file of values. */
export interface ValuesFile {
  /** As it is named there. */
  named: string;
  /** In the repository at this address; in the tree itself where it is undefined. */
  of?: string;
  /** From the root of that. */
  path: string;
  isOptional: boolean;
}

export type Layer =
  /** Values that stand where the release stands, as a map or as a text of YAML. */
  | { type: 'values'; given: unknown; at: Standing }
  | { type: 'file'; file: ValuesFile }
  /** kustomize's own: values laid over those of a file, under them, or in their place. */
  | { type: 'inline'; given: unknown; how: 'override' | 'merge' | 'replace'; file?: ValuesFile; at: Standing }
  /** One value by its path, as `--set` and `--set-string` take it. */
  | { type: 'set'; text: string; as: 'typed' | 'text'; at: Standing }
  /** One value that is the text of a file, as `--set-file` takes it. */
  | { type: 'set-file'; name: string; file: ValuesFile; at: Standing }
  /** A key of a ConfigMap or a Secret: values, or the value of a path. */
  | { type: 'config'; config: Config }
  /** What layers say under a key: the values of a chart that another one brings. */
  | { type: 'under'; key: string; layers: readonly Layer[] }
  /** Values that are not to be had, as a clause: `its values are in the chart`. */
  | { type: 'untold'; why: string };

export interface Config {
  kind: string;
  namespace: string;
  name: string;
  key: string;
  isOptional: boolean;
  set?: { path: string; isLiteral: boolean };
}

/** Values as one layer says them, and where it stands. */
export interface Part {
  values: Values;
  at: Standing;
}

export type Telling = { values: Values; parts: readonly Part[] } | Untold;

/** Why it cannot be told, as a clause. */
export interface Untold {
  untold: string;
}

export interface Means {
  tree: Tree;
  repository?: Repository;
  sources?: Sources;
  configOf?: ConfigOf;
}

/** All that the layers say together. */
export async function tell(layers: readonly Layer[], means: Means): Promise<Telling> {
  let values: Values = {};
  const parts: Part[] = [];
  const inline = new Map<unknown, Values | Untold>();
  // What is set changes maps in place, and a layer may come twice: helm-controller then holds the same map both times.
  const givenOf = (given: unknown): Values | Untold => {
    const before = inline.get(given);
    const now = before ?? valuesIn(structuredClone(given), 'its values');
    inline.set(given, now);
    return now;
  };
  for (const layer of layers) {
    const laid = await lay(values, layer, means, givenOf);
    if ('untold' in laid) return laid;
    ({ values } = laid);
    parts.push(...(laid.part === undefined ? (laid.parts ?? []) : [laid.part]));
  }
  return { values, parts };
}

type Laid = { values: Values; part?: Part; parts?: readonly Part[] } | Untold;

async function lay(
  values: Values,
  layer: Layer,
  means: Means,
  givenOf: (given: unknown) => Values | Untold,
): Promise<Laid> {
  switch (layer.type) {
    case 'untold':
      return { untold: layer.why };
    case 'values': {
      const own = givenOf(layer.given);
      return isUntold(own) ? own : { values: mergeValues(values, own), part: { values: own, at: layer.at } };
    }
    case 'file': {
      const read = await valuesOfFile(layer.file, means);
      if (isUntold(read)) return read;
      return { values: mergeValues(values, read.values), part: read };
    }
    case 'inline': {
      const own = givenOf(layer.given);
      if (isUntold(own)) return own;
      const below = layer.file === undefined ? noValues : await valuesOfFile(layer.file, means);
      if (isUntold(below)) return below;
      const joined = joinInline(own, below.values, layer.how);
      return { values: mergeValues(values, joined), part: { values: joined, at: layer.at } };
    }
    case 'set':
      return set(values, layer.text, layer.as === 'text' ? asText : undefined, layer.at);
    case 'set-file': {
      const text = await textOfFile(layer.file, means);
      if (isUntold(text)) return text;
      return set(values, `${layer.name}=x`, () => text.text ?? '', layer.at);
    }
    case 'under':
      return layUnder(values, layer.key, await tell(layer.layers, means));
    case 'config':
      return layConfig(values, layer.config, means);
  }
}

function layUnder(values: Values, key: string, told: Telling): Laid {
  if (isUntold(told)) return told;
  const under = (all: Values): Values => (isMap(all[key]) ? all[key] : {});
  const parts = told.parts.map(({ values: own, at }): Part => ({
    values: under(own),
    at: { file: at.file, place: (path) => at.place([key, ...path]) },
  }));
  return { values: mergeValues(values, under(told.values)), parts };
}

const isUntold = (one: object): one is Untold => 'untold' in one && typeof one.untold === 'string';

const joinInline = (own: Values, file: Values, how: 'override' | 'merge' | 'replace'): Values =>
  how === 'replace' ? own : how === 'override' ? mergeAsKustomize(file, own) : mergeAsKustomize(own, file);

function set(values: Values, text: string, read: Parameters<typeof setValues>[2], at: Standing): Laid {
  const own: Values = {};
  const refused = setValues(own, text, read) ?? setValues(values, text, read);
  return refused === undefined
    ? { values, part: { values: own, at } }
    : { untold: `helm refuses the parameter ${JSON.stringify(text)}: ${refused}` };
}

const nowhere: Standing = { file: '', place: () => ({ line: 1, column: 1 }) };
const noValues: Part = { values: {}, at: nowhere };

async function valuesOfFile(file: ValuesFile, means: Means): Promise<Part | Untold> {
  const found = await textOfFile(file, means);
  if (isUntold(found)) return found;
  const { path, text } = found;
  if (text === undefined) return noValues;
  const read = valuesIn(text, path);
  if (isUntold(read)) return read;
  const { documents = [] } = (await means.tree.documents(path)) ?? {};
  const place = documents[0]?.place ?? nowhere.place;
  return { values: read, at: { file: path, place } };
}

/** The text of a file; undefined where there is none and need be none. */
async function textOfFile(
  { named, of, path, isOptional }: ValuesFile,
  { tree, repository, sources }: Means,
): Promise<{ path: string; text: string | undefined } | Untold> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(named)) return { untold: `it takes ${named}, which is fetched from elsewhere` };
  if (/[*?[\]]/.test(named)) return { untold: `it takes the files ${named}, a pattern, which is not followed here` };
  if (of !== undefined && sources?.ofArgo(of) !== 'here')
    return { untold: `it takes ${named} of ${of}, which is another repository` };
  const inTree = of === undefined || repository === undefined ? path : repository.at(path);
  if (inTree === undefined || !(await tree.stays(inTree)))
    return { untold: `it takes ${named}, which leads out of the repository and is refused` };
  const text = await tree.text(inTree);
  if (text === undefined && !isOptional) return { untold: `it takes ${named}, which is not there` };
  return { path: inTree, text };
}

function layConfig(values: Values, config: Config, { configOf }: Means): Laid {
  const { kind, namespace, name, key, isOptional, set: path } = config;
  const what = `${kind} ${namespace}/${name}`;
  const object = configOf?.(kind, namespace, name);
  if (object === undefined) return { untold: `it takes values from ${what}, which is in no manifest` };
  const text = textIn(object, key);
  if (text === undefined)
    return isOptional ? { values } : { untold: `it takes values from the key ${key} of ${what}, which is not there` };
  if (text.startsWith('ENC[')) return { untold: `it takes values from ${what}, which SOPS encrypts` };
  if (path === undefined) {
    const own = valuesIn(text, what);
    return isUntold(own) ? own : { values: mergeValues(values, own) };
  }
  // A value in quotes is text, whatever it looks like.
  const isQuoted = /^'[^]*'$|^"[^]*"$/.test(text);
  const [value, read] = path.isLiteral
    ? [text.replaceAll(/[\\,[\]{}]/g, String.raw`\$&`), asText]
    : isQuoted
      ? [text.replaceAll(/^['"]+|['"]+$/g, ''), asText]
      : [text, undefined];
  return set(values, `${path.path}=${value}`, read, nowhere);
}

function textIn(object: ManifestObject, key: string): string | undefined {
  const { data, stringData } = object as unknown as { data?: unknown; stringData?: unknown };
  const own = fieldsOf(stringData)[key] ?? fieldsOf(data)[key];
  if (typeof own !== 'string') return own === undefined || own === null ? undefined : JSON.stringify(own);
  const isEncoded = object.kind === 'Secret' && fieldsOf(stringData)[key] === undefined && !own.startsWith('ENC[');
  return isEncoded ? Buffer.from(own, 'base64').toString('utf8') : own;
}

/** Values as a map or as a text of YAML; a chart refuses anything else. */
function valuesIn(given: unknown, what: string): Values | Untold {
  const all = typeof given === 'string' ? valuesOf(given) : [given];
  const [values] = all ?? [];
  if (all === undefined || all.length > 1) return { untold: `${what} cannot be read as values` };
  if (values === undefined || values === null) return {};
  return isMap(values) ? values : { untold: `${what} is no map of values` };
}
