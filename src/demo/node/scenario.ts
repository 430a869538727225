/** Brings a state of affairs about in the demo cluster as its files describe it. */
import { mergeDocuments } from '../../../packages/apiserver/objects/documents.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { bringAboutFrom, type Scenario, type Situation } from '../scenario.ts';
import { loadLogs } from './logs.ts';
import { loadObjects } from './objects.ts';

/** @param options Objects besides the demo's own, or merged into them. */
export function bringAbout(
  scenario: Scenario,
  { now, objects = [] }: { now: Date; objects?: readonly KubernetesObject[] },
): Situation {
  const all = objects.length === 0 ? loadObjects() : mergeDocuments([...loadObjects(), ...objects]);
  return bringAboutFrom({ now, objects: all, logs: loadLogs(now, scenario.logs) }, scenario);
}
