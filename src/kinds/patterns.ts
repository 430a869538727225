/**
 * Patterns of schemas and rules, as an API server reads them: Go's regular expressions, in an engine whose time grows with the text
 * and not with its combinations, for whoever writes a definition may write any pattern.
 */
import { goRegExp, isRefused, maxText } from '../formats/go-regexp.ts';

export interface Pattern {
  test: (text: string) => boolean;
}

/** Undefined for what cannot be tried: nothing can be said by it. A text that is too long to be tried is taken for right. */
export function patternOf(source: string): Pattern | undefined {
  const compiled = goRegExp(source);
  return isRefused(compiled) ? undefined : { test: (text) => text.length > maxText || compiled.test(text) };
}
