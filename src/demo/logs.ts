/**
 * Logs of containers: `src/demo/logs/<namespace>_<pod>_<container>.txt` (and `.previous.txt` for the run before a restart),
 * with `{{ago 5m}}` for times, and what the demo's gateway adds while it runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { list, number, text } from './fields.ts';
import { resolveTimes, type StoredObject } from './objects.ts';
import type { Resource } from './resources.ts';
import type { State } from './state.ts';
import { badRequest, notFound } from './api/statuses.ts';

/** The key of a container's log: `<namespace>_<pod>_<container>`. No name of Kubernetes has an underscore. */
export const logKey = (namespace: string, pod: string, container: string): string => `${namespace}_${pod}_${container}`;

const folder = new URL('./logs/', import.meta.url);

/** The logs that the demo comes with, and those that a fault brings instead. */
export function loadLogs(now: Date, others: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const logs = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.txt')) logs.set(file.slice(0, -'.txt'.length), readFileSync(new URL(file, folder), 'utf8'));
  }
  for (const [key, log] of Object.entries(others)) logs.set(key, log);
  return new Map([...logs].map(([key, log]) => [key, resolveTimes(log, now)]));
}

interface LogTarget {
  namespace: string;
  name: string;
}

export function podLog(
  state: State,
  resource: Resource,
  { namespace, name }: LogTarget,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const pod = state.get(resource, namespace, name);
  if (pod === undefined) throw notFound(resource, name);
  const container = chooseContainer(pod, query.get('container') ?? '');
  const previous = query.get('previous') === 'true';
  const key = `${logKey(namespace, name, container)}${previous ? '.previous' : ''}`;
  if (previous && !state.hasLog(key)) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (!previous) refuseUnstarted(pod, container);

  const log = tail(state.log(key), query.get('tailLines'));
  const limit = Number(query.get('limitBytes') ?? 0);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  response.write(limit > 0 ? Buffer.from(log).subarray(0, limit) : log);
  if (query.get('follow') !== 'true' || previous) {
    response.end();
    return;
  }
  response.once(
    'close',
    state.followLog(key, (line) => void response.write(line)),
  );
}

/** @throws StatusError 400 when the pod has several containers and none is named, or none of that name. */
export function chooseContainer(pod: StoredObject, wanted: string): string {
  const names = (field: string): readonly string[] => list(pod, 'spec', field).map((entry) => text(entry, 'name'));
  const [containers, inits] = [names('containers'), names('initContainers')];
  const [only = '', ...others] = containers;
  if (wanted === '') {
    if (others.length === 0) return only;
    const choice = `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${containers.join(' ')}]`;
    throw badRequest(inits.length === 0 ? choice : `${choice} or one of the init containers: [${inits.join(' ')}]`);
  }
  if (![...containers, ...inits].includes(wanted)) {
    throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`);
  }
  return wanted;
}

/** @throws StatusError 400 for a container that has not run yet. */
function refuseUnstarted(pod: StoredObject, container: string): void {
  const statuses = [...list(pod, 'status', 'containerStatuses'), ...list(pod, 'status', 'initContainerStatuses')];
  const status = statuses.find((entry) => text(entry, 'name') === container);
  const waiting = text(status, 'state', 'waiting', 'reason');
  if (waiting === '' || number(status, 'restartCount') > 0) return;
  const why = /ImagePull/.test(waiting) ? 'trying and failing to pull image' : waiting;
  throw badRequest(`container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${why}`);
}

function tail(log: string, lines: string | null): string {
  if (lines === null) return log;
  const wanted = Math.max(0, Math.trunc(Number(lines)) || 0);
  if (wanted === 0) return '';
  const all = log.split('\n');
  const ended = all.at(-1) === '' ? 1 : 0;
  return all.slice(-(wanted + ended)).join('\n');
}
