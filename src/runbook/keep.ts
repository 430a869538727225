/**
 * What a run keeps of an answer: of objects the fields of their shapes, of logs the fields that their read names, of everything else no
 * credential. Whatever comes from a cluster passes here before a check sees it, and so before it can stand in a report.
 */
import { MalformedField, problem, type Fact } from './fact.ts';
import type { KindName } from './kinds.ts';
import { probeResults } from './probe-results.ts';
import { isProbe, readSubject, type LogRead, type Read } from './read.ts';
import { disclosed, shaped } from './shape.ts';
import { shapes } from './shapes.ts';
import { quotable, withoutCredentials } from './words.ts';

export function kept(read: Read, fact: Fact): Fact {
  if (!fact.ok) return problem(fact.problem.kind, quotable(fact.problem.message));
  // Manifests took what is kept of them before they closed what only a cluster can tell.
  if (fact.written === true) return fact;
  switch (read.type) {
    case 'object':
      return { ok: true, value: keptObject(read.kind, fact.value) };
    case 'list':
      return Array.isArray(fact.value)
        ? { ...fact, value: fact.value.map((object) => keptObject(read.kind, object)) }
        : problem('malformed', `${readSubject(read)}: the answer is no list.`);
    case 'log':
      return typeof fact.value === 'string'
        ? { ok: true, value: keptLines(read, fact.value) }
        : problem('malformed', `${readSubject(read)}: the answer is no text.`);
    default: {
      const found = probeResults[read.type].safeParse(fact.value);
      if (found.success) return { ok: true, value: 'location' in found.data ? withoutQuery(found.data) : found.data };
      const place = found.error.issues[0]?.path.join('.') ?? '';
      return problem(
        'malformed',
        `${readSubject(read)}: what was found is not as it should be${place && ` at ${place}`}.`,
      );
    }
  }
}

export const keptObject = (kind: KindName, raw: unknown): unknown => shaped(shapes[kind], raw, subjectOf(kind, raw));

function subjectOf(kind: KindName, raw: unknown): string {
  const { metadata } = (raw ?? {}) as { metadata?: { name?: unknown; namespace?: unknown } | null };
  const text = (part: unknown): string => (typeof part === 'string' ? part.slice(0, 253) : '(no name)');
  return `${kind} ${metadata?.namespace === undefined ? '' : `${text(metadata.namespace)}/`}${text(metadata?.name)}`;
}

/** The lines that a read wants, each as JSON with the fields that it wants. */
const keptLines = ({ keep }: LogRead, log: string): string =>
  log
    .split('\n')
    .filter((line) => line.includes(keep.lines))
    .map((line) => JSON.stringify({ ...chosen(line, keep.fields), line: keep.lines }))
    .join('\n');

function chosen(line: string, fields: readonly string[]): Record<string, string> {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    // A line in another format says no more than that it is there.
  }
  if (typeof entry !== 'object' || entry === null) return {};
  const found = Object.entries(entry).filter(([key, value]) => fields.includes(key) && typeof value === 'string');
  return Object.fromEntries(found.map(([key, value]) => [key, withoutCredentials(String(value).slice(0, 300))]));
}

/** A redirect's query may hold a login's secrets. */
const withoutQuery = <T extends { location: string | null }>(result: T): T => ({
  ...result,
  location: result.location?.replace(/[?#].*$/s, '').slice(0, 1000) ?? null,
});

/**
 * A fact as it may leave this process: in a snapshot, or as the YAML beside a finding.
 *
 * @param taken Gets the path of each value that is taken out.
 */
export function toldValue(read: Read, value: unknown, taken: (path: string) => void): unknown {
  if (isProbe(read) || read.type === 'log') return value;
  const told = (object: unknown): unknown =>
    disclosed(shapes[read.kind], object, { subject: subjectOf(read.kind, { metadata: identityOf(object) }), taken });
  return Array.isArray(value) ? value.map(told) : told(value);
}

/** Name and namespace of a kept object; nothing where they cannot be read. */
export function identityOf(object: unknown): { name: string; namespace: string | undefined } | undefined {
  try {
    const { name, namespace } = (object as { metadata: { name: string; namespace?: string } }).metadata;
    return { name, namespace };
  } catch (error) {
    if (error instanceof MalformedField) return undefined;
    throw error;
  }
}
