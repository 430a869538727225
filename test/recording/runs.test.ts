/** The recorded runs of the pages are those that the runbooks and the demo cluster make now. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recordedRunsFile, recordRuns } from '../../src/recording/runs.ts';

it('are the runs of today: npm run record', async () => {
  const [made, kept] = [await recordRuns(), readFileSync(recordedRunsFile, 'utf8')];
  const differ = made.split('\n').filter((line, index) => line !== kept.split('\n')[index]);
  expect(differ.slice(0, 3).map((line) => line.slice(0, 300))).toEqual([]);
  expect(made === kept).toBe(true);
}, 120_000);
