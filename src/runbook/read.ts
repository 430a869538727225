/**
 * A read is data: what to ask, of whom, and why. The fetch plan, the `kubectl` command that a reader can run instead, the
 * ClusterRole and the content of a snapshot all follow from it.
 */
import type { Fact } from './fact.ts';
import { kinds, type KindName, type KubeObject } from './kinds.ts';

/** One object by name. */
export interface ObjectRead<K extends KindName = KindName> {
  type: 'object';
  kind: K;
  namespace?: string;
  name: string;
  why: string;
}

/** All objects of a kind, in one namespace or in all of them, optionally those that carry some labels. */
export interface ListRead<K extends KindName = KindName> {
  type: 'list';
  kind: K;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  why: string;
}

/** The last lines of a container's log. */
export interface LogRead {
  type: 'log';
  namespace: string;
  pod: string;
  container: string;
  tailLines: number;
  why: string;
}

/** A TCP connection, opened and closed. */
export interface TcpRead {
  type: 'tcp';
  host: string;
  port: number;
  why: string;
}

/** A TLS handshake; without server name when `servername` is null. */
export interface TlsRead {
  type: 'tls';
  host: string;
  port: number;
  servername: string | null;
  why: string;
}

export type ClusterRead = ObjectRead | ListRead | LogRead;
export type ProbeRead = TcpRead | TlsRead;
export type Read = ClusterRead | ProbeRead;

/** How a TCP connection attempt ended. */
export type TcpResult =
  { connected: true; ms: number } | { connected: false; reason: 'refused' | 'timed-out' | 'unroutable' };

/** How a TLS handshake ended. `closed`: the peer closed or reset the connection without completing the handshake. */
export type TlsResult =
  | { outcome: 'completed'; ms: number; subject: string; names: readonly string[]; issuer: string; notAfter: string }
  | { outcome: 'closed'; ms: number; error: string }
  | { outcome: 'alert'; ms: number; error: string }
  | { outcome: 'no-connection'; reason: 'refused' | 'timed-out' | 'unroutable' };

/** What a read of each type brings when it succeeds. */
export type ReadValue<R extends Read> =
  R extends ObjectRead<infer K>
    ? KubeObject<K>
    : R extends ListRead<infer K>
      ? KubeObject<K>[]
      : R extends LogRead
        ? string
        : R extends TcpRead
          ? TcpResult
          : R extends TlsRead
            ? TlsResult
            : never;

export const object = <K extends KindName>(
  kind: K,
  { namespace, name }: { namespace?: string; name: string },
  why: string,
): ObjectRead<K> => ({ type: 'object', kind, ...(namespace === undefined ? {} : { namespace }), name, why });

export const list = <K extends KindName>(
  kind: K,
  why: string,
  where: { namespace?: string; labels?: Readonly<Record<string, string>> } = {},
): ListRead<K> => ({ type: 'list', kind, ...where, why });

export const isProbe = (read: Read): read is ProbeRead => read.type === 'tcp' || read.type === 'tls';

const selector = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** Two reads with the same key ask the same thing: a run asks it once. */
export function readKey(read: Read): string {
  switch (read.type) {
    case 'object':
      return `object ${read.kind} ${read.namespace ?? ''}/${read.name}`;
    case 'list':
      return `list ${read.kind} ${read.namespace ?? '*'} ${selector(read.labels ?? {})}`;
    case 'log':
      return `log ${read.namespace}/${read.pod}/${read.container} ${read.tailLines}`;
    case 'tcp':
      return `tcp ${read.host}:${read.port}`;
    case 'tls':
      return `tls ${read.host}:${read.port} ${read.servername ?? '(no server name)'}`;
  }
}

