/**
 * One question to the API server: with the credentials of the hour, and again while the server is busy.
 *
 * Every status is an answer; only the absence of one is a problem, and so is a 401, which says nothing about the question.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { problem, type Fact } from '../runbook/fact.ts';
import { stopped } from '../runbook/stopped.ts';
import { Intake } from './body.ts';
import { mostPageBytes } from './budget.ts';
import type { Session, Sessions } from './credentials.ts';
import type { Errand } from './errand.ts';
import { CredentialError } from './exec-plugin.ts';
import { get, type Answer, type Contact } from './http.ts';
import type { Target } from './kubeconfig.ts';
import type { Request } from './paths.ts';

/** Asks on an errand; the answer holds at most `limit` bytes, as many as a page may when left out. */
export type Ask = (request: Request, errand: Errand, limit?: number) => Promise<Fact<Answer>>;

const maxAttempts = 3;
/** A server that wants more time than this is reported instead of waited for. */
const longestWaitSeconds = 2;

export function createAsk(
  target: Target,
  sessions: Sessions,
  { timeoutMs, onSend }: { timeoutMs: number; onSend: () => void },
): Ask {
  const { cluster } = target;
  const ownCa = Boolean(cluster['certificate-authority-data'] || cluster['certificate-authority']);
  const contact: Contact = { answeredAt: -Infinity, connected: false, silentAt: -Infinity, intake: new Intake() };

  return async ({ path, accept }, errand, limit = mostPageBytes) => {
    // Put together as text: the server may have a path of its own, which `new URL(path, server)` would drop.
    const url = new URL(cluster.server.replace(/\/$/, '') + path);
    for (let attempt = 1; ; attempt++) {
      const session = await open(sessions, errand);
      if (!session.ok) return session;
      const options = { session: session.value, contact, errand, accept, timeoutMs, limit, ownCa, onSend };
      const fact = await get(url, options);
      if (!fact.ok) return fact;
      const { status, retryAfter = 1 } = fact.value;
      if (status === 429 && attempt < maxAttempts && retryAfter <= longestWaitSeconds) {
        // Stopped meanwhile, it does not ask again.
        await sleep(retryAfter * 1000, undefined, { signal: errand.signal }).catch(() => undefined);
      } else if (status === 401) {
        sessions.refuse(session.value);
        return problem('unauthenticated', `${refusal(target, session.value.certificateExpired)} (401)`);
      } else {
        return fact;
      }
    }
  };
}

async function open(sessions: Sessions, { signal }: Errand): Promise<Fact<Session>> {
  try {
    return { ok: true, value: await sessions.current(signal) };
  } catch (error) {
    if (signal.aborted) return stopped(signal);
    if (error instanceof CredentialError) return problem('unauthenticated', error.message);
    throw error;
  }
}

function refusal({ context, origin, userName }: Target, certificateExpired: Date | undefined): string {
  if (certificateExpired !== undefined) {
    return `the client certificate of user "${userName}" in ${origin} expired on ${certificateExpired.toISOString().slice(0, 10)}; renew it`;
  }
  return userName === ''
    ? `the server wants credentials, and context "${context}" in ${origin} names no user`
    : `the server does not know the user "${userName}"; its credentials in ${origin} are wrong or have expired. Log in again, or put a new token or certificate there`;
}
