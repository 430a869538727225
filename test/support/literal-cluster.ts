/**
 * A cluster made of objects in memory, for tests of checks: it answers reads as facts, without a server in between.
 * Reading a real server is tested with the demo cluster and with real HTTP.
 */
import { problem, value, type Fact, type ProblemKind } from '../../src/runbook/fact.ts';
import type { ClusterRead, ProbeRead } from '../../src/runbook/read.ts';
import { readSubject } from '../../src/runbook/read.ts';
import type { ClusterSource, ProbeSource } from '../../src/runbook/run.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';

export interface LiteralOptions {
  /** Problems by kind of object, or by `log`: every read of that kind meets it. */
  problems?: Readonly<Record<string, ProblemKind>>;
  /** Logs by pod name. */
  logs?: Readonly<Record<string, string>>;
}

const labelsOf = (object: KubernetesObject): Readonly<Record<string, string>> =>
  (object.metadata['labels'] as Record<string, string> | undefined) ?? {};

/** What a field selector compares: the text at a path such as `involvedObject.kind`. */
const fieldOf = (object: KubernetesObject, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      object,
    );

export function literalCluster(
  objects: readonly KubernetesObject[],
  { problems = {}, logs = {} }: LiteralOptions = {},
): ClusterSource {
  let requests = 0;
  const answer = (read: ClusterRead): Fact => {
    const trouble = problems[read.type === 'log' ? 'log' : read.kind];
    if (trouble !== undefined) return problem(trouble, `${readSubject(read)}: ${trouble}`);
    if (read.type === 'log') return value(logs[read.pod] ?? '');
    const ofKind = objects.filter(
      (object) =>
        object.kind === read.kind && (read.namespace === undefined || object.metadata.namespace === read.namespace),
    );
    if (read.type === 'object') {
      const found = ofKind.find((object) => object.metadata.name === read.name);
      return found === undefined ? problem('not-found', `${readSubject(read)} not found`) : value(found);
    }
    return value(
      ofKind.filter(
        (object) =>
          Object.entries(read.labels ?? {}).every(([key, wanted]) => labelsOf(object)[key] === wanted) &&
          Object.entries(read.fields ?? {}).every(([path, wanted]) => fieldOf(object, path) === wanted),
      ),
    );
  };
  return {
    source: 'snapshot',
    context: 'literal',
    server: 'none',
    read: (read) => {
      requests += 1;
      return Promise.resolve(answer(read));
    },
    version: () => Promise.resolve(value('v1.36.2')),
    requests: () => requests,
  };
}

/** Probes that answer as told, by `host:port` and server name. */
export const literalProbes = (answer: (read: ProbeRead) => Fact): ProbeSource => ({
  probe: (read) => Promise.resolve(answer(read)),
});
