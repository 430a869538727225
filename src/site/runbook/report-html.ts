/**
 * A runbook's report as HTML: one renderer for the recorded runs of the published site and for the live ones of the dev server,
 * so that both look the same. Pure, and every value that goes in is escaped.
 */
import { legible } from '../../runbook/legible.ts';
import { byReason, inline, objectName, outcomeWord } from '../../runbook/markdown.ts';
import { tally, type Outcome, type RunbookReport, type Verdict } from '../../runbook/report.ts';
import { componentTitle, type ComponentId } from '../../../runbooks/components.ts';
import { escapeHtml } from '../html.ts';
import { lineStripHtml } from './line-strip.ts';
import { stateIcon } from './state.ts';

/** Text in which `backquoted` parts become code. */
const prose = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');

export const commandHtml = (command: string): string =>
  `<pre class="rb-command" tabindex="0"><code>${escapeHtml(command)}</code></pre>`;

/** What else is known of the objects in evidence: their YAML, highlighted; only the dev server has it. */
export type ObjectsHtml = ReadonlyMap<string, string>;

export const objectKey = ({ kind, namespace, name }: Verdict['evidence'][number]['object']): string =>
  `${kind} ${namespace ?? ''}/${name}`;

export interface RenderOptions {
  /** What stands at the right of the tally, e.g. when and how the run was made. */
  note: string;
  objects?: ObjectsHtml;
  /** Leave out what was found by checks that passed, as recorded runs do: their titles say it, and the page stays small. */
  brief?: boolean;
  /** Level of the findings' headings. */
  heading?: 3 | 4;
}

export function reportHtml(
  found: RunbookReport,
  { note, objects = new Map(), heading = 3, brief = false }: RenderOptions,
): string {
  const runbook = legible(found);
  const having = (outcome: Outcome): readonly Verdict[] => runbook.checks.filter((check) => check.outcome === outcome);
  const failed = having('failed');
  return [
    `<div class="rb-report" data-outcome="${runbook.outcome}">`,
    `<p class="rb-tally">${tallyHtml(runbook.checks)}<span class="rb-note">${escapeHtml(note)}</span></p>`,
    lineStripHtml(runbook.checks),
    failed.length === 0 && runbook.outcome !== 'unknown' ? healthyHtml(runbook, heading) : '',
    ...failed.map((verdict) => findingHtml(verdict, 'Root cause', objects, heading)),
    ...having('warned').map((verdict) => findingHtml(verdict, 'Warning', objects, heading)),
    unknownHtml(having('unknown'), heading),
    consequencesHtml(having('blocked'), failed),
    groupHtml('passed', 'Ruled out', having('passed'), false, brief ? titleHtml : titleAndMessageHtml),
    groupHtml('skipped', 'Skipped', having('skipped'), false, brief ? titleHtml : titleAndMessageHtml),
    '</div>',
  ].join('');
}

const titleHtml = ({ title }: Verdict): string => escapeHtml(title);

const titleAndMessageHtml = ({ title, message }: Verdict): string =>
  `${escapeHtml(title)}<span class="rb-detail">${prose(message)}</span>`;

/** Which root causes a consequence follows from; said only where there are several. */
const becauseHtml = (ids: readonly string[]): string =>
  ids.length === 0
    ? ''
    : `<span class="rb-because">because of ${ids.map((id) => `<code>${escapeHtml(id)}</code>`).join(', ')}</span>`;

const words: Readonly<Record<Outcome, (count: number) => string>> = {
  failed: (count) => (count === 1 ? '1 root cause' : `${count} root causes`),
  blocked: (count) => `${count} blocked`,
  warned: (count) => (count === 1 ? '1 warning' : `${count} warnings`),
  unknown: (count) => `${count} unknown`,
  passed: (count) => `${count} passed`,
  skipped: (count) => `${count} skipped`,
};

const tallyHtml = (verdicts: readonly Verdict[]): string =>
  tally(verdicts)
    .map(
      ({ outcome, count }) =>
        `<span class="rb-count" data-state="${outcome}">${stateIcon(outcome)}${words[outcome](count)}</span>`,
    )
    .join('');

function healthyHtml({ outcome }: RunbookReport, heading: number): string {
  const text =
    outcome === 'warned'
      ? 'Nothing is broken now; what follows will break later.'
      : 'Nothing that this runbook looks at is broken.';
  return `<h${heading} class="rb-healthy">${text}</h${heading}>`;
}

