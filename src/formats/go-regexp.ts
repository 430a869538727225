/**
 * Regular expressions as Go reads them (RE2's syntax), for patterns that somebody else wrote: Corefiles, flags, routes.
 *
 * They run in re2js, whose time grows with the length of the text and of the pattern, never with their combinations as
 * JavaScript's own do. CoreDNS, ExternalDNS and Envoy use the same engine, so a pattern also means here what it means to them.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';

export interface GoRegExp {
  source: string;
  /** How many groups capture; names stand at their number, and group 0 is the whole match. */
  groups: number;
  names: readonly string[];
  /** Instructions of the compiled program: a measure of what one character of a text costs. */
  size: number;
  test: (text: string) => boolean;
  /** The first match: the whole, then each group, empty where a group took no part. Undefined without a match. */
  exec: (text: string) => readonly string[] | undefined;
  /** Every match, as Go's FindAllString: of empty ones those that do not follow right upon another match. */
  all: (text: string) => readonly string[];
}

export interface RefusedPattern {
  source: string;
  /** Why, in Go's words, and in plain ones where JavaScript would have taken the pattern. */
  refused: string;
  /** Whether Go refuses it too; else it is only too large to be tried here. */
  byGo: boolean;
}

/** CoreDNS takes no longer ones [plugin/rewrite and plugin/template, maxRegexpLen]. */
const maxLength = 10_000;
/** Larger than any pattern that somebody wrote by hand. */
const maxSize = 2_000;
/** A name has at most 255 characters, a path some more. */
export const maxText = 8_192;

const known = new Map<string, GoRegExp | RefusedPattern>();

/** Compiles a pattern; what is refused says so, and nothing is thrown. */
export function goRegExp(source: string): GoRegExp | RefusedPattern {
  const before = known.get(source);
  if (before !== undefined) return before;
  const compiled = compile(source);
  // The same few patterns meet many names; what a hostile object brings does not stay for ever.
  if (known.size >= 256) known.clear();
  known.set(source, compiled);
  return compiled;
}

export const isRefused = (compiled: GoRegExp | RefusedPattern): compiled is RefusedPattern => 'refused' in compiled;

function compile(source: string): GoRegExp | RefusedPattern {
  if (source.length > maxLength) {
    return { source, refused: `regex pattern too long: ${source.length} > ${maxLength}`, byGo: true };
  }
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source);
  } catch (error) {
    // The constructor's error for what the parser does not take; anything else is a fault of the engine, and no verdict either.
    const byGo = error instanceof RE2JSSyntaxException;
    return { source, refused: byGo ? explained(error.message, source) : 'cannot be compiled here', byGo };
  }
  const size = pattern.programSize();
  if (size > maxSize)
    return { source, refused: `too large to be tried here (${size} > ${maxSize} steps)`, byGo: false };
  const groups = pattern.groupCount();
  const names = Array.from({ length: groups + 1 }, () => '');
  for (const [name, index] of Object.entries(pattern.namedGroups())) names[index] = name;
  const isTooLong = (text: string): boolean => text.length > maxText;
  return {
    source,
    groups,
    names,
    size,
    test: (text) => !isTooLong(text) && pattern.matcher(text).find(),
    exec: (text) => {
      const matcher = pattern.matcher(text);
      if (isTooLong(text) || !matcher.find()) return undefined;
      return Array.from({ length: groups + 1 }, (_, index) => matcher.group(index) ?? '');
    },
    all: (text) => (isTooLong(text) ? [] : matchesOf(pattern, text)),
  };
}

function matchesOf(pattern: RE2JS, text: string): readonly string[] {
  const found: string[] = [];
  const matcher = pattern.matcher(text);
  for (let end = -1; matcher.find(); end = matcher.end()) {
    if (matcher.start() !== matcher.end() || matcher.start() !== end) found.push(matcher.group() ?? '');
  }
  return found;
}

/** What Perl and JavaScript have and Go has not; each by the text that Go's message quotes. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/`\(\?[=!]/, 'Go has no lookahead'],
  [/`\(\?<[=!]/, 'Go has no lookbehind'],
  [/`\\[1-9k]/, 'Go has no backreferences'],
  [/`\(\?>/, 'Go has no atomic groups'],
  [/`[*+?]\+`/, 'Go has no possessive repetition'],
];

function explained(message: string, source: string): string {
  const [, why] = foreign.find(([told]) => told.test(message)) ?? [];
  // Go names the pattern in its message: whoever wrote a long one finds the place by what is quoted.
  const said = message.replace(source, () => shortened(source));
  return why === undefined ? said : `${said} (${why})`;
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
