/**
 * Which commit the site is built from. It is the same however often that commit is built, so a build says nothing of when or where it ran.
 *
 * An image is built where there may be no `.git`: there, the environment says it (`COMMIT`, the full id, and `COMMIT_DATE`, ISO 8601).
 */
import { execFileSync } from 'node:child_process';
import { stack } from '#stack';

export interface Commit {
  /** All of it, or as much as was given. */
  id: string;
  date: Date;
  /** There are changes on top of the commit. */
  isChanged: boolean;
}

export const shortId = ({ id }: Commit): string => id.slice(0, 7);

export const commitUrl = ({ id }: Commit): string => `${stack.site.repository}/commit/${id}`;

let known: { commit: Commit | undefined } | undefined;

/** The commit of this build; undefined outside a repository when the environment does not say. */
export function currentCommit(): Commit | undefined {
  known ??= { commit: fromEnvironment(process.env) ?? fromGit() };
  return known.commit;
}

/** @throws when the environment says half of it, or what is no commit: a page would say it too. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Commit | undefined {
  const { COMMIT: id = '', COMMIT_DATE: date = '' } = env;
  if (id === '' && date === '') return undefined;
  if (!/^[0-9a-f]{7,64}$/.test(id) || Number.isNaN(Date.parse(date))) {
    throw new Error(
      `COMMIT is "${id}" and COMMIT_DATE is "${date}". Set both or none: the output of "git log -1 --format=%H" and of "git log -1 --format=%cI".`,
    );
  }
  return { id, date: new Date(date), isChanged: false };
}

function fromGit(): Commit | undefined {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const [id = '', date = ''] = git('log', '-1', '--format=%H %cI').split(' ');
    return {
      id,
      date: new Date(date),
      isChanged: git('--no-optional-locks', 'status', '--porcelain', '--untracked-files=no') !== '',
    };
  } catch {
    return undefined;
  }
}
