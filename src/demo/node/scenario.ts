/** Brings a state of affairs about in the stack file's demo cluster. */
import { stack } from '#stack';
import { mergeDocuments } from '../../../packages/apiserver/objects/documents.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { homelabOf } from '../homelab.ts';
import { bringAboutFrom, type Scenario, type Situation } from '../scenario.ts';
import { loadLogs } from './logs.ts';

/** @param options Objects besides the demo's own, or merged into them. */
export function bringAbout(
  scenario: Scenario,
  { now, objects = [] }: { now: Date; objects?: readonly KubernetesObject[] },
): Situation {
  const { objects: own, sound } = homelabOf(stack);
  const all = objects.length === 0 ? own : mergeDocuments([...own, ...objects]);
  return bringAboutFrom({ now, objects: all, sound, logs: loadLogs(now, scenario.logs) }, scenario);
}
