/**
 * A read is data: what to ask, of whom, and why. The fetch plan, the `kubectl` command that a reader can run instead, the
 * ClusterRole and the content of a snapshot all follow from it.
 */
import type { DnsResult, HttpResult, TcpResult, TlsResult } from './probe-results.ts';
import type { Fact } from './fact.ts';
import { kinds, type KindName, type KubeObject } from './kinds.ts';
import { joined, place, sh, type Shell } from './shell.ts';

/** One object by name. */
export interface ObjectRead<K extends KindName = KindName> {
  type: 'object';
  kind: K;
  namespace?: string;
  name: string;
  why: string;
}

/** All objects of a kind, in one namespace or in all of them, optionally those with some labels or field values. */
export interface ListRead<K extends KindName = KindName> {
  type: 'list';
  kind: K;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  fields?: Readonly<Record<string, string>>;
  why: string;
}

/** The last lines of a container's log. */
export interface LogRead {
  type: 'log';
  namespace: string;
  pod: string;
  container: string;
  tailLines: number;
  /** What is kept of it: the lines with a word, as JSON with some of their fields; a log may hold anybody's credentials. */
  keep: { lines: string; fields: readonly string[] };
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

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'HTTPS' | 'TXT';

/** A DNS question, to the resolver of this machine or to one at an address. */
export interface DnsRead {
  type: 'dns';
  name: string;
  record: DnsType;
  server: 'system' | { host: string; port: number };
  why: string;
}

/** An HTTPS GET of `/` at an address, for a hostname, without following redirects. */
export interface HttpRead {
  type: 'http';
  host: string;
  port: number;
  servername: string;
  why: string;
}

export type { DnsResult, HttpResult, TcpResult, TlsResult } from './probe-results.ts';

export type ClusterRead = ObjectRead | ListRead | LogRead;
export type ProbeRead = TcpRead | TlsRead | DnsRead | HttpRead;
export type Read = ClusterRead | ProbeRead;

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
            : R extends DnsRead
              ? DnsResult
              : R extends HttpRead
                ? HttpResult
                : never;

export const object = <K extends KindName>(
  kind: K,
  { namespace, name }: { namespace?: string; name: string },
  why: string,
): ObjectRead<K> => ({ type: 'object', kind, ...(namespace === undefined ? {} : { namespace }), name, why });

export const list = <K extends KindName>(
  kind: K,
  why: string,
  where: {
    namespace?: string;
    labels?: Readonly<Record<string, string>>;
    fields?: Readonly<Record<string, string>>;
  } = {},
): ListRead<K> => ({ type: 'list', kind, ...where, why });

const probeTypes: readonly Read['type'][] = ['tcp', 'tls', 'dns', 'http'];
export const isProbe = (read: Read): read is ProbeRead => probeTypes.includes(read.type);

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
      return `list ${read.kind} ${read.namespace ?? '*'} ${selector(read.labels ?? {})} ${selector(read.fields ?? {})}`;
    case 'log':
      return `log ${read.namespace}/${read.pod}/${read.container} ${read.tailLines}`;
    case 'tcp':
      return `tcp ${read.host}:${read.port}`;
    case 'tls':
      return `tls ${read.host}:${read.port} ${read.servername ?? '(no server name)'}`;
    case 'dns':
      return `dns ${read.record} ${read.name} ${serverName(read)}`;
    case 'http':
      return `http ${read.host}:${read.port} ${read.servername}`;
  }
}

const serverName = ({ server }: DnsRead): string => (server === 'system' ? 'system' : `${server.host}:${server.port}`);

/** The command with which a reader asks the same question by hand. */
export function readCommand(read: Read): Shell {
  switch (read.type) {
    case 'object':
      return sh`kubectl get ${read.kind.toLowerCase()} ${place(read)} -o yaml`;
    case 'list': {
      const where = !kinds[read.kind].namespaced
        ? []
        : [read.namespace === undefined ? sh`-A` : sh`-n ${read.namespace}`];
      const labels = read.labels === undefined ? [] : [sh`-l ${selector(read.labels)}`];
      const fields = read.fields === undefined ? [] : [sh`--field-selector=${selector(read.fields)}`];
      return joined([sh`kubectl get ${read.kind.toLowerCase()}`, ...where, ...labels, ...fields]);
    }
    case 'log':
      return sh`kubectl logs -n ${read.namespace} ${read.pod} -c ${read.container} --tail=${read.tailLines}`;
    case 'tcp':
      return sh`nc -vz -w 5 ${read.host} ${read.port}`;
    case 'tls':
      return sh`openssl s_client -connect ${hostPort(read.host, read.port)} ${
        read.servername === null ? sh`-noservername` : sh`-servername ${read.servername}`
      } </dev/null`;
    case 'dns':
      return read.server === 'system'
        ? sh`dig +noall +answer ${read.name} ${read.record}`
        : sh`dig +noall +answer -p ${read.server.port} @${read.server.host} ${read.name} ${read.record}`;
    case 'http':
      return sh`curl -sS -o /dev/null -D - --connect-to ::${hostPort(read.host, read.port)} https://${read.servername}/`;
  }
}

/** A host in front of a port: an IPv6 address in brackets. */
export const hostPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

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
      return `${kinds[read.kind].plural}${where}${read.labels === undefined ? '' : ` labelled ${selector(read.labels)}`}${read.fields === undefined ? '' : ` with ${selector(read.fields)}`}`;
    }
    case 'log':
      return `the log of pod ${read.namespace}/${read.pod}, container ${read.container}`;
    case 'tcp':
      return `a TCP connection to ${hostPort(read.host, read.port)}`;
    case 'tls':
      return `a TLS handshake with ${hostPort(read.host, read.port)} ${read.servername === null ? 'without server name' : `for ${read.servername}`}`;
    case 'dns':
      return `the ${read.record} record of ${read.name} ${read.server === 'system' ? 'as this machine resolves it' : `at ${serverName(read)}`}`;
    case 'http':
      return `https://${read.servername}/ at ${hostPort(read.host, read.port)}`;
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
      then: (values: never, inputs: Inputs) => readonly Read[];
      describe: FollowDescription;
    }
) & { readonly [phantom]?: V };

declare const phantom: unique symbol;

/** What the reader gave a run, by the input's name; every input that a runbook declares is there, empty when not given. */
export type Inputs = Readonly<Record<string, string>>;

/** What a reader sees of reads that are not known until a run. */
export interface FollowDescription {
  why: string;
  command: Shell;
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
  then: (values: Values<N>, inputs: Inputs) => readonly R[],
  describe: FollowDescription,
): Need<Answer<R>[]> => ({ want: 'follow', first, then, describe });

/** The values that a record of needs brings to a judge. */
export type Values<N extends Readonly<Record<string, Need>>> = {
  [Key in keyof N]: N[Key] extends Need<infer V> ? V : never;
};
