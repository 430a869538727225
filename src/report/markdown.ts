/**
 * A report as Markdown, to be pasted into a chat or an issue: the answer first, then what to do, the proof, and what is fine.
 */
import { objectName } from '../runbook/judgement.ts';
import { legible } from '../runbook/legible.ts';
import { worst, type Finding, type Report, type RunbookReport, type Verdict } from '../runbook/report.ts';
import {
  byPlace,
  changeText,
  counted,
  inline,
  isPlain,
  onlyClusterText,
  outcomeSign,
  outcomeWord,
  outlineOf,
  placeText,
  sourceOf,
  sourceText,
  tallyText,
  type AcceptedFinding,
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

export interface MarkdownOptions {
  /** Who asked whom, in sentences. */
  who?: readonly string[];
  /** Where a line in Git can be seen. */
  linkOf?: LinkOf;
}

/** The address of a line in Git, where there is one. */
export type LinkOf = (source: { file: string; line: number }) => string | undefined;

export function toMarkdown(found: Report, { who = [], linkOf = () => undefined }: MarkdownOptions = {}): string {
  const report = legible(found);
  const outcome = worst(report.runbooks.map((runbook) => runbook.outcome));
  const outline = outlineOf(report.checks);
  const { rootCauses, warnings, accepted, unknown, onlyCluster, consequences, unseen, passed, skipped } = outline;
  const plain = [...rootCauses, ...warnings].filter(isPlain);
  const told = (one: Finding): boolean => !isPlain(one);
  return [
    ...who.map((line) => `*${plainText(legible(line))}*`),
    `*${plainText(sourceText(report))}; ${counted(report.requests, 'request')}, ${report.startedAt}; ${outcomeWord[outcome]}*`,
    ...(report.notice === undefined ? [] : [`**Notice:** ${plainText(report.notice.message)}`]),
    title(report.runbooks),
    `${tallyText(report.checks)}.`,
    ...(plain.length === 0 ? [] : ['### In Git', findingsTable(plain, linkOf)]),
    ...rootCauses.filter(told).map((one) => finding('Root cause', one)),
    ...warnings.filter(told).map((one) => finding('Warning', one)),
    ...section('Accepted', accepted, acceptedLine),
    ...section('Consequences', consequences, ({ finding: { message }, verdict }) => because(message, verdict)),
    ...section('Blocked until this is fixed', unseen, (verdict) =>
      because(`${verdict.title}: ${verdict.message}`, verdict),
    ),
    ...section(
      'Unknown',
      unknown,
      ({ message, verdicts }) =>
        `- ${outcomeSign.unknown} ${plainText(message)} (${verdicts.map(({ id }) => `\`${id}\``).join(', ')})`,
    ),
    ...(onlyCluster.length === 0 ? [] : [`${outcomeSign.unknown} ${plainText(onlyClusterText(outline, report))}`]),
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

/** Findings that stand in files: where, what, and what to do. */
export function findingsTable(found: readonly Finding[], linkOf: LinkOf): string {
  const rows = byPlace(found).map((one) => {
    const source = sourceOf(one);
    const place = source === null ? objectName(one.evidence[0]?.object ?? nothing) : placeText({ source });
    const link = source === null ? undefined : linkOf(source);
    const where = link === undefined ? code(place) : `[${code(place)}](${link})`;
    const what = `**${plainText(one.headline)}**<br>${plainText(one.message)}<br>\`${one.id}\``;
    return [outcomeSign[one.outcome], where, what, plainText(one.remedies[0]?.title ?? '')];
  });
  return [
    '|  | Where | What | What to do |',
    '| --- | --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n');
}

/** A finding on a line, with the place where it stood. */
export const placedLine = (sign: string, found: Finding): string => {
  const place = placeText({ source: sourceOf(found) });
  return `- ${sign} ${plainText(found.headline)} (${place === '' ? '' : `${code(place)}, `}\`${found.id}\`)`;
};

const nothing = { apiVersion: '', kind: '', name: '' };

export const acceptedLine = ({ id, headline, accepted }: AcceptedFinding): string =>
  `- ${outcomeSign.skipped} ${plainText(headline)} (\`${id}\`), until ${accepted.until}: ${plainText(accepted.reason)}`;

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
    `**Impact:** ${plainText(disturbs)}`,
  ].join('\n\n');

function section<T>(heading: string, items: readonly T[], line: (item: T) => string): readonly string[] {
  return items.length === 0 ? [] : [`### ${heading}`, items.map(line).join('\n')];
}
