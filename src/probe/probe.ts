/**
 * Opens connections to see what answers: the part of a runbook that stands where a client of the tailnet stands.
 *
 * What is found is a fact, also when nothing answers; a problem is only what kept us from finding out.
 */
import { getServers, lookup as dnsLookup } from 'node:dns';
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
import { whyStopped } from '../runbook/stopped.ts';
import { shorten } from '../runbook/words.ts';
import { checkedLookup, checkHost, Forbidden } from './address.ts';
import { resolve } from './dns.ts';
import { getHead } from './http.ts';
import type { Address } from './limits.ts';
import { openConnection, type Opened } from './tcp.ts';
import { handshake } from './tls.ts';

/** Where to connect in place of an address; `unanswered` for one at which nothing would ever answer. */
export type Dial = (host: string, port: number) => Address | 'unanswered';

export interface ProbeOptions {
  /** How long one probe may take; 5 s when left out. */
  timeoutMs?: number;
  /** Whether objects of the cluster may lead probes to this machine: where the cluster itself is here. */
  allowLoopback?: boolean;
  /** Lets a demo on loopback stand in for a tailnet: it takes the place of routes and of DNS. Where it leads is not questioned. */
  dial?: Dial;
  /** Asked in place of the resolvers that this machine is configured with. */
  systemResolver?: Address;
}

type Result = TcpResult | TlsResult | DnsResult | HttpResult;

export function createProbes({
  timeoutMs = 5_000,
  allowLoopback = false,
  dial,
  systemResolver,
}: ProbeOptions = {}): ProbeSource {
  const lookup = dial === undefined ? checkedLookup(allowLoopback) : dnsLookup;

  /** Where to connect for what an object of the cluster names. */
  const place = (host: string, port: number): Address | 'unanswered' => {
    if (dial !== undefined) return dial(host, port);
    checkHost(host, allowLoopback);
    return { host, port };
  };

  const ask = async (read: DnsRead, signal: AbortSignal | undefined): Promise<Fact<DnsResult>> => {
    if (read.server !== 'system') {
      const address = place(read.server.host, read.server.port);
      if (address !== 'unanswered') return resolve(read, address, { timeoutMs, signal, lookup });
      return value({ outcome: 'no-answer', reason: 'timed-out' });
    }
    // Where this machine asks is its own word, and often itself.
    const resolvers = systemResolver === undefined ? systemResolvers() : [systemResolver];
    let last: Fact<DnsResult> = problem('unreachable', 'This machine is configured with no DNS server.');
    for (const resolver of resolvers) {
      last = await resolve(read, resolver, { timeoutMs: timeoutMs / resolvers.length, signal, lookup: dnsLookup });
      if (!last.ok && signal?.aborted) break;
      if (last.ok && !undecided.includes(last.value.outcome)) break;
    }
    return last;
  };

  const connect = async (
    read: TcpRead | TlsRead | HttpRead,
    signal: AbortSignal | undefined,
  ): Promise<Fact<Result>> => {
    const address = place(read.host, read.port);
    const started = performance.now();
    const elapsed = (): number => Math.round(performance.now() - started);
    const opened: Opened =
      address === 'unanswered'
        ? { outcome: 'failed', reason: 'timed-out' }
        : await openConnection(address, { timeoutMs, signal, lookup });
    switch (opened.outcome) {
      case 'unknown':
        return problem('unreachable', `Could not connect to ${shorten(read.host)}:${read.port}: ${opened.why}.`);
      case 'failed':
        return value(
          read.type === 'tcp'
            ? { connected: false, reason: opened.reason }
            : { outcome: 'no-connection', reason: opened.reason },
        );
      case 'open': {
        const ms = elapsed();
        const limits = { timeoutMs: timeoutMs - ms, signal };
        try {
          if (read.type === 'tls') return await handshake(opened.socket, read, limits, elapsed);
          if (read.type === 'http') return await getHead(opened.socket, read, limits, elapsed);
          return value({ connected: true, ms });
        } finally {
          opened.socket.destroy();
        }
      }
    }
  };

  return {
    async probe(read: ProbeRead, signal?: AbortSignal): Promise<Fact<Result>> {
      const subject = shorten(readSubject(read));
      try {
        signal?.throwIfAborted();
        const fact = await (read.type === 'dns' ? ask(read, signal) : connect(read, signal));
        // How it ended once it was stopped says nothing of the other side.
        signal?.throwIfAborted();
        return fact;
      } catch (error) {
        if (signal?.aborted) return problem('timed-out', `Could not probe ${subject}: ${whyStopped(signal)}.`);
        const why = error instanceof Error ? shorten(error.message) : String(error);
        // Not tried, so that nothing is known: what is there may be in order.
        if (error instanceof Forbidden) return problem('unreachable', `Did not probe ${subject}: ${why}${notTried}.`);
        // Node refuses, for example, a port above 65535 by throwing.
        return problem('malformed', `Could not probe ${subject}: ${why}.`);
      }
    },
  };
}

const notTried = ', and objects of a cluster do not lead there';

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
