/**
 * Shakes hands over an open connection, with a server name or without any, and says how that ended.
 *
 * The certificate is reported, not verified: which one a server shows is the finding. A peer that just closes is told apart
 * from one that sends a TLS alert, for Envoy without a matching filter chain does the former.
 */
import type net from 'node:net';
import tls from 'node:tls';
import { problem, value, type Fact } from '../runbook/fact.ts';
import type { TlsRead, TlsResult } from '../runbook/read.ts';

export function handshake(
  connection: net.Socket,
  { host, port, servername }: TlsRead,
  timeoutMs: number,
  elapsed: () => number,
): Promise<Fact<TlsResult>> {
  return new Promise((resolve) => {
    // On a given socket Node takes no name from the host: an empty one leaves the extension out of the ClientHello.
    const socket = tls.connect({ socket: connection, servername: servername ?? '', rejectUnauthorized: false });
    const settle = (fact: Fact<TlsResult>): void => {
      clearTimeout(timer);
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
    connection.once('error', onError);
    socket.once('error', onError);
    socket.once('secureConnect', () => settle(value({ outcome: 'completed', ms: elapsed(), ...shown(socket) })));
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

function shown(
  socket: tls.TLSSocket,
): Pick<Extract<TlsResult, { outcome: 'completed' }>, 'subject' | 'names' | 'issuer' | 'notBefore' | 'notAfter'> {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { subject: '', names: [], issuer: '', notBefore: '', notAfter: '' };
  const { subject, subjectAltName, issuer, validFrom, validTo } = certificate;
  return {
    subject: oneLine(subject),
    names: [...(subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^,]+)/g)].map((match) => match[1] ?? ''),
    issuer: oneLine(issuer),
    notBefore: new Date(validFrom).toISOString(),
    notAfter: new Date(validTo).toISOString(),
  };
}

const oneLine = (distinguishedName: string | undefined): string => (distinguishedName ?? '').split('\n').join(', ');
