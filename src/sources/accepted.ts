/** Reads the file of what is accepted: each entry with the line where it stands, and every fault of the file at once. */
import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { Refusal } from '../formats/refusal.ts';
import { acceptedEntrySchema, acceptedSchema, type AcceptedEntry } from '../runbook/accepted.ts';

/** An entry, and where it stands: `accepted.yaml:4`. */
export interface PlacedEntry extends AcceptedEntry {
  place: string;
}

/** Nobody writes more by hand. */
const largest = 4 * 1024 * 1024;

/** @throws {Refusal} when the file cannot be read, or is not a list of such entries; it tells all that is wrong. */
export async function readAccepted(file: string): Promise<readonly PlacedEntry[]> {
  const text = await readText(file);
  const lines = new LineCounter();
  const tree = parseDocument(text, { lineCounter: lines });
  if (tree.errors.length > 0) {
    throw refused(
      tree.errors.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        return `${file}:${line}:${col} is not YAML: ${(message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}.`;
      }),
    );
  }
  const content: unknown = tree.toJS();
  // A file of comments only accepts nothing yet.
  if (content === null || content === undefined) return [];
  const parsed = acceptedSchema.safeParse(content);
  const lineAt = (path: readonly PropertyKey[]): number => lineOf(tree, lines, path);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({ line: lineAt(issue.path), text: told(issue, content) }));
    throw refused(
      faults.sort((one, other) => one.line - other.line).map(({ line, text }) => `${file}:${line}: ${text}`),
    );
  }
  return parsed.data.map((entry, index) => ({ ...entry, place: `${file}:${lineAt([index])}` }));
}

async function readText(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > largest) throw refused([`${file} is longer than any list of what is accepted.`]);
    return text;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      'input',
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
      'Name the file that lists what is accepted.',
      { cause: error },
    );
  }
}

/** What each field takes. */
const takes: Readonly<Record<keyof AcceptedEntry, string>> = {
  finding: 'the id of a finding, such as gateway/exists#missing',
  object: 'the object at fault, as Kind namespace/name or Kind name',
  reason: 'a sentence that says why',
  until: 'a date, such as 2027-03-31',
};

const refused = (faults: readonly string[]): Refusal =>
  new Refusal(
    'input',
    faults.join('\n'),
    `The file is a list; each entry has ${Object.keys(acceptedEntrySchema.shape).join(', ')}.`,
  );

/** What is wrong, in words that name the field. */
function told(issue: z.core.$ZodIssue, content: unknown): string {
  if (issue.path.length === 0) return 'the file is not a list.';
  if (issue.code === 'unrecognized_keys') return `there is no field ${issue.keys.join(', ')}.`;
  const [index = 0, field] = issue.path;
  if (field === undefined) return 'the entry is not a map.';
  const name = String(field) as keyof AcceptedEntry;
  const entry = (content as readonly Partial<Record<string, unknown>>[])[Number(index)];
  return entry?.[name] === undefined ? `${name} is missing: ${takes[name]}.` : `${name} is not ${takes[name]}.`;
}

/** The line of the nearest node that is there. */
function lineOf(tree: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = tree.contents;
  let start = startOf(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) break;
      start = startOf(pair.key) ?? start;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      start = startOf(node) ?? start;
    }
  }
  return lines.linePos(start ?? 0).line;
}

const startOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;
