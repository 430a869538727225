/**
 * A demo cluster in which something happened, and somebody who sets it right: commands as runbooks print them, done as kubectl, cmctl
 * and vault would, without a server between. A command that is not known here is an error, not a cure.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { controllers } from '../../../src/demo/controllers/index.ts';
import { settle } from '../../../src/demo/controllers/loop.ts';
import { list, text } from '../../../src/demo/fields.ts';
import { loadFaults, scenarioOf } from '../../../src/demo/faults.ts';
import {
  mergePatch,
  parseObjects,
  type Change,
  type KubernetesObject,
  type StoredObject,
} from '../../../src/demo/objects.ts';
import { bringAbout, type Scenario, type Situation } from '../../../src/demo/scenario.ts';
import type { Kind } from '../../../src/demo/state.ts';
import { vaultCommand } from '../../../src/demo/vault.ts';

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

export const practiseFault = (id: string): Practice => {
  const fault = loadFaults().find((one) => one.id === id);
  if (fault === undefined) throw new Error(`There is no fault ${id}.`);
  return practise(scenarioOf(fault));
};

export function practise(scenario: Scenario = { changes: [] }): Practice {
  const situation = bringAbout(scenario, { now });
  const { state, world, cluster } = situation;
  let elapsed = 0;
  const time = (): Date => new Date(now.getTime() + elapsed * 1000);
  const at = (seconds: number, act: () => void): void => {
    elapsed += seconds;
    state.at(time(), () => {
      act();
      settle(state, cluster, controllers);
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

/** Reads, and what is for elsewhere. */
const harmless = /^(?:dig|helm) |^kubectl (?:get|describe|logs|auth can-i) /;

function run({ state, world }: Situation, command: string): void {
  if (harmless.test(command)) return;
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const flag = (name: string): string | undefined => {
    const index = words.indexOf(name);
    return index === -1 ? words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) : words[index + 1];
  };
  const takes = ['-n', '-p', '-f', '-k'];
  const plain = words.filter((word, index) => !word.startsWith('-') && !takes.includes(words[index - 1] ?? ''));
  const [program, verb, ...rest] = plain;
  const find = (called: readonly string[]): StoredObject => {
    const [word = '', name = ''] = (called[0] ?? '').includes('/') ? (called[0] ?? '').split('/') : called;
    const resource = state.resources.find(
      ({ plural, kind }) => plural === word || kind.toLowerCase() === word.toLowerCase(),
    );
    const found = resource && state.get(resource, resource.namespaced ? flag('-n') : undefined, name);
    if (found === undefined) throw new Error(`There is no ${word} ${name}: ${command}`);
    return found;
  };
  const merge = (object: StoredObject, patch: object): void => {
    state.replace(mergePatch(object, patch) as StoredObject);
  };
  if (program === 'cmctl' && verb === 'renew') {
    const certificate = find(['certificates', rest[0] ?? '']);
    const message = 'Certificate re-issuance manually triggered';
    const issuing = { type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message };
    const others = list(certificate, 'status', 'conditions').filter((entry) => text(entry, 'type') !== 'Issuing');
    const lastTransitionTime = `${state.now().toISOString().slice(0, 19)}Z`;
    merge(certificate, { status: { conditions: [...others, { ...issuing, lastTransitionTime }] } });
    return;
  }
  const applied = flag('-f') ?? flag('-k');
  switch (program === 'kubectl' ? verb : '') {
    case 'apply':
      for (const object of manifests(applied ?? '')) {
        const old = state.get(
          { group: object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '', kind: object.kind },
          object.metadata.namespace,
          object.metadata.name,
        );
        if (old === undefined) state.create(object);
        else merge(old, object);
      }
      return;
    case 'patch':
      return merge(find(rest), JSON.parse(flag('-p') ?? '') as object);
    case 'annotate': {
      const pairs = rest.slice(2).map((word) => word.split('='));
      return merge(find(rest), { metadata: { annotations: Object.fromEntries(pairs) as object } });
    }
    case 'delete':
      return void state.remove(find(rest));
    case 'scale':
      return merge(find(rest), { spec: { replicas: Number(flag('--replicas')) } });
    case 'rollout': {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': state.now().toISOString() };
      return merge(find(rest.slice(1)), { spec: { template: { metadata: { annotations } } } });
    }
    case 'create': {
      const cronJob = find([flag('--from') ?? '']);
      state.create({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {
          namespace: flag('-n') ?? '',
          name: rest[1] ?? '',
          ownerReferences: [
            { apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob.metadata.name, uid: cronJob.metadata.uid },
          ],
        },
        spec: (cronJob['spec'] as { jobTemplate: { spec: object } }).jobTemplate.spec,
      });
      return;
    }
    case 'exec': {
      const args = words.slice(words.indexOf('--') + 2);
      const isUnsealing = args.join(' ') === 'operator unseal';
      // The terminal asks for a key share; whoever follows the remedy runs the command once for each.
      for (let share = 0; share < (isUnsealing ? 3 : 1); share += 1) {
        const { exitCode, stderr } = vaultCommand(isUnsealing ? [...args, '0'.repeat(64)] : args, world);
        if (exitCode !== 0) throw new Error(`${command}: ${stderr}`);
      }
      return;
    }
    default:
      throw new Error(`Nobody knows how to run: ${command}`);
  }
}

/** The objects of a manifest, or of those that a kustomization names. */
function manifests(path: string): readonly KubernetesObject[] {
  if (path.endsWith('.yaml')) return parseObjects(readFileSync(path, 'utf8'), path);
  const file = join(path, 'kustomization.yaml');
  const { resources } = parse(readFileSync(file, 'utf8')) as { resources: string[] };
  return resources.flatMap((name) => manifests(join(dirname(file), name)));
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
