/**
 * The templates of an ApplicationSet, as far as paths and names are written with them. What is more (a condition, a loop, a function that is
 * not here) stays as it stands, and whoever needs the value sees that it is none.
 */
import { isObject } from '../../kinds/violation.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** @param isGo Whether the set has `goTemplate: true`; else its names are looked up as they stand. */
export function rendered(template: unknown, parameters: Parameters, isGo: boolean): unknown {
  if (typeof template === 'string')
    return template.includes('{{') ? renderedText(template, parameters, isGo) : template;
  if (Array.isArray(template)) return template.map((item: unknown) => rendered(item, parameters, isGo));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [
      String(rendered(key, parameters, isGo)),
      rendered(value, parameters, isGo),
    ]),
  );
}

function renderedText(text: string, parameters: Parameters, isGo: boolean): string {
  const flat = isGo ? {} : flattened(parameters);
  return text.replaceAll(/\{\{-?([^{}]*?)-?\}\}/g, (whole, action: string) => {
    const value = isGo ? evaluated(action, parameters) : flat[action.trim()];
    return value === undefined ? whole : (wordOf(value) ?? whole);
  });
}

/** `{a: {b: 1}}` as `{'a.b': 1}`. */
export function flattened(parameters: Parameters, prefix = ''): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([key, value]) =>
      isObject(value) ? Object.entries(flattened(value, `${prefix}${key}.`)) : [[`${prefix}${key}`, value] as const],
    ),
  );
}

const word = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|\$?(?:\.[\w-]*)+|[\w-]+|[|()])/y;

/** The value of an action of a Go template; undefined where it cannot be told. */
function evaluated(action: string, parameters: Parameters): unknown {
  const words: string[] = [];
  word.lastIndex = 0;
  for (let found = word.exec(action); found !== null; found = word.exec(action)) words.push(found[1] ?? '');
  // Something that is none of these.
  if (words.join('').length !== action.replaceAll(/\s+(?=(?:[^"`]|"[^"]*"|`[^`]*`)*$)/g, '').length) return undefined;
  const [value, end] = pipeline(words, 0, parameters);
  return end === words.length ? value : undefined;
}

type Read = readonly [value: unknown, end: number];

function pipeline(words: readonly string[], from: number, parameters: Parameters): Read {
  let [value, at] = command(words, from, parameters, []);
  while (words[at] === '|') [value, at] = command(words, at + 1, parameters, [value]);
  return [value, at];
}

function command(words: readonly string[], from: number, parameters: Parameters, piped: readonly unknown[]): Read {
  const of = functions[words[from] ?? ''];
  let at = of === undefined ? from : from + 1;
  const given: unknown[] = [];
  while (at < words.length && words[at] !== '|' && words[at] !== ')') {
    const [value, end] = operand(words, at, parameters);
    given.push(value);
    at = end;
  }
  const all = [...given, ...piped];
  if (of === undefined) return [all.length === 1 ? all[0] : undefined, at];
  return [of(...all), at];
}

function operand(words: readonly string[], at: number, parameters: Parameters): Read {
  const said = words[at] ?? '';
  if (said === '(') {
    const [value, end] = pipeline(words, at + 1, parameters);
    return [value, end + 1];
  }
  if (said.startsWith('"')) return [said.slice(1, -1).replaceAll(/\\(.)/g, '$1'), at + 1];
  if (said.startsWith('`')) return [said.slice(1, -1), at + 1];
  if (/^-?\d+$/.test(said)) return [Number(said), at + 1];
  if (!/^\$?\./.test(said)) return [undefined, at + 1];
  const steps = said.replace(/^\$/, '').split('.').filter(Boolean);
  return [along(parameters, steps), at + 1];
}

const along = (value: unknown, steps: readonly unknown[]): unknown =>
  steps.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)] as unknown;
    return isObject(inner) && Object.hasOwn(inner, String(step)) ? inner[String(step)] : undefined;
  }, value);

const onText =
  (of: (text: string) => string) =>
  (value: unknown): unknown => {
    const text = wordOf(value);
    return text === undefined ? undefined : of(text);
  };

/** What a template writes of a value that is neither a list nor a map. */
const wordOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || value === false;

/** Those of Go, of Sprig and of Argo CD with which names and paths are made. */
const functions: Readonly<Record<string, (...given: readonly unknown[]) => unknown>> = {
  index: (value, ...steps) => along(value, steps),
  dig: (...given) => along(given.at(-1), given.slice(0, -2)) ?? given.at(-2),
  default: (otherwise, value) => (isEmpty(value) ? otherwise : value),
  quote: onText((text) => JSON.stringify(text)),
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  trim: onText((text) => text.trim()),
  toString: onText((text) => text),
  base: onText((text) => text.split('/').at(-1) ?? ''),
  dir: onText((text) => text.split('/').slice(0, -1).join('/')),
  normalize: onText(sanitized),
  replace: (sought, by, text) => wordOf(text)?.replaceAll(wordOf(sought) ?? '', () => wordOf(by) ?? ''),
  trimPrefix: (start, text) => withoutStart(text, wordOf(start) ?? ''),
  trimSuffix: (end, text) =>
    typeof text === 'string' && text.endsWith(String(end)) ? text.slice(0, text.length - String(end).length) : text,
  printf: (format, ...values) =>
    values.includes(undefined)
      ? undefined
      : values.reduce<string>((text, value) => text.replace(/%[svd]/, () => String(value)), String(format)),
};

const withoutStart = (text: unknown, start: string): unknown =>
  typeof text === 'string' && text.startsWith(start) ? text.slice(start.length) : text;

/** A name as Kubernetes takes it. Source: argo-cd, applicationset/utils, SanitizeName. */
export function sanitized(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]/g, '-')
    .slice(0, 253)
    .replaceAll(/^[-.]+|[-.]+$/g, '');
}
