/**
 * What an object looks like as far as checks read it: its fields, and what stands in each. A shape is data. From it follow the type of
 * an object; what is kept of it (nothing else stays in memory, so nothing else can leave); and what becomes of a field that holds
 * something else: whoever looks at it is told so, and whoever does not judges as before.
 *
 * A schema library says whether an object fits as a whole. Here what fits of it must stay of use, so this is our own.
 */
import { MalformedField, NeedsCluster, Untold } from './fact.ts';

/** One value that is no object. */
export class Leaf {
  /** What it should be, as a sentence says it: `a text`. */
  readonly expected: string;
  /** The value as it is kept; undefined when it is none of these. */
  readonly read: (raw: unknown) => unknown;
  constructor(expected: string, read: (raw: unknown) => unknown) {
    this.expected = expected;
    this.read = read;
  }
}

interface EntriesOptions {
  /** Whether a key is kept; all are when left out. */
  keeps?: (key: string) => boolean;
  /** Whether the value of a key may leave this process; all may when left out. */
  discloses?: (key: string) => boolean;
}

/** An object with keys of anybody's choice, such as labels. */
export class Entries {
  readonly of: Shape;
  readonly keeps: (key: string) => boolean;
  readonly discloses: (key: string) => boolean;
  constructor(of: Shape, { keeps = () => true, discloses = () => true }: EntriesOptions = {}) {
    this.of = of;
    this.keeps = keeps;
    this.discloses = discloses;
  }
}

/** What is left once something was taken out. */
export class Cleaned<S extends Shape = Shape> {
  readonly shape: S;
  /** Takes anything, for nobody has looked at it yet. */
  readonly clean: (raw: unknown) => unknown;
  constructor(shape: S, clean: (raw: unknown) => unknown) {
    this.shape = shape;
    this.clean = clean;
  }
}

/** Fields by name. One whose name ends in `?` may be absent, or null, which Kubernetes takes for absent. */
export interface Fields {
  readonly [name: string]: Shape;
}

/** `[shape]` is a list of it. */
export type Shape = Leaf | Entries | Cleaned | readonly [Shape] | Fields;

/** The shapes that can be of a type: they name fields of it and no others. */
export type ShapeOf<T> = T extends string | number | boolean
  ? Leaf
  : T extends readonly (infer Item)[]
    ? readonly [ShapeOf<NonNullable<Item>>] | Cleaned
    : string extends keyof T
      ? Entries | Fields
      : { readonly [K in keyof T & string as K | `${K}?`]?: ShapeOf<NonNullable<T[K]>> };

type Sure<S> = Exclude<keyof S, `${string}?`>;
type Unsure<S> = keyof S extends infer K ? (K extends `${infer Name}?` ? Name : never) : never;
type At<S, K> = K extends keyof S ? S[K] : `${K & string}?` extends keyof S ? S[`${K & string}?`] : never;

/** What is left of a type: the fields that its shape has, and absent those that may be. */
export type Shaped<T, S> =
  S extends Cleaned<infer Inner>
    ? Shaped<T, Inner>
    : S extends Leaf | Entries
      ? T
      : S extends readonly [infer Item]
        ? T extends readonly (infer Own)[]
          ? Shaped<NonNullable<Own>, Item>[]
          : never
        : string extends keyof T
          ? { [K in Unsure<S>]?: unknown }
          : { -readonly [K in keyof T as K extends Sure<S> ? K : never]-?: Shaped<NonNullable<T[K]>, At<S, K>> } & {
              -readonly [K in keyof T as K extends Unsure<S> ? K : never]?: Shaped<NonNullable<T[K]>, At<S, K>>;
            };

/** A value that is not there to be looked at, and what whoever looks is told. */
class Missing {
  readonly why: string;
  readonly told: new (why: string) => Error;
  constructor(why: string, told: new (why: string) => Error = MalformedField) {
    this.why = why;
    this.told = told;
  }
}

/** How a value that may not leave, or is malformed, is written down. No key of Kubernetes begins so. */
const withheld = '$withheld';

type Plain = Record<string, unknown>;

const isPlain = (raw: unknown): raw is Plain => typeof raw === 'object' && raw !== null && !Array.isArray(raw);

/**
 * What is kept of an object. A field that is not as it should be throws when it is read.
 *
 * @param subject What the object is called in sentences: `Pod docs/docs-5d4f`.
 * @throws {MalformedField} from the fields of what is returned; never by itself.
 */
export function shaped(shape: Fields, raw: unknown, subject: string): unknown {
  const taken = take(shape, raw, '', subject);
  // Whoever asks anything of what is no object at all is told so.
  return taken instanceof Missing
    ? fill(
        fieldsOf(shape).map(({ field }) => field),
        () => taken,
      )
    : taken;
}

