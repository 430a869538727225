/** What stands in the cells of built-in kinds, where that is no field as it is [kubernetes 1.36, pkg/printers/internalversion]. */
import { at, list, number, strings, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { none, since } from './columns.ts';

export const templateContainers = (object: StoredObject): readonly unknown[] =>
  list(at(object, 'spec', 'template', 'spec'), 'containers');

export const hasStatus = (object: unknown, type: string): boolean =>
  list(object, 'status', 'conditions').some(
    (condition) => text(condition, 'type') === type && text(condition, 'status') === 'True',
  );

/** What ails the pod's containers, if anything does; else its phase. */
export function podStatus(pod: StoredObject): string {
  const waiting = (status: unknown): string =>
    text(status, 'state', 'waiting', 'reason') || text(status, 'state', 'terminated', 'reason');
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const inits = list(pod, 'status', 'initContainerStatuses');
  const pending = inits.findIndex(
    (status) => number(status, 'state', 'terminated', 'exitCode') !== 0 || at(status, 'state', 'waiting') !== undefined,
  );
  if (pending >= 0) {
    const reason = waiting(inits[pending]);
    return reason === '' || reason === 'PodInitializing' ? `Init:${pending}/${inits.length}` : `Init:${reason}`;
  }
  const ailing = list(pod, 'status', 'containerStatuses')
    .map(waiting)
    .findLast((reason) => reason !== '');
  return ailing ?? (text(pod, 'status', 'reason') || text(pod, 'status', 'phase') || 'Unknown');
}

export function podRestarts(pod: StoredObject, now: Date): string {
  const statuses = list(pod, 'status', 'containerStatuses');
  const restarts = statuses.reduce<number>((sum, status) => sum + number(status, 'restartCount'), 0);
  const last = statuses
    .map((status) => text(status, 'lastState', 'terminated', 'finishedAt'))
    .sort()
    .at(-1);
  return restarts > 0 && last !== undefined && last !== '' ? `${restarts} (${since(last, now)} ago)` : String(restarts);
}

export const podContainers = (pod: StoredObject): readonly unknown[] => list(pod, 'status', 'containerStatuses');

export function externalAddresses(service: StoredObject): string {
  const addresses = list(service, 'status', 'loadBalancer', 'ingress').map(
    (ingress) => text(ingress, 'ip') || text(ingress, 'hostname'),
  );
  if (addresses.length > 0) return addresses.join(',');
  return text(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : none;
}

export const servicePorts = (service: StoredObject): string =>
  list(service, 'spec', 'ports')
    .map((port) => {
      const nodePort = text(port, 'nodePort');
      return `${text(port, 'port')}${nodePort === '' ? '' : `:${nodePort}`}/${text(port, 'protocol') || 'TCP'}`;
    })
    .join(',') || none;

export function nodeStatus(node: StoredObject): string {
  const state = hasStatus(node, 'Ready') ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

export function nodeRoles(node: StoredObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(strings(node, 'metadata', 'labels')).filter((label) => label.startsWith(prefix));
  return (
    roles
      .map((label) => label.slice(prefix.length))
      .sort()
      .join(',') || none
  );
}

export const nodeAddress =
  (type: string) =>
  (node: StoredObject): string =>
    text(
      list(node, 'status', 'addresses').find((address) => text(address, 'type') === type),
      'address',
    ) || none;

export const entries = (object: StoredObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, key) => sum + Object.keys(strings(object, key)).length, 0);

export const eventTime = (event: StoredObject, ...fields: readonly string[]): string =>
  fields.map((key) => text(event, key)).find((time) => time !== '') ?? event.metadata.creationTimestamp;

export const endpointAddresses = (slice: StoredObject): string =>
  list(slice, 'endpoints')
    .flatMap((endpoint) => list(endpoint, 'addresses'))
    .map((address) => text(address))
    .join(',') || '<unset>';

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

export const accessModes = (object: StoredObject): string =>
  list(object, 'spec', 'accessModes')
    .map((mode) => shortModes[text(mode)] ?? text(mode))
    .join(',');
