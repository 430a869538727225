/** Objects of the demo cluster: changed and left alone by every controller, or with all that follows. */
import { loadObjects, type Change, type StoredObject } from '../../src/demo/objects.ts';
import { bringAbout, type Scenario } from '../../src/demo/scenario.ts';
import { State } from '../../src/demo/state.ts';

/** Exactly the changed objects: what a test says is all that is. */
export function changedObjects(changes: readonly Change[], now: Date): readonly StoredObject[] {
  const state = new State(loadObjects(), new Map(), now);
  state.change(changes, now);
  return state.objects;
}

/** The objects of a scenario, as the controllers leave them. */
export const objectsOf = (scenario: Scenario, now: Date): readonly StoredObject[] =>
  bringAbout(scenario, { now }).state.objects;
