/**
 * Logs of containers: `src/demo/logs/<namespace>_<pod>_<container>.txt` (and `.previous.txt` for the run before a restart),
 * with `{{ago 5m}}` for times, and what the demo's gateway adds while it runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolveTimes } from '../../../packages/apiserver/objects/relative-times.ts';

const folder = new URL('../logs/', import.meta.url);

/** The logs that the demo comes with, and those that a fault brings instead. */
export function loadLogs(now: Date, others: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const logs = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.txt')) logs.set(file.slice(0, -'.txt'.length), readFileSync(new URL(file, folder), 'utf8'));
  }
  for (const [key, log] of Object.entries(others)) logs.set(key, log);
  return new Map([...logs].map(([key, log]) => [key, resolveTimes(log, now)]));
}
