/** `/metrics`: the few numbers that there are, in the format and under the names of a real API server's. */
import type { State } from '../state/state.ts';
import { isStored, qualified } from '../resources/resources.ts';

/** Prometheus' text format, as an API server announces it. */
export const metricsMedia = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

export function metrics(state: State, gitVersion: string, requests: number): string {
  const objects = state.resources
    .filter(isStored)
    .map((resource) => [qualified(resource), state.list(resource).length] as const)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `apiserver_storage_objects{resource="${name}"} ${count}`);
  return [
    '# HELP apiserver_storage_objects [STABLE] Number of stored objects at the time of last check split by kind.',
    '# TYPE apiserver_storage_objects gauge',
    ...objects,
    '# HELP kubernetes_build_info [BETA] A metric with a constant 1 value labeled by version.',
    '# TYPE kubernetes_build_info gauge',
    `kubernetes_build_info{git_version="${gitVersion}"} 1`,
    '# HELP apiserver_request_total [STABLE] Counter of apiserver requests.',
    '# TYPE apiserver_request_total counter',
    `apiserver_request_total ${requests}`,
    '',
  ].join('\n');
}
