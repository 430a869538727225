/**
 * The live part of a runbook panel, in the dev server only: choose what to ask, run, and see verdicts arrive in place.
 * The published site has none of this; what it shows is in the page already.
 */
import type { Sources } from '../api/messages.ts';
import { button, element, optionGroup, paragraph } from './dom.ts';
import { practiceBar } from './practice.ts';
import { leaveOpen, runOnce, say, tellProblem } from './run.ts';
import { ask, refusalOf, silenceOf, wayIn, type Session } from './session.ts';

const sourceKey = 'runbook-source';
/** The practice cluster, as the local API calls it among the sources. */
const practice = 'practice';

export function mountPanels(session: Session): void {
  for (const panel of document.querySelectorAll<HTMLElement>('[data-runbook]')) void mountPanel(panel, session);
}

async function mountPanel(panel: HTMLElement, session: Session): Promise<void> {
  const place = panel.querySelector<HTMLElement>('[data-runbook-live]');
  const runbook = panel.dataset['runbook'];
  if (place === null || runbook === undefined) return;

  const response = await ask(session, 'sources');
  if (!response.ok) return void place.replaceChildren(paragraph('rb-problem', await refusalOf(response)));
  const sources = (await response.json()) as Sources;

  const select = choices(sources, runbook);
  const start = button('Run', 'rb-run');
  const stop = button('Stop', 'rb-stop');
  stop.hidden = true;
  const watch = button('Watch', 'rb-watch');
  watch.setAttribute('aria-pressed', 'false');
  const controls = element('form', 'rb-controls');
  const label = element('label', 'rb-choose');
  label.append('Cluster ', select);
  const fields = inputFields(place.dataset['inputs'] ?? '[]');
  controls.append(label, ...fields.map((field) => field.label), start, watch, stop);
  const who = paragraph('rb-source', '');
  const status = element('p', 'rb-status');
  status.setAttribute('role', 'status');
  const meter = paragraph('rb-meter', '');
  const result = element('div', 'rb-result');
  const bar = practiceBar({
    session,
    choices: sources.practice,
    runbook,
    onChange: () => void follow(),
    onKeep: () => void keep(),
  });
  place.replaceChildren(
    controls,
    who,
    ...(sources.withheld > 0 ? [paragraph('rb-way-in', wayIn)] : []),
    bar.element,
    status,
    meter,
    result,
  );
  const isHelpless = sources.problem !== null && !select.value.startsWith('live:');

  let current: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The practice cluster that was last looked at. */
  let seen: string | null = null;
  const isPractising = (): boolean => select.value === practice;
  const isWatching = (): boolean => watch.getAttribute('aria-pressed') === 'true';

  const once = async (): Promise<void> => {
    clearTimeout(timer);
    current?.abort();
    const mine = (current = new AbortController());
    setRunning(true);
    keepRoom(result);
    seen = bar.version();
    let isDone = false;
    try {
      isDone = await runOnce({
        session,
        runbook,
        source: select.value,
        inputs: fields.map(({ name, input }) => [`input.${name}`, input.value.trim()]),
        status,
        meter,
        result,
        signal: mine.signal,
        quiet: isWatching() && result.childElementCount > 0,
      });
    } catch (error) {
      if (mine.signal.aborted) return;
      tellProblem({ status, meter, result }, silenceOf(error));
    } finally {
      if (current === mine) setRunning(false);
    }
    if (!isWatching() || current !== mine) return;
    if (isPractising() && isDone) await follow();
    else {
      meter.append(', again in 5 s');
      timer = setTimeout(() => void once(), 5000);
    }
  };

  const setRunning = (is: boolean): void => {
    // Not disabled, or whoever pressed it by keyboard would stand nowhere.
    start.setAttribute('aria-disabled', String(is));
    stop.hidden = !is;
  };

  const isRunning = (): boolean => start.getAttribute('aria-disabled') === 'true';

  /** Leaves the run, which ends with its connection. */
  const leave = (): void => {
    current?.abort();
    current = undefined;
    clearTimeout(timer);
    setRunning(false);
  };

  /** Runs again when the practice cluster is another than the one that was looked at, one run after the other. */
  const follow = async (): Promise<void> => {
    if (isPractising() && isWatching() && !isRunning() && bar.version() !== seen) await once();
  };

  /** Turns the demo cluster that is chosen into the practice cluster. */
  const keep = async (): Promise<void> => {
    await bar.start(select.value.replace(/^demo:/, ''));
    localStorage.setItem(sourceKey, practice);
    choose(practice);
    select.focus();
  };

  const choose = (source: string): void => {
    leave();
    seen = null;
    select.value = source;
    // Who practises wants to see what comes of it; a cluster of one's own is watched when one says so.
    watch.setAttribute('aria-pressed', String(source === practice));
    watch.title = source === practice ? 'Run again whenever the cluster changes' : 'Run again every five seconds';
    result.replaceChildren();
    meter.textContent = '';
    say(status, '');
    who.textContent = detailOf(sources, source);
    bar.show(source);
    void follow();
  };

  controls.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isRunning()) void once();
  });
  start.type = 'submit';
  stop.addEventListener('click', () => {
    leave();
    watch.setAttribute('aria-pressed', 'false');
    leaveOpen(result);
    meter.textContent = 'Stopped. What was found by then stands here.';
    say(status, 'Stopped.');
    start.focus();
  });
  watch.addEventListener('click', () => {
    watch.setAttribute('aria-pressed', String(!isWatching()));
    if (isWatching()) void once();
    else clearTimeout(timer);
  });
  select.addEventListener('change', () => {
    localStorage.setItem(sourceKey, select.value);
    choose(select.value);
  });
  choose(select.value);
  if (isHelpless) {
    who.textContent = `${sources.problem?.message ?? ''} Start it with: npm start -- --kubeconfig FILE. Until then, practise on the demo cluster.`;
  }
}

