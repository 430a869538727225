/** A run in the page: verdicts arrive in place, and then the result. */
import type { RunEvent } from '../api/messages.ts';
import { copyButton, element, icon, paragraph, span } from './dom.ts';
import { ask, refusalOf, type Session } from './session.ts';

export interface RunOnce {
  session: Session;
  runbook: string;
  source: string;
  /** Query parameters. */
  inputs: readonly (readonly [string, string])[];
  status: HTMLElement;
  result: HTMLElement;
  signal: AbortSignal;
  /** Keep the last result in place until the next is there, as a watch does. */
  quiet: boolean;
}

/** @returns whether there is a result; a status says why there is none. */
export async function runOnce(options: RunOnce): Promise<boolean> {
  const { session, runbook, source, inputs, status, signal, quiet } = options;
  const query = new URLSearchParams({ runbook, source });
  for (const [key, text] of inputs) if (text !== '') query.append(key, text);
  if (!quiet) status.textContent = 'Getting ready';
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
export function tellProblem({ status, result }: Pick<RunOnce, 'status' | 'result'>, text: string): void {
  setAside(result);
  result.prepend(paragraph('rb-problem', text));
  status.textContent = `No new result at ${new Date().toLocaleTimeString()}.`;
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

/** Shows one event after the other. */
function showing({ status, result, quiet }: RunOnce): (event: RunEvent) => 'going on' | 'ended' {
  const list = element('ol', 'rb-progress');
  const stations = new Map<string, HTMLElement>();
  let who: readonly HTMLElement[] = [];
  let left = 0;
  // A watch says what came of it, not each step of each run.
  const count = (): void => void (quiet || (status.textContent = `${left} checks to come`));
  return (event) => {
    switch (event.type) {
      case 'planned':
        who = event.who.map((line) => paragraph('rb-who', line));
        for (const { id, title } of event.checks) {
          const station = element('li');
          station.dataset['state'] = 'waiting';
          station.append(icon('waiting'), span('rb-title', title));
          stations.set(id, station);
          list.append(station);
        }
        left = event.checks.length;
        if (!quiet) result.replaceChildren(...who, list);
        count();
        return 'going on';
      case 'verdict': {
        const station = stations.get(event.id);
        if (station !== undefined) {
          station.dataset['state'] = event.outcome;
          station.innerHTML = event.html;
        }
        left -= 1;
        count();
        return 'going on';
      }
      case 'finished':
        result.innerHTML = event.html;
        result.prepend(...who);
        result.append(copyAll(event.markdown));
        addCopyButtons(result);
        colourDiagrams(event.components);
        result.dataset['at'] = new Date().toLocaleTimeString();
        status.textContent =
          event.stopped === null
            ? `Done at ${result.dataset['at']}.`
            : `Stopped, because ${event.stopped}. What had not answered by then is unknown.`;
        return 'ended';
      case 'problem':
        leaveOpen(result);
        if (stations.size === 0 || quiet) setAside(result);
        result.insertAdjacentHTML('afterbegin', event.html);
        status.textContent = stations.size === 0 ? 'The run could not start.' : 'The run ended without a result.';
        return 'ended';
    }
  };
}

/** Says of the checks that are still waited for that nobody knows any more. */
export function leaveOpen(result: HTMLElement): void {
  for (const station of result.querySelectorAll<HTMLElement>('li[data-state="waiting"]')) {
    station.dataset['state'] = 'unknown';
    station.querySelector('svg')?.replaceWith(icon('unknown'));
    const word = span('rb-word', 'not found out');
    word.dataset['state'] = 'unknown';
    station.append(' ', word);
  }
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

function addCopyButtons(root: HTMLElement): void {
  for (const command of root.querySelectorAll<HTMLElement>('.rb-command')) {
    const wrapper = element('div', 'rb-copyable');
    command.replaceWith(wrapper);
    wrapper.append(
      command,
      copyButton('Copy', () => command.textContent),
    );
  }
}

function copyAll(markdown: string): HTMLElement {
  const line = element('p', 'rb-copy-all');
  line.append(copyButton('Copy the result as Markdown', () => markdown));
  return line;
}
