/**
 * Sends GET requests, and nothing else: here is the only place where a request is built, and its method is a constant.
 *
 * Problems come back as phrases about the server ("it refused the connection"), for the reader to put into a sentence.
 */
import http from 'node:http';
import https from 'node:https';
import { problem, value, type Fact } from '../runbook/fact.ts';
import { stopped, whenStopped } from '../runbook/stopped.ts';
import { BodyError, readBody, type Intake } from './body.ts';
import type { Session } from './credentials.ts';
import type { Errand } from './errand.ts';
import { originOf } from './proxy.ts';

export interface Answer {
  status: number;
  contentType: string;
  /** Seconds. */
  retryAfter: number | undefined;
  location: string | undefined;
  text: string;
}

/** What the requests to one server learn from each other. */
export interface Contact {
  /** When it last answered, on `performance`'s clock. */
  answeredAt: number;
  /** Whether a connection ever came about. */
  connected: boolean;
  /** When a request that had a connection last gave up without any request having been answered meanwhile. */
  silentAt: number;
  readonly intake: Intake;
}

export interface GetOptions {
  session: Session;
  contact: Contact;
  errand: Errand;
  accept: string;
  timeoutMs: number;
  /** Bytes that the answer may hold, unpacked. */
  limit: number;
  /** Whether the kubeconfig names a CA of its own. */
  ownCa: boolean;
  onSend: () => void;
}

/** Asks, and once more if a kept connection turns out to have been closed meanwhile. */
export function get(url: URL, options: GetOptions, again = false): Promise<Fact<Answer>> {
  const { contact, errand, timeoutMs, limit, onSend } = options;
  if (errand.signal.aborted) return Promise.resolve(stopped(errand.signal));
  return new Promise((resolve) => {
    onSend();
    let request: http.ClientRequest;
    try {
      request = send(url, options);
    } catch (error) {
      // A header that HTTP does not allow, or key material that OpenSSL cannot read. Node's message quotes neither.
      return resolve(
        problem(
          'unauthenticated',
          `nothing was sent, for a token, certificate or key of the kubeconfig is unusable (${codeOf(error)})`,
        ),
      );
    }
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const settle = (outcome: Fact<Answer> | Promise<Fact<Answer>>): void => {
      isOver = true;
      clearTimeout(timer);
      letGo();
      resolve(outcome);
    };
    const letGo = whenStopped(errand.signal, () => {
      settle(stopped(errand.signal));
      request.destroy();
    });
    // Who waits for a free connection is patient as long as the server answers others, and no longer than they if it does not:
    // a slow server is not taken for a silent one, and a silent one costs one timeout, not one for every request.
    let since = performance.now();
    let isWaiting = true;
    const expect = (): void => {
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(giveUp, Math.max(0, since + timeoutMs - performance.now()));
    };
    const giveUp = (): void => {
      if (isWaiting && contact.answeredAt > since) {
        since = contact.answeredAt;
        return expect();
      }
      if (!isWaiting && contact.answeredAt < since) contact.silentAt = performance.now();
      settle(problem('timed-out', silence(contact, request.socket, timeoutMs)));
      request.destroy();
    };
    expect();
    request.on('socket', (socket) => {
      isWaiting = false;
      errand.begin();
      if (socket.connecting) socket.once('connect', () => (contact.connected = true));
      else contact.connected = true;
      // The connection is free only because another has given up on a silent server.
      if (contact.silentAt > Math.max(since, contact.answeredAt)) return giveUp();
      if (contact.answeredAt > since) since = performance.now();
      expect();
    });
    request.on('error', (error) => {
      // What was given up ends like a connection that was closed meanwhile, and is not to be asked again.
      if (isOver) return;
      const stale = request.reusedSocket && !again && /^(ECONNRESET|EPIPE)$/.test(codeOf(error));
      settle(stale ? get(url, options, true) : explain(error, url, options));
    });
    request.on('response', (response) => {
      contact.answeredAt = performance.now();
      const patience = {
        pause: () => clearTimeout(timer),
        resume: () => {
          since = performance.now();
          expect();
        },
      };
      void read(response, { limit, intake: contact.intake, patience }).then((fact) => {
        settle(fact);
        // What is not wanted to its end is not waited for.
        if (!fact.ok) request.destroy();
      });
    });
    request.end();
  });
}

