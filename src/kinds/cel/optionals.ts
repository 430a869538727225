/**
 * Optional values, which CEL has as an extension and the evaluator does not: `self.?a.?b.orValue('')`, `self[?0]`, `optional.none()`.
 *
 * Their marks become calls before the evaluator reads a rule, and an optional value is a list of nothing or one thing, in a map
 * that says so.
 */
import {
  celFunc,
  celMethod,
  CelScalar,
  isCelList,
  isCelMap,
  listType,
  type CelFunc,
  type CelInput,
  type CelValue,
} from '@bufbuild/cel';

const { BOOL, DYN } = CelScalar;
const mark = '@optional';

export const none = (): CelInput => new Map<string, CelInput>([[mark, []]]);
export const some = (value: CelInput): CelInput => new Map<string, CelInput>([[mark, [value]]]);

/** What an optional value holds: nothing or one thing; undefined for what is no optional value. */
function heldBy(value: CelValue): readonly CelValue[] | undefined {
  const held = isCelMap(value) ? value.get(mark) : undefined;
  return held !== undefined && isCelList(held) ? [...held] : undefined;
}

/** Looks a field or an item up, in a value or in an optional one. */
function select(from: CelValue, key: CelValue): CelInput {
  const [value] = heldBy(from) ?? [from];
  if (value === undefined) return none();
  if (isCelList(value)) {
    const item = typeof key === 'bigint' ? value.get(Number(key)) : undefined;
    return item === undefined ? none() : some(item);
  }
  if (!isCelMap(value)) return none();
  const field =
    typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean' ? value.get(key) : undefined;
  return field === undefined ? none() : some(field);
}

/** The call that a mark becomes; no rule of a person has a function of this name. */
export const selector = '__select__';

function opened(value: CelValue, what: string): readonly CelValue[] {
  const held = heldBy(value);
  if (held === undefined) throw new Error(`no such overload: ${what}`);
  return held;
}

/** What is held in a list of optional values. */
const unwrapped = (list: Iterable<CelValue>): CelInput => [...list].flatMap((item) => opened(item, 'unwrap'));

const isZero = (value: CelValue): boolean =>
  value === null ||
  value === '' ||
  value === 0n ||
  value === 0 ||
  value === false ||
  ((isCelList(value) || isCelMap(value)) && value.size === 0);

export const optionalFunctions: readonly CelFunc[] = [
  celMethod(selector, DYN, [DYN], DYN, function (key) {
    return select(this, key);
  }),
  celFunc('optional.none', [], DYN, none),
  celFunc('optional.of', [DYN], DYN, some),
  celFunc('optional.ofNonZeroValue', [DYN], DYN, (value) => (isZero(value) ? none() : some(value))),
  celFunc('optional.unwrap', [listType(DYN)], DYN, unwrapped),
  celMethod('unwrapOpt', listType(DYN), [], DYN, function () {
    return unwrapped(this);
  }),
  celMethod('hasValue', DYN, [], BOOL, function () {
    return opened(this, 'hasValue').length > 0;
  }),
  celMethod('value', DYN, [], DYN, function () {
    const [value] = opened(this, 'value');
    if (value === undefined) throw new Error('optional.none() dereference');
    return value;
  }),
  celMethod('orValue', DYN, [DYN], DYN, function (otherwise) {
    const [value = otherwise] = opened(this, 'orValue');
    return value;
  }),
  celMethod('or', DYN, [DYN], DYN, function (otherwise) {
    return opened(this, 'or').length > 0 ? this : otherwise;
  }),
];

const token =
  /(r?"""[\s\S]*?"""|r?'''[\s\S]*?'''|r"[^"]*"|r'[^']*'|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\.\?\s*([A-Za-z_]\w*)|(\[\?)|(\[)|(\])/g;

/** A rule with its optional marks as calls; the same text where it has none. */
export function withoutMarks(text: string): string {
  if (!text.includes('.?') && !text.includes('[?')) return text;
  const open: boolean[] = [];
  return text.replace(token, (whole, quotedText?: string, field?: string, optional?: string, bracket?: string) => {
    if (quotedText !== undefined) return whole;
    if (field !== undefined) return `.${selector}('${field}')`;
    if (optional !== undefined || bracket !== undefined) {
      open.push(optional !== undefined);
      return optional === undefined ? whole : `.${selector}(`;
    }
    return open.pop() === true ? ')' : whole;
  });
}
