/**
 * The practice bar of a runbook panel: break the practice cluster, by choice or by surprise, lead kubectl to it, do what kubectl cannot,
 * and make trouble on the way. It asks every second whether the cluster has changed, so that the panel follows what is done in a terminal.
 */
import type { PracticeChoices, PracticeState } from '../api/messages.ts';
import { copyButton } from '../../report/copying.ts';
import { button, element, icon, optionGroup, span } from './dom.ts';
import { ask, refusalOf, silenceOf, type Session } from './session.ts';

export interface PracticeOptions {
  session: Session;
  choices: PracticeChoices;
  /** The runbook of the panel. */
  runbook: string;
  /** Called whenever the cluster is another than it was. */
  onChange: (version: string) => void;
  /** Called when somebody wants to keep the demo cluster that is chosen. */
  onKeep: () => void;
}

export interface PracticeBar {
  element: HTMLElement;
  /** Shows the whole bar for the practice cluster, the way to it for another demo cluster, and nothing for a cluster of one's own. */
  show: (source: string) => void;
  /** Starts the practice cluster over with a scenario of the demo. */
  start: (scenario: string) => Promise<void>;
  version: () => string | null;
}

const beatMs = 1000;
const healthy = 'healthy';

export function practiceBar({ session, choices, runbook, onChange, onKeep }: PracticeOptions): PracticeBar {
  let state: PracticeState = { version: null, broken: null, trouble: null, command: null };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;
  let isBusy = false;

  const faults = faultSelect(choices, runbook);
  const breakIt = button('Break it', 'rb-break');
  breakIt.type = 'submit';
  const surprise = button('Surprise me', '');
  surprise.title = 'Break something without saying what';
  const reset = button('Reset', '');
  reset.title = 'Start over, with nothing broken';
  const faultForm = element('form', 'rb-practice-row');
  faultForm.append(labelled('Fault', faults), breakIt, surprise, reset);

  const said = element('p', 'rb-practice-said');
  said.setAttribute('aria-live', 'polite');
  const reveal = button('Reveal it', '');
  const news = element('div', 'rb-practice-row');
  news.append(said, reveal);

  const command = element('code');
  const commandLine = element('pre', 'rb-command');
  commandLine.tabIndex = 0;
  commandLine.append(command);
  const copyable = element('div', 'rb-copyable');
  copyable.append(
    commandLine,
    copyButton('Copy', () => command.textContent),
  );
  const inTerminal = row('In your terminal', copyable);

  const deed = element('p', 'rb-practice-deed');
  const mend = button('Do that', '');
  const outsideRow = element('div', 'rb-practice-row');
  outsideRow.append(deed, mend);
  const outside = row('What no kubectl command can mend here', outsideRow);

  const trouble = element('select');
  trouble.append(new Option('None', ''), ...choices.troubles.map(({ kind, title }) => new Option(title, kind)));
  const onTheWay = element('div', 'rb-practice-row');
  onTheWay.append(labelled('Trouble on the way to the cluster', trouble));

  const full = element('div', 'rb-practice-full');
  full.append(faultForm, news, inTerminal, outside, onTheWay);
  const keep = button('Practise on this cluster, with kubectl', 'rb-keep');
  const bar = element('section', 'rb-practice');
  bar.setAttribute('aria-label', 'Practise');
  bar.append(keep, full);

  const render = (): void => {
    const { broken } = state;
    const text = tell(state, choices, runbook);
    // A live region reads out what is put there, so only news is.
    if (said.dataset['text'] !== text.text) {
      said.dataset['text'] = text.text;
      said.replaceChildren(...(text.isWell === true ? [icon('passed'), ' '] : []), text.text, ...text.more);
    }
    reveal.hidden = broken !== 'secret';
    if (command.textContent !== (state.command ?? '')) command.textContent = state.command ?? '';
    inTerminal.hidden = state.command === null;
    const known = broken === 'secret' ? null : broken;
    outside.hidden = known?.mend == null || known.isWell;
    deed.textContent = known?.mend ?? '';
    mend.disabled = isBusy || known?.isMended === true;
    mend.textContent = known?.isMended === true ? 'Done' : 'Do that';
    if (document.activeElement !== trouble) trouble.value = state.trouble ?? '';
    for (const control of [breakIt, surprise, reset]) control.disabled = isBusy;
  };

  const take = (next: PracticeState): void => {
    const isOther = next.version !== null && next.version !== state.version;
    state = next;
    render();
    if (isOther && next.version !== null) onChange(next.version);
  };

  const receive = async (response: Response): Promise<void> => {
    if (response.ok) take((await response.json()) as PracticeState);
    else said.textContent = await refusalOf(response);
  };

  const act = async (path: string): Promise<void> => {
    isBusy = true;
    render();
    try {
      await receive(await ask(session, `practice/${path}`, { method: 'POST' }));
    } catch (error) {
      said.textContent = silenceOf(error);
    } finally {
      isBusy = false;
      render();
    }
  };

  const look = async (): Promise<void> => {
    clearTimeout(timer);
    if (!isOpen) return;
    // A page that nobody sees need not know.
    if (!isBusy && !document.hidden) {
      try {
        await receive(await ask(session, 'practice'));
        if (state.version === null) await act('reset');
      } catch (error) {
        said.textContent = silenceOf(error);
      }
    }
    timer = setTimeout(() => void look(), beatMs);
  };

  faultForm.addEventListener('submit', (event) => {
    event.preventDefault();
    void act(`break?fault=${encodeURIComponent(faults.value)}`);
  });
  surprise.addEventListener('click', () => void act('surprise'));
  reset.addEventListener('click', () => void act('reset'));
  reveal.addEventListener('click', () => void act('reveal').then(() => faults.focus()));
  mend.addEventListener('click', () => void act('mend'));
  trouble.addEventListener('change', () => void act(`trouble?kind=${encodeURIComponent(trouble.value)}`));
  keep.addEventListener('click', () => onKeep());
  render();

  return {
    element: bar,
    version: () => state.version,
    start: (scenario) => act(scenario === healthy ? 'reset' : `break?fault=${encodeURIComponent(scenario)}`),
    show: (source) => {
      isOpen = source === 'practice';
      bar.hidden = source.startsWith('live:');
      full.hidden = !isOpen;
      keep.hidden = isOpen;
      void look();
    },
  };
}

