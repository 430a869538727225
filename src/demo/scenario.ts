/**
 * Brings a state of affairs about: the healthy cluster, then what somebody did to it a while ago, then all that follows from it.
 */
import { Cluster } from './controllers/cluster.ts';
import { controllers } from './controllers/index.ts';
import { settle } from '../../packages/apiserver/controllers/loop.ts';
import { ago } from '../../packages/apiserver/objects/relative-times.ts';
import type { Change } from '../../packages/apiserver/state/changes.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { State } from '../../packages/apiserver/state/state.ts';
import { authors } from './authors.ts';
import { World, type WorldChange, type WorldFacts } from './world.ts';

export interface Scenario {
  /** What somebody did. */
  changes: readonly Change[];
  /** How long ago, such as `40m`; just now when left out. */
  since?: string;
  /** What happened outside the cluster. */
  world?: WorldChange;
  /** Logs in place of the demo's own, by `<namespace>_<pod>_<container>`. */
  logs?: Readonly<Record<string, string>>;
}

export interface Situation {
  state: State;
  world: World;
  cluster: Cluster;
}

/** What there is before anything happens. */
export interface Beginning {
  now: Date;
  objects: readonly KubernetesObject[];
  /** The world around it when nothing is wrong. */
  sound: WorldFacts;
  logs?: ReadonlyMap<string, string>;
}

export function bringAboutFrom(
  { now, objects, sound, logs = new Map() }: Beginning,
  { changes, since = '0s', world: change = {} }: Scenario,
): Situation {
  const state = new State(objects, { now, logs, authors });
  const world = new World(sound);
  const cluster = new Cluster(state, world);
  // What the controllers see first is what their processes have known all along.
  settle(cluster, controllers);
  state.at(new Date(now.getTime() - ago(since)), () => {
    world.change(change);
    state.change(changes, now);
    settle(cluster, controllers);
  });
  settle(cluster, controllers);
  return { state, world, cluster };
}
