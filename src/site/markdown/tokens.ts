/**
 * `{{gateway.name}}` in a page becomes the value of that path in `runbooks/stack.ts`, so that whoever adopts the handbook edits
 * one file and every page, command and diagram follows.
 *
 * `{{domain|regex}}` escapes the value for use inside a regular expression, and `{{app.hostname|label}}` is a hostname's first label. There are
 * no other filters and no defaults: a token that names nothing is a mistake in the page. There are no spaces in a token either, which tells it apart from the Go templates
 * that a Helm chart or a Corefile may hold: `{{ .Name }}` stays as it is.
 */
import { stack } from '#stack';
import { namesInPages } from '../../../runbooks/stack-listeners.ts';

const TOKEN = /\{\{([a-z]\w*(?:\.\w+)*)(?:\|(\w+))?\}\}/gi;

const FILTERS: Record<string, (value: string) => string> = {
  label: (value) => value.split('.', 1)[0] ?? '',
  regex: (value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
};

export class UnknownToken extends Error {
  constructor(token: string, reason: string) {
    super(`${token}: ${reason}`);
    this.name = 'UnknownToken';
  }
}

const shown = namesInPages(stack);

/** `names` is the stack; tests pass their own. */
export function replaceTokens(text: string, names: object = shown): string {
  if (!text.includes('{{')) return text;
  return text.replace(TOKEN, (token, path: string, filter: string | undefined) => {
    const value = valueAt(names, path);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new UnknownToken(token, unknownPath(names, path, value));
    if (filter === undefined) return String(value);
    const apply = FILTERS[filter];
    if (!apply) {
      throw new UnknownToken(token, `there is no filter "${filter}"; there is ${Object.keys(FILTERS).join(', ')}.`);
    }
    return apply(String(value));
  });
}

/** Every string inside a value of plain data, such as a page's frontmatter. */
export function replaceTokensDeep(value: unknown): unknown {
  if (typeof value === 'string') return replaceTokens(value);
  if (Array.isArray(value)) return value.map(replaceTokensDeep);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceTokensDeep(inner)]));
  }
  return value;
}

function valueAt(names: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        value !== null && typeof value === 'object' && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      names,
    );
}

function unknownPath(names: object, path: string, value: unknown): string {
  if (value !== null && typeof value === 'object') {
    return `names a group, not a name; it has ${Object.keys(value)
      .map((key) => `${path}.${key}`)
      .join(', ')}. See runbooks/stack.ts.`;
  }
  const parent = path.split('.').slice(0, -1).join('.');
  if (parent !== '' && valueAt(names, parent) === null)
    return `the stack has no ${parent}; put what is about it between {{#${parent}}} and {{/${parent}}}.`;
  const group = parent === '' ? names : valueAt(names, parent);
  const known =
    group !== null && typeof group === 'object'
      ? `${parent === '' ? 'the stack' : parent} has ${Object.keys(group).join(', ')}`
      : `the stack has ${Object.keys(names).join(', ')}`;
  return `no such name in runbooks/stack.ts; ${known}.`;
}
