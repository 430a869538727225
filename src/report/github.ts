/**
 * Findings as annotations of a pull request: the workflow commands that a runner of GitHub Actions reads from standard output. What a command
 * may not hold is escaped as GitHub's own toolkit does [actions/toolkit, core/src/command.ts].
 */
import { legible } from '../runbook/legible.ts';
import type { Finding } from '../runbook/report.ts';
import { byPlace, placeText, sentencesOf, sourceOf } from './words.ts';

/** GitHub shows as many errors of a step, and as many warnings; the rest it drops in silence. */
const mostShown = 10;

export interface GithubOptions {
  /** What is said once, of all. */
  summary: string;
  /** A path as the repository has it. */
  pathOf?: (file: string) => string;
}

/** @param found What is to be shown; what is accepted or follows from something else is left out. */
export function toGithub(found: readonly Finding[], { summary, pathOf = (file) => file }: GithubOptions): string {
  const counting = legible(found).filter(({ accepted }) => accepted === null);
  const of = (outcome: Finding['outcome']): readonly Finding[] =>
    byPlace(counting.filter((one) => one.outcome === outcome));
  const kinds = [
    ['error', of('failed')],
    ['warning', of('warned')],
  ] as const;
  const shown = kinds.flatMap(([kind, all]) => all.slice(0, mostShown).map((one) => annotation(kind, one, pathOf)));
  // No commands: the runner would count them, and show none.
  const rest = kinds.flatMap(([kind, all]) => all.slice(mostShown).map((one) => `  ${kind} ${lineOf(one)}`));
  const more =
    rest.length === 0
      ? ''
      : ` GitHub shows ${mostShown} errors and ${mostShown} warnings; the log has the other ${rest.length}.`;
  return [...shown, ...rest, command('notice', { title: 'Runbooks' }, `${legible(summary)}${more}`)].join('\n');
}

function annotation(kind: 'error' | 'warning', found: Finding, pathOf: (file: string) => string): string {
  const source = sourceOf(found);
  const place: Record<string, string | number> =
    source === null ? {} : { file: pathOf(source.file), line: source.line, col: source.column };
  return command(kind, { ...place, title: found.headline }, [...sentencesOf(found), found.id].join('\n'));
}

/** A line of the log. A runner takes `##[` for a command wherever it stands in one. */
const lineOf = (found: Finding): string =>
  [placeText({ source: sourceOf(found) }), found.headline]
    .filter((text) => text !== '')
    .join(': ')
    .replaceAll('\n', ' ')
    .replaceAll('##[', '## [');

function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const listed = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(String(value))}`);
  return `::${name} ${listed.join(',')}::${escaped(message)}`;
}

const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapedProperty = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