function take(shape: Shape, raw: unknown, path: string, subject: string): unknown {
  if (raw instanceof Untold) return new Missing(raw.what, NeedsCluster);
  if (shape instanceof Cleaned) return take(shape.shape, shape.clean(raw), path, subject);
  if (isPlain(raw) && typeof raw[withheld] === 'string') return new Missing(raw[withheld]);
  const isNot = (expected: string): Missing =>
    new Missing(`${subject}: ${path === '' ? 'it' : path} is ${described(raw)}, not ${expected}`);
  if (shape instanceof Leaf) return shape.read(raw) ?? isNot(shape.expected);
  if (isList(shape)) {
    if (!Array.isArray(raw)) return isNot('a list');
    const items = raw.map((item: unknown, at) => take(shape[0], item, `${path}[${at}]`, subject));
    for (const [at, item] of items.entries()) if (item instanceof Missing) refuse(items, at, item);
    return items;
  }
  if (!isPlain(raw)) return isNot('an object');
  const inner = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (shape instanceof Entries) {
    const kept = Object.keys(raw).filter((key) => shape.keeps(key));
    return fill(kept, (key) => take(shape.of, raw[key], inner(key), subject));
  }
  const object: Plain = {};
  for (const { field, optional, of } of fieldsOf(shape)) {
    const value = raw[field];
    if (optional && (value === undefined || value === null)) continue;
    put(object, field, take(of, value, inner(field), subject));
  }
  return object;
}

interface Field {
  field: string;
  optional: boolean;
  of: Shape;
}

const knownFields = new WeakMap<Fields, readonly Field[]>();

/** A shape is taken apart once, not for each object. */
function fieldsOf(shape: Fields): readonly Field[] {
  const known = knownFields.get(shape);
  if (known !== undefined) return known;
  const fields = Object.entries(shape).map(([name, of]) => ({
    field: name.replace(/\?$/, ''),
    optional: name.endsWith('?'),
    of,
  }));
  knownFields.set(shape, fields);
  return fields;
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

/** Makes a field throw when it is read. */
function refuse(target: object, key: string | number, { why, told }: Missing): void {
  const get = (): never => {
    throw new told(why);
  };
  Object.defineProperty(target, key, { configurable: true, enumerable: true, get });
}

function put(target: Plain, key: string, value: unknown): void {
  if (value instanceof Missing) refuse(target, key, value);
  else if (key !== '__proto__') target[key] = value;
  // A key like any other, and not what an object inherits from.
  else Object.defineProperty(target, key, { configurable: true, enumerable: true, value, writable: true });
}

function fill(keys: Iterable<string>, value: (key: string) => unknown): Plain {
  const target: Plain = {};
  for (const key of keys) put(target, key, value(key));
  return target;
}

/** What something is, without what it says. */
function described(raw: unknown): string {
  if (raw === undefined) return 'missing';
  if (raw === null) return 'null';
  if (Array.isArray(raw)) return 'a list';
  if (typeof raw === 'number') return `the number ${raw}`;
  if (typeof raw === 'boolean') return String(raw);
  return typeof raw === 'string' ? 'a text' : 'an object';
}

/**
 * What of a shaped object may leave this process: all that was kept, but for the values that its shape does not disclose. What was
 * malformed stays so wherever it is read again.
 *
 * @param taken Gets the path of each value that was taken out.
 */
export function disclosed(
  shape: Shape,
  object: unknown,
  { subject, taken }: { subject: string; taken: (path: string) => void },
  path = '',
): unknown {
  if (shape instanceof Cleaned) return disclosed(shape.shape, object, { subject, taken }, path);
  if (shape instanceof Leaf || typeof object !== 'object' || object === null) return object;
  const told = Object.keys(object).map((key): [string, unknown] => {
    const here = isList(shape) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const value = valueOf(object, key);
    if (value instanceof Missing) return [key, { [withheld]: value.why }];
    if (shape instanceof Entries && !shape.discloses(key)) {
      taken(here);
      return [key, { [withheld]: `${subject}: ${here} was taken out before this was written down` }];
    }
    return [key, disclosed(innerShape(shape, key), value, { subject, taken }, here)];
  });
  return Array.isArray(object) ? told.map(([, value]) => value) : Object.fromEntries(told);
}

function valueOf(object: object, key: string): unknown {
  try {
    return (object as Plain)[key];
  } catch (error) {
    if (error instanceof MalformedField) return new Missing(error.what);
    if (error instanceof NeedsCluster) return new Missing(error.message, NeedsCluster);
    throw error;
  }
}

function innerShape(shape: Entries | readonly [Shape] | Fields, key: string): Shape {
  if (shape instanceof Entries) return shape.of;
  return isList(shape) ? shape[0] : (shape[key] ?? shape[`${key}?`] ?? {});
}