function findingHtml(verdict: Verdict, kicker: string, objects: ObjectsHtml, heading: number): string {
  const { outcome, component, message, evidence, commands, remedy } = verdict;
  const yaml = [...new Map(evidence.map(({ object }) => [objectKey(object), object])).values()]
    .map((object) => ({ object, html: objects.get(objectKey(object)) }))
    .filter(({ html }) => html !== undefined);
  return [
    `<article class="rb-finding" data-state="${outcome}">`,
    `<p class="rb-kicker">${stateIcon(outcome)}${kicker}<a class="rb-component" href="/reference/components/#${escapeHtml(component)}">${escapeHtml(componentTitle(component as ComponentId))}</a></p>`,
    `<h${heading}>${prose(message)}</h${heading}>`,
    `<ul class="rb-evidence">${byObject(evidence).map(evidenceHtml).join('')}</ul>`,
    remedy === null
      ? ''
      : `<div class="rb-remedy"><p><strong>What to do.</strong> ${prose(remedy.title)}</p>${remedy.commands.map(commandHtml).join('')}<p class="rb-disturbs"><strong>Disturbs.</strong> ${prose(remedy.disturbs)}</p></div>`,
    commands.length === 0
      ? ''
      : `<details class="rb-more"><summary>See it yourself</summary>${commands.map(commandHtml).join('')}</details>`,
    ...yaml.map(
      ({ object, html }) =>
        `<details class="rb-more rb-yaml"><summary>${escapeHtml(objectName(object))} as YAML</summary>${html ?? ''}</details>`,
    ),
    '</article>',
  ].join('');
}

/** Evidence about the same object stands under its name once. */
function byObject(evidence: Verdict['evidence']): readonly (readonly [string, Verdict['evidence']])[] {
  const groups = new Map<string, Verdict['evidence']>();
  for (const piece of evidence) {
    const name = objectName(piece.object);
    groups.set(name, [...(groups.get(name) ?? []), piece]);
  }
  return [...groups];
}

const evidenceHtml = ([name, pieces]: readonly [string, Verdict['evidence']]): string =>
  `<li><strong>${escapeHtml(name)}</strong>${pieces
    .map(
      ({ path, observed, expected }) =>
        `<span class="rb-proof"><code>${escapeHtml(path)}</code> is <code class="rb-seen">${escapeHtml(inline(observed))}</code>, expected <code>${escapeHtml(inline(expected))}</code></span>`,
    )
    .join('')}</li>`;

function unknownHtml(verdicts: readonly Verdict[], heading: number): string {
  if (verdicts.length === 0) return '';
  return [
    `<section class="rb-unknown"><h${heading}>${stateIcon('unknown')}What could not be found out</h${heading}><ul>`,
    ...byReason(verdicts).map(
      ({ message, verdicts: group }) =>
        `<li>${prose(message)}<span class="rb-detail">So it is unknown whether: ${group.map(({ title }) => escapeHtml(title)).join('; ')}.</span></li>`,
    ),
    '</ul></section>',
  ].join('');
}

function groupHtml(
  outcome: Outcome,
  title: string,
  verdicts: readonly Verdict[],
  open: boolean,
  line: (verdict: Verdict) => string,
): string {
  if (verdicts.length === 0) return '';
  return [
    `<details class="rb-group" data-state="${outcome}"${open ? ' open' : ''}><summary>${stateIcon(outcome)}${title} <span class="rb-number">${verdicts.length}</span></summary><ol>`,
    ...verdicts.map((verdict) => `<li>${line(verdict)}</li>`),
    '</ol></details>',
  ].join('');
}

/** What was seen to follow from the root causes, and then what could not be looked at because of them. */
function consequencesHtml(verdicts: readonly Verdict[], failed: readonly Verdict[]): string {
  const seen = verdicts.filter(({ evidence }) => evidence.length > 0);
  const unseen = verdicts.filter(({ evidence }) => evidence.length === 0);
  const because = ({ blockedBy }: Verdict): string =>
    failed.length > 1 ? becauseHtml(blockedBy.filter((id) => failed.some((root) => root.id === id))) : '';
  return [
    groupHtml('blocked', 'Consequences', seen, true, (verdict) => prose(verdict.message) + because(verdict)),
    groupHtml(
      'blocked',
      'Not to be looked at until then',
      unseen,
      false,
      (verdict) =>
        `${escapeHtml(verdict.title)}<span class="rb-detail">${prose(verdict.message)}</span>${because(verdict)}`,
    ),
  ].join('');
}

/** One check while a run is under way: its sign, its word and what was found. */
export const progressHtml = ({ outcome, title, message }: Pick<Verdict, 'outcome' | 'title' | 'message'>): string =>
  `${stateIcon(outcome)}<span class="rb-title">${escapeHtml(title)}</span> <span class="rb-word" data-state="${outcome}">${outcomeWord[outcome]}</span>${
    outcome === 'passed' ? '' : `<span class="rb-detail">${prose(legible(message))}</span>`
  }`;
