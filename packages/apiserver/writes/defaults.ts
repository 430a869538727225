/**
 * What an API server fills in where an object of a built-in kind says nothing, which no schema states: what clients and controllers rely
 * on [k8s.io/kubernetes, pkg/apis/{core,apps,batch}/v1/defaults.go]. The defaults of custom kinds are their definitions' own.
 */
import { same } from '../objects/same.ts';
import { at, fieldsOf, isFields, list, text, type Fields } from '../objects/fields.ts';

/** Fields and what each is when nobody says; a function looks at the object that it stands in. */
interface Defaults {
  readonly [field: string]: unknown;
}

/**
 * An object with its defaults. What stands as it stood before stays as it is: a fixture that leaves a default out is not changed by a
 * write of something else.
 */
export function withDefaults(object: Fields, old: Fields | undefined): Fields {
  const complete = kinds[text(object, 'kind')];
  if (complete === undefined) return object;
  const full = complete(object);
  return old === undefined ? full : (onlyNew(full, object, old) as Fields);
}

/** What the cluster has given a Service stays its own when a client does not name it. */
const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort'];

export function withAllocated(object: Fields, old: Fields | undefined): Fields {
  const [spec, before] = [object['spec'], old?.['spec']];
  const isAddressed = text(object, 'kind') === 'Service' && text(spec, 'type') !== 'ExternalName';
  if (!isAddressed || !isFields(spec) || !isFields(before)) return object;
  const kept = allocated.flatMap((field) => (field in before && !(field in spec) ? [[field, before[field]]] : []));
  return kept.length === 0 ? object : { ...object, spec: { ...spec, ...(Object.fromEntries(kept) as Fields) } };
}

/** A value with defaults, less those that are missing in what it was before, too. */
export function onlyNew(full: unknown, given: unknown, old: unknown): unknown {
  if (same(given, old)) return given;
  if (isFields(full) && isFields(given) && isFields(old)) {
    return Object.fromEntries(
      Object.entries(full).flatMap(([key, value]): readonly [string, unknown][] =>
        key in given ? [[key, onlyNew(value, given[key], old[key])]] : key in old ? [[key, value]] : [],
      ),
    );
  }
  if (Array.isArray(full) && Array.isArray(given) && Array.isArray(old)) {
    const nameOf = (item: unknown): string => text(item, 'name') || text(item, 'port');
    return full.map((item: unknown, index) => {
      const before: unknown = old.find((other) => nameOf(other) !== '' && nameOf(other) === nameOf(item));
      return onlyNew(item, given[index], before ?? old[index]);
    });
  }
  return full;
}

type Complete = (value: Fields) => Fields;

const fill = (value: unknown, defaults: Defaults): Fields => ({ ...defaults, ...fieldsOf(value) });

/** Does something to the object at a path, if there is one. */
function within(value: Fields, path: readonly string[], complete: Complete): Fields {
  const [key, ...rest] = path;
  if (key === undefined) return complete(value);
  const inner = value[key];
  return isFields(inner) ? { ...value, [key]: within(inner, rest, complete) } : value;
}

/** Does something to every object of a list, if there is one. */
function each(value: Fields, field: string, complete: Complete): Fields {
  const items = value[field];
  if (!Array.isArray(items)) return value;
  return { ...value, [field]: items.map((item: unknown) => (isFields(item) ? complete(item) : item)) };
}

const chain =
  (...steps: readonly Complete[]): Complete =>
  (value) =>
    steps.reduce((result, step) => step(result), value);

/** The first of these fields that an object has, completed with defaults. */
const fillAt =
  (field: string, defaults: Defaults): Complete =>
  (value) =>
    isFields(value[field]) ? { ...value, [field]: fill(value[field], defaults) } : value;

