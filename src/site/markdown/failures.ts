/**
 * What went wrong while pages were rendered.
 *
 * A Markdown plugin that throws does not fail `astro build`: an empty page ships with exit code 0. So plugins record what
 * they found here, put a visible note where the content would have been (which is what a writer sees in the dev server), and
 * the integration `fail-on-problems` ends the build with the whole list.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeHtml } from '../../formats/html.ts';

export interface Failure {
  /** Path from the project's root, with the line when it is known: `content/issues/missing-sni.md:12`. */
  where: string;
  message: string;
}

const failures = new Map<string, Failure>();

export function recordFailure(failure: Failure): void {
  failures.set(`${failure.where}\n${failure.message}`, failure);
}

export const recordedFailures = (): Failure[] => [...failures.values()];

interface Document {
  fileURL: URL | undefined;
  source: string;
}

/** A line of a Markdown document as a place that an editor can open. */
export function place({ fileURL, source }: Document, line: number): string {
  if (!fileURL) return `(unknown file):${line}`;
  const path = fileURLToPath(fileURL);
  return `${relative(process.cwd(), path)}:${linesBefore(path, source) + line}`;
}

/** Astro hands plugins a page without its frontmatter; lines are counted from where the text begins in the file. */
function linesBefore(path: string, source: string): number {
  if (!existsSync(path)) return 0;
  const file = readFileSync(path, 'utf8');
  const start = file.indexOf(source.trim());
  // What was cut out of a page leaves its lines uncounted, but for those before it.
  return start === -1
    ? (/^---\n[\s\S]*?\n---\n/.exec(file)?.[0] ?? '').split('\n').length - 1
    : file.slice(0, start).split('\n').length - source.slice(0, source.search(/\S/)).split('\n').length;
}

/** The note that stands in for content that could not be rendered. */
export const failureHtml = ({ where, message }: Failure): string =>
  `<div class="content-failure not-content" role="alert"><strong>${escapeHtml(where)}</strong><pre>${escapeHtml(message)}</pre></div>`;
