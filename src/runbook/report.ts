/**
 * The report of a run, version 1: the one shape that every face reads, be it page, terminal, JSON or recording.
 * This schema is the source; the JSON Schema on the site is derived from it.
 */
import { z } from 'zod';
import { problemKinds } from './fact.ts';

export const outcomes = ['passed', 'failed', 'warned', 'blocked', 'unknown', 'skipped'] as const;

const objectRef = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
});

const evidence = z.object({
  object: objectRef.describe('The object that the evidence is about; for a failed check, the object at fault.'),
  path: z.string().describe('Field path within the object, or what was observed of it.'),
  observed: z.unknown().describe('What was seen there; null when there was nothing.'),
  expected: z.unknown().describe('What a healthy object has there.'),
});

const remedy = z.object({
  title: z.string().describe('What to do, as a sentence.'),
  change: z
    .object({
      object: objectRef,
      path: z.string(),
      to: z.unknown().describe('What belongs there; null where the field has to go.'),
    })
    .nullable()
    .describe('What to change in Git, where one field is to be changed.'),
  commands: z.array(z.string()).describe('Steps, in order.'),
  disturbs: z.string().describe('What the remedy interrupts while it takes effect.'),
});

export const findingSchema = z.object({
  id: z
    .string()
    .regex(/^[a-z-]+\/[a-z-]+#[a-z0-9-]+$/)
    .describe('`<check>#<what>`; never reused for another meaning.'),
  outcome: z.enum(['failed', 'warned', 'blocked']).describe('Blocked where a failed check explains it.'),
  headline: z.string().max(70).describe('What is wrong, with the name of the object, in a few words.'),
  message: z.string().describe('What was seen, in a sentence that a person can act on.'),
  quote: z
    .object({ text: z.string(), by: z.string().describe('Who said it.') })
    .nullable()
    .describe('The words of a controller, a log or an Event.'),
  evidence: z.array(evidence).describe('The object at fault first.'),
  remedies: z.array(remedy).describe('Ways to mend it, of which one is enough; the one in Git first.'),
  commands: z.array(z.string()).describe('Commands that show the evidence.'),
  page: z.string().describe('The page that explains it, and the place on it.'),
});

export const verdictSchema = z.object({
  id: z
    .string()
    .regex(/^[a-z-]+\/[a-z-]+$/)
    .describe('`<component>/<what-is-true>`; never reused for another meaning.'),
  title: z.string().describe('A statement that is true when the check passes.'),
  component: z.string(),
  outcome: z.enum(outcomes),
  message: z.string().describe('One sentence that a person can act on.'),
  blockedBy: z.array(z.string()).describe('Ids of the checks whose failure explains this outcome.'),
  problem: z
    .object({ kind: z.enum(problemKinds), message: z.string() })
    .nullable()
    .describe('Why the outcome is unknown, where a read had a problem.'),
  evidence: z.array(evidence),
  commands: z.array(z.string()).describe('Commands that show the evidence.'),
  remedy: z
    .object({
      title: z.string(),
      commands: z.array(z.string()),
      disturbs: z.string().describe('What the remedy interrupts while it takes effect.'),
    })
    .nullable(),
  findings: z.array(findingSchema),
  durationMs: z.number().nonnegative(),
});

export const runbookReportSchema = z.object({
  id: z.string(),
  title: z.string(),
  outcome: z.enum(outcomes).describe("The worst outcome among the runbook's checks."),
  rootCauses: z.array(z.string()).describe('Ids of the failed checks that no other failed check explains.'),
  checks: z.array(verdictSchema),
});

export const reportSchema = z.object({
  version: z.literal(1),
  cluster: z.object({
    source: z.enum(['live', 'demo', 'snapshot']),
    context: z.string(),
    server: z.string(),
    kubernetes: z.string().nullable().describe('Version of the API server; null when it did not tell.'),
  }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  requests: z.number().int().nonnegative().describe('How many requests were sent to the API server.'),
  runbooks: z.array(runbookReportSchema),
});

/** What a verdict says beside its outcome where nothing was found. */
export const nothingFound = {
  message: '',
  blockedBy: [],
  problem: null,
  evidence: [],
  commands: [],
  remedy: null,
  findings: [],
  durationMs: 0,
} satisfies Partial<z.infer<typeof verdictSchema>>;

export type Outcome = (typeof outcomes)[number];
export type Verdict = z.infer<typeof verdictSchema>;
export type FindingReport = z.infer<typeof findingSchema>;
export type RunbookReport = z.infer<typeof runbookReportSchema>;
export type Report = z.infer<typeof reportSchema>;

/** From worst to best: what a reader must hear first. */
const severity = ['failed', 'blocked', 'unknown', 'warned', 'passed', 'skipped'] as const satisfies readonly Outcome[];

/** The worst of some outcomes; skipped when there is none. */
export const worst = (some: readonly Outcome[]): Outcome =>
  severity.find((outcome) => some.includes(outcome)) ?? 'skipped';

/** How many verdicts have each outcome, worst first, outcomes that do not occur left out. */
export function tally(verdicts: readonly Verdict[]): readonly { outcome: Outcome; count: number }[] {
  return severity
    .map((outcome) => ({ outcome, count: verdicts.filter((verdict) => verdict.outcome === outcome).length }))
    .filter(({ count }) => count > 0);
}

/** Exit code of the terminal: 0 nothing failed, 1 something failed, 2 nothing failed but something could not be judged. */
export function exitCode(report: Report): 0 | 1 | 2 {
  const outcomes = report.runbooks.map((runbook) => worst(runbook.checks.map((check) => check.outcome)));
  if (outcomes.includes('failed')) return 1;
  return outcomes.includes('unknown') || outcomes.includes('blocked') ? 2 : 0;
}
