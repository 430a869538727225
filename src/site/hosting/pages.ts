/** The rules as Cloudflare Pages reads them: the files `_headers` and `_redirects` in the folder that is published. */
import type { HeaderRule, Redirect } from './rules.ts';

/** Pages ignores what is beyond these, with no more than a line in a log. https://developers.cloudflare.com/pages/configuration/headers/ */
const MAX_RULES = 100;
const MAX_LINE = 2000;

export function headersFile(rules: readonly HeaderRule[]): string {
  const said = new Map<string, HeaderRule[]>();
  const blocks = rules.map((rule) => {
    const lines = Object.entries(rule.headers).flatMap(([name, value]) => {
      // What two rules say of a header, Pages joins with a comma, unless the second one first takes the header away.
      const earlier = said.get(name) ?? [];
      said.set(name, [...earlier, rule]);
      const set = value === null ? [] : [`  ${name}: ${value}`];
      return value === null || earlier.length > 0 ? [`  ! ${name}`, ...set] : set;
    });
    return [rule.path, ...lines].join('\n');
  });
  return within(`${blocks.join('\n\n')}\n`, rules.length, '_headers');
}

export function redirectsFile(redirects: readonly Redirect[]): string {
  const lines = redirects.flatMap(({ from, to, status }) =>
    [from.slice(0, -1), from].map((path) => `${path} ${to} ${status}`),
  );
  return within(`${lines.join('\n')}\n`, lines.length, '_redirects');
}

function within(text: string, rules: number, file: string): string {
  const longest = Math.max(...text.split('\n').map(({ length }) => length));
  if (rules > MAX_RULES) throw new Error(`${file} has ${rules} rules; Cloudflare Pages reads the first ${MAX_RULES}.`);
  if (longest > MAX_LINE) {
    throw new Error(
      `${file} has a line of ${longest} characters; Cloudflare Pages ignores one of more than ${MAX_LINE}.`,
    );
  }
  return text;
}
