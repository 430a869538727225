/**
 * Tables as `kubectl get` asks for them: the server chooses the columns and fills the cells.
 *
 * Built-in kinds have the columns listed here; custom kinds those of their CustomResourceDefinition; all others name and age.
 */
import { selectorText } from '../../../src/formats/label-selector.ts';
import { at, list, number, strings, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import type { PrinterColumn, Resource } from '../resources/resources.ts';

type Cell = string | number;

interface Column {
  name: string;
  type?: 'string' | 'integer' | 'date';
  /** Shown with `-o wide` only. */
  wide?: boolean;
  cell: (object: StoredObject, now: Date) => Cell;
}

export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

const none = '<none>';

/** A duration as kubectl prints ages: two units while they tell something, then one. */
function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return both(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? both(years, 'y', days % 365, 'd') : `${years}y`;
}

const both = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;

function since(time: string, now: Date): string {
  const then = Date.parse(time);
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now.getTime() - then);
}

const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const age: Column = { name: 'Age', cell: ({ metadata }, now) => since(metadata.creationTimestamp, now) };

const field = (title: string, path: string, fallback = ''): Column => ({
  name: title,
  cell: (object) => text(object, ...path.split('.')) || fallback,
});

const count = (title: string, path: string): Column => ({
  name: title,
  type: 'integer',
  cell: (object) => number(object, ...path.split('.')),
});

const wide = (column: Column): Column => ({ ...column, wide: true });

const joined = (map: Readonly<Record<string, string>>): string =>
  Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || none;

const templateContainers = (object: StoredObject): readonly unknown[] =>
  list(at(object, 'spec', 'template', 'spec'), 'containers');

/** Containers, images and selector: what `-o wide` adds to every workload. */
const workloadWide: readonly Column[] = [
  wide({
    name: 'Containers',
    cell: (object) =>
      templateContainers(object)
        .map((container) => text(container, 'name'))
        .join(','),
  }),
  wide({
    name: 'Images',
    cell: (object) =>
      templateContainers(object)
        .map((container) => text(container, 'image'))
        .join(','),
  }),
];

const workloadSelector = wide({
  name: 'Selector',
  cell: (object) => selectorText(at(object, 'spec', 'selector')) || none,
});

const ready: Column = {
  name: 'Ready',
  cell: (object) => `${number(object, 'status', 'readyReplicas')}/${text(object, 'spec', 'replicas') || '1'}`,
};

const hasStatus = (object: unknown, type: string): boolean =>
  list(object, 'status', 'conditions').some(
    (condition) => text(condition, 'type') === type && text(condition, 'status') === 'True',
  );

