/** Objects of the demo cluster: changed and left alone by every controller, or with all that follows. */
import { applyChange, type Change } from '../../packages/apiserver/state/changes.ts';
import { identity, type KubernetesObject, type StoredObject } from '../../packages/apiserver/objects/object.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { store } from '../../packages/apiserver/state/store.ts';
import { bringAbout } from '../../src/demo/node/scenario.ts';
import type { Scenario } from '../../src/demo/scenario.ts';

const stored = new Map<number, ReadonlyMap<string, StoredObject>>();

/** The healthy cluster as it is stored at a time, each object by its identity. */
function healthyAt(now: Date): ReadonlyMap<string, StoredObject> {
  const healthy =
    stored.get(now.getTime()) ?? new Map(store(loadObjects(), now).map((object) => [identity(object), object]));
  stored.set(now.getTime(), healthy);
  return healthy;
}

/** Exactly the changed objects: what a test says is all that is, `metadata.generation` included. */
export function changedObjects(changes: readonly Change[], now: Date): readonly StoredObject[] {
  const before = new Map(loadObjects().map((object) => [identity(object), object]));
  const changed = new Map<string, KubernetesObject | undefined>();
  for (const change of changes) {
    const key = identity(change.object);
    changed.set(key, applyChange(changed.has(key) ? changed.get(key) : before.get(key), change));
  }
  const healthy = healthyAt(now);
  // Definitions say whether objects of their kind count generations.
  const definitions = [...before.values()].filter(({ kind }) => kind === 'CustomResourceDefinition');
  const fresh = [...changed.values()].filter((object) => object !== undefined);
  const after = new Map(healthy);
  for (const key of changed.keys()) if (changed.get(key) === undefined) after.delete(key);
  for (const object of store([...definitions, ...fresh], now)) {
    const key = identity(object);
    if (!healthy.has(key) || changed.has(key)) after.set(key, object);
  }
  return [...after.values()];
}

/** The objects of a scenario, as the controllers leave them. */
export const objectsOf = (scenario: Scenario, now: Date): readonly StoredObject[] =>
  bringAbout(scenario, { now }).state.objects;
