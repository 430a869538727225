/** How deep JSON is nested, before it is parsed: a parser takes 100,000 levels, and whoever walks through what comes of it does not. */

/** As deep as no object of Kubernetes is: the API server itself takes no more than that of what it is sent. */
export const deepest = 200;

/** Whether lists and objects stand in one another more than `levels` deep. Of text that is no JSON the answer means nothing. */
export function isDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        if (depth > levels) return true;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
    }
  }
  return false;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/** Where the string that begins at a quote ends: at a quote with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}