const probe: Complete = chain(
  (value) => fill(value, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
  fillAt('httpGet', { path: '/', scheme: 'HTTP' }),
);

/** An image of no tag is the latest; one with a digest is none. */
const isLatest = (image: string): boolean =>
  !image.includes('@') && (/:([^/]+)$/.exec(image)?.[1] ?? 'latest') === 'latest';

const container: Complete = chain(
  (value) =>
    fill(value, {
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: isLatest(text(value, 'image')) ? 'Always' : 'IfNotPresent',
    }),
  (value) => each(value, 'ports', (port) => fill(port, { protocol: 'TCP' })),
  (value) =>
    each(value, 'env', (variable) => within(variable, ['valueFrom'], fillAt('fieldRef', { apiVersion: 'v1' }))),
  (value) => within(value, ['livenessProbe'], probe),
  (value) => within(value, ['readinessProbe'], probe),
  (value) => within(value, ['startupProbe'], probe),
);

const readableByAll = { defaultMode: 0o644 };
const volume: Complete = chain(
  fillAt('secret', readableByAll),
  fillAt('configMap', readableByAll),
  fillAt('projected', readableByAll),
  fillAt('downwardAPI', readableByAll),
  fillAt('hostPath', { type: '' }),
);

const podSpec: Complete = chain(
  (spec) =>
    fill(spec, {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      ...(text(spec, 'serviceAccountName') === '' ? {} : { serviceAccount: text(spec, 'serviceAccountName') }),
    }),
  (spec) => each(spec, 'containers', container),
  (spec) => each(spec, 'initContainers', container),
  (spec) => each(spec, 'volumes', volume),
);

const template =
  (path: readonly string[]): Complete =>
  (object) =>
    within(object, [...path, 'template', 'spec'], podSpec);

const spec = (defaults: Defaults): Complete => fillAt('spec', defaults);

const rolling = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } };

const service: Complete = (object) =>
  within(object, ['spec'], (given) => {
    const type = text(given, 'type') || 'ClusterIP';
    const isLoadBalancer = type === 'LoadBalancer';
    const full = fill(given, {
      type,
      sessionAffinity: 'None',
      ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
      ...(isLoadBalancer ? { allocateLoadBalancerNodePorts: true } : {}),
      ...(isLoadBalancer || type === 'NodePort' ? { externalTrafficPolicy: 'Cluster' } : {}),
    });
    return each(full, 'ports', (port) => fill(port, { protocol: 'TCP', targetPort: port['port'] }));
  });

const job: Complete = chain(
  spec({ parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false }),
  template(['spec']),
);

/** What a CustomResourceDefinition says of itself once it is served. */
const definition: Complete = (object) => {
  const names = at(object, 'spec', 'names');
  const [plural, kind] = [text(names, 'plural'), text(names, 'kind')];
  const full = fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List`, plural });
  return within({ ...object }, ['spec'], (given) =>
    fill({ ...given, names: full }, { conversion: { strategy: 'None' } }),
  );
};

const kinds: Readonly<Record<string, Complete>> = {
  Pod: (object) =>
    within(object, ['spec'], (given) =>
      podSpec(fill(given, { serviceAccountName: 'default', serviceAccount: 'default', enableServiceLinks: true })),
    ),
  Deployment: chain(
    spec({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: rolling }),
    (object) =>
      within(object, ['spec', 'strategy'], (strategy) =>
        text(strategy, 'type') === 'Recreate' ? strategy : fill(strategy, rolling),
      ),
    template(['spec']),
  ),
  ReplicaSet: chain(spec({ replicas: 1 }), template(['spec'])),
  StatefulSet: chain(
    spec({
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    }),
    template(['spec']),
  ),
  DaemonSet: chain(
    spec({
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    }),
    template(['spec']),
  ),
  Job: job,
  CronJob: chain(
    spec({ concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 }),
    template(['spec', 'jobTemplate', 'spec']),
  ),
  Service: service,
  Secret: (object) => fill(object, { type: 'Opaque' }),
  PersistentVolumeClaim: spec({ volumeMode: 'Filesystem' }),
  RoleBinding: (object) => withApiGroups(object),
  ClusterRoleBinding: (object) => withApiGroups(object),
  CustomResourceDefinition: definition,
};

function withApiGroups(object: Fields): Fields {
  const rbac = 'rbac.authorization.k8s.io';
  const full = each(object, 'subjects', (subject) =>
    text(subject, 'kind') === 'ServiceAccount' ? subject : fill(subject, { apiGroup: rbac }),
  );
  return fillAt('roleRef', { apiGroup: rbac })(full);
}

/** The status that a new object begins with, where the API server itself gives it one. */
export function initialStatus(object: Fields, timestamp: string): Fields | undefined {
  switch (text(object, 'kind')) {
    case 'Pod':
      return { phase: 'Pending', qosClass: 'BestEffort' };
    case 'PersistentVolumeClaim':
    case 'PersistentVolume':
      return { phase: 'Pending' };
    case 'Service':
      return { loadBalancer: {} };
    case 'CustomResourceDefinition': {
      const condition = (type: string, reason: string, message: string): Fields => ({
        type,
        status: 'True',
        lastTransitionTime: timestamp,
        reason,
        message,
      });
      return {
        acceptedNames: at(object, 'spec', 'names'),
        conditions: [
          condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
          condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
        ],
        storedVersions: list(object, 'spec', 'versions')
          .filter((version) => at(version, 'storage') === true)
          .map((version) => text(version, 'name')),
      };
    }
    default:
      return undefined;
  }
}
