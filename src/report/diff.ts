/** Two reports beside one another, for people: what a change introduces, and what it fixes. */
import { diffExitCode, type Diff } from '../runbook/diff.ts';
import { legible } from '../runbook/legible.ts';
import type { Finding } from '../runbook/report.ts';
import { acceptedLine, findingsTable, placedLine, type LinkOf } from './markdown.ts';
import type { Paint } from './paint.ts';
import type { SarifItem } from './sarif.ts';
import { outcomeColor, wrap } from './style.ts';
import { acceptedText, findingText } from './text.ts';
import { byPlace, isAccepted, outcomeSign, placeText, sourceOf, sourceText } from './words.ts';

/** What is to be told of a comparison: what is introduced and counts, apart from what is accepted. */
function outlineOf(found: Diff) {
  const { introduced, fixed, unclear, unchanged } = found;
  const counting = byPlace(introduced.filter(({ accepted }) => accepted === null));
  return {
    failed: counting.filter(({ outcome }) => outcome === 'failed'),
    warned: counting.filter(({ outcome }) => outcome === 'warned'),
    accepted: byPlace(introduced).filter(isAccepted),
    fixed: byPlace(fixed),
    unclear: byPlace(unclear),
    unchanged: unchanged.length,
  };
}

export function diffText(compared: Diff, { paint, verbose }: { paint: Paint; verbose: boolean }): string {
  const diff = legible(compared);
  const { failed, warned, accepted, fixed, unclear } = outlineOf(diff);
  const line = (sign: string, word: string, one: Finding): string =>
    [`${sign} ${word}  ${titleOf(one)}`, `  ${paint.dim(one.id)}`].join('\n');
  return [
    paint.dim((['old', 'new'] as const).map((side) => wrap(sideText(side, diff), 80)).join('\n')),
    ...[...failed, ...warned].map((one) => findingText('INTRODUCED', one, { paint, verbose })),
    ...accepted.map((one) => acceptedText(one, paint)),
    ...fixed.map((one) => line(outcomeColor(paint, 'passed')(outcomeSign.passed), 'FIXED', one)),
    ...unclear.map((one) => line(outcomeColor(paint, 'unknown')(outcomeSign.unknown), 'NO LONGER KNOWN', one)),
    ...(verbose ? byPlace(diff.unchanged).map((one) => line(paint.dim(outcomeSign.skipped), 'UNCHANGED', one)) : []),
    closing(diff, paint),
  ].join('\n\n');
}

const titleOf = (one: Finding): string => {
  const source = sourceOf(one);
  return source === null ? one.headline : `${placeText({ source })}\n  ${one.headline}`;
};

const sideText = (side: 'old' | 'new', diff: Diff): string =>
  `${side}: ${sourceText(diff[side])}, ${diff[side].startedAt}`;

function closing(diff: Diff, paint: Paint): string {
  const code = diffExitCode(diff);
  return `${outcomeColor(paint, code === 1 ? 'failed' : 'passed')(diffSummary(diff))} ${paint.dim(`(exit code ${code})`)}`;
}

/** How many of each, in words: `2 introduced (1 failed, 1 only warns), 3 fixed, 40 unchanged`. */
export function diffSummary(diff: Diff): string {
  const { failed, warned, accepted, fixed, unclear, unchanged } = outlineOf(diff);
  const introduced = failed.length + warned.length;
  return [
    `${introduced} introduced${introduced === 0 ? '' : ` (${failed.length} failed, ${warned.length} only ${warned.length === 1 ? 'warns' : 'warn'})`}`,
    ...(accepted.length === 0 ? [] : [`${accepted.length} introduced and accepted`]),
    `${fixed.length} fixed`,
    ...(unclear.length === 0 ? [] : [`${unclear.length} no longer known`]),
    `${unchanged} unchanged`,
  ].join(', ');
}

export function diffMarkdown(compared: Diff, { linkOf = () => undefined }: { linkOf?: LinkOf } = {}): string {
  const diff = legible(compared);
  const { failed, warned, accepted, fixed, unclear } = outlineOf(diff);
  const list = <T extends Finding>(title: string, found: readonly T[], line: (one: T) => string): readonly string[] =>
    found.length === 0 ? [] : [`### ${title}`, found.map(line).join('\n')];
  const introduced = [...failed, ...warned];
  return [
    `**${diffSummary(diff)}.**`,
    ...(introduced.length === 0 ? [] : ['### Introduced', findingsTable(introduced, linkOf)]),
    ...list('Introduced and accepted', accepted, acceptedLine),
    // What is gone stands in no file of the newer side: no link would lead there.
    ...list('Fixed', fixed, (one) => placedLine(outcomeSign.passed, one)),
    ...list('No longer known', unclear, (one) => placedLine(outcomeSign.unknown, one)),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What both sides find and what each finds alone, for SARIF. */
export const diffItems = ({ introduced, fixed, unchanged, unclear }: Diff): readonly SarifItem[] => [
  ...introduced.map((finding) => ({ finding, baselineState: 'new' as const })),
  ...unchanged.map((finding) => ({ finding, baselineState: 'unchanged' as const })),
  ...[...fixed, ...unclear].map((finding) => ({ finding, baselineState: 'absent' as const })),
];
