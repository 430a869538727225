/**
 * Opens connections to see what answers: the part of a runbook that stands where a client of the tailnet stands.
 *
 * What is found is a fact, also when nothing answers; a problem is only what kept us from finding out.
 */
import { getServers } from 'node:dns';
import { problem, value, type Fact } from '../runbook/fact.ts';
import {
  readSubject,
  type DnsRead,
  type DnsResult,
  type HttpRead,
  type HttpResult,
  type ProbeRead,
  type TcpRead,
  type TcpResult,
  type TlsRead,
  type TlsResult,
} from '../runbook/read.ts';
import type { ProbeSource } from '../runbook/run.ts';
import { resolve } from './dns.ts';
import { getHead } from './http.ts';
import { openConnection, type Opened } from './tcp.ts';
import { handshake } from './tls.ts';

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
  /** Asked in place of the resolvers that this machine is configured with. */
  systemResolver?: Address;
}

type Result = TcpResult | TlsResult | DnsResult | HttpResult;

export function createProbes({
  timeoutMs = 5_000,
  dial = (host, port) => ({ host, port }),
  systemResolver,
}: ProbeOptions = {}): ProbeSource {
  const ask = async (read: DnsRead): Promise<Fact<DnsResult>> => {
    if (read.server !== 'system') {
      const address = dial(read.server.host, read.server.port);
      if (address !== 'unanswered') return resolve(read, address, timeoutMs);
      return value({ outcome: 'no-answer', reason: 'timed-out' });
    }
    const resolvers = systemResolver === undefined ? systemResolvers() : [systemResolver];
    let last: Fact<DnsResult> = problem('unreachable', 'This machine is configured with no DNS server.');
    for (const resolver of resolvers) {
      last = await resolve(read, resolver, timeoutMs / resolvers.length);
      if (last.ok && !undecided.includes(last.value.outcome)) return last;
    }
    return last;
  };

  const connect = async (read: TcpRead | TlsRead | HttpRead): Promise<Fact<Result>> => {
    const address = dial(read.host, read.port);
    const started = performance.now();
    const elapsed = (): number => Math.round(performance.now() - started);
    const opened: Opened =
      address === 'unanswered' ? { outcome: 'failed', reason: 'timed-out' } : await openConnection(address, timeoutMs);
    switch (opened.outcome) {
      case 'unknown':
        return problem('unreachable', `Could not connect to ${read.host}:${read.port}: ${opened.why}.`);
      case 'failed':
        return value(
          read.type === 'tcp'
            ? { connected: false, reason: opened.reason }
            : { outcome: 'no-connection', reason: opened.reason },
        );
      case 'open': {
        const ms = elapsed();
        if (read.type === 'tls') return handshake(opened.socket, read, timeoutMs - ms, elapsed);
        if (read.type === 'http') return getHead(opened.socket, read, timeoutMs - ms, elapsed);
        opened.socket.destroy();
        return value({ connected: true, ms });
      }
    }
  };

  return {
    async probe(read: ProbeRead): Promise<Fact<Result>> {
      try {
        return await (read.type === 'dns' ? ask(read) : connect(read));
      } catch (error) {
        // Node refuses, for example, a port above 65535 by throwing.
        const why = error instanceof Error ? error.message : String(error);
        return problem('malformed', `Could not probe ${readSubject(read)}: ${why}.`);
      }
    },
  };
}

/** Answers after which the next of several resolvers is asked, as the system does. */
const undecided: readonly DnsResult['outcome'][] = ['no-answer', 'server-failure', 'refused'];

/** The DNS servers of this machine, from `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` and `[2001:db8::1]:5353`. */
const systemResolvers = (): readonly Address[] =>
  getServers().map((server) => {
    const withPort = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(server);
    return withPort === null
      ? { host: server, port: 53 }
      : { host: withPort[1] ?? withPort[2] ?? server, port: Number(withPort[3]) };
  });
