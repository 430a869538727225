/** Logs of containers in the stack file's demo cluster; its gateway adds to them while it runs. */
import { stack } from '#stack';
import { resolveTimes } from '../../../packages/apiserver/objects/relative-times.ts';
import { homelabOf } from '../homelab.ts';

/** The logs that the demo comes with, and those that a fault brings instead. */
export const loadLogs = (now: Date, others: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map([...homelabOf(stack).logs, ...Object.entries(others)].map(([key, log]) => [key, resolveTimes(log, now)]));