/** Room for what comes, down to the end of the window, so that nothing below it moves while somebody reads. */
function keepRoom(result: HTMLElement): void {
  const { top, height } = result.getBoundingClientRect();
  result.style.minHeight = `${Math.max(height, window.innerHeight - Math.max(0, top))}px`;
}

function choices(sources: Sources, runbook: string): HTMLSelectElement {
  const select = element('select');
  const group = (label: string, options: readonly { value: string; label: string }[]): void => {
    if (options.length === 0) return;
    select.append(
      optionGroup(
        label,
        options.map(({ value, label: text }) => new Option(text, value)),
      ),
    );
  };
  group('Your clusters', sources.live);
  group('To practise on', [{ value: practice, label: 'Practice cluster' }]);
  group(
    'Demo cluster',
    sources.demo.filter((choice) => choice.runbook === null || choice.runbook === runbook),
  );
  group(
    'Demo cluster, other faults',
    sources.demo.filter((choice) => choice.runbook !== null && choice.runbook !== runbook),
  );
  const remembered = localStorage.getItem(sourceKey);
  const known = !sources.explicit && [...select.options].some(({ value }) => value === remembered);
  const preferred = known ? remembered : sources.live.find(({ current }) => current)?.value;
  select.value = preferred ?? 'demo:healthy';
  return select;
}

interface Field {
  name: string;
  label: HTMLLabelElement;
  input: HTMLInputElement;
}

/** A text field for each input that the runbook declares; what may stand in it is for the dev server to say. */
function inputFields(declared: string): readonly Field[] {
  const inputs = JSON.parse(declared) as readonly { name: string; title: string; absent: string; example: string }[];
  return inputs.map(({ name, title, absent, example }) => {
    const input = element('input', 'rb-input');
    input.type = 'text';
    input.name = name;
    input.placeholder = example;
    input.title = `Without it: ${absent}`;
    input.maxLength = 253;
    input.spellcheck = false;
    input.autocapitalize = 'none';
    const label = element('label', 'rb-choose');
    label.append(`${title} `, input);
    return { name, label, input };
  });
}

const detailOf = (sources: Sources, value: string): string =>
  sources.live.find((choice) => choice.value === value)?.detail ??
  (value === practice
    ? 'A demo cluster that stays while the dev server runs; the runbook follows what you do to it.'
    : 'The demo cluster in this dev server, asked as its read-only user; it is nobody’s.');
