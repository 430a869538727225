/** Patterns of paths: `*`, `?`, `[a-z]` and, where its reader knows them, `{one,other}`. */
import { goRegExp, isRefused } from './go-regexp.ts';

interface GlobOptions {
  /** Whether `*` and `?` go on across slashes, as in Git's pathspecs and in gobwas/glob; Go's path.Match stops there. */
  acrossSlashes?: boolean;
  braces?: boolean;
}

/** Whether a path is as a pattern says; nothing is as one that cannot be read. */
export function matchesGlob(path: string, pattern: string, options: GlobOptions = {}): boolean {
  const compiled = goRegExp(`^(?s:${regExpOf(pattern, options)})$`);
  return !isRefused(compiled) && compiled.test(path);
}

const sign = /\\([\s\S])|\*+|\?|\[([!^]?)((?:\\[\s\S]|[^\]\\])+)\]|[{},]|[\s\S]/gy;

function regExpOf(pattern: string, { acrossSlashes = false, braces = false }: GlobOptions): string {
  const any = acrossSlashes ? '.' : '[^/]';
  let depth = 0;
  return pattern.replaceAll(sign, (found, escaped?: string, not?: string, set?: string) => {
    if (escaped !== undefined) return quoted(escaped);
    if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replaceAll('[', '\\[')}]`;
    if (found.startsWith('*')) return `${found.length > 1 ? '.' : any}*`;
    if (found === '?') return any;
    const isGroup = braces && (found === '{' || depth > 0);
    if (!isGroup || !/[{},]/.test(found)) return quoted(found);
    if (found === '{') depth++;
    if (found === '}') depth--;
    return { '{': '(?:', ',': '|', '}': ')' }[found] ?? '';
  });
}

const quoted = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
