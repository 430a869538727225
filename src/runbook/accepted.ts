/**
 * What somebody has looked at and accepts until a date: it is still found and shown, and does not count. This schema is the source; the JSON
 * Schema on the site is derived from it.
 */
import { z } from 'zod';
import { objectName, type ObjectRef } from './judgement.ts';
import { findingIdSchema, type Finding } from './report.ts';

export const acceptedEntrySchema = z.strictObject({
  finding: findingIdSchema.describe('Id of the finding, as every output shows it.'),
  object: z
    .string()
    .regex(/^[A-Za-z0-9]+ (?:[^\s/]+\/)?[^\s/]+$/, 'an object is written as Kind namespace/name, or Kind name')
    .describe('The object at fault: `Kind namespace/name`, or `Kind name`. A `*` stands for any part of a name.'),
  reason: z.string().trim().min(1).describe('Why it is accepted, for whoever reads the output.'),
  until: z.iso.date().describe('The last day on which it does not count, in UTC: 2027-03-31.'),
});

export const acceptedSchema = z
  .array(acceptedEntrySchema)
  .describe('Findings that are known and accepted until a date. They are shown, and do not count.');

export type AcceptedEntry = z.infer<typeof acceptedEntrySchema>;

/** Says of a finding about an object, the one at fault, why and until when it is accepted. */
export type Accept = (finding: string, object: ObjectRef) => NonNullable<Finding['accepted']> | undefined;

export interface Acceptance<E extends AcceptedEntry> {
  accept: Accept;
  /** Entries that accepted nothing so far, although their date has not passed. */
  unused: () => readonly E[];
  /** Entries whose date has passed. */
  expired: readonly E[];
}

/** @param now The time of the run. */
export function acceptance<E extends AcceptedEntry>(entries: readonly E[], now: Date): Acceptance<E> {
  const today = now.toISOString().slice(0, 10);
  const valid = entries
    .filter(({ until }) => until >= today)
    .map((entry) => ({ entry, matches: matcher(entry.object) }));
  const used = new Set<E>();
  return {
    accept: (finding, object) => {
      const name = objectName(object);
      const found = valid.find(({ entry, matches }) => entry.finding === finding && matches(name))?.entry;
      if (found === undefined) return undefined;
      used.add(found);
      return { reason: found.reason, until: found.until };
    },
    unused: () => valid.map(({ entry }) => entry).filter((entry) => !used.has(entry)),
    expired: entries.filter(({ until }) => until < today),
  };
}

/** Whether a text is the pattern, whose stars stand for anything but the slash between namespace and name. */
function matcher(pattern: string): (text: string) => boolean {
  const [kind = '', place = ''] = pattern.split(' ');
  const parts = place.split('/');
  return (text) => {
    const at = text.indexOf(' ');
    const others = text.slice(at + 1).split('/');
    return (
      text.slice(0, at) === kind &&
      others.length === parts.length &&
      parts.every((part, index) => fits(part, others[index] ?? ''))
    );
  };
}

/** Stars are taken from the left, each as short as it can be: what follows the last one has to end the text. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