/** What ails the pod's containers, if anything does; else its phase. */
function podStatus(pod: StoredObject): string {
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

function podRestarts(pod: StoredObject, now: Date): string {
  const statuses = list(pod, 'status', 'containerStatuses');
  const restarts = statuses.reduce<number>((sum, status) => sum + number(status, 'restartCount'), 0);
  const last = statuses
    .map((status) => text(status, 'lastState', 'terminated', 'finishedAt'))
    .sort()
    .at(-1);
  return restarts > 0 && last !== undefined && last !== '' ? `${restarts} (${since(last, now)} ago)` : String(restarts);
}

const podContainers = (pod: StoredObject): readonly unknown[] => list(pod, 'status', 'containerStatuses');

function externalAddresses(service: StoredObject): string {
  const addresses = list(service, 'status', 'loadBalancer', 'ingress').map(
    (ingress) => text(ingress, 'ip') || text(ingress, 'hostname'),
  );
  if (addresses.length > 0) return addresses.join(',');
  return text(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : none;
}

const servicePorts = (service: StoredObject): string =>
  list(service, 'spec', 'ports')
    .map((port) => {
      const nodePort = text(port, 'nodePort');
      return `${text(port, 'port')}${nodePort === '' ? '' : `:${nodePort}`}/${text(port, 'protocol') || 'TCP'}`;
    })
    .join(',') || none;

function nodeStatus(node: StoredObject): string {
  const state = hasStatus(node, 'Ready') ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(node: StoredObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(strings(node, 'metadata', 'labels')).filter((label) => label.startsWith(prefix));
  return (
    roles
      .map((label) => label.slice(prefix.length))
      .sort()
      .join(',') || none
  );
}

const nodeAddress =
  (type: string) =>
  (node: StoredObject): string =>
    text(
      list(node, 'status', 'addresses').find((address) => text(address, 'type') === type),
      'address',
    ) || none;

const entries = (object: StoredObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, key) => sum + Object.keys(strings(object, key)).length, 0);

const eventTime = (event: StoredObject, ...fields: readonly string[]): string =>
  fields.map((key) => text(event, key)).find((time) => time !== '') ?? event.metadata.creationTimestamp;

const endpointAddresses = (slice: StoredObject): string =>
  list(slice, 'endpoints')
    .flatMap((endpoint) => list(endpoint, 'addresses'))
    .map((address) => text(address))
    .join(',') || '<unset>';

const builtinColumns: Readonly<Record<string, readonly Column[]>> = {
  'apiextensions.k8s.io CustomResourceDefinition': [
    name,
    { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
  'apps DaemonSet': [
    name,
    count('Desired', 'status.desiredNumberScheduled'),
    count('Current', 'status.currentNumberScheduled'),
    count('Ready', 'status.numberReady'),
    count('Up-to-date', 'status.updatedNumberScheduled'),
    count('Available', 'status.numberAvailable'),
    {
      name: 'Node Selector',
      cell: (object) => joined(strings(at(object, 'spec', 'template', 'spec'), 'nodeSelector')),
    },
    age,
    ...workloadWide,
    workloadSelector,
  ],
  'apps Deployment': [
    name,
    ready,
    count('Up-to-date', 'status.updatedReplicas'),
    count('Available', 'status.availableReplicas'),
    age,
    ...workloadWide,
    workloadSelector,
  ],
  'apps ReplicaSet': [
    name,
    count('Desired', 'spec.replicas'),
    count('Current', 'status.replicas'),
    count('Ready', 'status.readyReplicas'),
    age,
    ...workloadWide,
    workloadSelector,
  ],
  'apps StatefulSet': [name, ready, age, ...workloadWide],
  'batch CronJob': [
    name,
    field('Schedule', 'spec.schedule'),
    field('Timezone', 'spec.timeZone', none),
    { name: 'Suspend', cell: (job) => (at(job, 'spec', 'suspend') === true ? 'True' : 'False') },
    { name: 'Active', type: 'integer', cell: (job) => list(job, 'status', 'active').length },
    {
      name: 'Last Schedule',
      cell: (job, now) => {
        const time = text(job, 'status', 'lastScheduleTime');
        return time === '' ? none : since(time, now);
      },
    },
    age,
    wide({
      name: 'Containers',
      cell: (job) =>
        list(at(job, 'spec', 'jobTemplate', 'spec', 'template', 'spec'), 'containers')
          .map((container) => text(container, 'name'))
          .join(','),
    }),
  ],
  'batch Job': [
    name,
    {
      name: 'Status',
      cell: (job) => (hasStatus(job, 'Complete') ? 'Complete' : hasStatus(job, 'Failed') ? 'Failed' : 'Running'),
    },
    {
      name: 'Completions',
      cell: (job) => `${number(job, 'status', 'succeeded')}/${text(job, 'spec', 'completions') || '1'}`,
    },
    {
      name: 'Duration',
      cell: (job, now) => {
        const start = Date.parse(text(job, 'status', 'startTime'));
        const end = Date.parse(text(job, 'status', 'completionTime'));
        return Number.isNaN(start) ? '' : humanDuration((Number.isNaN(end) ? now.getTime() : end) - start);
      },
    },
    age,
    ...workloadWide,
  ],
  'discovery.k8s.io EndpointSlice': [
    name,
    field('AddressType', 'addressType'),
    {
      name: 'Ports',
      cell: (slice) =>
        list(slice, 'ports')
          .map((port) => text(port, 'port'))
          .join(',') || '<unset>',
    },
    { name: 'Endpoints', cell: endpointAddresses },
    age,
  ],
  'rbac.authorization.k8s.io ClusterRole': [
    name,
    { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
  'rbac.authorization.k8s.io ClusterRoleBinding': [
    name,
    { name: 'Role', cell: (binding) => `${text(binding, 'roleRef', 'kind')}/${text(binding, 'roleRef', 'name')}` },
    age,
  ],
  'rbac.authorization.k8s.io RoleBinding': [
    name,
    { name: 'Role', cell: (binding) => `${text(binding, 'roleRef', 'kind')}/${text(binding, 'roleRef', 'name')}` },
    age,
  ],
  ' ConfigMap': [name, { name: 'Data', type: 'integer', cell: (map) => entries(map, 'data', 'binaryData') }, age],
  ' Event': [
    {
      name: 'Last Seen',
      cell: (event, now) => since(eventTime(event, 'lastTimestamp', 'eventTime', 'firstTimestamp'), now),
    },
    field('Type', 'type'),
    field('Reason', 'reason'),
    {
      name: 'Object',
      cell: (event) =>
        `${text(event, 'involvedObject', 'kind').toLowerCase()}/${text(event, 'involvedObject', 'name')}`,
    },
    wide(field('Subobject', 'involvedObject.fieldPath')),
    wide({
      name: 'Source',
      cell: (event) => text(event, 'source', 'component') || text(event, 'reportingComponent'),
    }),
    { name: 'Message', cell: (event) => text(event, 'message').trim() },
    wide({ name: 'First Seen', cell: (event, now) => since(eventTime(event, 'firstTimestamp', 'eventTime'), now) }),
    wide({ name: 'Count', type: 'integer', cell: (event) => number(event, 'count') || 1 }),
    wide(name),
  ],
  ' Namespace': [name, field('Status', 'status.phase'), age],
  ' Node': [
    name,
    { name: 'Status', cell: nodeStatus },
    { name: 'Roles', cell: nodeRoles },
    age,
    field('Version', 'status.nodeInfo.kubeletVersion'),
    wide({ name: 'Internal-IP', cell: nodeAddress('InternalIP') }),
    wide({ name: 'External-IP', cell: nodeAddress('ExternalIP') }),
    wide(field('OS-Image', 'status.nodeInfo.osImage', '<unknown>')),
    wide(field('Kernel-Version', 'status.nodeInfo.kernelVersion', '<unknown>')),
    wide(field('Container-Runtime', 'status.nodeInfo.containerRuntimeVersion', '<unknown>')),
  ],
  ' PersistentVolume': [
    name,
    field('Capacity', 'spec.capacity.storage'),
    { name: 'Access Modes', cell: (volume) => accessModes(volume) },
    field('Reclaim Policy', 'spec.persistentVolumeReclaimPolicy'),
    field('Status', 'status.phase'),
    {
      name: 'Claim',
      cell: (volume) => {
        const claim = at(volume, 'spec', 'claimRef');
        return claim === undefined ? '' : `${text(claim, 'namespace')}/${text(claim, 'name')}`;
      },
    },
    field('StorageClass', 'spec.storageClassName'),
    age,
  ],
  ' PersistentVolumeClaim': [
    name,
    field('Status', 'status.phase'),
    field('Volume', 'spec.volumeName'),
    field('Capacity', 'status.capacity.storage'),
    { name: 'Access Modes', cell: (claim) => accessModes(claim) },
    field('StorageClass', 'spec.storageClassName'),
    age,
  ],
  ' Pod': [
    name,
    {
      name: 'Ready',
      cell: (pod) =>
        `${podContainers(pod).filter((status) => at(status, 'ready') === true).length}/${list(pod, 'spec', 'containers').length}`,
    },
    { name: 'Status', cell: podStatus },
    { name: 'Restarts', cell: podRestarts },
    age,
    wide(field('IP', 'status.podIP', none)),
    wide(field('Node', 'spec.nodeName', none)),
    wide(field('Nominated Node', 'status.nominatedNodeName', none)),
    wide({ name: 'Readiness Gates', cell: () => none }),
  ],
  ' Secret': [
    name,
    field('Type', 'type'),
    { name: 'Data', type: 'integer', cell: (secret) => entries(secret, 'data') },
    age,
  ],
  ' Service': [
    name,
    { name: 'Type', cell: (service) => text(service, 'spec', 'type') || 'ClusterIP' },
    field('Cluster-IP', 'spec.clusterIP', none),
    { name: 'External-IP', cell: externalAddresses },
    { name: 'Port(s)', cell: servicePorts },
    age,
    wide({ name: 'Selector', cell: (service) => joined(strings(service, 'spec', 'selector')) }),
  ],
};

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const accessModes = (object: StoredObject): string =>
  list(object, 'spec', 'accessModes')
    .map((mode) => shortModes[text(mode)] ?? text(mode))
    .join(',');

/** A column of a CustomResourceDefinition: the first value that its JSONPath finds. */
const customColumn = ({ name: title, jsonPath, type, priority }: PrinterColumn): Column => ({
  name: title,
  type: type === 'date' || type === 'integer' ? type : 'string',
  wide: priority > 0,
  cell: (object, now) => {
    const found = jsonPathValue(object, jsonPath);
    if (found === undefined || found === null) return type === 'date' ? '<unknown>' : '';
    if (type === 'date') return since(text(found), now);
    if (type === 'integer' && typeof found === 'number') return found;
    return typeof found === 'object' ? JSON.stringify(found) : text(found);
  },
});

/** As much of JSONPath as printer columns use: fields, `[0]`, `[*]` and `[?(@.field=="value")]`; the first match counts. */
function jsonPathValue(object: unknown, path: string): unknown {
  let found: unknown = object;
  for (const [, key, index, filterField, filterValue] of path.matchAll(
    /\.([A-Za-z0-9_-]+)|\[(\d+|\*)\]|\[\?\(@\.(\w+)=="([^"]*)"\)\]/g,
  )) {
    if (key !== undefined) found = at(found, key);
    else if (!Array.isArray(found)) return undefined;
    else if (index !== undefined) found = found[index === '*' ? 0 : Number(index)];
    else found = found.find((entry) => filterField !== undefined && text(entry, filterField) === filterValue);
  }
  return found;
}

const columnsOf = ({ group, kind, custom, columns }: Resource): readonly Column[] =>
  custom ? [name, ...columns.map(customColumn)] : (builtinColumns[`${group} ${kind}`] ?? [name, age]);

export function columnDefinitions(resource: Resource): readonly TableColumn[] {
  const paths = new Map(resource.columns.map(({ name: title, jsonPath }) => [title, jsonPath]));
  return columnsOf(resource).map((column) => {
    const path = paths.get(column.name);
    return {
      name: column.name,
      type: column.type ?? (resource.custom && column.name === 'Age' ? 'date' : 'string'),
      format: column.name === 'Name' ? 'name' : '',
      description:
        resource.custom && path !== undefined
          ? `Custom resource definition column (in JSONPath format): ${path}`
          : `${column.name} of the ${resource.kind}.`,
      priority: column.wide === true ? 1 : 0,
    };
  });
}

export const tableCells = (resource: Resource, object: StoredObject, now: Date): readonly Cell[] =>
  columnsOf(resource).map((column) => column.cell(object, now));
