/**
 * Text as a person may be shown it. Whoever may write an object of a cluster, or its manifest, writes what a terminal prints: escape
 * sequences that clear it or fill the clipboard, marks that turn the order of letters round, characters that no file format takes.
 */

// Controls but for tab and line feed; the marks of Unicode's bidirectional algorithm (UAX #9); what XML 1.0 cannot say.
const illegible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** The same value, in whose strings each of these is the replacement character. */
export function legible<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replace(illegible, '\ufffd');
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [clean(key), clean(entry)]));
}
