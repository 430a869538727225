/**
 * The live part of a runbook panel, in the dev server only: choose what to ask, run, and see verdicts arrive in place.
 * The published site has none of this; what it shows is in the page already.
 */
import type { RunEvent, Sources } from '../api.ts';

interface Session {
  token: string;
  path: string;
}

const sourceKey = 'runbook-source';

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
  watch.title = 'Run again every five seconds';
  const controls = element('form', 'rb-controls');
  const label = element('label', 'rb-choose');
  label.append('Cluster ', select);
  const fields = inputFields(place.dataset['inputs'] ?? '[]');
  controls.append(label, ...fields.map((field) => field.label), start, watch);
  const status = element('p', 'rb-status');
  status.setAttribute('role', 'status');
  const result = element('div', 'rb-result');
  place.replaceChildren(controls, status, result);
  const isHelpless = sources.problem !== null && !select.value.startsWith('live:');
  status.textContent = isHelpless
    ? `${sources.problem?.message ?? ''} Start it with: npm start -- --kubeconfig FILE. Until then, practise on the demo cluster.`
    : detailOf(sources, select.value);

  let current: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isWatching = (): boolean => watch.getAttribute('aria-pressed') === 'true';

  const once = async (): Promise<void> => {
    clearTimeout(timer);
    current?.abort();
    const mine = (current = new AbortController());
    start.disabled = true;
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
      status.textContent = `The dev server did not answer: ${error instanceof Error ? error.message : String(error)}. Is it still running?`;
    } finally {
      if (current === mine) start.disabled = false;
    }
    if (isWatching() && current === mine) timer = setTimeout(() => void once(), 5000);
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
    current?.abort();
    clearTimeout(timer);
    start.disabled = false;
    watch.setAttribute('aria-pressed', 'false');
    localStorage.setItem(sourceKey, select.value);
    result.replaceChildren();
    status.textContent = detailOf(sources, select.value);
  });
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
  const response = await ask(session, `run?${query.toString()}`, signal);
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
          const station = element('li', '');
          station.dataset['state'] = 'waiting';
          station.append(icon('waiting'), span('rb-title', title));
          stations.set(id, station);
          list.append(station);
        }
        left = event.checks.length;
        if (!quiet) result.replaceChildren(list);
        status.textContent = `${left} checks to come`;
        break;
      case 'verdict': {
        const station = stations.get(event.id);
        if (station !== undefined) {
          station.dataset['state'] = event.outcome;
          station.innerHTML = event.html;
        }
        left -= 1;
        status.textContent = `${left} checks to come`;
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

const ask = (session: Session, path: string, signal?: AbortSignal): Promise<Response> =>
  fetch(session.path + path, {
    headers: { 'x-runbook-token': session.token },
    ...(signal === undefined ? {} : { signal }),
  });

async function refusalOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as { error?: string };
  return body.error ?? `The dev server answered ${response.status}.`;
}

function choices(sources: Sources, runbook: string): HTMLSelectElement {
  const select = element('select', '');
  const group = (label: string, options: readonly { value: string; label: string }[]): void => {
    if (options.length === 0) return;
    const group = document.createElement('optgroup');
    group.label = label;
    for (const { value, label: text } of options) group.append(new Option(text, value));
    select.append(group);
  };
  group('Your clusters', sources.live);
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
  'The demo cluster in this dev server, asked as its read-only user; it is nobody’s.';

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
    wrapper.append(command, copyButton('Copy', command.textContent));
  }
}

function copyAll(markdown: string): HTMLElement {
  const line = element('p', 'rb-copy-all');
  line.append(copyButton('Copy the result as Markdown', markdown));
  return line;
}

function copyButton(label: string, text: string): HTMLButtonElement {
  const copy = button(label, 'rb-copy');
  copy.addEventListener('click', () => {
    navigator.clipboard.writeText(text).then(
      () => (copy.textContent = 'Copied'),
      () => (copy.textContent = 'Could not copy'),
    );
    setTimeout(() => (copy.textContent = label), 2000);
  });
  return copy;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string): HTMLElementTagNameMap[K] {
  const created = document.createElement(name);
  if (className !== '') created.className = className;
  return created;
}

function button(label: string, className: string): HTMLButtonElement {
  const created = element('button', className);
  created.type = 'button';
  created.textContent = label;
  return created;
}

function span(className: string, text: string): HTMLSpanElement {
  const created = element('span', className);
  created.textContent = text;
  return created;
}

function paragraph(className: string, text: string): HTMLParagraphElement {
  const created = element('p', className);
  created.textContent = text;
  return created;
}

function icon(state: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('class', 'rb-icon');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `#rb-${state}`);
  svg.append(use);
  return svg;
}
