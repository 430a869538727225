/** The columns of the built-in kinds, which only the API server's own code says [kubernetes 1.36, pkg/printers/internalversion/printers.go]. */
import { selectorText } from '../../../src/formats/label-selector.ts';
import { at, list, number, strings, text } from '../objects/fields.ts';
import {
  accessModes,
  endpointAddresses,
  entries,
  eventTime,
  externalAddresses,
  hasStatus,
  nodeAddress,
  nodeRoles,
  nodeStatus,
  podContainers,
  podRestarts,
  podStatus,
  servicePorts,
  templateContainers,
} from './cells.ts';
import { age, type Column, count, field, humanDuration, joined, name, none, since, wide } from './columns.ts';

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

export const builtinColumns: Readonly<Record<string, readonly Column[]>> = {
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
