/** Asks the local API, as this page of this dev server. */

export interface Session {
  path: string;
}

/** The page's half of the key to a person's clusters, in the storage of this origin, which no other port can read (src/server/fence/door.ts). */
const halfKey = 'handbook-page';
/** The secret of a link and the half that shall go with it, until they are exchanged: the page may be loaded again in between. */
const pendingKey = 'handbook-link';

interface Pending {
  secret: string;
  half: string;
}

/** A header of our own, which only this origin's pages can send: `none` for a page that did not come in through the link. */
const asPage = (half = localStorage.getItem(halfKey) ?? 'none'): Record<string, string> => ({ 'x-runbook-page': half });

export const ask = (
  session: Session,
  path: string,
  { signal, method = 'GET' }: { signal?: AbortSignal; method?: 'GET' | 'POST' } = {},
): Promise<Response> =>
  fetch(session.path + path, { method, headers: asPage(), ...(signal === undefined ? {} : { signal }) });

/** Whether this page came in through a link, now or earlier. */
export const hasKey = (): boolean => localStorage.getItem(halfKey) !== null;

/** Takes the secret of a link out of the address: no history, bookmark or copied address shall hold it. */
export function takeSecret(): void {
  const secret = /^#enter=(\w+)$/.exec(location.hash)?.[1];
  if (secret === undefined) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const half = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  sessionStorage.setItem(pendingKey, JSON.stringify({ secret, half } satisfies Pending));
}

/**
 * Exchanges the secret that was taken, if one was, for the other half of the key: a cookie, which script never sees.
 *
 * @returns Why it was not accepted, in a sentence.
 */
export async function exchange(session: Session): Promise<string | undefined> {
  const pending = sessionStorage.getItem(pendingKey);
  if (pending === null) return undefined;
  try {
    const problem = await watcher();
    if (problem !== undefined) return problem;
    const { secret, half } = JSON.parse(pending) as Pending;
    const headers = { ...asPage(half), 'x-runbook-secret': secret };
    const response = await fetch(`${session.path}enter`, { method: 'POST', headers });
    if (response.ok) localStorage.setItem(halfKey, half);
    sessionStorage.removeItem(pendingKey);
    return response.ok ? undefined : await refusalOf(response);
  } catch (error) {
    return silenceOf(error);
  }
}

/** Why the secret must not be sent: a service worker at this very address would see it, and the handbook has none. */
async function watcher(): Promise<string | undefined> {
  const left = await navigator.serviceWorker.getRegistrations();
  return left.length === 0
    ? undefined
    : 'Another project left a service worker at this address, so the link was not used. Start the handbook again: it gets another address.';
}

/** How somebody whose clusters are not listed gets at them. */
export const wayIn = 'To ask a cluster of your own, open the newest link that the handbook’s terminal printed.';

/** Why the local API did not do as it was asked, in a sentence. */
export async function refusalOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  if (response.headers.get('content-type')?.startsWith('text/plain')) return text.trim();
  try {
    const { error } = JSON.parse(text) as { error?: string };
    if (error !== undefined) return error;
  } catch {
    // Neither is what the local API answers; the status is all that can be told.
  }
  return `The dev server answered ${response.status}.`;
}

/** That nothing came back at all, in a sentence. */
export const silenceOf = (error: unknown): string =>
  `The dev server did not answer: ${error instanceof Error ? error.message : String(error)}. Is it still running? If it was started again, open the link that it printed.`;
