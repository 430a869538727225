/**
 * Opens connections to see what answers: the part of a runbook that stands where a client of the tailnet stands.
 *
 * What is found is a fact, also when nothing answers; a problem is only what kept us from finding out.
 */
import { problem, value, type Fact } from '../runbook/fact.ts';
import type { ProbeRead, TcpResult, TlsResult } from '../runbook/read.ts';
import type { ProbeSource } from '../runbook/run.ts';
import { handshake } from './tls.ts';
import { openConnection, type Opened } from './tcp.ts';

export interface Address {
  host: string;
  port: number;
}

/** Where to connect in place of an address; `unanswered` for one at which nothing would ever answer. */
export type Dial = (host: string, port: number) => Address | 'unanswered';

export interface ProbeOptions {
  /** How long one probe may take; 5 s when left out. */
  timeoutMs?: number;
  /** Lets a demo on loopback stand in for a tailnet: it takes the place of routes and of DNS. */
  dial?: Dial;
}

export function createProbes({
  timeoutMs = 5_000,
  dial = (host, port) => ({ host, port }),
}: ProbeOptions = {}): ProbeSource {
  return {
    async probe(read: ProbeRead): Promise<Fact<TcpResult | TlsResult>> {
      try {
        const address = dial(read.host, read.port);
        const started = performance.now();
        const opened: Opened =
          address === 'unanswered'
            ? { outcome: 'failed', reason: 'timed-out' }
            : await openConnection(address, timeoutMs);
        const ms = elapsed(started);
        switch (opened.outcome) {
          case 'unknown':
            return problem('unreachable', `Could not connect to ${read.host}:${read.port}: ${opened.why}.`);
          case 'failed':
            return value(
              read.type === 'tcp'
                ? { connected: false, reason: opened.reason }
                : { outcome: 'no-connection', reason: opened.reason },
            );
          case 'open':
            if (read.type === 'tls')
              return await handshake(opened.socket, read, timeoutMs - ms, () => elapsed(started));
            opened.socket.destroy();
            return value({ connected: true, ms });
        }
      } catch (error) {
        // Node refuses, for example, a port above 65535 by throwing.
        const why = error instanceof Error ? error.message : String(error);
        return problem('malformed', `Could not probe ${read.host}:${read.port}: ${why}.`);
      }
    },
  };
}

const elapsed = (started: number): number => Math.round(performance.now() - started);
