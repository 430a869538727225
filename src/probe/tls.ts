/**
 * Shakes hands over an open connection, with a server name or without any, and says how that ended.
 *
 * The certificate is reported, not verified: which one a server shows is the finding. A peer that just closes is told apart
 * from one that sends a TLS alert, for Envoy without a matching filter chain does the former.
 */
import type { X509Certificate } from 'node:crypto';
import type net from 'node:net';
import tls from 'node:tls';
import { problem, value, type Fact } from '../runbook/fact.ts';
import type { TlsRead, TlsResult } from '../runbook/read.ts';
import { stopped, whenStopped } from '../runbook/stopped.ts';
import { shorten } from '../runbook/words.ts';
import type { Limits } from './limits.ts';

export function handshake(
  connection: net.Socket,
  { host, port, servername }: TlsRead,
  { timeoutMs, signal }: Limits,
  elapsed: () => number,
): Promise<Fact<TlsResult>> {
  return new Promise((resolve) => {
    // On a given socket Node takes no name from the host: an empty one leaves the extension out of the ClientHello.
    const socket = tls.connect({ socket: connection, servername: servername ?? '', rejectUnauthorized: false });
    const settle = (fact: Fact<TlsResult>): void => {
      clearTimeout(timer);
      letGo();
      socket.off('error', onError).on('error', () => undefined);
      socket.destroy();
      connection.destroy();
      resolve(fact);
    };
    const onError = (error: NodeJS.ErrnoException): void => settle(explain(error, `${host}:${port}`, elapsed()));
    const timer = setTimeout(
      () =>
        settle(
          problem('timed-out', `${host}:${port} took the connection but did not answer the TLS handshake in time.`),
        ),
      Math.max(1, timeoutMs),
    );
    const letGo = whenStopped(signal, (gone) => settle(stopped(gone)));
    connection.once('error', onError);
    socket.once('error', onError);
    socket.once('secureConnect', () =>
      settle(completed(socket.getPeerX509Certificate(), `${host}:${port}`, elapsed())),
    );
  });
}

/** OpenSSL says of every alert that it receives which number it has. */
const isAlert = (error: Error): boolean => /SSL alert number \d+/.test(error.message);

function explain(error: NodeJS.ErrnoException, address: string, ms: number): Fact<TlsResult> {
  const code = error.code ?? error.message;
  if (isAlert(error)) return value({ outcome: 'alert', ms, error: code });
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING') {
    return value({ outcome: 'closed', ms, error: code });
  }
  return problem(
    'malformed',
    `${address} answered, but not with a TLS handshake that this client understands (${code}).`,
  );
}

/** Names that a certificate may be for: ten times as many as Let's Encrypt writes into one. */
const mostNames = 1000;

/** @internal exported for its test: no library writes certificates as broken as some are. */
export function completed(
  certificate: Pick<X509Certificate, 'subject' | 'subjectAltName' | 'issuer' | 'validFrom' | 'validTo'> | undefined,
  address: string,
  ms: number,
): Fact<TlsResult> {
  const { subject, subjectAltName, issuer, validFrom, validTo } = certificate ?? {};
  const names = namesIn(subjectAltName ?? '');
  // To leave some out would be to say that the certificate is not for them.
  if (names.length > mostNames) {
    return problem('malformed', `${address} shows a certificate for more than ${mostNames} names (${names.length}).`);
  }
  return value({
    outcome: 'completed',
    ms,
    subject: oneLine(subject),
    names,
    issuer: oneLine(issuer),
    notBefore: isoDate(validFrom),
    notAfter: isoDate(validTo),
  });
}

/** Node writes a name that could be taken for several as a JSON string [CVE-2021-44532]. */
function namesIn(subjectAltName: string): string[] {
  const entries = subjectAltName.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy);
  return [...entries]
    .filter(([, type]) => type === 'DNS' || type === 'IP Address')
    .map(([, , name = '']) => shorten(name));
}

const oneLine = (distinguishedName: string | undefined): string =>
  shorten((distinguishedName ?? '').split('\n').join(', '));

/** Empty for a date that no calendar has, or that is not as OpenSSL writes them: a certificate may say anything. */
function isoDate(text = ''): string {
  const isDate = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(\.\d+)? (?!00)\d{4} GMT$/.test(text);
  const date = new Date(isDate ? text : Number.NaN);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
