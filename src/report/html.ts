/**
 * A runbook's report as HTML: one renderer for the recorded runs of the published site and for the live ones of the dev server,
 * so that both look the same. Pure, and every value that goes in is escaped.
 */
import { codeHtml, escapeHtml } from '../formats/html.ts';
import { objectName } from '../runbook/judgement.ts';
import { legible } from '../runbook/legible.ts';
import { tally, type Finding, type Outcome, type RunbookResult, type Verdict } from '../runbook/report.ts';
import { stateIcon } from './state.ts';
import { byReason, counted, inline, outcomeWord, outlineOf, placeText, type AcceptedFinding } from './words.ts';

/** Text in which `backquoted` parts become code. */
const prose = (text: string): string =>
  text
    .split(/`([^`]+)`/)
    .map((piece, index) => (index % 2 === 0 ? escapeHtml(piece) : `<code>${codeHtml(piece)}</code>`))
    .join('');

/** A command to copy. */
export const commandHtml = (command: string): string =>
  `<pre class="rb-command" tabindex="0"><code>${codeHtml(command)}</code></pre>`;

/** What else is known of the objects in evidence: their YAML, highlighted; only the dev server has it. */
export type ObjectsHtml = ReadonlyMap<string, string>;

export const objectKey = ({ kind, namespace, name }: Finding['evidence'][number]['object']): string =>
  `${kind} ${namespace ?? ''}/${name}`;

export interface RenderOptions {
  /** What stands at the right of the tally, e.g. when and how the run was made. */
  note: string;
  /** What is to be known before the findings, as a sentence. */
  notice?: string;
  /** What people call a component. */
  titleOf: (component: string) => string;
  /** Where on the way of a request the verdicts lie, as HTML. */
  line?: (verdicts: readonly Verdict[]) => string;
  objects?: ObjectsHtml;
  /** Leave out what was found by checks that passed, as recorded runs do: their titles say it, and the page stays small. */
  brief?: boolean;
  /** Level of the findings' headings. */
  heading?: 3 | 4;
  /** What tells this report from others on the same page. */
  scope?: string;
}

export function reportHtml(found: RunbookResult, options: RenderOptions): string {
  const { note, heading = 3, line = () => '' } = options;
  const runbook = legible(found);
  const outline = outlineOf(runbook.checks);
  const { rootCauses, warnings, unknown, onlyCluster, consequences, unseen, passed, skipped } = outline;
  const detail = options.brief === true ? titleHtml : titleAndMessageHtml;
  return [
    `<div class="rb-report" data-outcome="${runbook.outcome}">`,
    options.notice === undefined
      ? ''
      : `<p class="rb-notice" data-state="warned">${stateIcon('warned')}<strong>Notice.</strong> ${escapeHtml(legible(options.notice))}</p>`,
    `<p class="rb-tally">${tallyHtml(runbook.checks)}${note === '' ? '' : `<span class="rb-note">${escapeHtml(note)}</span>`}</p>`,
    line(runbook.checks),
    rootCauses.length === 0 && runbook.outcome !== 'unknown' ? healthyHtml(runbook, heading) : '',
    ...rootCauses.map((one) => findingHtml(one, 'Root cause', options)),
    ...warnings.map((one) => findingHtml(one, 'Warning', options)),
    unknownHtml([...unknown, ...byReason(onlyCluster)], heading),
    groupHtml(
      'blocked',
      'Consequences',
      true,
      consequences,
      ({ finding, verdict }) => prose(finding.message) + becauseHtml(verdict, rootCauses),
    ),
    groupHtml(
      'blocked',
      'Blocked until this is fixed',
      false,
      unseen,
      (verdict) => titleAndMessageHtml(verdict) + becauseHtml(verdict, rootCauses),
    ),
    groupHtml('skipped', 'Accepted', true, outline.accepted, acceptedHtml),
    groupHtml('passed', 'Ruled out', false, passed, detail),
    groupHtml('skipped', 'Skipped', false, skipped, detail),
    '</div>',
  ].join('');
}

const titleHtml = ({ title }: Verdict): string => escapeHtml(title);

const titleAndMessageHtml = ({ title, message }: Verdict): string =>
  `${escapeHtml(title)}<span class="rb-detail">${prose(message)}</span>`;

const acceptedHtml = ({ headline, accepted }: AcceptedFinding): string =>
  `${escapeHtml(headline)}<span class="rb-detail">Until ${escapeHtml(accepted.until)}: ${escapeHtml(accepted.reason)}</span>`;

/** Which root causes a consequence follows from; said only where there are several. */
function becauseHtml({ blockedBy }: Verdict, rootCauses: readonly Finding[]): string {
  const checks = new Set(rootCauses.map(({ id }) => id.slice(0, id.indexOf('#'))));
  const ids = blockedBy.filter((id) => checks.has(id));
  return checks.size < 2 || ids.length === 0
    ? ''
    : `<span class="rb-because">because of ${ids.map((id) => `<code>${escapeHtml(id)}</code>`).join(', ')}</span>`;
}

const counts: Readonly<Record<Outcome, (count: number) => string>> = {
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
        `<span class="rb-count" data-state="${outcome}">${stateIcon(outcome)}${counts[outcome](count)}</span>`,
    )
    .join('');

/** The result in a breath, for who listens: the root causes by name, the rest as numbers. */
export function spoken(found: RunbookResult): string {
  const { checks } = legible(found);
  const { rootCauses } = outlineOf(checks);
  const rest = tally(checks)
    .filter(({ outcome }) => outcome !== 'failed')
    .map(({ outcome, count }) => counts[outcome](count))
    .join(', ');
  if (rootCauses.length === 0) {
    return `${found.outcome === 'unknown' ? 'Not everything could be checked' : 'Nothing is broken'}: ${rest}.`;
  }
  return `${counts.failed(rootCauses.length)}: ${rootCauses.map(({ headline }) => headline).join('; ')}. ${rest}.`;
}

function healthyHtml({ outcome }: RunbookResult, heading: number): string {
  const text =
    outcome === 'warned'
      ? 'Nothing is broken now; what follows will break later.'
      : 'Nothing that this runbook looks at is broken.';
  return `<h${heading} class="rb-healthy">${text}</h${heading}>`;
}

function findingHtml(found: Finding, kicker: string, options: RenderOptions): string {
  const { id, outcome, headline, message, quote, evidence, commands, page } = found;
  const { titleOf, objects = new Map<string, string>(), heading = 3 } = options;
  const component = id.slice(0, id.indexOf('/'));
  const yaml = [...new Map(evidence.map(({ object }) => [objectKey(object), object])).values()]
    .map((object) => ({ object, html: objects.get(objectKey(object)) }))
    .filter(({ html }) => html !== undefined);
  return [
    `<article class="rb-finding" data-state="${outcome}">`,
    `<p class="rb-kicker">${stateIcon(outcome)}${kicker}<a class="rb-component" href="/reference/components/#${escapeHtml(component)}">${escapeHtml(titleOf(component))}</a></p>`,
    `<h${heading}>${escapeHtml(headline)}</h${heading}>`,
    `<p class="rb-message">${prose(message)}</p>`,
    quote === null
      ? ''
      : `<figure class="rb-quote"><blockquote>${escapeHtml(quote.text)}</blockquote><figcaption>${escapeHtml(quote.by)}</figcaption></figure>`,
    `<ul class="rb-evidence">${byObject(evidence).map(evidenceHtml).join('')}</ul>`,
    waysHtml(found, options),
    `<details class="rb-more"><summary>See it yourself</summary>${commands.map(commandHtml).join('')}<p><a href="${escapeHtml(page)}">What this finding means</a></p></details>`,
    ...yaml.map(
      ({ object, html }) =>
        `<details class="rb-more rb-yaml"><summary>${escapeHtml(objectName(object))} as YAML</summary>${html ?? ''}</details>`,
    ),
    '</article>',
  ].join('');
}

/** One way to fix it: in Git, or by commands. Each is enough by itself. */
interface Way {
  label: string;
  html: string;
}

/** The ways as tabs, with no script: whichever label is chosen shows what belongs to it. */
function waysHtml(found: Finding, { scope = 'run' }: RenderOptions): string {
  const ways = named(found.remedies.flatMap((remedy) => waysOf(remedy, found)));
  const [only, another] = ways;
  if (only === undefined) return '';
  if (another === undefined) {
    return `<div class="rb-ways"><p class="rb-ways-title">How to fix it</p><div class="rb-remedy">${only.html}</div></div>`;
  }
  const name = escapeHtml(`way ${scope} ${found.id} ${found.headline}`);
  const tabs = ways.map(
    ({ label }, index) =>
      `<label class="rb-tab"><input type="radio" name="${name}"${index === 0 ? ' checked' : ''}>${escapeHtml(label)}</label>`,
  );
  const panels = ways.map(
    ({ label, html }) => `<div class="rb-remedy"><p class="rb-way">${escapeHtml(label)}</p>${html}</div>`,
  );
  return `<fieldset class="rb-ways"><legend class="rb-ways-title">How to fix it</legend>${tabs.join('')}${panels.join('')}</fieldset>`;
}

/** Ways of one name are told apart by a number. */
const named = (ways: readonly Way[]): readonly Way[] =>
  ways.map((way, index) => {
    const before = ways.slice(0, index).filter(({ label }) => label === way.label).length;
    return before === 0 ? way : { ...way, label: `${way.label}, ${before + 1}` };
  });

/** A remedy that changes a field in Git is a way there; its commands do the same to the cluster, at once and for the time being. */
function waysOf({ title, change, commands, disturbs }: Finding['remedies'][number], found: Finding): readonly Way[] {
  const [what, impact] = [
    `<p>${prose(title)}</p>`,
    `<p class="rb-disturbs"><strong>Impact.</strong> ${prose(disturbs)}</p>`,
  ];
  const [tool] = commands[0]?.split(' ') ?? [];
  const byHand = tool === undefined ? 'By hand' : `With ${tool}`;
  if (change === null) return [{ label: byHand, html: what + stepsHtml(commands) + impact }];
  // The first command makes the change on the cluster; what is to be done after it is to be done after the change in Git, too.
  const then = commands.slice(1);
  const after = then.length === 0 ? '' : `<p>Once the cluster has it:</p>${stepsHtml(then)}`;
  const inGit = { label: 'In Git', html: what + changeHtml(change, found) + after + impact };
  if (tool === undefined) return [inGit];
  const undone =
    '<p class="rb-detail">Until Git says the same, Argo CD or Flux undo it where they apply this object.</p>';
  return [inGit, { label: byHand, html: what + stepsHtml(commands) + undone + impact }];
}

const stepsHtml = (commands: readonly string[]): string =>
  commands.length < 2
    ? commands.map(commandHtml).join('')
    : `<ol class="rb-steps">${commands.map((command) => `<li>${commandHtml(command)}</li>`).join('')}</ol>`;

type Change = NonNullable<Finding['remedies'][number]['change']>;

/** The field as it is and as it has to be; what was seen there is known where it is evidence. */
function changeHtml({ object, path, to }: Change, { evidence }: Finding): string {
  const seen = evidence.find((piece) => objectKey(piece.object) === objectKey(object) && piece.path === path);
  const place = seen?.source ?? evidence.find((piece) => objectKey(piece.object) === objectKey(object))?.source ?? null;
  const lines = [
    ...(seen !== undefined && isValue(seen.observed, to)
      ? [`<del>${codeHtml(`- ${inline(seen.observed)}`)}</del>`]
      : []),
    ...(to === null ? [] : [`<ins>${codeHtml(`+ ${inline(to)}`)}</ins>`]),
  ];
  const where = place === null ? objectName(object) : `${objectName(object)}, ${placeText({ source: place })}`;
  return `<figure class="rb-change"><figcaption>${escapeHtml(where)}</figcaption><pre tabindex="0"><code>${codeHtml(path)}\n${lines.length === 0 ? 'take it out' : lines.join('\n')}</code></pre></figure>`;
}

/** Whether what was seen is what stands in the field, and not what it means: `left out, which is default`, or `namespace/name` of a name. */
const isValue = (seen: unknown, to: unknown): boolean =>
  typeof seen !== 'string'
    ? seen !== null && seen !== undefined
    : seen !== 'absent' && !/\s/.test(seen) && (!seen.includes('/') || inline(to).includes('/'));

type Pieces = Finding['evidence'];

/** Evidence about the same object stands under its name once. */
function byObject(evidence: Pieces): readonly (readonly [string, Pieces])[] {
  const groups = new Map<string, Pieces>();
  for (const piece of evidence) {
    const name = objectName(piece.object);
    groups.set(name, [...(groups.get(name) ?? []), piece]);
  }
  return [...groups];
}

const evidenceHtml = ([name, pieces]: readonly [string, Pieces]): string =>
  `<li><strong>${escapeHtml(name)}</strong>${pieces
    .map(
      (piece) =>
        `<span class="rb-proof"><code>${escapeHtml(piece.path)}</code> is <code class="rb-seen">${escapeHtml(inline(piece.observed))}</code>, expected <code>${escapeHtml(inline(piece.expected))}</code>${piece.source === null ? '' : ` <span class="rb-place">${escapeHtml(placeText(piece))}</span>`}</span>`,
    )
    .join('')}</li>`;

function unknownHtml(groups: ReturnType<typeof byReason>, heading: number): string {
  if (groups.length === 0) return '';
  return [
    `<section class="rb-unknown"><h${heading}>${stateIcon('unknown')}Could not check</h${heading}><ul>`,
    ...groups.map(({ message, verdicts: group }) => `<li>${prose(message)}${unansweredHtml(group)}</li>`),
    '</ul></section>',
  ].join('');
}

/** What a reason leaves open: a few titles as they are, many behind their number. */
function unansweredHtml(verdicts: readonly Verdict[]): string {
  const titles = verdicts.map(({ title }) => `<li>${escapeHtml(title)}</li>`).join('');
  const is = verdicts.length === 1 ? 'is' : 'are';
  return `<details class="rb-more rb-open"${verdicts.length > 3 ? '' : ' open'}><summary>${counted(verdicts.length, 'check')} ${is} not judged</summary><ul>${titles}</ul></details>`;
}

function groupHtml<T>(
  outcome: Outcome,
  title: string,
  open: boolean,
  items: readonly T[],
  line: (item: T) => string,
): string {
  if (items.length === 0) return '';
  return [
    `<details class="rb-group" data-state="${outcome}"${open ? ' open' : ''}><summary>${stateIcon(outcome)}${title} <span class="rb-number">${items.length}</span></summary><ol>`,
    ...items.map((item) => `<li>${line(item)}</li>`),
    '</ol></details>',
  ].join('');
}

/** One check while a run is under way: its sign, its word and what was found. */
export const progressHtml = ({ outcome, title, message }: Pick<Verdict, 'outcome' | 'title' | 'message'>): string =>
  `${stateIcon(outcome)}<span class="rb-title">${escapeHtml(title)}</span> <span class="rb-word" data-state="${outcome}">${outcomeWord[outcome]}</span>${
    outcome === 'passed' ? '' : `<span class="rb-detail">${prose(legible(message))}</span>`
  }`;
