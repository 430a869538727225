/** The logs of containers, as `kubectl logs` asks for them. */
import { toBytes } from '../bytes/utf8.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { list, number, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import type { Resource } from '../resources/resources.ts';
import type { State } from '../state/state.ts';
import { isTrue, whole } from './list-options.ts';
import { badRequest, cause, invalid, notFound, StatusError, type Cause } from '../http/statuses.ts';

/** The key of a container's log: `<namespace>_<pod>_<container>`. No name of Kubernetes has an underscore. */
export const logKey = (namespace: string, pod: string, container: string): string => `${namespace}_${pod}_${container}`;

interface LogTarget {
  namespace: string;
  name: string;
}

export function podLog(
  state: State,
  resource: Resource,
  { namespace, name }: LogTarget,
  query: URLSearchParams,
): ApiAnswer {
  const options = logOptions(query, name);
  const pod = state.get(resource, namespace, name);
  if (pod === undefined) throw notFound(resource, name);
  const container = chooseContainer(pod, query.get('container') ?? '');
  checkKubelet(state, pod);
  const previous = isTrue(query.get('previous'));
  const key = `${logKey(namespace, name, container)}${previous ? '.previous' : ''}`;
  if (previous && !state.hasLog(key)) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (!previous) refuseUnstarted(pod, container);

  const since =
    options.since ??
    (options.sinceSeconds === undefined ? undefined : state.now().getTime() - options.sinceSeconds * 1000);
  const face = (line: string): string => (options.timestamps ? `${written(line, pod)} ${line}` : line);
  const follows = isTrue(query.get('follow')) && !previous;
  return {
    code: 200,
    headers: { 'content-type': 'text/plain' },
    body: (out) => {
      const lines = linesOf(state.log(key)).filter(
        (line) => since === undefined || Date.parse(written(line, pod)) >= since,
      );
      const { tailLines, limitBytes } = options;
      const wanted = tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - tailLines));
      const log = wanted.map(face).join('');
      out.write(limitBytes === undefined ? log : toBytes(log).subarray(0, limitBytes));
      if (follows && !isOver(state.get(resource, namespace, name), pod, container))
        return followed(
          state,
          { resource, pod, container, key },
          {
            line: (line) => out.write(face(line)),
            end: () => out.end(),
          },
        );
      out.end();
      return undefined;
    },
  };
}

interface Followed {
  resource: Resource;
  pod: StoredObject;
  container: string;
  key: string;
}

/** Tells each line until the container has ended or its pod has gone; @returns what ends it before. */
function followed(
  state: State,
  { resource, pod, container, key }: Followed,
  tell: { line: (line: string) => void; end: () => void },
): () => void {
  const stopLines = state.followLog(key, tell.line);
  const stop = (): void => {
    stopLines();
    stopWatch();
  };
  const stopWatch = state.watch(({ object: { kind, metadata } }) => {
    if (kind !== 'Pod' || metadata.uid !== pod.metadata.uid) return;
    if (!isOver(state.get(resource, metadata.namespace, metadata.name), pod, container)) return;
    stop();
    tell.end();
  });
  return stop;
}

/** Whether a container runs no more, and will not again. */
function isOver(now: StoredObject | undefined, pod: StoredObject, container: string): boolean {
  if (now === undefined || now.metadata.uid !== pod.metadata.uid) return true;
  const status = list(now, 'status', 'containerStatuses').find((entry) => text(entry, 'name') === container);
  return (
    text(status, 'state', 'terminated', 'reason') !== '' &&
    ['Succeeded', 'Failed'].includes(text(now, 'status', 'phase'))
  );
}

/** @throws StatusError 500 where nobody knows where the node's kubelet is [kubernetes 1.36, pkg/util/node, GetPreferredNodeAddress]. */
function checkKubelet(state: State, pod: StoredObject): void {
  const node = state.get({ group: '', kind: 'Node' }, undefined, text(pod, 'spec', 'nodeName'));
  if (node === undefined || list(node, 'status', 'addresses').length > 0) return;
  throw new StatusError(500, undefined, 'no preferred addresses found; known addresses: []');
}

interface LogOptions {
  tailLines: number | undefined;
  limitBytes: number | undefined;
  sinceSeconds: number | undefined;
  /** In milliseconds. */
  since: number | undefined;
  timestamps: boolean;
}

/** @throws StatusError 400 for what cannot be read, 422 for what may not be [kubernetes 1.36, ValidatePodLogOptions]. */
function logOptions(query: URLSearchParams, pod: string): LogOptions {
  const given = {
    tailLines: whole(query, 'tailLines'),
    limitBytes: whole(query, 'limitBytes'),
    sinceSeconds: whole(query, 'sinceSeconds'),
    since: time(query.get('sinceTime') ?? ''),
    timestamps: isTrue(query.get('timestamps')),
  };
  const { tailLines = 0, limitBytes = 1, sinceSeconds = 1, since } = given;
  const isTwice = since !== undefined && given.sinceSeconds !== undefined;
  const wrong: readonly (readonly [boolean, Cause])[] = [
    [tailLines < 0, cause.invalid('tailLines', tailLines, 'must be greater than or equal to 0')],
    [limitBytes < 1, cause.invalid('limitBytes', limitBytes, 'must be greater than 0')],
    [isTwice, cause.forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified')],
    [!isTwice && sinceSeconds < 1, cause.invalid('sinceSeconds', sinceSeconds, 'must be greater than 0')],
  ];
  const causes = wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, causes);
  return given;
}

/** @throws StatusError 400 for what is no time. */
function time(value: string): number | undefined {
  if (value === '') return undefined;
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(value) && !Number.isNaN(Date.parse(value))) return Date.parse(value);
  const quoted = JSON.stringify(value);
  throw badRequest(`parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`);
}

/** Lines with the end that each has. */
const linesOf = (log: string): readonly string[] => log.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/**
 * When a line was written, as a container runtime notes it: what the line says itself, or when its pod began.
 */
function written(line: string, pod: StoredObject): string {
  const [said] = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/.exec(line) ?? [];
  const at = said ?? (text(pod, 'status', 'startTime') || pod.metadata.creationTimestamp);
  return at.replace(/(?:\.(\d+))?Z$/, (_end, fraction: string = '') => `.${fraction.padEnd(9, '0')}Z`);
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
