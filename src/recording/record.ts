/** `npm run record`: records the runs that pages show. To be repeated when a check, a fault or the stack has changed. */
import { writeFileSync } from 'node:fs';
import '../sources/sound-stack.ts';
import { recordedRunsFile, recordRuns } from './runs.ts';

const recorded = await recordRuns();
writeFileSync(recordedRunsFile, recorded);
console.log(`${(recorded.length / 1024).toFixed(0)} kB of recorded runs are in src/site/runbook/recorded-runs.json.`);
