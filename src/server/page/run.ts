/** A run in the page: verdicts arrive in place, and then the result. */
import type { RunEvent } from '../api/messages.ts';
import { addCopyButtons, copyButton } from '../../report/copying.ts';
import { element, icon, paragraph, span } from './dom.ts';
import { ask, refusalOf, type Session } from './session.ts';

export interface RunOnce {
  session: Session;
  runbook: string;
  source: string;
  /** Query parameters. */
  inputs: readonly (readonly [string, string])[];
  /** Spoken where a reader listens, so it holds the verdict alone. */
  status: HTMLElement;
  /** How far the run is, then when it was. */
  meter: HTMLElement;
  result: HTMLElement;
  signal: AbortSignal;
  /** Keep the last result in place until the next is there, as a watch does. */
  quiet: boolean;
}

/** @returns whether there is a result; a status says why there is none. */
export async function runOnce(options: RunOnce): Promise<boolean> {
  const { session, runbook, source, inputs, meter, signal, quiet } = options;
  const query = new URLSearchParams({ runbook, source });
  for (const [key, text] of inputs) if (text !== '') query.append(key, text);
  if (!quiet) meter.textContent = 'Getting ready';
  const response = await ask(session, `run?${query.toString()}`, { signal });
  if (!response.ok || response.body === null) {
    tellProblem(options, await refusalOf(response));
    return false;
  }
  const show = showing(options);
  for await (const event of events(response.body)) {
    if (signal.aborted) return false;
    if (show(event) === 'ended') return event.type === 'finished';
  }
  tellProblem(options, 'The dev server ended before the run did. Is it still running?');
  return false;
}

/** Says why there is no result, in place of the one before: that one is of another time, and stands folded below with it. */
export function tellProblem(
  { status, meter, result }: Pick<RunOnce, 'status' | 'meter' | 'result'>,
  text: string,
): void {
  setAside(result);
  const problem = paragraph('rb-problem', text);
  problem.setAttribute('role', 'alert');
  result.prepend(problem);
  meter.textContent = `No new result at ${new Date().toLocaleTimeString()}`;
  say(status, '');
}

/** Folds away what was found before, with when that was; progress that came to nothing goes. */
function setAside(result: HTMLElement): void {
  const { at } = result.dataset;
  if (result.querySelector(':scope > .rb-report') === null) {
    const before = result.querySelector(':scope > .rb-earlier');
    return result.replaceChildren(...(before === null ? [] : [before]));
  }
  const earlier = element('details', 'rb-earlier');
  const summary = element('summary');
  summary.textContent = `What was found before, at ${at ?? 'an earlier time'}`;
  earlier.append(summary, ...result.childNodes);
  result.replaceChildren(earlier);
  colourDiagrams({});
}

/** Shows one event after the other: a count of what is left, what is not well as it comes, and the result in place of it. */
function showing({ status, meter, result, quiet }: RunOnce): (event: RunEvent) => 'going on' | 'ended' {
  const list = element('ol', 'rb-progress');
  let who: readonly HTMLElement[] = [];
  let [all, left] = [0, 0];
  const count = (): void => {
    if (!quiet) meter.replaceChildren(bar(all, all - left), `${left} checks left`);
    result.dataset['left'] = String(left);
  };
  return (event) => {
    switch (event.type) {
      case 'planned':
        who = event.who.map((line) => paragraph('rb-who', line));
        all = left = event.checks.length;
        if (!quiet) result.replaceChildren(...who, list);
        count();
        return 'going on';
      case 'verdict': {
        left -= 1;
        count();
        if (worthShowing.has(event.outcome)) list.append(station(event.outcome, event.html));
        return 'going on';
      }
      case 'finished': {
        result.innerHTML = event.html;
        result.prepend(...who);
        result.append(copyAll(event.markdown));
        addCopyButtons(result);
        colourDiagrams(event.components);
        const at = (result.dataset['at'] = new Date().toLocaleTimeString());
        meter.textContent =
          event.stopped === null
            ? `As of ${at}`
            : `Stopped at ${at}, because ${event.stopped}. What had not answered by then is unknown.`;
        say(status, event.spoken);
        return 'ended';
      }
      case 'problem':
        leaveOpen(result);
        meter.replaceChildren();
        if (all === 0 || quiet) setAside(result);
        result.insertAdjacentHTML('afterbegin', event.html);
        say(status, all === 0 ? 'The run could not start.' : 'The run ended without a result.');
        return 'ended';
    }
  };
}

/** While a run goes on, what is well is a number. */
const worthShowing: ReadonlySet<string> = new Set(['failed', 'warned', 'unknown']);

function station(outcome: string, html: string): HTMLLIElement {
  const item = element('li');
  item.dataset['state'] = outcome;
  item.innerHTML = html;
  return item;
}

function bar(all: number, done: number): HTMLProgressElement {
  const progress = element('progress');
  progress.max = all;
  progress.value = done;
  progress.setAttribute('aria-label', 'Checks done');
  return progress;
}

/** Says something once: the same again, as of each run of a watch, would be spoken again. */
export function say(status: HTMLElement, text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

/** Says of the checks that are still waited for that nobody knows any more. */
export function leaveOpen(result: HTMLElement): void {
  const left = Number(result.dataset['left'] ?? 0);
  const list = result.querySelector(':scope > .rb-progress');
  if (left === 0 || list === null) return;
  list.append(station('unknown', ''));
  list.lastElementChild?.append(icon('unknown'), span('rb-title', `${left} checks were not finished`));
  result.dataset['left'] = '0';
}

/** The objects that arrive as lines of JSON. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as RunEvent;
  }
}

/** Marks the components at fault in the page's diagrams, by word as well as colour. */
function colourDiagrams(components: Readonly<Record<string, string>>): void {
  for (const node of document.querySelectorAll<SVGElement>('[data-node]')) {
    const state = components[node.dataset['node'] ?? ''];
    if (state === undefined) node.removeAttribute('data-state');
    else node.setAttribute('data-state', state);
  }
}

function copyAll(markdown: string): HTMLElement {
  const line = element('p', 'rb-copy-all');
  line.append(copyButton('Copy the result as Markdown', () => markdown));
  return line;
}
