/**
 * What runbooks there are and what each of them reads, for machines: the site publishes it as JSON. Nothing in it comes from a cluster.
 * This schema is the source; the JSON Schema on the site is derived from it.
 */
import { z } from 'zod';
import type { Check } from './check.ts';
import { findingId, findingPage } from './finding.ts';
import { isProbe, readCommand, readSubject } from './read.ts';
import { checkIdSchema, findingIdSchema } from './report.ts';
import { plannedReads, type Runbook } from './runbook.ts';
import { checkCommands } from './conclude.ts';

const catalogueRead = z.object({
  asks: z.enum(['cluster', 'network']).describe("The cluster's API, or DNS, TCP, TLS and HTTP."),
  subject: z.string().nullable().describe('What is read; null when only a run knows, from what it read before.'),
  why: z.string(),
  command: z.string().describe('The command that reads the same by hand.'),
});

const catalogueFinding = z.object({
  id: findingIdSchema,
  headline: z.string().describe('What is wrong, in a few words; names of objects stand in braces.'),
  means: z.string().describe('What it means.'),
  page: z.string().describe('Where the handbook explains it.'),
});

const catalogueCheck = z.object({
  id: checkIdSchema,
  title: z.string().describe('A statement that is true when the check passes.'),
  component: z.string(),
  why: z.string(),
  needs: z.array(z.string()).describe('Ids of the checks whose failure explains a failure of this one.'),
  reads: z.array(catalogueRead),
  commands: z.array(z.string()).describe('Commands that show by hand what the check looks at.'),
  findings: z.array(catalogueFinding).describe('Everything that it can find.'),
});

export const catalogueSchema = z.object({
  $schema: z.url(),
  version: z.literal(1),
  runbooks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      summary: z.string(),
      page: z.url(),
      markdown: z.url().describe('The same page as Markdown.'),
      inputs: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          absent: z.string().describe('What happens without it.'),
          pattern: z.string().describe('Regular expression (ECMAScript) that the whole value has to match.'),
          example: z.string(),
        }),
      ),
      checks: z.array(z.string()).describe('Ids, in the order in which to look: causes before consequences.'),
    }),
  ),
  checks: z.array(catalogueCheck).describe('Every check of the runbooks, each once.'),
});

export type Catalogue = z.infer<typeof catalogueSchema>;

/** `published` says where the schema and a runbook's page are. */
export function catalogue(
  runbooks: readonly Runbook[],
  published: { schema: string; of: (runbook: Runbook) => { page: string; markdown: string } },
): Catalogue {
  return {
    $schema: published.schema,
    version: 1,
    runbooks: runbooks.map((runbook) => ({
      id: runbook.id,
      title: runbook.title,
      summary: runbook.summary,
      ...published.of(runbook),
      inputs: (runbook.inputs ?? []).map(({ name, title, absent, pattern, example }) => ({
        name,
        title,
        absent,
        pattern: pattern.source,
        example,
      })),
      checks: runbook.checks.map(({ id }) => id),
    })),
    checks: eachCheckOnce(runbooks).map(describeCheck),
  };
}

export const eachCheckOnce = (runbooks: readonly Runbook[]): readonly Check[] => [
  ...new Map(runbooks.flatMap(({ checks }) => checks).map((check) => [check.id, check])).values(),
];

function describeCheck(check: Check): Catalogue['checks'][number] {
  const { reads, follows } = plannedReads([check]);
  return {
    id: check.id,
    title: check.title,
    component: check.component,
    why: check.why,
    needs: check.needs.map(({ id }) => id),
    reads: [
      ...reads.map((read) => ({
        asks: isProbe(read) ? ('network' as const) : ('cluster' as const),
        subject: readSubject(read),
        why: read.why,
        command: readCommand(read).text,
      })),
      ...follows.map(({ probes, why, command }) => ({
        asks: probes ? ('network' as const) : ('cluster' as const),
        subject: null,
        why,
        command: command.text,
      })),
    ],
    commands: [...checkCommands(check)],
    findings: findingsOf(check).map(({ id, headline, means, page }) => ({ id, headline, means, page })),
  };
}

/** What a check can find, before it is found. */
export interface DeclaredFinding {
  id: string;
  check: Check;
  headline: string;
  means: string;
  page: string;
}

/** Everything that a check can find, in the order in which it declares it. */
export const findingsOf = (check: Check): readonly DeclaredFinding[] =>
  Object.entries(check.findings).map(([name, { headline, means, page }]) => {
    const id = findingId(check.id, name);
    return { id, check, headline, means, page: page ?? findingPage(id) };
  });
