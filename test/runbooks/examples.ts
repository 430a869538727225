/**
 * An example of each finding, for the page that explains them: what the first case that has it is told. Run as a program it writes them where
 * the site finds them; a test tells when that is to be repeated. Cases hold the names of the tests' own stack, and readers look for the owner's:
 * what has one name in either stack is told by the owner's.
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
  return ownersWords(`{\n${lines.join(',\n')}\n}\n`);
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

/** Each name of a stack beside the one that another has in its place. */
const pairsOf = (one: unknown, other: unknown): readonly (readonly [string, string])[] =>
  typeof one === 'string'
    ? typeof other === 'string'
      ? [[one, other]]
      : []
    : typeof one === 'object' && one !== null
      ? Object.entries(one).flatMap(([key, inner]) =>
          pairsOf(inner, (other as Record<string, unknown> | undefined)?.[key]),
        )
      : [];

/** A text of the tests' own stack in the owner's words. A name that means two things is left: nobody can tell which one is meant. */
export function ownersWords(text: string, own: Stack = owners): string {
  const words = Map.groupBy(pairsOf(fixtures, own), ([name]) => name);
  const told = [...words]
    .map(([name, pairs]) => [name, [...new Set(pairs.map(([, other]) => other))]] as const)
    .flatMap(([name, others]) => (others.length === 1 && /[-.]/.test(name) ? [[name, others[0] ?? name] as const] : []))
    .toSorted(([one], [other]) => other.length - one.length);
  const spelt = new Map(
    told.flatMap(
      ([name, other]) =>
        [
          [name, other],
          [escapedOf(name), escapedOf(other)],
        ] as const,
    ),
  );
  const pattern = [...spelt.keys()].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return text.replace(new RegExp(`(?<![\\w-])(?:${pattern})(?!\\w|-[a-z])`, 'g'), (name) => spelt.get(name) ?? name);
}

/** A name in a regular expression, in JSON. */
const escapedOf = (name: string): string => name.replaceAll('.', '\\\\.');

if (import.meta.main) {
  const recorded = await recordExamples();
  writeFileSync(examplesFile, recorded);
  console.log(`${(recorded.length / 1024).toFixed(0)} kB of examples are in src/site/finding-examples.json.`);
}
