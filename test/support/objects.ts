/** Objects of the demo cluster: changed and left alone by every controller, or with all that follows. */
import { applyChange, type Change } from '../../packages/apiserver/state/changes.ts';
import { identity, type StoredObject } from '../../packages/apiserver/objects/object.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { store } from '../../packages/apiserver/state/store.ts';
import { bringAbout } from '../../src/demo/node/scenario.ts';
import type { Scenario } from '../../src/demo/scenario.ts';

/** Exactly the changed objects: what a test says is all that is, `metadata.generation` included. */
export function changedObjects(changes: readonly Change[], now: Date): readonly StoredObject[] {
  const objects = new Map(loadObjects().map((object) => [identity(object), object]));
  for (const change of changes) {
    const key = identity(change.object);
    const changed = applyChange(objects.get(key), change);
    if (changed === undefined) objects.delete(key);
    else objects.set(key, changed);
  }
  return store([...objects.values()], now);
}

/** The objects of a scenario, as the controllers leave them. */
export const objectsOf = (scenario: Scenario, now: Date): readonly StoredObject[] =>
  bringAbout(scenario, { now }).state.objects;
