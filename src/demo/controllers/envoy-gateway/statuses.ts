/** Writes what Envoy Gateway says into the statuses of what it says it of [Envoy Gateway 1.9: internal/provider/kubernetes/status.go]. */
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { at, fieldsOf, list, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import type { JudgedSet } from '../../../gateways/listener-sets.ts';
import type { Listener } from '../../../gateways/listener.ts';
import type { JudgedRoute } from '../../../gateways/routes.ts';
import type { Translation } from '../../../gateways/translate.ts';
import type { Verdict, Verdicts } from '../../../gateways/verdicts.ts';
import { groupOf, groups, type Resource } from '../../../gateways/world.ts';
import type { Cluster } from '../cluster.ts';

/** The object as it is now: what was written of it meanwhile is kept. */
export function fresh(cluster: Cluster, object: Resource): StoredObject | undefined {
  const { namespace, name } = object.metadata;
  return cluster.get({ group: groups[object.kind] ?? groupOf(object), kind: object.kind }, namespace, name);
}

const withoutPlace = ({ at: _at, ...condition }: Verdict): Condition => condition;

/** Conditions with what is said now; what was said of other things goes. */
function conditionsOf(
  cluster: Cluster,
  { metadata: { generation } }: StoredObject,
  present: readonly unknown[],
  verdicts: Verdicts,
): readonly unknown[] {
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return cluster.conditions(
    present.filter((entry) => verdicts.has(text(entry, 'type'))),
    ...[...verdicts.values()].map((verdict) => ({ ...withoutPlace(verdict), ...observed })),
  );
}

/** What is said of listeners, in a Gateway's or ListenerSet's status. */
export function listenersOf(cluster: Cluster, holder: StoredObject, listeners: readonly Listener[]): readonly Fields[] {
  const old = list(holder, 'status', 'listeners');
  return listeners.map(({ name, verdicts, supportedKinds, attachedRoutes }) => {
    const before = old.find((entry) => text(entry, 'name') === name);
    return {
      name,
      attachedRoutes,
      supportedKinds,
      conditions: conditionsOf(cluster, holder, list(before, 'conditions'), verdicts),
    };
  });
}

export function writeSet(cluster: Cluster, { set, verdicts, listeners }: JudgedSet): void {
  const object = fresh(cluster, set);
  if (object === undefined) return;
  cluster.setStatus(object, {
    conditions: conditionsOf(cluster, object, list(object, 'status', 'conditions'), verdicts),
    listeners: listenersOf(cluster, object, listeners),
  });
}

const parts = ['group', 'kind', 'namespace', 'name', 'sectionName', 'port'] as const;
const usual: Readonly<Record<string, string>> = { group: 'gateway.networking.k8s.io', kind: 'Gateway' };

/** Whether two references mean the same, whatever they leave out. */
const isSame = (one: unknown, other: unknown): boolean =>
  parts.every((part) => (text(one, part) || usual[part]) === (text(other, part) || usual[part]));

const writtenOut = (reference: unknown): Fields => ({ ...usual, ...fieldsOf(reference) });

/** Each parent that the route names is told of; what was said of one that it no longer names stands: only later versions take it back [envoyproxy/gateway#9023]. */
export function writeRoute(cluster: Cluster, controllerName: string, { route, parents }: JudgedRoute): void {
  const object = fresh(cluster, route);
  if (object === undefined) return;
  const present = list(object, 'status', 'parents');
  const isOurs = (entry: unknown): boolean => text(entry, 'controllerName') === controllerName;
  const entries = parents.map(({ reference, verdicts }) => {
    const old = present.find((entry) => isOurs(entry) && isSame(at(entry, 'parentRef'), reference));
    return {
      controllerName,
      parentRef: writtenOut(reference),
      conditions: conditionsOf(cluster, object, list(old, 'conditions'), verdicts),
    };
  });
  const isFor = (one: unknown) => (other: unknown) => isSame(at(one, 'parentRef'), at(other, 'parentRef'));
  const kept = present.map((entry) => (isOurs(entry) && entries.find(isFor(entry))) || entry);
  cluster.setStatus(object, { parents: [...kept, ...entries.filter((entry) => !kept.includes(entry))] });
}

/** What is said of policies and parameters, for each of the Gateways that they work on. */
export function writeAncestors(cluster: Cluster, controllerName: string, said: Translation['policies']): void {
  for (const [policy, ancestors] of said) {
    const object = fresh(cluster, policy);
    if (object === undefined) continue;
    const present = list(object, 'status', 'ancestors');
    const others = present.filter((entry) => text(entry, 'controllerName') !== controllerName);
    const own = ancestors.map(({ reference, verdicts }) => {
      const old = present.find((entry) => isSame(at(entry, 'ancestorRef'), reference));
      return {
        ancestorRef: fieldsOf(reference),
        controllerName,
        conditions: conditionsOf(cluster, object, list(old, 'conditions'), verdicts),
      };
    });
    cluster.setStatus(object, { ancestors: [...others, ...own] });
  }
}

export function writeBackends(cluster: Cluster, backends: Translation['backends']): void {
  for (const [backend, verdicts] of backends) {
    const object = fresh(cluster, backend);
    if (object === undefined) continue;
    cluster.setStatus(object, {
      conditions: conditionsOf(cluster, object, list(object, 'status', 'conditions'), verdicts),
    });
  }
}
