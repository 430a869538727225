/**
 * Calls that bring variables of their own and that the evaluator does not know: loops over two variables, `sortBy`, and those of optional
 * values [cel-go, ext/comprehensions.go, ext/lists.go, cel/library.go]. Each is written here in what the evaluator knows.
 */
import { celMethod, CelScalar, isCelList, isCelMap, listType, parse } from '@bufbuild/cel';
import type { CelFunc, CelInput, CelValue } from '@bufbuild/cel';
import { RuleError } from './opaque.ts';
import { mapChildren, type Expr } from './tree.ts';

const { DYN } = CelScalar;

// No rule of a person has names like these.
const [pair, pairs, made, merged] = ['__pair__', '__pairs__', '__made__', '__merged__'];
const [subject, value] = ['__subject__', '__value__'];
export const sortedByKeys = '__sortedBy__';

/** An argument, where the text names it. */
const argument = (index: number): string => `__argument${index}__`;

/** With the two variables of a loop: a key, or a place in a list, and what stands there. */
const paired =
  (text: (inside: (argument: string) => string) => string) =>
  (names: readonly string[]): string =>
    text((inner) => `cel.bind(${names[0] ?? ''}, ${pair}[0], cel.bind(${names[1] ?? ''}, ${pair}[1], ${inner}))`);

interface Macro {
  name: string;
  /** How many arguments are names of variables, and how many there are in all. */
  variables: number;
  size: number;
  text: (names: readonly string[]) => string;
}

const loop = (name: string, size: number, text: Parameters<typeof paired>[0]): Macro => ({
  name,
  variables: 2,
  size,
  text: paired(text),
});

const [third, fourth] = [argument(2), argument(3)];
const of = `${subject}.${pairs}()`;

const macros: readonly Macro[] = [
  loop('all', 3, (inside) => `${of}.all(${pair}, ${inside(third)})`),
  loop('exists', 3, (inside) => `${of}.exists(${pair}, ${inside(third)})`),
  loop('existsOne', 3, (inside) => `${of}.exists_one(${pair}, ${inside(third)})`),
  loop('exists_one', 3, (inside) => `${of}.exists_one(${pair}, ${inside(third)})`),
  loop('transformList', 3, (inside) => `${of}.map(${pair}, ${inside(third)})`),
  loop('transformList', 4, (inside) => `${of}.map(${pair}, ${inside(third)}, ${inside(fourth)})`),
  loop('transformMap', 3, (inside) => `${of}.map(${pair}, [${pair}[0], ${inside(third)}]).${made}()`),
  loop(
    'transformMap',
    4,
    (inside) => `${of}.map(${pair}, ${inside(third)}, [${pair}[0], ${inside(fourth)}]).${made}()`,
  ),
  loop('transformMapEntry', 3, (inside) => `${of}.map(${pair}, ${inside(third)}).${merged}()`),
  loop('transformMapEntry', 4, (inside) => `${of}.map(${pair}, ${inside(third)}, ${inside(fourth)}).${merged}()`),
  {
    name: 'sortBy',
    variables: 1,
    size: 2,
    text: ([name = '']) =>
      `cel.bind(${value}, ${subject}, ${value}.${sortedByKeys}(${value}.map(${name}, ${argument(1)})))`,
  },
  {
    name: 'optMap',
    variables: 1,
    size: 2,
    text: ([name = '']) =>
      `cel.bind(${value}, ${subject}, ${value}.hasValue() ? optional.of(cel.bind(${name}, ${value}.value(), ${argument(1)})) : optional.none())`,
  },
  {
    name: 'optFlatMap',
    variables: 1,
    size: 2,
    text: ([name = '']) =>
      `cel.bind(${value}, ${subject}, ${value}.hasValue() ? cel.bind(${name}, ${value}.value(), ${argument(1)}) : optional.none())`,
  },
];

/** What a call stands for; undefined for a call that is what it seems. */
export function expanded({ exprKind }: Expr): Expr | undefined {
  if (exprKind.case !== 'callExpr') return undefined;
  const { function: called, target, args } = exprKind.value;
  const macro = macros.find(({ name, size }) => name === called && size === args.length);
  if (macro === undefined || target === undefined) return undefined;
  const names = args.slice(0, macro.variables).map(nameOf);
  if (names.includes(undefined)) throw new Error(`${called}() takes the name of a variable first`);
  const parts = new Map(args.map((arg, index) => [argument(index), arg]));
  return withParts(parse(macro.text(names.map(String))).expr, parts.set(subject, target));
}

const nameOf = ({ exprKind }: Expr): string | undefined =>
  exprKind.case === 'identExpr' ? exprKind.value.name : undefined;

const withParts = (expr: Expr, parts: ReadonlyMap<string, Expr>): Expr =>
  parts.get(nameOf(expr) ?? '') ?? mapChildren(expr, (inner) => withParts(inner, parts));

function pairsOf(from: CelValue): CelInput {
  if (isCelList(from)) return [...from].map((item, index): CelInput => [BigInt(index), item]);
  if (isCelMap(from)) return [...from].map(([key, held]): CelInput => [key, held]);
  throw new RuleError('no such overload');
}

type Key = string | bigint | boolean;
const isKey = (key: unknown): key is Key => ['string', 'bigint', 'boolean'].includes(typeof key);

function mapOf(entries: readonly (readonly [CelValue, CelValue])[]): CelInput {
  const found = new Map<Key, CelInput>();
  for (const [key, held] of entries) {
    if (!isKey(key)) throw new RuleError('no such overload');
    if (found.has(key)) throw new RuleError(`insert failed: key ${String(key)} already exists`);
    found.set(key, held);
  }
  return found;
}

/** The two of a pair that a loop made. */
function pairOf(made: CelValue): readonly [CelValue, CelValue] {
  const [key = null, held = null] = isCelList(made) ? [...made] : [];
  return [key, held];
}

export const macroFunctions: readonly CelFunc[] = [
  celMethod(pairs, DYN, [], DYN, function () {
    return pairsOf(this);
  }),
  celMethod(made, listType(DYN), [], DYN, function () {
    return mapOf([...this].map(pairOf));
  }),
  celMethod(merged, listType(DYN), [], DYN, function () {
    return mapOf([...this].flatMap((map) => (isCelMap(map) ? [...map] : [])));
  }),
];
