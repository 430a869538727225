/**
 * Commands for a reader to paste into a shell. Names, hostnames and annotations come from a cluster, a snapshot or somebody's manifests,
 * and are free text: whatever they hold, a value is one word of the command, or a part of one, and never a command or an option.
 *
 * Quoting is that of POSIX, which bash, zsh and fish read in the same way.
 */

declare const made: unique symbol;

/** A command or a part of one, `-n tailscale gateway` for instance. Only `sh` makes one; `text` is what is printed. */
class Shell {
  declare readonly [made]: true;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type { Shell };

/**
 * The text of a command: constant parts stand as written, each value becomes a word or a part of one, and what `sh` made before stays
 * as it is: sh`kubectl get pod ${sh`-n ${namespace}`} ${name}`. In single quotes of the constant part a value stays within the quotes.
 *
 * @throws {TypeError} when the constant part puts a value where no quoting would be safe: in double quotes, or behind a backslash.
 */
export function sh(constant: TemplateStringsArray, ...values: readonly (string | number | Shell)[]): Shell {
  let text = '';
  const here = new Place();
  const add = (part: string): void => {
    here.pass(part);
    text += part;
  };
  constant.forEach((part, index) => {
    add(part);
    if (index === values.length) return;
    const value = values[index];
    if (here.quote === '"' || here.isEscaped || (here.quote !== '' && value instanceof Shell))
      throw new TypeError(`A value cannot stand here in a command: ${text}`);
    add(value instanceof Shell ? value.text : word(String(value), here));
  });
  if (here.quote !== '' || here.isEscaped) throw new TypeError(`A quote of a command is never closed: ${text}`);
  return new Shell(text);
}

/** Words one after the other. */
export const joined = (words: readonly Shell[]): Shell => new Shell(words.map(({ text }) => text).join(' '));

/** Where kubectl finds an object, behind its kind: `-n tailscale gateway`, or the name alone. */
export const place = ({ namespace, name }: { namespace?: string; name: string }): Shell =>
  namespace === undefined ? sh`${name}` : sh`-n ${namespace} ${name}`;

/** What no shell of the well-known ones takes for anything but itself; zsh looks for a program where a word begins with `=`. */
const bare = /^[\w.:/@%+,-][\w.:/@%+=,-]*$/;

/**
 * A value at a place of a command.
 *
 * Quotes do not keep a program from taking a word that begins with a dash for an option, and neither `--` nor `--flag=` suits every place
 * of every program. So such a value is not put in: in its place stands a word that says so and that no object, file or host is called,
 * and the command finds nothing. No name in Kubernetes and no hostname begins with a dash, so nothing that exists is lost.
 */
function word(value: string, { quote, isStart }: Place): string {
  const visible = value.replace(unseen, escaped);
  const safe = isStart && visible.startsWith('-') ? `<not an option: ${visible}>` : visible;
  if (quote !== '') return withoutQuotes(safe);
  return bare.test(safe) ? safe : `'${withoutQuotes(safe)}'`;
}

/** Within single quotes: those are left for each quote, and for each backslash, which fish would take for an escape. */
const withoutQuotes = (value: string): string => value.replace(/['\\]/g, "'\\$&'");

/** Ends of lines, control characters, and what turns the direction of text: a reader has to see what is pasted. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** As JSON would, so that a patch still says the same. */
const escaped = (characters: string): string =>
  [...Array(characters.length).keys()]
    .map((index) => `\\u${characters.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');

/** Where in a shell's text the next character would stand. */
class Place {
  /** The quote that is open. */
  quote: '' | "'" | '"' = '';
  /** Whether a word begins here; quotes alone do not make it longer. */
  isStart = true;
  isEscaped = false;

  pass(text: string): void {
    for (const character of text) this.#step(character);
  }

  #step(character: string): void {
    if (this.isEscaped) {
      this.isEscaped = false;
      this.isStart = false;
    } else if (character === '\\' && this.quote !== "'") {
      this.isEscaped = true;
    } else if (this.quote === '' && (character === "'" || character === '"')) {
      this.quote = character;
    } else if (character === this.quote) {
      this.quote = '';
    } else {
      this.isStart = this.quote === '' && /[\s|&;()<>]/.test(character);
    }
  }
}
