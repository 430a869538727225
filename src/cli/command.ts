/** The command that somebody gave, as it can be given again. */
import type { Named } from '../../runbooks/stack-type.ts';

/** The command that was given, with a Gateway named, for somebody to paste. */
export function commandWith({ namespace, name }: Named): string {
  const [command = 'run', ...rest] = process.argv.slice(2);
  return ['npm run --silent runbook --', command, `--gateway ${namespace}/${name}`, ...rest.map(quoted)].join(' ');
}

/** A word of the command as a shell takes it for one. */
const quoted = (word: string): string =>
  /^[\w.:/@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
