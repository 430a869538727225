/**
 * Kinds that an API server shows in two shapes, of which it stores one: Events, which have other names in events.k8s.io
 * [kubernetes 1.36, pkg/apis/events/v1/conversion.go], and the autoscaler of version 1 [pkg/apis/autoscaling/v1/conversion.go].
 */
import { at, fieldsOf, list, text, type Fields } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { groupVersion, type Resource } from './resources.ts';

interface Conversion {
  toStored: (object: Fields) => Fields;
  fromStored: (object: Fields) => Fields;
}

/** In the order of events.k8s.io: its name of a field, and the core group's. */
const eventFields: readonly (readonly [string, string])[] = [
  ['eventTime', 'eventTime'],
  ['series', 'series'],
  ['reportingController', 'reportingComponent'],
  ['reportingInstance', 'reportingInstance'],
  ['action', 'action'],
  ['reason', 'reason'],
  ['regarding', 'involvedObject'],
  ['related', 'related'],
  ['note', 'message'],
  ['type', 'type'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

function renamed(
  { apiVersion, kind, metadata, ...rest }: Fields,
  names: readonly (readonly [string, string])[],
): Fields {
  const fields = names.flatMap(([to, from]) => (rest[from] === undefined ? [] : [[to, rest[from]]]));
  return { apiVersion, kind, metadata, ...Object.fromEntries(fields) } as Fields;
}

const conversions: Readonly<Record<string, Conversion>> = {
  'events.k8s.io/v1 Event': {
    // An Event that nobody timed, of the old kind, still has its place for the time.
    fromStored: (event) => renamed({ eventTime: null, ...event }, eventFields),
    toStored: (event) => ({
      ...renamed(
        event,
        eventFields.map(([name, stored]) => [stored, name] as const),
      ),
      apiVersion: 'v1',
    }),
  },
  'autoscaling/v1 HorizontalPodAutoscaler': {
    fromStored: (autoscaler) => {
      const { metrics: _metrics, behavior: _behavior, ...spec } = fieldsOf(autoscaler, 'spec');
      const cpu = list(autoscaler, 'spec', 'metrics').find((metric) => text(metric, 'resource', 'name') === 'cpu');
      const target = at(cpu, 'resource', 'target', 'averageUtilization');
      return {
        ...autoscaler,
        spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
      };
    },
    toStored: (autoscaler) => {
      const { targetCPUUtilizationPercentage: target, ...spec } = fieldsOf(autoscaler, 'spec');
      const metric = {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } },
      };
      return {
        ...autoscaler,
        apiVersion: 'autoscaling/v2',
        spec: { ...spec, ...(target === undefined ? {} : { metrics: [metric] }) },
      };
    },
  },
};

const conversion = (apiVersion: string, object: Fields): Conversion | undefined =>
  conversions[`${apiVersion} ${text(object, 'kind')}`];

/** A stored object in the shape that a group and version has. */
export const toVersion = (object: StoredObject, apiVersion: string): StoredObject =>
  (conversion(apiVersion, object)?.fromStored(object) as StoredObject | undefined) ?? object;

/** An object of a client in the shape that is stored. */
export const toStored = (object: Fields): Fields =>
  conversion(text(object, 'apiVersion'), object)?.toStored(object) ?? object;

/** The group and version that objects are stored in. */
export const storedVersion = ({ group, versions }: Resource): string =>
  group === 'events.k8s.io' ? 'v1' : groupVersion(group, versions[0]);
