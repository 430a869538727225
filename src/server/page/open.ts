/** What each page of the dev server does when it opens: comes in, if a link led to it, then brings its panels to life. */
import type { Sources } from '../api/messages.ts';
import { element } from './dom.ts';
import './open.css';
import { mountPanels } from './panel.ts';
import { ask, exchange, hasKey, takeSecret, wayIn, type Session } from './session.ts';

export async function open(path: string): Promise<void> {
  const session = { path };
  await untilSeen();
  takeSecret();
  const problem = await exchange(session);
  mountPanels(session);
  // Links lead to the first page, which has no panel that would show what came of it.
  if (problem !== undefined || (location.pathname === '/' && hasKey())) await tell(session, problem);
}

/** A browser may open a page before anybody asked for it, and throw it away; the secret works only once. */
async function untilSeen(): Promise<void> {
  const { prerendering } = document as { prerendering?: boolean };
  if (prerendering === true)
    await new Promise((resolve) => document.addEventListener('prerenderingchange', resolve, { once: true }));
}

/** @param problem Why a link was not accepted; it does not matter to a browser that is in already. */
async function tell(session: Session, problem: string | undefined): Promise<void> {
  const response = await ask(session, 'sources').catch(() => undefined);
  const { live, withheld } = response?.ok === true ? ((await response.json()) as Sources) : { live: [], withheld: 1 };
  const [only, another] = live;
  if (only !== undefined) {
    const contexts = another === undefined ? `the context ${only.label}` : `the ${live.length} contexts`;
    return say(`This browser may ask your clusters: each runbook now lists ${contexts} of your kubeconfig.`, 'passed');
  }
  if (withheld > 0) say(problem ?? wayIn, 'failed');
}

function say(text: string, state: 'passed' | 'failed'): void {
  const note = element('p', 'entry-note');
  note.setAttribute('role', state === 'failed' ? 'alert' : 'status');
  note.dataset['state'] = state;
  note.textContent = text;
  document.querySelector('main')?.prepend(note);
}