function send(url: URL, { session, accept }: GetOptions): http.ClientRequest {
  return (url.protocol === 'https:' ? https.request : http.request)(url, {
    method: 'GET',
    agent: session.agent(),
    headers: { ...session.headers, accept, 'accept-encoding': 'gzip', 'user-agent': 'handbook-runbook' },
    ...(session.basic !== undefined && { auth: session.basic }),
  });
}

/** What a request that was given up says of the server. */
function silence(contact: Contact, socket: http.ClientRequest['socket'], timeoutMs: number): string {
  const seconds = timeoutMs / 1000;
  // Without a socket it waited behind others that got no answer either, or for a proxy.
  return contact.connected || socket === null || !socket.connecting
    ? `it did not answer within ${seconds} s; is it overloaded, or does something between here and there swallow the answers?`
    : `no connection came about within ${seconds} s; is it running, and is this machine on its network (VPN, tailnet)?`;
}

async function read(response: http.IncomingMessage, options: Parameters<typeof readBody>[1]): Promise<Fact<Answer>> {
  const { headers, statusCode } = response;
  try {
    const text = await readBody(response, options);
    const retryAfter = Number(headers['retry-after']);
    return value({
      status: statusCode ?? 0,
      contentType: headers['content-type'] ?? '',
      retryAfter: headers['retry-after'] !== undefined && retryAfter >= 0 ? retryAfter : undefined,
      location: headers.location,
      text,
    });
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    return problem('malformed', error.message);
  }
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);

/** What a connection's failure means, by the code of its error. */
const meanings: Readonly<Record<string, (host: string, target: string) => string>> = {
  ECONNREFUSED: () => 'it refused the connection; is the API server running, and is this its port?',
  ENOTFOUND: (host) => `the host name ${host} was not found; check DNS, the VPN or the tailnet`,
  EAI_AGAIN: (host) => `the host name ${host} was not found; check DNS, the VPN or the tailnet`,
  EHOSTUNREACH: () => 'there is no route to it; is this machine on its network (VPN, tailnet)?',
  ENETUNREACH: () => 'there is no route to it; is this machine on its network (VPN, tailnet)?',
  EHOSTDOWN: () => 'there is no route to it; is this machine on its network (VPN, tailnet)?',
  ERR_TLS_CERT_ALTNAME_INVALID: (_, target) =>
    `its certificate is not for ${target}; correct the server's address, or set tls-server-name in the kubeconfig`,
  CERT_HAS_EXPIRED: () => "its certificate has expired; renew it, or check this machine's clock",
  CERT_NOT_YET_VALID: () => "its certificate is not valid yet; check this machine's clock",
  ERR_PROXY_TUNNEL: () => 'the proxy did not let the connection through',
  ECONNRESET: () => 'it closed the connection without an answer',
  EPIPE: () => 'it closed the connection without an answer',
};

function explain(error: Error, url: URL, { session, ownCa }: GetOptions): Fact<never> {
  const code = codeOf(error);
  const via = session.proxy === undefined ? '' : ` (asked through the proxy ${originOf(session.proxy)})`;
  if (code === 'ETIMEDOUT') return problem('timed-out', `no connection came about${via}`);
  if (code.startsWith('HPE_')) return problem('malformed', `what answers there does not speak HTTP${via}`);
  const known = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  const meaning = untrusted.has(code)
    ? distrust(ownCa)
    : (known?.(session.proxy?.hostname ?? url.hostname, url.hostname) ?? tlsFault(error, code));
  return problem('unreachable', `${meaning ?? `the connection failed (${code})`}${via}`);
}

const distrust = (ownCa: boolean): string =>
  ownCa
    ? "its certificate is not signed by the kubeconfig's CA; is this the right cluster, or did its CA change?"
    : 'its certificate is not signed by a CA that this machine trusts, and the kubeconfig names none';

function tlsFault({ message }: Error, code: string): string | undefined {
  if (/SSL alert number/.test(message)) {
    return `it refused the TLS handshake (${code}); a client certificate may be missing or not accepted`;
  }
  return code === 'EPROTO' || code.startsWith('ERR_SSL_')
    ? `the TLS handshake failed (${code}); what answers there may not speak TLS`
    : undefined;
}

/** An error's code; its message only where it has none, for a message may quote what was sent. */
function codeOf(error: unknown): string {
  const { code, name } = error as Partial<NodeJS.ErrnoException>;
  return code ?? name ?? 'unknown';
}