/** What is the matter with the cluster, in a sentence, and where to read about it. */
function tell(
  { version, broken }: PracticeState,
  { faults }: PracticeChoices,
  runbook: string,
): { text: string; more: readonly Node[]; isWell?: boolean } {
  if (version === null) return { text: 'The practice cluster is starting.', more: [] };
  if (broken === null)
    return { text: 'Nothing is broken. Break something, find it, and mend it with kubectl.', more: [] };
  if (broken === 'secret') {
    return { text: 'Something is broken. It may be about another page than this one.', more: [] };
  }
  if (broken.isWell) {
    const text = `Mended: ${broken.title}. Its runbook has found nothing wrong. Break something else, or press Reset.`;
    return { text, more: [], isWell: true };
  }
  const text = `Broken: ${broken.title}.`;
  const about = faults.find((group) => group.runbook === broken.runbook);
  if (about === undefined || about.runbook === runbook) return { text, more: [] };
  const link = element('a');
  link.href = about.page;
  link.textContent = about.title;
  return { text, more: [' It is about ', link, '.'].map((part) => (typeof part === 'string' ? new Text(part) : part)) };
}

/** Every fault, those of the page's own runbook first. */
function faultSelect({ faults }: PracticeChoices, runbook: string): HTMLSelectElement {
  const select = element('select');
  const own = faults.filter((group) => group.runbook === runbook);
  const others = faults.filter((group) => group.runbook !== runbook);
  for (const { title, faults: entries } of [...own, ...others]) {
    if (entries.length === 0) continue;
    select.append(
      optionGroup(
        title,
        entries.map((fault) => new Option(fault.title, fault.id)),
      ),
    );
  }
  return select;
}

function labelled(text: string, control: HTMLElement): HTMLLabelElement {
  const label = element('label', 'rb-choose');
  label.append(`${text} `, control);
  return label;
}

function row(title: string, content: HTMLElement): HTMLElement {
  const created = element('div', 'rb-practice-part');
  created.append(span('rb-practice-label', title), content);
  return created;
}
