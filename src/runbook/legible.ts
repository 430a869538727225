/**
 * Text as a person may be shown it. Whoever may write an object of a cluster, or its manifest, writes what a terminal prints: escape
 * sequences that clear it or fill the clipboard, marks that turn the order of letters round, characters that no file format takes.
 */

// Controls but for tab and line feed; what turns the order of letters round (UAX #9); what is not seen at all, such as zero-width
// spaces and soft hyphens; line ends that are none to a terminal; what XML 1.0 cannot say.
const illegible =
  /(?![\t\n])[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb\ufffe\uffff]/gu;

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

/**
 * JSON in which each of these is written as its number, so that nothing is lost and nothing acts.
 *
 * @param indent Spaces before what stands within something else; without any it is one line.
 */
export const legibleJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(illegible, (character) =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
