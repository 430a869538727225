/**
 * The live part of a runbook panel, in the dev server only: choose what to ask, run, and see verdicts arrive in place.
 * The published site has none of this; what it shows is in the page already.
 */
import type { RunEvent, Sources } from '../api.ts';
import { button, copyButton, element, icon, optionGroup, paragraph, span } from './dom.ts';
import { practiceBar } from './practice.ts';
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
  const watch = button('Watch', 'rb-watch');
  watch.setAttribute('aria-pressed', 'false');
  const controls = element('form', 'rb-controls');
  const label = element('label', 'rb-choose');
  label.append('Cluster ', select);
  const fields = inputFields(place.dataset['inputs'] ?? '[]');
  controls.append(label, ...fields.map((field) => field.label), start, watch);
  const status = element('p', 'rb-status');
  status.setAttribute('role', 'status');
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
    ...(sources.withheld > 0 ? [paragraph('rb-way-in', wayIn)] : []),
    bar.element,
    status,
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
    start.disabled = true;
    seen = bar.version();
    try {
      await runOnce({
        session,
        runbook,
        source: select.value,
        inputs: fields.map(({ name, input }) => [`input.${name}`, input.value.trim()]),
        status,
        result,
        signal: mine.signal,
        quiet: isWatching() && result.childElementCount > 0,
      });
    } catch (error) {
      if (mine.signal.aborted) return;
      status.textContent = silenceOf(error);
    } finally {
      if (current === mine) start.disabled = false;
    }
    if (!isWatching() || current !== mine) return;
    if (isPractising()) await follow();
    else timer = setTimeout(() => void once(), 5000);
  };

  /** Runs again when the practice cluster is another than the one that was looked at, one run after the other. */
  const follow = async (): Promise<void> => {
    if (isPractising() && isWatching() && !start.disabled && bar.version() !== seen) await once();
  };

  /** Turns the demo cluster that is chosen into the practice cluster. */
  const keep = async (): Promise<void> => {
    await bar.start(select.value.replace(/^demo:/, ''));
    localStorage.setItem(sourceKey, practice);
    choose(practice);
    select.focus();
  };

  const choose = (source: string): void => {
    current?.abort();
    clearTimeout(timer);
    start.disabled = false;
    seen = null;
    select.value = source;
    // Who practises wants to see what comes of it; a cluster of one's own is watched when one says so.
    watch.setAttribute('aria-pressed', String(source === practice));
    watch.title = source === practice ? 'Run again whenever the cluster changes' : 'Run again every five seconds';
    result.replaceChildren();
    status.textContent = detailOf(sources, source);
    bar.show(source);
    void follow();
  };

  controls.addEventListener('submit', (event) => {
    event.preventDefault();
    void once();
  });
  start.type = 'submit';
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
    status.textContent = `${sources.problem?.message ?? ''} Start it with: npm start -- --kubeconfig FILE. Until then, practise on the demo cluster.`;
  }
}

interface RunOnce {
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

async function runOnce({ session, runbook, source, inputs, status, result, signal, quiet }: RunOnce): Promise<void> {
  const query = new URLSearchParams({ runbook, source });
  for (const [key, text] of inputs) if (text !== '') query.append(key, text);
  const response = await ask(session, `run?${query.toString()}`, { signal });
  if (!response.ok || response.body === null) {
    status.textContent = await refusalOf(response);
    return;
  }
  const list = element('ol', 'rb-progress');
  const stations = new Map<string, HTMLElement>();
  let left = 0;
  for await (const event of events(response.body)) {
    if (signal.aborted) return;
    switch (event.type) {
      case 'planned':
        for (const { id, title } of event.checks) {
          const station = element('li');
          station.dataset['state'] = 'waiting';
          station.append(icon('waiting'), span('rb-title', title));
          stations.set(id, station);
          list.append(station);
        }
        left = event.checks.length;
        if (quiet) break;
        result.replaceChildren(list);
        status.textContent = `${left} checks to come`;
        break;
      case 'verdict': {
        const station = stations.get(event.id);
        if (station !== undefined) {
          station.dataset['state'] = event.outcome;
          station.innerHTML = event.html;
        }
        left -= 1;
        // A watch says what came of it, not each step of each run.
        if (!quiet) status.textContent = `${left} checks to come`;
        break;
      }
      case 'finished':
        result.innerHTML = event.html;
        result.append(copyAll(event.markdown));
        addCopyButtons(result);
        colourDiagrams(event.components);
        status.textContent = `Done at ${new Date().toLocaleTimeString()}.`;
        break;
      case 'problem':
        result.innerHTML = event.html;
        status.textContent = 'The run could not start.';
        break;
    }
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
