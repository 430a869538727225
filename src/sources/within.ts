/**
 * For a user who may not list the objects of all namespaces: those of the stack's own are asked instead, and those that objects refer to. What
 * is brought says of which it is.
 */
import { referencesOf } from '../kinds/references.ts';
import { isObject } from '../kinds/violation.ts';
import type { Fact, Problem } from '../runbook/fact.ts';
import { kinds } from '../runbook/kinds.ts';
import type { ClusterRead, ListRead } from '../runbook/read.ts';
import type { ClusterSource } from '../runbook/source.ts';

/** Namespaces of one list: a user who may read more of them one by one may as well read all. */
const mostNamespaces = 20;
/** What is found in namespaces may refer to others. */
const mostRounds = 3;

/** @param own The namespaces that are asked first. */
export function withinNamespaces(source: ClusterSource, own: readonly string[]): ClusterSource {
  const answers: Fact[] = [];
  let underWay = 0;
  let waiting: (() => void)[] = [];

  /** Once nothing is under way, what objects refer to is known as far as it can be. */
  const settled = (): Promise<void> => (underWay === 0 ? Promise.resolve() : new Promise((done) => waiting.push(done)));

  async function counted(read: ClusterRead, signal: AbortSignal | undefined): Promise<Fact> {
    underWay += 1;
    try {
      const fact = await source.read(read, signal);
      answers.push(fact);
      return fact;
    } finally {
      underWay -= 1;
      if (underWay === 0) {
        for (const done of waiting) done();
        waiting = [];
      }
    }
  }

  const known = (): readonly string[] => [...new Set([...own, ...answers.flatMap(namespacesIn)])];

  async function within(read: ListRead, why: Problem, signal: AbortSignal | undefined): Promise<Fact> {
    await settled();
    const asked = new Map<string, Fact>();
    for (let round = 0; round < mostRounds; round++) {
      const fresh = known().filter((namespace) => !asked.has(namespace));
      const next = fresh.slice(0, mostNamespaces - asked.size);
      const found = await Promise.all(next.map((namespace) => source.read({ ...read, namespace }, signal)));
      for (const [index, fact] of found.entries()) asked.set(next[index] ?? '', fact);
      answers.push(...found);
    }
    const seen = [...asked].filter(([, fact]) => fact.ok);
    if (seen.length === 0) return { ok: false, problem: why };
    const namespaces = seen.map(([namespace]) => namespace).toSorted();
    return {
      ok: true,
      value: seen.flatMap(([, fact]) => (fact.ok && Array.isArray(fact.value) ? (fact.value as unknown[]) : [])),
      within: {
        namespaces,
        besides: known().filter((namespace) => !namespaces.includes(namespace)),
        problem: why,
      },
    };
  }

  return {
    ...source,
    async read(read, signal) {
      const fact = await counted(read, signal);
      const isWide = read.type === 'list' && read.namespace === undefined && kinds[read.kind].namespaced;
      return isWide && !fact.ok && fact.problem.kind === 'forbidden' ? within(read, fact.problem, signal) : fact;
    },
  };
}

/** The namespaces to which objects refer, as they came from the server. */
function namespacesIn(fact: Fact): readonly string[] {
  if (!fact.ok) return [];
  const objects: readonly unknown[] = Array.isArray(fact.value) ? fact.value : [fact.value];
  return objects.flatMap((object) =>
    isReferring(object) ? referencesOf(object).flatMap(({ namespace }) => (namespace === '' ? [] : [namespace])) : [],
  );
}

const isReferring = (object: unknown): object is Parameters<typeof referencesOf>[0] =>
  isObject(object) && typeof object['kind'] === 'string' && isObject(object['metadata']);

/** Every namespace that a stack names. */
export const namespacesOf = (stack: unknown): readonly string[] => [
  ...new Set(
    Object.entries(isObject(stack) ? stack : {}).flatMap(([field, value]): readonly string[] => {
      if (field === 'namespace' && typeof value === 'string') return [value];
      return Array.isArray(value) ? value.flatMap(namespacesOf) : namespacesOf(value);
    }),
  ),
];
