/**
 * Patterns of a Corefile that no hostname matches, because they ask for a backslash. A Corefile's words keep every backslash, in quotes too:
 * `\\.` stays two of them, of which Go's expressions make one that has to stand in the name. [CoreDNS 1.12 to 1.14, whose lexer is Caddy 1's]
 */
import { goRegExp, isRefused } from '../go-regexp.ts';
import { optionsOf, type Corefile, type Directive } from './corefile.ts';

export interface DeadPattern {
  /** The plugin's line that has it. */
  directive: Directive;
  pattern: string;
  /** The pattern with one backslash for each two. */
  meant: string;
}

/** The patterns of the plugins template and rewrite that no hostname matches. */
export const deadPatterns = ({ blocks }: Corefile): readonly DeadPattern[] =>
  blocks
    .flatMap(({ plugins }) => plugins)
    .flatMap((directive) =>
      patternsOf(directive)
        .filter(asksForBackslash)
        .map((pattern) => ({ directive, pattern, meant: pattern.replaceAll('\\\\', '\\') })),
    );

function patternsOf(directive: Directive): readonly string[] {
  const { name, args } = directive;
  if (name === 'template') return optionsOf(directive, 'match').flatMap((line) => line.args);
  // rewrite [continue|stop] name regex PATTERN TO
  const at = name === 'rewrite' ? args.indexOf('regex') : -1;
  const pattern = args[at + 1];
  return at === -1 || pattern === undefined ? [] : [pattern];
}

/** Whether a pattern cannot match without a backslash in the name; false where that takes more than a look to tell. */
function asksForBackslash(pattern: string): boolean {
  if (isRefused(goRegExp(pattern))) return false;
  // What may be left out, or be another, may go without it.
  if (pattern.includes('|') || /\)[?*{]/.test(pattern)) return false;
  const outside = pattern.replaceAll(/\[(?:\\.|[^\]\\])*\]/g, 'x');
  return /^(?:[^\\]|\\[^\\])*\\\\(?![?*{])/s.test(outside);
}
