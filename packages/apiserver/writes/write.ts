/** A write, and what it says of itself. */
import type { Kinds } from '../../../src/kinds/kind.ts';
import type { Body, Target } from '../http/requests.ts';
import { timestamp } from '../objects/object.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import type { State } from '../state/state.ts';
import type { Writer } from './managed-fields.ts';
import { applyType } from './patches.ts';

export interface Write {
  state: State;
  /** The kinds that are served. */
  kinds: Kinds;
  resource: Resource;
  target: Target;
  query: URLSearchParams;
  body: Body;
  /** Who writes, for managedFields. */
  manager: string;
}

export const placeOf = ({ resource, target }: Write): string | undefined =>
  resource.namespaced && target.namespace !== '' ? target.namespace : undefined;

export const isDryRun = (query: URLSearchParams): boolean => query.getAll('dryRun').includes('All');

export function writerOf({ state, resource, target, body, manager }: Write): Writer {
  return {
    manager,
    operation: body.media === applyType ? 'Apply' : 'Update',
    apiVersion: groupVersion(resource.group, target.version),
    subresource: target.subresource,
    time: timestamp(state.now()),
  };
}
