/**
 * The cases of the checks: each a small difference from the healthy demo cluster, and what one check must say of it.
 * Data only; `cases.test.ts` runs them. They stand beside the checks that they prove, `runbooks/components/<component>/*cases.yaml`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { policyCases } from './policy-cases.ts';
import { workloadCases } from './workload-cases.ts';
import { problemKinds } from '../../src/runbook/fact.ts';
import { outcomes } from '../../src/runbook/report.ts';

const kubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const caseSchema = z.strictObject({
  /** The situation, as a statement. */
  name: z.string(),
  check: z.string(),
  outcome: z.enum(outcomes),
  /** What is found, by the part of its id after the check's: what fails, or what warns where nothing does; each once. */
  finds: z.union([z.string(), z.array(z.string())]).optional(),
  /** Objects at fault, as `Kind namespace/name`: those of the evidence, in order; the first is the first piece's. */
  at: z.union([z.string(), z.array(z.string())]).optional(),
  /** Part of the message, or of the words that a finding quotes. */
  says: z.string().optional(),
  /** Checks that must explain a blocked verdict. */
  blockedBy: z.array(z.string()).optional(),
  /** Why the verdict is wrong today: the case is expected not to hold, and must be freed of this line once it does. */
  wrong: z.string().optional(),
  changes: z.array(z.strictObject({ op: z.enum(['create', 'merge', 'delete']), object: kubernetesObject })).default([]),
  problems: z.record(z.string(), z.enum(problemKinds)).optional(),
  logs: z.record(z.string(), z.string()).optional(),
  inputs: z.record(z.string(), z.string()).optional(),
  probes: z.record(z.string(), z.union([z.enum(problemKinds), z.record(z.string(), z.unknown())])).optional(),
});

const fileSchema = z.strictObject({
  /** Parts that several cases of the file repeat, for YAML's aliases. */
  parts: z.record(z.string(), z.unknown()).default({}),
  cases: z.array(caseSchema),
});

export type Case = z.infer<typeof caseSchema>;

const folder = fileURLToPath(new URL('../../runbooks/components', import.meta.url));

/** Every case, by file and component; cases about what probes find have a file of their own. */
export const loadCases = (): readonly { file: string; component: string; cases: readonly Case[] }[] => [
  ...writtenCases(),
  ...byComponent('as a workload', workloadCases()),
  ...byComponent('as policies let it', policyCases()),
];

const byComponent = (what: string, cases: readonly Case[]) =>
  [...Map.groupBy(cases, ({ check }) => dirname(check))].map(([component, own]) => ({
    file: `${component}, ${what}`,
    component,
    cases: own,
  }));

const writtenCases = (): readonly { file: string; component: string; cases: readonly Case[] }[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('cases.yaml'))
    .sort()
    .map((file) => {
      const parsed = fileSchema.safeParse(
        parse(readFileSync(join(folder, file), 'utf8'), { merge: true, maxAliasCount: -1 }),
      );
      if (!parsed.success) throw new Error(`runbooks/components/${file}: ${z.prettifyError(parsed.error)}`);
      return { file, component: dirname(file), cases: parsed.data.cases };
    });
