/**
 * The date of a page's last change, from one `git log` over all pages.
 *
 * In a shallow clone the oldest commit at hand looks as if it had written every file; its dates would be false, so git's own mark for such
 * a commit (`grafted`) ends the reading. Without git, or outside a repository, pages have no date.
 */
import { execFileSync } from 'node:child_process';
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';

let dates: Map<string, Date> | undefined;

export const onRequest = defineRouteMiddleware(({ locals }) => {
  dates ??= readDates(gitLog());
  locals.starlightRoute.lastUpdated ??= dates.get(locals.starlightRoute.entry.filePath);
});

function gitLog(): string {
  try {
    return execFileSync('git', ['log', '--relative', '--name-only', '--format=commit %ct %D', '--', 'content'], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

/** Newest first, so the first commit that names a file is its last change. */
export function readDates(log: string): Map<string, Date> {
  const found = new Map<string, Date>();
  let date: Date | undefined;
  for (const line of log.split('\n')) {
    const commit = /^commit (\d+) ?(.*)$/.exec(line);
    if (commit) {
      if (commit[2]?.split(', ').includes('grafted')) break;
      date = new Date(Number(commit[1]) * 1000);
    } else if (line !== '' && date && !found.has(line)) found.set(line, date);
  }
  return found;
}
