/**
 * A report as Markdown, to be pasted into a chat or an issue: the answer first, then what to do, the proof, and what is fine.
 */
import type { Evidence } from './check.ts';
import { needsCluster } from './fact.ts';
import { legible } from './legible.ts';
import { tally, worst, type Outcome, type Report, type RunbookReport, type Verdict } from './report.ts';

/** The word that goes with an outcome, wherever it is shown. */
export const outcomeWord: Readonly<Record<Outcome, string>> = {
  passed: 'passed',
  failed: 'failed',
  warned: 'warning',
  blocked: 'blocked',
  unknown: 'unknown',
  skipped: 'skipped',
};

/** The sign that goes with an outcome in plain text. */
export const outcomeSign: Readonly<Record<Outcome, string>> = {
  passed: '✓',
  failed: '✗',
  warned: '!',
  blocked: '⊝',
  unknown: '?',
  skipped: '–',
};

/** A value of an object in a line of text: strings, and lists of them, as they are; the rest as JSON. */
export function inline(value: unknown): string {
  if (value === null || value === undefined) return 'absent';
  if (typeof value === 'string') return value;
  const isPlain = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
  return isPlain ? value.join(', ') : JSON.stringify(value);
}

export const objectName = ({ kind, namespace, name }: Evidence['object']): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** How many checks had which outcome, in words: `1 failed, 3 blocked, 9 passed`. */
export const tallyText = (verdicts: readonly Verdict[]): string =>
  tally(verdicts)
    .map(({ outcome, count }) => `${count} ${outcome === 'warned' && count > 1 ? 'warnings' : outcomeWord[outcome]}`)
    .join(', ');

/**
 * Unknown verdicts that share a reason, together: one refusal or a dead server stands behind many, whatever each wanted to read.
 */
export function byReason(
  verdicts: readonly Verdict[],
): readonly { reason: string; message: string; verdicts: readonly Verdict[] }[] {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    // "Could not read <subject> from <server>: <reason>": the reason is what is shared.
    const colon = verdict.problem === null ? -1 : verdict.message.indexOf(': ');
    const reason = verdict.message.slice(colon + 1);
    groups.set(reason, [...(groups.get(reason) ?? []), verdict]);
  }
  return [...groups].map(([reason, group]) => ({ reason, message: sharedMessage(group), verdicts: group }));
}

/** The first of the messages; where no cluster was asked there are as many subjects as checks, and a few give the idea. */
function sharedMessage(group: readonly Verdict[]): string {
  const message = group[0]?.message ?? '';
  if (!group.every(({ problem }) => needsCluster(problem))) return message;
  const reason = message.slice(message.lastIndexOf(': '));
  const subjects = [...new Set(group.map((verdict) => verdict.message.slice(0, -reason.length)))];
  const more = subjects.length - 3;
  const listed = subjects
    .slice(0, 3)
    .map((subject, at) =>
      at === 0 ? subject : subject.replace(/^(?=What |Which |The )./, (letter) => letter.toLowerCase()),
    );
  return `${listed.join('; ')}${more > 0 ? `; and ${more} more` : ''}${reason}`;
}

/** Where the facts come from, in a few words. */
export function sourceText({ cluster }: Report): string {
  const name = {
    live: `cluster ${cluster.context}`,
    demo: `demo cluster, ${cluster.context}`,
    snapshot: `snapshot of ${cluster.context}`,
  };
  return `${name[cluster.source]}${cluster.kubernetes === null ? '' : `, Kubernetes ${cluster.kubernetes}`}`;
}

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
  return [
    ...who.map((line) => `*${plainText(legible(line))}*`),
    `*${plainText(sourceText(report))}; ${report.requests} requests, ${report.startedAt}; ${outcomeWord[outcome]}*`,
    ...report.runbooks.map(runbookMarkdown),
  ]
    .join('\n\n')
    .concat('\n');
}

function runbookMarkdown({ title, checks }: RunbookReport): string {
  const having = (outcome: Outcome): readonly Verdict[] => checks.filter((check) => check.outcome === outcome);
  return [
    `## ${title}`,
    `${tallyText(checks)}.`,
    ...having('failed').map((verdict) => finding('Root cause', verdict)),
    ...having('warned').map((verdict) => finding('Warning', verdict)),
    ...section(
      'Consequences',
      having('blocked'),
      (verdict) =>
        `- ${outcomeSign.blocked} ${plainText(verdict.message)} (because of ${verdict.blockedBy.map((id) => `\`${id}\``).join(', ')})`,
    ),
    ...section(
      'Unknown',
      byReason(having('unknown')),
      ({ message, verdicts }) =>
        `- ${outcomeSign.unknown} ${plainText(message)} (${verdicts.map(({ id }) => `\`${id}\``).join(', ')})`,
    ),
    ...section('Ruled out', having('passed'), (verdict) => `- ${outcomeSign.passed} ${verdict.title}`),
    ...section(
      'Skipped',
      having('skipped'),
      (verdict) => `- ${outcomeSign.skipped} ${verdict.title}: ${plainText(verdict.message)}`,
    ),
  ].join('\n\n');
}

function finding(kind: string, { id, message, evidence, commands, remedy }: Verdict): string {
  const block = (lines: readonly string[]): string =>
    lines.length === 0 ? '' : `\n\n\`\`\`bash\n${lines.join('\n')}\n\`\`\``;
  return [
    `### ${kind}: ${plainText(message)}`,
    `\`${id}\``,
    evidence
      .map(
        (piece) =>
          `- ${plainText(objectName(piece.object))}: ${code(piece.path)} is ${code(inline(piece.observed))}, expected ${code(inline(piece.expected))}`,
      )
      .join('\n'),
    ...(commands.length === 0 ? [] : [`To see it:${block(commands)}`]),
    ...(remedy === null
      ? []
      : [
          `**What to do:** ${plainText(remedy.title)}${block(remedy.commands)}`,
          `**Disturbs:** ${plainText(remedy.disturbs)}`,
        ]),
  ].join('\n\n');
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): readonly string[] {
  return items.length === 0 ? [] : [`### ${title}`, items.map(line).join('\n')];
}