/** The command with which a reader asks the same question by hand. */
export function readCommand(read: Read): string {
  switch (read.type) {
    case 'object':
      return `kubectl get ${read.kind.toLowerCase()}${inNamespace(read.namespace)} ${read.name} -o yaml`;
    case 'list': {
      const where = !kinds[read.kind].namespaced
        ? ''
        : read.namespace === undefined
          ? ' -A'
          : inNamespace(read.namespace);
      return `kubectl get ${read.kind.toLowerCase()}${where}${read.labels === undefined ? '' : ` -l ${selector(read.labels)}`}`;
    }
    case 'log':
      return `kubectl logs -n ${read.namespace} ${read.pod} -c ${read.container} --tail=${read.tailLines}`;
    case 'tcp':
      return `nc -vz -w 5 ${read.host} ${read.port}`;
    case 'tls':
      return `openssl s_client -connect ${read.host}:${read.port} ${
        read.servername === null ? '-noservername' : `-servername ${read.servername}`
      } </dev/null`;
  }
}

const inNamespace = (namespace: string | undefined): string => (namespace === undefined ? '' : ` -n ${namespace}`);

/** Names what is read, for sentences: "Gateways in all namespaces", "ConfigMap kube-system/cilium-config". */
export function readSubject(read: Read): string {
  switch (read.type) {
    case 'object':
      return `${read.kind} ${read.namespace === undefined ? '' : `${read.namespace}/`}${read.name}`;
    case 'list': {
      const where = !kinds[read.kind].namespaced
        ? ''
        : read.namespace === undefined
          ? ' in all namespaces'
          : ` in ${read.namespace}`;
      return `${kinds[read.kind].plural}${where}${read.labels === undefined ? '' : ` labelled ${selector(read.labels)}`}`;
    }
    case 'log':
      return `the log of pod ${read.namespace}/${read.pod}, container ${read.container}`;
    case 'tcp':
      return `a TCP connection to ${read.host}:${read.port}`;
    case 'tls':
      return `a TLS handshake with ${read.host}:${read.port} ${read.servername === null ? 'without server name' : `for ${read.servername}`}`;
  }
}

/**
 * How a check wants a read's answer.
 *
 * `plain`: the value; an object that does not exist is `undefined`; every other problem makes the check unknown.
 * `optional`: like plain, and a kind that is not installed counts as no objects.
 * `raw`: the fact itself, for checks that are about the problem.
 * `follow`: reads that follow from others' values, each with its fact; keep these few, they cost a second wave.
 */
export type Need<V = unknown> = (
  | { want: 'plain' | 'optional' | 'raw'; read: Read }
  | {
      want: 'follow';
      first: Readonly<Record<string, Need>>;
      then: (values: never) => readonly Read[];
      describe: FollowDescription;
    }
) & { readonly [phantom]?: V };

declare const phantom: unique symbol;

/** What a reader sees of reads that are not known until a run. */
export interface FollowDescription {
  why: string;
  command: string;
  /** What the following reads need beyond the first ones, for the ClusterRole. */
  permission?: 'pods/log';
  /** True when the following reads leave the cluster's API and open connections. */
  probes: boolean;
}

export interface Answer<R extends Read = Read> {
  read: R;
  fact: Fact<ReadValue<R>>;
}

type Plain<R extends Read> = R extends ObjectRead<infer K> ? KubeObject<K> | undefined : ReadValue<R>;

export const plain = <R extends Read>(read: R): Need<Plain<R>> => ({ want: 'plain', read });
export const optional = <R extends Read>(read: R): Need<Plain<R>> => ({ want: 'optional', read });
export const raw = <R extends Read>(read: R): Need<Fact<ReadValue<R>>> => ({ want: 'raw', read });

export const follow = <N extends Readonly<Record<string, Need>>, R extends Read>(
  first: N,
  then: (values: Values<N>) => readonly R[],
  describe: FollowDescription,
): Need<Answer<R>[]> => ({ want: 'follow', first, then, describe });

/** The values that a record of needs brings to a judge. */
export type Values<N extends Readonly<Record<string, Need>>> = {
  [Key in keyof N]: N[Key] extends Need<infer V> ? V : never;
};
