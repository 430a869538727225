/** The faults of the demo cluster: each a YAML file in `src/demo/faults`. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { faultSchema, scenarioOfFault, type Fault } from '../fault.ts';
import { loadObjects } from './objects.ts';
import type { Scenario } from '../scenario.ts';

const folder = fileURLToPath(new URL('../faults', import.meta.url));

let loaded: readonly Fault[] | undefined;

/** Every fault, by id (its file's name); read once a process. */
export function loadFaults(): readonly Fault[] {
  loaded ??= readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const parsed = faultSchema.safeParse(parse(readFileSync(join(folder, file), 'utf8'), { merge: true }));
      if (!parsed.success) throw new Error(`src/demo/faults/${file}: ${z.prettifyError(parsed.error)}`);
      return { id: basename(file, '.yaml'), ...parsed.data };
    });
  return loaded;
}

/** What a fault makes of the demo cluster. */
export const scenarioOf = (fault: Fault): Scenario => scenarioOfFault(fault, loadObjects());
