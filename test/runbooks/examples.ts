/**
 * An example of each finding, for the page that explains them: what the first case that has it is told. Run as a program it writes them where
 * the site finds them; a test tells when that is to be repeated. Cases hold the names of the tests' own stack; those that are somebody's are
 * replaced, so that every handbook shows the same examples, and none another person's names.
 */
import { writeFileSync } from 'node:fs';
import { stack as owners } from '../../runbooks/stack.ts';
import type { FindingExample } from '../../src/site/findings-page.ts';
import type { Stack } from '../../runbooks/stack-type.ts';
import { allChecks, examineCheck } from '../support/examine.ts';
import { stack as fixtures } from '../stacks/fixtures.ts';
import { allParts } from '../../runbooks/parts.ts';
import { hasPart } from '../../runbooks/stack-listeners.ts';
import { wordsOf } from '../parts/words.ts';
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
    .filter(([, example]) => !speaksOfAbsent(JSON.stringify(example)))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, example]) => `${JSON.stringify(id)}: ${JSON.stringify(example)}`);
  return ofNobody(`{\n${lines.join(',\n')}\n}\n`);
}

/** Whether a text is about a part that a stack lacks: cases are of a stack that has every part. */
export function speaksOfAbsent(text: string, own: Stack = owners): boolean {
  const absent = allParts.filter((part) => !hasPart(own, part));
  const sections = absent.filter((part) => part !== 'wildcard');
  // A name that something else has, too, tells nothing.
  const left = JSON.stringify({ ...fixtures, ...Object.fromEntries(sections.map((part) => [part, null])) });
  const names = sections
    .flatMap((part) => Object.values({ ...fixtures[part] }).map(String))
    .filter((name) => /[-.]/.test(name) && !left.includes(JSON.stringify(name)));
  return (absent.length > 0 && wordsOf(absent).test(text)) || names.some((name) => text.includes(name));
}

/** Names that are somebody's, each with one that is nobody's in its place. A dot stays as it is escaped, and a dash may stand for it. */
const nobodys: readonly (readonly [string, string])[] = [
  [fixtures.domain, 'example.org'],
  [fixtures.tailnet, 'example.ts.net'],
  [fixtures.device.name, 'way-in'],
  [fixtures.node.name, 'node-1'],
  [fixtures.node.address, '192.0.2.20'],
  [fixtures.splitHorizon?.pages ?? '', 'example.pages.dev'],
  [fixtures.app.image.replace(/:.*/, ''), 'ghcr.io/example/docs'],
  [fixtures.externalDns?.owner ?? '', 'example'],
];

/** A text of the tests' own stack, under names of nobody. */
const ofNobody = (text: string): string =>
  nobodys.reduce((told, [name, other]) => {
    const [first = '', ...parts] = name.split('.');
    if (parts.length === 0) return told.replaceAll(new RegExp(`(?<![\\w-])${name}(?!\\w|-[a-z])`, 'g'), other);
    const pattern = new RegExp(`${first}(\\\\*[.-])${parts.join(String.raw`\\*[.-]`)}`, 'g');
    return told.replaceAll(pattern, (_, dot: string) => other.replaceAll('.', dot));
  }, text);

if (import.meta.main) {
  const recorded = await recordExamples();
  writeFileSync(examplesFile, recorded);
  console.log(`${(recorded.length / 1024).toFixed(0)} kB of examples are in src/site/finding-examples.json.`);
}
