/**
 * A demo cluster in which something happened, and somebody who sets it right: commands as runbooks print them, done as kubectl, cmctl
 * and vault would, without a server between.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { controllers } from '../../../src/demo/controllers/index.ts';
import { settle } from '../../../packages/apiserver/controllers/loop.ts';
import { list, text } from '../../../packages/apiserver/objects/fields.ts';
import { mergePatch } from '../../../packages/apiserver/objects/merge-patch.ts';
import { timestamp, type StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import { bringAbout } from '../../../src/demo/node/scenario.ts';
import type { Scenario, Situation } from '../../../src/demo/scenario.ts';
import type { Kind } from '../../../packages/apiserver/state/kind.ts';
import type { State } from '../../../packages/apiserver/state/state.ts';
import { vaultCommand } from '../../../src/demo/exec/vault.ts';
import type { World } from '../../../src/demo/world.ts';
import { applyCommand } from '../../support/kubectl.ts';

export const now = new Date('2026-11-22T12:01:00Z');

export interface Practice extends Situation {
  /** Does something a few seconds later, and lets all that follows happen. */
  after: (act: () => void) => void;
  change: (...changes: readonly Change[]) => void;
  perform: (command: string) => void;
  /** Lets time pass. */
  later: (seconds: number) => void;
  time: () => Date;
  get: (kind: Kind, path: string) => StoredObject;
}

export function practise(scenario: Scenario = { changes: [] }): Practice {
  const situation = bringAbout(scenario, { now });
  const { state, world, cluster } = situation;
  let elapsed = 0;
  const time = (): Date => new Date(now.getTime() + elapsed * 1000);
  const at = (seconds: number, act: () => void): void => {
    elapsed += seconds;
    state.at(time(), () => {
      act();
      settle(cluster, controllers);
    });
  };
  const perform = (command: string): void => at(5, () => run(situation, command));
  return {
    state,
    world,
    cluster,
    time,
    perform,
    after: (act) => at(5, act),
    change: (...changes) => at(5, () => state.change(changes)),
    later: (seconds) => at(seconds, () => undefined),
    get: (kind, path) => {
      const [first = '', second] = path.split('/');
      const found = second === undefined ? state.get(kind, undefined, first) : state.get(kind, first, second);
      if (found === undefined) throw new Error(`There is no ${kind.kind} ${path}.`);
      return found;
    },
  };
}

function run({ state, world }: Situation, command: string): void {
  const [, folder] = /^kubectl apply -k (\S+)$/.exec(command) ?? [];
  const [, namespace = '', renewed] = /^cmctl renew -n (\S+) (\S+)$/.exec(command) ?? [];
  const [, called] = /^kubectl exec -n \S+ (?:-it )?\S+ -- vault (.+)$/.exec(command) ?? [];
  if (folder !== undefined) manifests(folder).forEach((file) => applyCommand(state, `kubectl apply -f ${file}`));
  else if (renewed !== undefined) renew(state, namespace, renewed);
  else if (called !== undefined) callVault(world, called);
  else if (!command.startsWith('kubectl auth can-i ')) applyCommand(state, command);
}

/** The files that a kustomization names. */
function manifests(folder: string): readonly string[] {
  const { resources } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
  return resources.map((name) => join(folder, name));
}

/** cmctl asks for an issuance in the Certificate's status, and leaves the rest to cert-manager [cmctl 2]. */
function renew(state: State, namespace: string, name: string): void {
  const certificate = state.get(kinds.Certificate, namespace, name);
  if (certificate === undefined) throw new Error(`There is no Certificate ${namespace}/${name}.`);
  const others = list(certificate, 'status', 'conditions').filter((entry) => text(entry, 'type') !== 'Issuing');
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'Certificate re-issuance manually triggered',
    lastTransitionTime: timestamp(state.now()),
  };
  state.replace(mergePatch(certificate, { status: { conditions: [...others, issuing] } }) as StoredObject);
}

/** The terminal asks for a key share; whoever follows the remedy runs the command once for each. */
function callVault(world: World, command: string): void {
  const isUnsealing = command === 'operator unseal';
  for (let share = 0; share < (isUnsealing ? 3 : 1); share += 1) {
    const args = [...command.split(' '), ...(isUnsealing ? ['0'.repeat(64)] : [])];
    const { exitCode, stderr } = vaultCommand(args, world);
    if (exitCode !== 0) throw new Error(`vault ${command}: ${stderr}`);
  }
}

/** Conditions as `Type=Status Reason: message`. */
export const conditions = (object: StoredObject): readonly string[] =>
  list(object, 'status', 'conditions').map(
    (one) => `${text(one, 'type')}=${text(one, 'status')} ${text(one, 'reason')}: ${text(one, 'message')}`,
  );

/** What the Events about an object say, by reason. */
export const events = ({ state }: Situation, about: StoredObject): readonly string[] =>
  state
    .list(kinds.Event, about.metadata.namespace ?? 'default')
    .filter((event) => text(event, 'involvedObject', 'uid') === about.metadata.uid)
    .map((event) => `${text(event, 'reason')}: ${text(event, 'message')}`);
