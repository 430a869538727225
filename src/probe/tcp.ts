/**
 * Opens a TCP connection and says in the probes' words how that ended.
 */
import net from 'node:net';
import type { TcpResult } from '../runbook/read.ts';
import { whenStopped } from '../runbook/stopped.ts';
import { Forbidden } from './address.ts';
import type { Address } from './limits.ts';

export type Reason = Extract<TcpResult, { connected: false }>['reason'];

export type Opened =
  | { outcome: 'open'; socket: net.Socket }
  | { outcome: 'failed'; reason: Reason }
  /** Nothing was learnt about the address: its name was not found, or this machine could not or would not try. */
  | { outcome: 'unknown'; why: string };

export interface OpenOptions {
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** How names are looked up. */
  lookup: net.LookupFunction;
}

export function openConnection({ host, port }: Address, { timeoutMs, signal, lookup }: OpenOptions): Promise<Opened> {
  return new Promise((resolve) => {
    // Of several addresses each gets a fair share: Node's default of 250 ms is too short for a relayed tailnet link.
    const autoSelectFamilyAttemptTimeout = Math.max(10, Math.round(timeoutMs / 3));
    const socket = net.connect({ host, port, lookup, autoSelectFamilyAttemptTimeout });
    const settle = (opened: Opened): void => {
      clearTimeout(timer);
      letGo();
      socket.off('error', onError);
      if (opened.outcome !== 'open') socket.on('error', () => undefined).destroy();
      resolve(opened);
    };
    const onError = (error: NodeJS.ErrnoException): void => settle(explain(error, host));
    socket.once('error', onError);
    socket.once('connect', () => settle({ outcome: 'open', socket }));
    const timer = setTimeout(() => settle({ outcome: 'failed', reason: 'timed-out' }), timeoutMs);
    const letGo = whenStopped(signal, () => settle({ outcome: 'unknown', why: 'it was stopped' }));
  });
}

const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  ETIMEDOUT: 'timed-out',
  EHOSTUNREACH: 'unroutable',
  ENETUNREACH: 'unroutable',
  EHOSTDOWN: 'unroutable',
  ENETDOWN: 'unroutable',
  EADDRNOTAVAIL: 'unroutable',
};

/** What an error of the network says about the other side; nothing when it says something of this machine only. */
export const reasonOf = ({ code = '' }: NodeJS.ErrnoException): Reason | undefined => reasons[code];

/** @internal exported for its test: not every machine can be made to have no route. */
export function explain(error: NodeJS.ErrnoException, host: string): Opened {
  // A name with several addresses fails with one error each; the one that says most is the one that somebody sent.
  const codes = (error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error]).map(
    (each) => each.code ?? '',
  );
  const found = codes.map((code) => reasons[code]).filter((reason) => reason !== undefined);
  for (const reason of ['refused', 'timed-out', 'unroutable'] as const) {
    if (found.includes(reason)) return { outcome: 'failed', reason };
  }
  if (error instanceof Forbidden) return { outcome: 'unknown', why: error.message };
  const code = codes[0] ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { outcome: 'unknown', why: `this machine's DNS has no address for ${host} (${code})` };
  }
  return { outcome: 'unknown', why: `this machine could not try (${code || error.message})` };
}
