/**
 * What changed on which page and when, from one `git log` over all pages: dates of pages, of the sitemap and of the feed.
 *
 * In a shallow clone the oldest commit at hand looks as if it had written every file; its dates would be false, so git's own mark for such
 * a commit (`grafted`) ends the reading. Without git, or outside a repository, there is no history.
 */
import { execFileSync } from 'node:child_process';

export interface Change {
  /** Path from the project's root. */
  file: string;
  kind: 'added' | 'updated' | 'removed';
  date: Date;
  /** The full hash of the commit. */
  commit: string;
  /** The first line of its message. */
  subject: string;
}

let known: readonly Change[] | undefined;

/** Newest first; read once a process. */
export const history = (): readonly Change[] => (known ??= readHistory(gitLog()));

export const lastChange = (file: string, changes = history()): Change | undefined =>
  changes.find((change) => change.file === file);

/** The change that brought a page, where the history at hand goes back that far. */
export const firstChange = (file: string, changes = history()): Change | undefined =>
  changes.findLast((change) => change.file === file && change.kind === 'added');

/** The page's file by its id, as the content collection names pages. */
export const fileOfPage = (id: string): string => `content/${id === '' ? 'index' : id}.md`;

const FORMAT = ['commit', '%H', '%ct', '%D', '%s'].join('%x09');

function gitLog(): string {
  try {
    return execFileSync(
      'git',
      ['-c', 'core.quotePath=false', 'log', '--relative', '--no-renames', '--name-status', `--format=${FORMAT}`].concat(
        '--',
        'content',
      ),
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
    );
  } catch {
    return '';
  }
}

const KINDS: Readonly<Record<string, Change['kind']>> = { A: 'added', D: 'removed' };

/** Pure, for its test: the changes that a log tells, in its order. */
export function readHistory(log: string): readonly Change[] {
  const changes: Change[] = [];
  let commit: Pick<Change, 'commit' | 'date' | 'subject'> | undefined;
  for (const line of log.split('\n')) {
    const [first = '', second = '', seconds = '', references = '', ...subject] = line.split('\t');
    if (first === 'commit') {
      if (references.split(', ').includes('grafted')) break;
      commit = { commit: second, date: new Date(Number(seconds) * 1000), subject: subject.join('\t') };
    } else if (commit && second !== '') {
      changes.push({ file: second, kind: KINDS[first] ?? 'updated', ...commit });
    }
  }
  return changes;
}
