/**
 * The words of a Corefile, by the rules of Caddy 1's lexer: whitespace parts them, a quote at a word's start holds anything, within
 * it only a quote can be escaped, and `#` begins a comment that is over with its word or its line. [coredns/caddy 1.1.4]
 */
export interface Token {
  text: string;
  /** Whether it is the first of its line. */
  startsLine: boolean;
  /** The snippets that brought it here, innermost last; empty for what stands in the file. */
  within: readonly string[];
}

const isSpace = (char: string): boolean => char !== '\uFEFF' && /[\s\u0085]/.test(char);

export function tokensOf(file: string): { tokens: readonly Token[]; openQuote: boolean } {
  const text = file.replace(/^\uFEFF/, '');
  const tokens: Token[] = [];
  let at = 0;
  let startsLine = true;
  const add = (word: string): void => {
    tokens.push({ text: word, startsLine, within: [] });
    startsLine = false;
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (isSpace(char)) {
      if (char === '\n') startsLine = true;
      at += 1;
    } else if (char === '#') {
      at = endOfLine(text, at);
    } else if (char === '"') {
      const { word, next, closed } = quoted(text, at + 1);
      if (closed || word !== '') add(word);
      if (!closed) return { tokens, openQuote: true };
      at = next;
    } else {
      const { word, next } = plain(text, at);
      add(word);
      at = next;
    }
  }
  return { tokens, openQuote: false };
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** A word in quotes; a backslash before anything but a quote is two characters. */
function quoted(text: string, from: number): { word: string; next: number; closed: boolean } {
  const parts: string[] = [];
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') return { word: parts.join(''), next: at + 1, closed: true };
    if (char === '\\' && at + 1 < text.length) {
      at += 1;
      parts.push(text.charAt(at) === '"' ? '"' : `\\${text.charAt(at)}`);
    } else parts.push(char);
  }
  return { word: parts.join(''), next: text.length, closed: false };
}

/** A word without quotes: up to a space. What follows a `#` in it is left out, and a carriage return does not end it. */
function plain(text: string, from: number): { word: string; next: number } {
  let end = from;
  while (end < text.length && (!isSpace(text.charAt(end)) || text.charAt(end) === '\r')) end += 1;
  const word = text.slice(from, end).replaceAll('\r', '');
  const comment = word.indexOf('#');
  return { word: comment === -1 ? word : word.slice(0, comment), next: end };
}
