/**
 * What a container's program was told: flags of its command and arguments, as Go's flag parsers take them, and environment variables.
 * Which flags take no value is the program's knowledge, so it is told here by the reader.
 */

export interface FlagRules {
  /** Names of flags without a value: the next word is not theirs. */
  booleans?: readonly string[];
  /** What an environment variable of a flag begins with: `EXTERNAL_DNS_` for kingpin's DefaultEnvars. */
  environment?: string;
  /** Whether `--no-NAME` takes a flag back, as kingpin has it. */
  negations?: boolean;
}

export interface Flags {
  /** Every value of a flag, in order; from the environment, line by line, where no argument gives one. */
  all: (name: string) => readonly string[];
  /** The last value, which wins; empty without one. */
  last: (name: string) => string;
  /** Whether a flag without value is set; `=false` and `--no-NAME` take it back. */
  isOn: (name: string) => boolean;
  /** Whether a flag is given at all, in the arguments or the environment. */
  has: (name: string) => boolean;
  /** Whether anything was told. */
  isTold: boolean;
  /** The words that belong to no flag, the program itself among them where `command` names it. */
  words: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The words that a container's program is started with, variables of its environment put in [`$(NAME)`, `$$` for a dollar]. */
export function wordsOf(container: unknown): readonly string[] {
  const { command, args } = fields(container);
  const environment = environmentOf(container);
  return [...items(command), ...items(args)].map((word) =>
    textOf(word).replace(/\$\$|\$\(([A-Za-z_.-][\w.-]*)\)/g, (whole, name: string | undefined) =>
      name === undefined ? '$' : (environment.get(name) ?? whole),
    ),
  );
}

/** The variables whose values stand in the container itself; those from elsewhere, or taken out, are not in sight. */
function environmentOf(container: unknown): ReadonlyMap<string, string> {
  const known = variablesOf(container).flatMap(({ name, value }) =>
    typeof value === 'string' ? [[textOf(name), value] as const] : [],
  );
  return new Map(known);
}

const variablesOf = (container: unknown): readonly Fields[] => items(fields(container)['env']).map(fields);

/**
 * Reads `--name=value`, `--name value`, `--name`, `-n` and with one hyphen as with two; `--` ends the flags. A word after a flag is its
 * value unless it begins with a hyphen or the flag is known to take none.
 *
 * @param container as an object holds it: what is of another shape says nothing
 */
export function flagsOf(container: unknown, rules: FlagRules = {}): Flags {
  const { booleans = [], environment: prefix, negations = false } = rules;
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const add = (name: string, value: string): void => void given.set(name, [...(given.get(name) ?? []), value]);
  const all = wordsOf(container);
  for (let at = 0; at < all.length; at += 1) {
    const word = all[at] ?? '';
    if (word === '--') {
      words.push(...all.slice(at + 1));
      break;
    }
    const [, name, value] = /^--?([A-Za-z0-9][\w.-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      words.push(word);
      continue;
    }
    const negated = negations && name.startsWith('no-') && value === undefined ? name.slice('no-'.length) : undefined;
    const next = all[at + 1];
    if (negated !== undefined) add(negated, 'false');
    else if (value !== undefined) add(name, value);
    else if (booleans.includes(name) || next === undefined || next.startsWith('-')) add(name, 'true');
    else {
      add(name, next);
      at += 1;
    }
  }
  const environment = environmentOf(container);
  const variableOf = (name: string): string | undefined =>
    prefix === undefined ? undefined : environment.get(`${prefix}${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`);
  const fromEnvironment = (name: string): readonly string[] =>
    variableOf(name)
      ?.split('\n')
      .filter((line) => line !== '') ?? [];
  const valuesOf = (name: string): readonly string[] => given.get(name) ?? fromEnvironment(name);
  const last = (name: string): string => valuesOf(name).at(-1) ?? '';
  return {
    all: valuesOf,
    last,
    isOn: (name) => valuesOf(name).length > 0 && !['false', '0', 'f', 'F', 'FALSE', 'False'].includes(last(name)),
    has: (name) => valuesOf(name).length > 0,
    isTold:
      given.size > 0 ||
      (prefix !== undefined && variablesOf(container).some(({ name }) => textOf(name).startsWith(prefix))),
    words,
  };
}
