/**
 * The report of a run, version 2: the one shape that every face reads, be it page, terminal, JSON or recording. What holds for the run stands
 * once, however many runbooks meet it. This schema is the source; the JSON Schema on the site is derived from it.
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
  object: objectRef.describe('The object that the evidence is about.'),
  path: z.string().describe('Field path within the object, or what was observed of it.'),
  observed: z.unknown().describe('What was seen there; null when there was nothing.'),
  expected: z.unknown().describe('What a healthy object has there.'),
  source: z
    .object({ file: z.string(), line: z.number().int().positive(), column: z.number().int().positive() })
    .nullable()
    .describe('Where it stands in Git, when manifests were judged.'),
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

export const checkIdSchema = z
  .string()
  .regex(/^[a-z-]+\/[a-z-]+$/)
  .describe('`<component>/<what-is-true>`; never reused for another meaning.');
export const findingIdSchema = z
  .string()
  .regex(/^[a-z-]+\/[a-z-]+#[a-z0-9-]+$/)
  .describe('`<check>#<what>`; never reused for another meaning.');

export const findingSchema = z.object({
  id: findingIdSchema,
  outcome: z.enum(['failed', 'warned', 'blocked']).describe('Blocked where a failed check explains it.'),
  headline: z.string().max(70).describe('What is wrong, with the name of the object, in a few words.'),
  message: z.string().describe('What was seen, in a sentence that a person can act on.'),
  quote: z
    .object({ text: z.string(), by: z.string().describe('Who said it, and where.') })
    .nullable()
    .describe('The words of a controller, a log or an Event.'),
  evidence: z.array(evidence).min(1).describe('The object at fault first, not the place where the symptom shows.'),
  remedies: z.array(remedy).describe('Ways to mend it, of which one is enough; the one in Git first.'),
  commands: z.array(z.string()).describe('Commands that show the evidence.'),
  page: z.string().describe('The page of the handbook that explains it, and the place on it.'),
  accepted: z
    .object({ reason: z.string(), until: z.iso.date() })
    .nullable()
    .describe('Why it does not count, and until when; null where it does.'),
});

export const verdictSchema = z.object({
  id: checkIdSchema,
  title: z.string().describe('A statement that is true when the check passes.'),
  component: z.string(),
  outcome: z.enum(outcomes),
  message: z.string().describe('What was found, in a sentence or a few.'),
  blockedBy: z.array(checkIdSchema).describe('Ids of the checks whose failure explains this outcome.'),
  problem: z
    .object({ kind: z.enum(problemKinds), message: z.string() })
    .nullable()
    .describe('Why the outcome is unknown, where a read had a problem.'),
  commands: z.array(z.string()).describe('Commands that show by hand what the check looks at.'),
  durationMs: z.number().nonnegative(),
  findings: z.array(findingSchema).describe('What failed first, then what follows from something else, then warnings.'),
});

export const runbookReportSchema = z.object({
  id: z.string(),
  title: z.string(),
  outcome: z.enum(outcomes).describe("The worst outcome among the runbook's checks."),
  rootCauses: z.array(findingIdSchema).describe('Ids of its findings that no failed check explains.'),
  checks: z
    .array(checkIdSchema)
    .describe('Ids of its checks, in the order in which to look: causes before consequences.'),
});

const named = z.object({ namespace: z.string(), name: z.string() });

const notice = z.object({
  message: z.string().describe('What is the case, and what to do, in a sentence.'),
  wanted: named.describe('The Gateway that the stack file names, which the cluster does not have.'),
  gateways: z.array(named).describe('Gateways that it has, five at most, the likeliest to be meant first.'),
  more: z.number().int().nonnegative().describe('How many others it has.'),
});

export const reportSchema = z.object({
  version: z.literal(2),
  cluster: z.object({
    source: z.enum(['live', 'demo', 'snapshot', 'manifests']),
    context: z.string(),
    server: z.string(),
    kubernetes: z.string().nullable().describe('Version of the API server; null when it did not tell.'),
    user: z.string().nullable().describe('Who asked, by the name in the kubeconfig; null where nobody has a name.'),
  }),
  notice: notice
    .optional()
    .describe(
      'To be known before the findings: the cluster seems not to be that of the stack file. Left out where it is.',
    ),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  requests: z.number().int().nonnegative().describe('How many requests were sent to the API server.'),
  rootCauses: z.array(findingIdSchema).describe('Ids of the findings that no failed check explains, each once.'),
  runbooks: z.array(runbookReportSchema),
  checks: z.array(verdictSchema).describe('Every check of the runbooks, each once.'),
});

export type Outcome = (typeof outcomes)[number];
export type Verdict = z.infer<typeof verdictSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type RunbookReport = z.infer<typeof runbookReportSchema>;
export type Report = z.infer<typeof reportSchema>;

/** What one runbook found, with its verdicts in place of their ids. */
export type RunbookResult = Omit<RunbookReport, 'checks'> & { checks: readonly Verdict[] };

/** What each runbook of a report found. */
export function resultsOf({ runbooks, checks }: Report): readonly RunbookResult[] {
  const byId = new Map(checks.map((check) => [check.id, check]));
  return runbooks.map((runbook) => ({
    ...runbook,
    checks: runbook.checks.map((id) => byId.get(id)).filter((check) => check !== undefined),
  }));
}

/** What a verdict says beside its outcome where nothing was found. */
export const nothingFound = {
  message: '',
  blockedBy: [],
  problem: null,
  commands: [],
  findings: [],
  durationMs: 0,
} satisfies Partial<Verdict>;

/** Ids of what failed in some verdicts and is explained by nothing else, each once. */
export const rootCausesOf = (verdicts: readonly Verdict[]): string[] => [
  ...new Set(verdicts.flatMap(({ findings }) => findings.filter(isRootCause).map(({ id }) => id))),
];

const isRootCause = ({ outcome, accepted }: Finding): boolean => outcome === 'failed' && accepted === null;

/** Whether a verdict explains others that fail: it failed itself, even where that is accepted, or follows from one that did. */
export const isBroken = ({ outcome, blockedBy, findings }: Verdict): boolean =>
  outcome === 'failed' ||
  blockedBy.length > 0 ||
  findings.some((found) => found.outcome === 'failed' && found.accepted !== null);

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
export function exitCode({ checks }: Report): 0 | 1 | 2 {
  const found = checks.map(({ outcome }) => outcome);
  if (found.includes('failed')) return 1;
  return found.includes('unknown') || found.includes('blocked') ? 2 : 0;
}
