/** Reads what a run left behind, to be compared: a report of either version, or a snapshot, which is judged first. */
import { z } from 'zod';
import { runbooks } from '../../runbooks/index.ts';
import { findingSchema, reportSchema, rootCausesOf, verdictSchema, type Report } from '../runbook/report.ts';
import { run } from '../runbook/run.ts';
import { openSnapshot } from '../runbook/snapshot.ts';
import { readSnapshot } from './snapshot.ts';
import { readWhole, unusable, type Kept } from './whole-file.ts';

const kept: Kept = {
  what: 'report',
  hint: 'Write one with: npm run --silent runbook -- run --all -o json > report.json; a snapshot will do, too.',
};

/** @throws {Refusal} when the file cannot be read, or is neither. */
export async function readReport(file: string): Promise<Report> {
  const text = await readWhole(file, kept);
  let content: unknown;
  try {
    // As editors and shells on Windows begin a file.
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw unusable(kept, `The report ${file} is not JSON.`, error);
  }
  const { version, facts } = (content ?? {}) as { version?: unknown; facts?: unknown };
  if (facts !== undefined) {
    const opened = openSnapshot(await readSnapshot(file));
    return (await run({ runbooks, ...opened })).report;
  }
  if (version !== 1 && version !== 2)
    throw unusable(kept, `${file} is neither a report of version 1 or 2 nor a snapshot.`);
  const parsed = version === 1 ? version1.safeParse(content) : reportSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unusable(
    kept,
    `The report ${file} is damaged, at ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'it has another shape'}.`,
    parsed.error,
  );
}

/** Version 1 had each check whole in each of its runbooks, and knew of no places and nothing that is accepted. */
const version1 = z
  .object({
    version: z.literal(1),
    cluster: reportSchema.shape.cluster.omit({ user: true }),
    ...{ startedAt: z.iso.datetime(), durationMs: z.number(), requests: z.number() },
    runbooks: z.array(
      z.object({
        ...{ id: z.string(), title: z.string(), outcome: verdictSchema.shape.outcome },
        checks: z.array(
          verdictSchema.omit({ findings: true }).extend({
            findings: z.array(
              findingSchema.omit({ accepted: true, evidence: true }).extend({
                evidence: z.array(findingSchema.shape.evidence.element.omit({ source: true })),
              }),
            ),
          }),
        ),
      }),
    ),
  })
  .transform(({ cluster, runbooks: old, ...rest }): Report => {
    const checks = [...new Map(old.flatMap((one) => one.checks).map((check) => [check.id, check])).values()].map(
      (check) => ({
        ...check,
        findings: check.findings.map((found) => ({
          ...found,
          evidence: found.evidence.map((piece) => ({ ...piece, source: null })),
          accepted: null,
        })),
      }),
    );
    const byId = new Map(checks.map((check) => [check.id, check]));
    return {
      ...{ ...rest, version: 2, cluster: { ...cluster, user: null }, rootCauses: rootCausesOf(checks), checks },
      runbooks: old.map(({ checks: own, ...runbook }) => ({
        ...runbook,
        rootCauses: rootCausesOf(own.map(({ id }) => byId.get(id)).filter((check) => check !== undefined)),
        checks: own.map(({ id }) => id),
      })),
    };
  });
