/**
 * Kinds of a server, as it says them itself: by its CustomResourceDefinitions, and by its OpenAPI for what it is built with and for
 * whoever may not read those. What it cannot be asked is left to others, and each message says so.
 */
import { isDefinitionOf, kindsFromCrds } from './definitions.ts';
import { groupOf, isBuiltIn, versionOf, type Kind, type Kinds, type NotServed } from './kind.ts';
import { kindsFromOpenApi } from './openapi.ts';
import { installedRelease } from './release.ts';

/** What a server says, or in a sentence why it does not. */
export type Said<T> = { ok: true; value: T } | { ok: false; problem: { kind: string; message: string } };

/** The questions to a server. Each is asked once, and only when a kind needs its answer. */
export interface KindServer {
  /** The CustomResourceDefinitions of some groups. */
  definitions: (groups: ReadonlySet<string>) => Promise<Said<readonly unknown[]>>;
  /** Every `apiVersion` that it publishes a document about. */
  apiVersions: () => Promise<Said<readonly string[]>>;
  /** The OpenAPI v3 document of one of these. */
  openApi: (apiVersion: string) => Promise<Said<unknown>>;
  /** The version of Kubernetes. */
  version: () => Promise<Said<string>>;
}

export interface ServedKinds {
  kinds: Kinds;
  /** What the server did not answer, in sentences; known once kinds have been asked for. */
  problems: () => readonly string[];
}

/** Whoever has not answered one question of these does not answer the next. */
const isGone: ReadonlySet<string> = new Set(['unauthenticated', 'unreachable', 'timed-out']);

/**
 * @param groups All groups that are going to be asked for.
 * @param others Where the kinds are looked up that the server does not tell.
 */
export function kindsOfServer(server: KindServer, groups: ReadonlySet<string>, others: Kinds): ServedKinds {
  const problems = new Set<string>();
  let gone: Said<never> | undefined;
  const asked = new Map<string, Promise<Said<unknown>>>();
  /** Asks once; of a server that is gone nothing more. */
  function ask<T>(key: string, question: () => Promise<Said<T>>): Promise<Said<T>> {
    const answer = (asked.get(key) as Promise<Said<T>> | undefined) ?? put(question);
    asked.set(key, answer);
    return answer;
  }
  /** Of several that asked at once, and of a server that is gone, one says so. */
  function hear(said: Said<never>): void {
    if (said.ok || gone !== undefined) return;
    problems.add(said.problem.message);
    if (isGone.has(said.problem.kind)) gone = said;
  }
  async function put<T>(question: () => Promise<Said<T>>): Promise<Said<T>> {
    if (gone !== undefined) return gone;
    const said = await question();
    if (!said.ok) hear(said);
    return said;
  }

  const custom = new Set([...groups].filter((group) => !isBuiltIn(group)));
  const definitions = (): Promise<Said<Defined>> =>
    ask('definitions', async () => {
      const said = await server.definitions(custom);
      return said.ok ? { ok: true, value: { all: said.value, kinds: kindsFromCrds(said.value, 'cluster') } } : said;
    });
  const apiVersions = (): Promise<Said<readonly string[]>> => ask('apiVersions', server.apiVersions);
  const documentOf = (apiVersion: string): Promise<Said<Kinds>> =>
    ask(apiVersion, async () => {
      const group = groupOf(apiVersion);
      const version = isBuiltIn(group) ? await ask('version', server.version) : undefined;
      const said = await server.openApi(apiVersion);
      if (!said.ok) return said;
      const release = installedRelease(group, 'cluster', version?.ok === true ? version.value : '');
      return { ok: true, value: kindsFromOpenApi([said.value], release) };
    });

  async function published(apiVersion: string, kind: string): Promise<Found> {
    const served = await apiVersions();
    if (!served.ok) return 'unread';
    const group = groupOf(apiVersion);
    const document = served.value.includes(apiVersion) ? await documentOf(apiVersion) : undefined;
    if (document?.ok === false) return 'unread';
    const found = await document?.value.find(apiVersion, kind);
    if (found !== undefined) return found;
    return elsewhere(
      served.value.filter((other) => groupOf(other) === group && other !== apiVersion),
      group,
      kind,
    );
  }

  /** A kind that is not in its version may be in others; a server has no built-in kind that it does not publish. */
  async function elsewhere(apiVersions: readonly string[], group: string, kind: string): Promise<Found> {
    const served: string[] = [];
    let release = installedRelease(group, 'cluster');
    for (const other of apiVersions) {
      const document = await documentOf(other);
      const found = document.ok ? await document.value.find(other, kind) : undefined;
      if (!document.ok) return 'unread';
      if (found !== undefined) served.push(versionOf(other));
      release = found?.release ?? release;
    }
    return served.length > 0 || isBuiltIn(group) ? { served, release } : 'absent';
  }

  async function told(apiVersion: string, kind: string): Promise<Found> {
    if (isBuiltIn(groupOf(apiVersion))) return published(apiVersion, kind);
    const said = await definitions();
    const found = said.ok ? await said.value.kinds.find(apiVersion, kind) : undefined;
    if (found !== undefined) return found;
    const other = await published(apiVersion, kind);
    // Where every definition could be read, and none is of the kind, it is not there.
    const isDefined = !said.ok || said.value.all.some((definition) => isDefinitionOf(definition, apiVersion, kind));
    return other === 'unread' && !isDefined ? 'absent' : other;
  }

  return {
    problems: () => [...problems],
    kinds: {
      find: async (apiVersion, kind) => {
        const found = await told(apiVersion, kind);
        if (typeof found !== 'string') return found;
        const other = await others.find(apiVersion, kind);
        return other && { ...other, release: { ...other.release, name: `${other.release.name}, ${reasons[found]}` } };
      },
    },
  };
}

interface Defined {
  all: readonly unknown[];
  kinds: Kinds;
}

type Found = Kind | NotServed | Unknown;
type Unknown = keyof typeof reasons;

/** Why another source tells of a kind. */
const reasons = {
  absent: 'for the cluster has no such kind',
  unread: 'for what the cluster has could not be read',
} as const;
