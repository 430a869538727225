/**
 * Asks for `/` over HTTPS on an open connection and reads the head of the answer. No redirect is followed, no certificate
 * verified: what this very address says is the finding.
 */
import { request } from 'node:https';
import type net from 'node:net';
import tls from 'node:tls';
import { value, type Fact } from '../runbook/fact.ts';
import type { HttpRead, HttpResult } from '../runbook/read.ts';

export function getHead(
  connection: net.Socket,
  { port, servername }: HttpRead,
  timeoutMs: number,
  elapsed: () => number,
): Promise<Fact<HttpResult>> {
  return new Promise((resolve) => {
    const settle = (result: HttpResult): void => {
      clearTimeout(timer);
      sent.off('error', onError).on('error', () => undefined);
      sent.destroy();
      connection.destroy();
      resolve(value(result));
    };
    const onError = (error: NodeJS.ErrnoException): void =>
      settle({ outcome: 'no-answer', error: error.code ?? error.message });
    const timer = setTimeout(() => settle({ outcome: 'no-answer', error: 'timed out' }), Math.max(1, timeoutMs));
    const sent = request({
      host: servername,
      port,
      path: '/',
      // So that whoever reads Envoy's access log sees who asked.
      headers: { 'user-agent': 'handbook-runbook', accept: '*/*' },
      createConnection: () =>
        tls.connect({ socket: connection, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }),
    });
    connection.once('error', onError);
    sent.once('error', onError);
    sent.once('response', ({ statusCode = 0, headers }) =>
      settle({
        outcome: 'answered',
        status: statusCode,
        server: [headers.server].flat()[0] ?? null,
        location: headers.location ?? null,
        ms: elapsed(),
      }),
    );
    sent.end();
  });
}
