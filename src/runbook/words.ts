/** Somebody else's words: a controller's, a log's, a server's. They are quoted, so they must be short, and hold no credential. */

/** How much of somebody else's words is quoted; a command shows the whole. */
export const mostQuoted = 500;

/** The beginning and the end of a text that is longer than `most` characters: what is at fault stands in one or the other. */
export function shorten(text: string, most = mostQuoted): string {
  if (text.length <= most) return text;
  const tail = Math.floor(most / 5);
  return `${text.slice(0, most - tail - 3).toWellFormed()} … ${text.slice(-tail).toWellFormed()}`;
}

/** Stands where a credential stood. One word, so that it is not taken for another. */
export const hidden = 'REDACTED';

const announced =
  '[a-z0-9_.-]{0,40}(?:token|secret|passw(?:or)?d|passphrase|credential|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key)[a-z0-9_.-]{0,40}';

/**
 * What a credential looks like wherever it stands. A word that announces one hides what follows; some issuers mark theirs. [RFC 6750;
 * JWT, RFC 7519; PEM, RFC 7468; Tailscale `tskey-`, Vault `hvs.`, GitHub `ghp_`, AWS `AKIA`, Cloudflare `cfut_`]
 */
const credentials: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic|digest|negotiate)\s+)?[^\s"',;]+/gi, `$1${hidden}`],
  [/\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${hidden}`],
  [/\b((?:set-)?cookie["']?\s*[:=]\s*["']?)[^"'\n]+/gi, `$1${hidden}`],
  // As a program writes it: `token=x`, `"token":"x"`, `token:x`.
  [new RegExp(`(${announced}(?:["']?=["']?|:["']?|["']\\s*:\\s*["']?))(?!//)[^\\s"',;&]+`, 'gi'), `$1${hidden}`],
  // As a person does, `token: x`, who may go on with a word: `could not read secret: secrets "x" not found`.
  [new RegExp(`(${announced}:\\s+)(?=[^\\s]*\\d)(?=[^\\s]*[a-z])[^\\s"',;&]{6,}`, 'gi'), `$1${hidden}`],
  [new RegExp(`(--${announced}\\s+)[^\\s"',;&]+`, 'gi'), `$1${hidden}`],
  [/\b(pass(?:word|wd|phrase):\s+)[^\s"',;&]+/gi, `$1${hidden}`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:"']{0,200}:[^\s/@"']{1,200}@/gi, `$1${hidden}@`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g, hidden],
  [/\b(?:tskey-[a-z]+-|hv[sbr]\.|gh[pousr]_|glpat-|xox[abpr]-|cfut_)[A-Za-z0-9_-]{6,}/g, hidden],
  [/\bA(?:KI|SI)A[0-9A-Z]{12,}/g, hidden],
];

/** The text without what looks like a credential. */
export const withoutCredentials = (text: string): string =>
  credentials.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);

/** How much of a long text is looked at, at its beginning and at its end. */
const [headLength, tailLength] = [4000, 1000];

/** Somebody else's words as they may be kept and quoted. */
export function quotable(text: string): string {
  if (text.length <= headLength + tailLength) return shorten(withoutCredentials(text));
  // The word that the cut goes through may be the rest of a credential.
  const tail = text.slice(-tailLength).replace(/^\S*/, '');
  return shorten(withoutCredentials(`${text.slice(0, headLength)} …${tail}`));
}
