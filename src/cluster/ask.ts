/**
 * One question to the API server: with the credentials of the hour, and again while the server is busy.
 *
 * Every status is an answer; only the absence of one is a problem, and so is a 401, which says nothing about the question.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { problem, type Fact } from '../runbook/fact.ts';
import type { Session, Sessions } from './credentials.ts';
import { CredentialError } from './exec-plugin.ts';
import { get, type Answer, type Contact } from './http.ts';
import type { Target } from './kubeconfig.ts';
import type { Request } from './paths.ts';

export type Ask = (request: Request) => Promise<Fact<Answer>>;

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

  const contact: Contact = { answeredAt: -Infinity, connected: false, silentAt: -Infinity };

  return async ({ path, accept }) => {
    // Put together as text: the server may have a path of its own, which `new URL(path, server)` would drop.
    const url = new URL(cluster.server.replace(/\/$/, '') + path);
    for (let attempt = 1; ; attempt++) {
      let session: Session;
      try {
        session = await sessions.current();
      } catch (error) {
        if (error instanceof CredentialError) return problem('unauthenticated', error.message);
        throw error;
      }
      const fact = await get(url, { session, contact, accept, timeoutMs, ownCa, onSend });
      if (!fact.ok) return fact;
      const { status, retryAfter = 1 } = fact.value;
      if (status === 429 && attempt < maxAttempts && retryAfter <= longestWaitSeconds) {
        await sleep(retryAfter * 1000);
      } else if (status === 401) {
        await sessions.refuse(session);
        return problem('unauthenticated', `${refusal(target, session.certificateExpired)} (401)`);
      } else {
        return fact;
      }
    }
  };
}

function refusal({ context, origin, userName }: Target, certificateExpired: Date | undefined): string {
  if (certificateExpired !== undefined) {
    return `the client certificate of user "${userName}" in ${origin} expired on ${certificateExpired.toISOString().slice(0, 10)}; renew it`;
  }
  return userName === ''
    ? `the server wants credentials, and context "${context}" in ${origin} names no user`
    : `the server does not know the user "${userName}"; its credentials in ${origin} are wrong or have expired. Log in again, or put a new token or certificate there`;
}
