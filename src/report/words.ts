/** What every face of a report says with the same words and signs. */
import { needsCluster } from '../runbook/fact.ts';
import { objectName } from '../runbook/judgement.ts';
import { tally, type Finding, type Outcome, type Report, type Verdict } from '../runbook/report.ts';

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

/** A number of things, each called by its singular: `1 request`, `2 requests`. */
export const counted = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

/** A value of an object in a line of text: strings, and lists of them, as they are; the rest as JSON. */
export function inline(value: unknown): string {
  if (value === null || value === undefined) return 'absent';
  if (typeof value === 'string') return value;
  const isPlain = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
  return isPlain ? value.join(', ') : JSON.stringify(value);
}

type Source = NonNullable<Finding['evidence'][number]['source']>;

/** Where evidence stands in Git: `apps/x/route.yaml:12:7`. */
export const placeText = ({ source }: { source: Source | null }): string =>
  source === null ? '' : `${source.file}:${source.line}:${source.column}`;

/** Where a finding stands in Git, by the first evidence of which that is known: the object at fault before others. */
export const sourceOf = ({ evidence }: Finding): Source | null =>
  evidence.map(({ source }) => source).find((source) => source !== null) ?? null;

/** A finding in sentences, for where its proof finds no room: what was seen, in whose words, and what to do. */
export const sentencesOf = ({ message, quote, remedies }: Finding): readonly string[] => [
  message,
  ...(quote === null ? [] : [quoteText(quote)]),
  ...remedies.slice(0, 1).map(({ title }) => `What to do: ${title}`),
];

/** Somebody's words, and whose they are. */
export const quoteText = ({ text, by }: NonNullable<Finding['quote']>): string => `“${text}” (${by})`;

/** Whether its place, its sentence and what to do say all of a finding. */
export const isPlain = (found: Finding): boolean =>
  sourceOf(found) !== null &&
  found.quote === null &&
  found.evidence.length === 1 &&
  found.remedies.every(({ change }) => change === null) &&
  found.remedies.length < 2;

/** What stands in no file first, in its own order, then the rest as one goes through files. */
export function byPlace(found: readonly Finding[]): readonly Finding[] {
  const placed = found.flatMap((one) => {
    const source = sourceOf(one);
    return source === null ? [] : [{ one, source }];
  });
  placed.sort(({ source: a }, { source: b }) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
  return [...found.filter((one) => sourceOf(one) === null), ...placed.map(({ one }) => one)];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What to change in Git, in a line: `HTTPRoute a/b, spec.hostnames[0]: a.example.org`. */
export const changeText = ({ object, path, to }: NonNullable<Finding['remedies'][number]['change']>): string =>
  `${objectName(object)}, ${path}: ${to === null ? 'take it out' : inline(to)}`;

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
  return [...groups].map(([reason, group]) => ({ reason, message: group[0]?.message ?? '', verdicts: group }));
}

/** What only a cluster can tell, in one sentence for the whole run. */
export const onlyClusterText = ({ onlyCluster }: Outline, { checks }: Report): string =>
  `Only a cluster can tell ${onlyCluster.length} of ${checks.length} checks: run them there, without --manifests.`;

/** Where the facts come from, in a few words. */
export function sourceText({ cluster }: Pick<Report, 'cluster'>): string {
  const name = {
    live: `cluster ${cluster.context}`,
    demo: `demo cluster, ${cluster.context}`,
    snapshot: `snapshot of ${cluster.context}`,
    manifests: cluster.context,
  };
  return `${name[cluster.source]}${cluster.kubernetes === null ? '' : `, Kubernetes ${cluster.kubernetes}`}`;
}

/** The findings of some verdicts that have an outcome, and count. */
const findingsOf = (verdicts: readonly Verdict[], outcome: Finding['outcome']): readonly Finding[] =>
  byPlace(
    verdicts.flatMap(({ findings }) => findings.filter((one) => one.outcome === outcome && one.accepted === null)),
  );

/** What is found, and accepted for now; what only follows from it is not told again. */
const acceptedOf = (verdicts: readonly Verdict[]): readonly AcceptedFinding[] =>
  byPlace(verdicts.flatMap(({ findings }) => findings.filter(({ outcome }) => outcome !== 'blocked'))).filter(
    isAccepted,
  );

export type AcceptedFinding = Finding & { accepted: NonNullable<Finding['accepted']> };

export const isAccepted = (found: Finding): found is AcceptedFinding => found.accepted !== null;

/** What a report says of its root causes, its warnings, what nobody knows, and the rest, each once. */
export interface Outline {
  rootCauses: readonly Finding[];
  warnings: readonly Finding[];
  accepted: readonly AcceptedFinding[];
  unknown: ReturnType<typeof byReason>;
  /** What nobody was asked who could tell: a cluster, where only manifests are judged. */
  onlyCluster: readonly Verdict[];
  /** What was seen to follow from root causes, with the check that saw it. */
  consequences: readonly { finding: Finding; verdict: Verdict }[];
  /** What could not be looked at because of them. */
  unseen: readonly Verdict[];
  passed: readonly Verdict[];
  skipped: readonly Verdict[];
}

export function outlineOf(verdicts: readonly Verdict[]): Outline {
  const having = (outcome: Outcome): readonly Verdict[] => verdicts.filter((verdict) => verdict.outcome === outcome);
  return {
    rootCauses: findingsOf(verdicts, 'failed'),
    warnings: findingsOf(verdicts, 'warned'),
    accepted: acceptedOf(verdicts),
    unknown: byReason(having('unknown').filter(({ problem }) => !needsCluster(problem))),
    onlyCluster: having('unknown').filter(({ problem }) => needsCluster(problem)),
    consequences: verdicts.flatMap((verdict) =>
      verdict.findings
        .filter(({ outcome, accepted }) => outcome === 'blocked' && accepted === null)
        .map((finding) => ({ finding, verdict })),
    ),
    unseen: having('blocked').filter(({ findings }) => findings.length === 0),
    passed: having('passed'),
    skipped: having('skipped'),
  };
}
