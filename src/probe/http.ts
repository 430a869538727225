/**
 * Asks for `/` over HTTPS on an open connection and reads the head of the answer. No redirect is followed, no certificate
 * verified: what this very address says is the finding.
 */
import { request } from 'node:https';
import type net from 'node:net';
import tls from 'node:tls';
import { value, type Fact } from '../runbook/fact.ts';
import type { HttpRead, HttpResult } from '../runbook/read.ts';
import { stopped, whenStopped } from '../runbook/stopped.ts';
import { shorten } from '../runbook/words.ts';
import type { Limits } from './limits.ts';

/** @throws when HTTP or TLS cannot carry the server name. */
export function getHead(
  connection: net.Socket,
  { port, servername }: HttpRead,
  { timeoutMs, signal }: Limits,
  elapsed: () => number,
): Promise<Fact<HttpResult>> {
  return new Promise((resolve) => {
    const sent = request({
      host: servername,
      port,
      path: '/',
      // So that whoever reads Envoy's access log sees who asked.
      headers: { 'user-agent': 'handbook-runbook', accept: '*/*' },
      createConnection: () =>
        tls.connect({ socket: connection, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }),
    });
    const settle = (fact: Fact<HttpResult>): void => {
      clearTimeout(timer);
      letGo();
      sent.off('error', onError).on('error', () => undefined);
      sent.destroy();
      connection.destroy();
      resolve(fact);
    };
    const onError = (error: NodeJS.ErrnoException): void =>
      settle(value({ outcome: 'no-answer', error: error.code ?? error.message }));
    const timer = setTimeout(() => settle(value({ outcome: 'no-answer', error: 'timed out' })), Math.max(1, timeoutMs));
    const letGo = whenStopped(signal, (gone) => settle(stopped(gone)));
    connection.once('error', onError);
    sent.once('error', onError);
    sent.once('response', ({ statusCode = 0, headers }) =>
      settle(
        value({
          outcome: 'answered',
          status: statusCode,
          server: shortened([headers.server].flat()[0]),
          location: shortened(headers.location),
          ms: elapsed(),
        }),
      ),
    );
    sent.end();
  });
}

const shortened = (header: string | undefined): string | null => (header === undefined ? null : shorten(header));
