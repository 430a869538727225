/** Reads a snapshot from text. What is not as it was written is told with its place: a judge never sees it. */
import { z } from 'zod';
import { deepest, isDeeper } from './depth.ts';
import { problemKinds } from './fact.ts';
import { kinds, type KindName } from './kinds.ts';
import { probeResults } from './probe-results.ts';
import { type Read } from './read.ts';
import { reportSchema } from './report.ts';
import type { Snapshot } from './snapshot.ts';

/** The text is no snapshot; the message says where and why, as the rest of a sentence that begins with the file's name. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

const port = z.number().int().min(0).max(65535);
const why = z.string();
const kind = z.enum(Object.keys(kinds) as [KindName, ...KindName[]]);
const labels = z.record(z.string(), z.string()).optional();
const host = z.string();

const read = z.discriminatedUnion('type', [
  z.object({ type: z.literal('object'), kind, namespace: z.string().optional(), name: z.string(), why }),
  z.object({ type: z.literal('list'), kind, namespace: z.string().optional(), labels, fields: labels, why }),
  z.object({
    ...{ type: z.literal('log'), namespace: z.string(), pod: z.string(), container: z.string(), tailLines: z.number() },
    // What was kept of it was kept when it was read.
    ...{ keep: z.object({ lines: z.string(), fields: z.array(z.string()) }).default({ lines: '', fields: [] }), why },
  }),
  z.object({ type: z.literal('tcp'), host, port, why }),
  z.object({ type: z.literal('tls'), host, port, servername: z.string().nullable(), why }),
  z.object({
    ...{ type: z.literal('dns'), name: z.string(), record: z.enum(['A', 'AAAA', 'CNAME', 'HTTPS', 'TXT']) },
    ...{ server: z.union([z.literal('system'), z.object({ host, port })]), why },
  }),
  z.object({ type: z.literal('http'), host, port, servername: z.string(), why }),
]);

/** What an object holds is looked at where it is kept (`keep.ts`): a field that is not as it should be costs the checks that read it. */
const object = z.record(z.string(), z.unknown());

/** What a read of each type brings. */
const values: Readonly<Record<Read['type'], z.ZodType>> = {
  object,
  list: z.array(object),
  log: z.string(),
  ...probeResults,
};

const problem = z.object({ kind: z.enum(problemKinds), message: z.string() });

const gathered = z
  .object({
    read,
    fact: z.discriminatedUnion('ok', [
      z.object({
        ok: z.literal(true),
        value: z.unknown(),
        written: z.literal(true).optional(),
        within: z.object({ namespaces: z.array(z.string()), besides: z.array(z.string()), problem }).optional(),
      }),
      z.object({ ok: z.literal(false), problem }),
    ]),
    readAt: z.string(),
  })
  .superRefine(({ read: { type }, fact }, context) => {
    if (!fact.ok) return;
    const checked = values[type].safeParse(fact.value);
    const [issue] = checked.error?.issues ?? [];
    if (issue !== undefined)
      context.addIssue({ code: 'custom', message: issue.message, path: ['fact', 'value', ...issue.path] });
  });

const snapshot = z.object({
  version: z.literal(1),
  // Who took it is nobody's business who judges it, and older snapshots do not say.
  cluster: reportSchema.shape.cluster.omit({ user: true }),
  takenAt: z.iso.datetime(),
  requests: z.number().int().nonnegative(),
  probed: z.boolean(),
  inputs: z.record(z.string(), z.string()),
  facts: z.array(gathered),
  redacted: z.array(z.string()),
});

/** @throws {SnapshotError} */
export function parseSnapshot(text: string): Snapshot {
  if (isDeeper(text, deepest))
    throw new SnapshotError(`is nested more than ${deepest} levels deep, as no snapshot is.`);
  let content: unknown;
  try {
    // As editors and shells on Windows begin a file.
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // Without the words around the mistake: another file than a snapshot may hold anything.
    const [, line, column] = /line (\d+) column (\d+)/.exec((error as Error).message) ?? [];
    const where = line === undefined ? '' : `: see line ${line}, column ${column}`;
    throw new SnapshotError(`is not JSON${where}.`);
  }
  const parsed = snapshot.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `, at ${issue.path.map(String).join('.')}`;
  const isOther = issue === undefined || issue.path.length === 0 || issue.path[0] === 'version';
  throw new SnapshotError(
    `${isOther ? 'is not a snapshot of version 1' : 'is damaged'}${place}: ${issue?.message ?? 'it has another shape'}.`,
  );
}
