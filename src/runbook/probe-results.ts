/** What probes find. Schemas, for a snapshot is a file that anybody may have written. */
import { z } from 'zod';

const reason = z.enum(['refused', 'timed-out', 'unroutable']);
const ms = z.number().nonnegative();

/** What a probe of each type finds. */
export const probeResults = {
  /** How a TCP connection attempt ended. */
  tcp: z.union([z.object({ connected: z.literal(true), ms }), z.object({ connected: z.literal(false), reason })]),
  /** How a TLS handshake ended. `closed`: the peer closed or reset the connection without completing the handshake. */
  tls: z.discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('completed'),
      ms,
      subject: z.string(),
      names: z.array(z.string()).readonly(),
      issuer: z.string(),
      notBefore: z.string(),
      notAfter: z.string(),
    }),
    z.object({ outcome: z.enum(['closed', 'alert']), ms, error: z.string() }),
    z.object({ outcome: z.literal('no-connection'), reason }),
  ]),
  /** What a resolver answered. `records` are of the type asked for, `aliases` the CNAMEs that led to them, in order. */
  dns: z.discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('answered'),
      records: z.array(z.string()).readonly(),
      aliases: z.array(z.string()).readonly(),
      ms,
    }),
    z.object({
      outcome: z.enum(['no-such-name', 'no-records', 'server-failure', 'refused']),
      aliases: z.array(z.string()).readonly(),
      ms,
    }),
    z.object({ outcome: z.literal('no-answer'), reason }),
  ]),
  /** How an HTTPS request ended. */
  http: z.discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('answered'),
      status: z.number().int(),
      server: z.string().nullable(),
      location: z.string().nullable(),
      ms,
    }),
    z.object({ outcome: z.literal('no-answer'), error: z.string() }),
    z.object({ outcome: z.literal('no-connection'), reason }),
  ]),
};

export type TcpResult = z.infer<typeof probeResults.tcp>;
export type TlsResult = z.infer<typeof probeResults.tls>;
export type DnsResult = z.infer<typeof probeResults.dns>;
export type HttpResult = z.infer<typeof probeResults.http>;
