/** The demo of a stack: everything that there is before anything happens, made from the names in the stack file. */
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../runbooks/stack-type.ts';
import type { Fault } from './fault.ts';
import { faultsOf } from './faults/index.ts';
import { logsOf } from './logs.ts';
import { objectsOf } from './objects/index.ts';
import { soundWorld } from './sound-world.ts';
import type { WorldFacts } from './world.ts';

export interface Homelab {
  /** The healthy cluster. */
  objects: readonly KubernetesObject[];
  /** The world around it when nothing is wrong. */
  sound: WorldFacts;
  /** What containers have said, with relative times, by the key of the container. */
  logs: ReadonlyMap<string, string>;
  /** What can go wrong with it, by id. */
  faults: readonly Fault[];
}

const known = new WeakMap<Stack, Homelab>();

/** A stack's demo; made once for each stack. */
export function homelabOf(stack: Stack): Homelab {
  const before = known.get(stack);
  if (before !== undefined) return before;
  const objects = objectsOf(stack);
  const homelab = {
    objects,
    sound: soundWorld(stack),
    logs: logsOf(stack, objects),
    faults: faultsOf({ stack, objects }),
  };
  known.set(stack, homelab);
  return homelab;
}
