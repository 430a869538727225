/**
 * An example of each finding, for the page that explains them: what the first case that has it is told. Run as a program it writes them where
 * the site finds them; a test tells when that is to be repeated.
 */
import { writeFileSync } from 'node:fs';
import type { FindingExample } from '../../src/site/findings-page.ts';
import { allChecks, examineCheck } from '../support/examine.ts';
import { loadCases } from './cases.ts';

export const examplesFile = new URL('../../src/site/finding-examples.json', import.meta.url);

/** The examples by the id of their finding, as the file's text. */
export async function recordExamples(): Promise<string> {
  const examples = new Map<string, FindingExample>();
  for (const { check: id, outcome, finds, ...situation } of loadCases().flatMap(({ cases }) => cases)) {
    const isNew = [finds ?? []].flat().some((what) => !examples.has(`${id}#${what}`));
    const check = allChecks.find((candidate) => candidate.id === id);
    if (!isNew || check === undefined) continue;
    for (const found of (await examineCheck(check, situation)).findings) {
      if (found.outcome !== outcome || examples.has(found.id)) continue;
      const { headline, message, quote, remedies } = found;
      examples.set(found.id, {
        ...{ headline, message, quote },
        remedies: remedies.map(({ title, commands, disturbs }) => ({ title, commands, disturbs })),
      });
    }
  }
  const lines = [...examples]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, example]) => `${JSON.stringify(id)}: ${JSON.stringify(example)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

if (import.meta.main) {
  const recorded = await recordExamples();
  writeFileSync(examplesFile, recorded);
  console.log(`${(recorded.length / 1024).toFixed(0)} kB of examples are in src/site/finding-examples.json.`);
}
