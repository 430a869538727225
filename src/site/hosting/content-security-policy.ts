/**
 * The Content Security Policy of the built pages. Scripts run only from the site's own files, or inline when their hash is listed: Starlight
 * sets the theme before the first paint, which a file would be too late for. The hashes come from the pages themselves.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

/** The policy for every page of a built site. */
export const policyOf = (dist: string): string =>
  contentSecurityPolicy(
    globSync('**/*.html', { cwd: dist }).flatMap((file) => inlineScripts(readFileSync(join(dist, file), 'utf8'))),
  );

/**
 * @param scripts The inline scripts that may run.
 * @param others Directives that differ from those of a built site.
 */
export function contentSecurityPolicy(
  scripts: readonly string[],
  others: Readonly<Record<string, readonly string[]>> = {},
): string {
  const hashes = [...new Set(scripts)].map(hash).sort();
  const directives: readonly (readonly [name: string, ...values: string[]])[] = [
    ['default-src', "'none'"],
    // The search is WebAssembly.
    ['script-src', "'self'", "'wasm-unsafe-eval'", ...hashes],
    // Diagrams and highlighted code carry style attributes, which have no hashes that browsers agree on.
    ['style-src', "'self'", "'unsafe-inline'"],
    // Starlight's icons in style sheets are data: addresses.
    ['img-src', "'self'", 'data:'],
    ['font-src', "'self'"],
    ['connect-src', "'self'"],
    ['worker-src', "'self'"],
    ['manifest-src', "'self'"],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['form-action', "'none'"],
    ['frame-ancestors', "'none'"],
  ];
  return directives.map(([name, ...values]) => [name, ...(others[name] ?? values)].join(' ')).join('; ');
}

const hash = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/** The text of each script in a page that a browser would hash; data blocks, such as JSON-LD, run nothing and need no hash. */
export function inlineScripts(html: string): string[] {
  const found: string[] = [];
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node && node.tagName === 'script') {
      const attribute = (name: string) => node.attrs.find((each) => each.name === name)?.value;
      if (attribute('src') === undefined && isScript(attribute('type')))
        found.push(node.childNodes.map((child) => ('value' in child ? child.value : '')).join(''));
    }
    if ('content' in node) walk(node.content);
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(parse(html));
  return found;
}

/** By the HTML standard: no type, a JavaScript type, or one of the kinds that a policy covers as well. */
const isScript = (type = ''): boolean =>
  /^$|^(module|importmap|speculationrules)$|^(text|application)\/(x-)?(java|ecma)script$/i.test(type.trim());
