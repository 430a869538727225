/**
 * A report as Markdown, to be pasted into a chat or an issue: the answer first, then what to do, the proof, and what is fine.
 */
import { legible } from '../runbook/legible.ts';
import { worst, type Finding, type Report, type RunbookReport, type Verdict } from '../runbook/report.ts';
import {
  changeText,
  counted,
  inline,
  objectName,
  outcomeSign,
  outcomeWord,
  outlineOf,
  placeText,
  sourceText,
  tallyText,
} from './words.ts';

/** Text from a cluster in a line of Markdown: one line, and nothing in it is markup. */
const plainText = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\`*<[\]]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));

/** A value in code: fenced by more backticks than it holds. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/** @param who Who asked whom, in sentences. */
export function toMarkdown(found: Report, who: readonly string[] = []): string {
  const report = legible(found);
  const outcome = worst(report.runbooks.map((runbook) => runbook.outcome));
  const { rootCauses, warnings, unknown, consequences, unseen, passed, skipped } = outlineOf(report.checks);
  return [
    ...who.map((line) => `*${plainText(legible(line))}*`),
    `*${plainText(sourceText(report))}; ${counted(report.requests, 'request')}, ${report.startedAt}; ${outcomeWord[outcome]}*`,
    ...(report.notice === undefined ? [] : [`**Notice:** ${plainText(report.notice.message)}`]),
    title(report.runbooks),
    `${tallyText(report.checks)}.`,
    ...rootCauses.map((one) => finding('Root cause', one)),
    ...warnings.map((one) => finding('Warning', one)),
    ...section('Consequences', consequences, ({ finding: { message }, verdict }) => because(message, verdict)),
    ...section('Not to be looked at until then', unseen, (verdict) =>
      because(`${verdict.title}: ${verdict.message}`, verdict),
    ),
    ...section(
      'Unknown',
      unknown,
      ({ message, verdicts }) =>
        `- ${outcomeSign.unknown} ${plainText(message)} (${verdicts.map(({ id }) => `\`${id}\``).join(', ')})`,
    ),
    ...section('Ruled out', passed, (verdict) => `- ${outcomeSign.passed} ${verdict.title}`),
    ...section(
      'Skipped',
      skipped,
      (verdict) => `- ${outcomeSign.skipped} ${verdict.title}: ${plainText(verdict.message)}`,
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The runbook's title; of several, how each of them ended. */
function title(runbooks: readonly RunbookReport[]): string {
  const [only, ...others] = runbooks;
  if (only !== undefined && others.length === 0) return `## ${only.title}`;
  return [
    `## ${runbooks.length} runbooks\n`,
    ...runbooks.map((runbook) => `- ${outcomeSign[runbook.outcome]} ${runbook.title}`),
  ].join('\n');
}

const because = (text: string, { blockedBy }: Verdict): string =>
  `- ${outcomeSign.blocked} ${plainText(text)} (because of ${blockedBy.map((id) => `\`${id}\``).join(', ')})`;

function finding(kind: string, { id, headline, message, quote, evidence, commands, remedies }: Finding): string {
  return [
    `### ${kind}: ${plainText(headline)}`,
    `\`${id}\``,
    plainText(message),
    ...(quote === null ? [] : [`> ${plainText(quote.text)}\n>\n> (${plainText(quote.by)})`]),
    evidence.map(proof).join('\n'),
    ...(commands.length === 0 ? [] : [`To see it:${block(commands)}`]),
    ...remedies.map((remedy, index) => way(remedy, index)),
  ].join('\n\n');
}

const block = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n\n\`\`\`bash\n${lines.join('\n')}\n\`\`\``;

const proof = (piece: Finding['evidence'][number]): string =>
  `- ${plainText(objectName(piece.object))}: ${code(piece.path)} is ${code(inline(piece.observed))}, expected ${code(inline(piece.expected))}${piece.source === null ? '' : ` (${code(placeText(piece))})`}`;

const way = ({ title: what, change, commands, disturbs }: Finding['remedies'][number], index: number): string =>
  [
    `**${index === 0 ? 'What to do' : 'Or'}:** ${plainText(what)}${change === null ? '' : ` In Git: ${code(changeText(change))}.`}${block(commands)}`,
    `**Disturbs:** ${plainText(disturbs)}`,
  ].join('\n\n');

function section<T>(heading: string, items: readonly T[], line: (item: T) => string): readonly string[] {
  return items.length === 0 ? [] : [`### ${heading}`, items.map(line).join('\n')];
}
