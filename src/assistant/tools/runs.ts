/** Runs: of the cluster, of manifests, what they said once more, and two of them beside one another. */
import { z } from 'zod';
import { runbooks } from '../../../runbooks/index.ts';
import { Refusal } from '../../formats/refusal.ts';
import { toMarkdown } from '../../report/markdown.ts';
import { needsCluster } from '../../runbook/fact.ts';
import { checkInputs, declaredInputs } from '../../runbook/inputs.ts';
import { checkIdSchema, reportSchema, tally, verdictSchema, type Verdict } from '../../runbook/report.ts';
import type { Runbook } from '../../runbook/runbook.ts';
import { createRenaming } from '../discreet.ts';
import { examined, type Asked } from '../examine.ts';
import { fitted, isNotable } from '../fitted.ts';
import { dataNote, quoted, structuredNote } from '../quoted.ts';
import { runId, type KeptRun, type Session } from '../session.ts';
import { tool, type Answer, type Call } from '../tool.ts';

const runOutput = z.object({
  run: z.string().describe('By what read_report and compare_runs know this run.'),
  note: z.string(),
  tally: z.record(z.string(), z.number().int()).describe('How many checks of the whole run have each outcome.'),
  leftOut: z.array(z.string()).describe('What is not in this answer, and how to ask for it.'),
  report: reportSchema.extend({
    checks: z.array(verdictSchema).describe('Checks of the run, as many as were asked for and find room.'),
  }),
});

type RunAnswer = Answer<z.infer<typeof runOutput>>;

const ids = runbooks.map(({ id }) => id) as [string, ...string[]];

export const runRunbooks = tool({
  name: 'run_runbooks',
  title: 'Run runbooks',
  description:
    'Examines the cluster that a person chose, and names root causes with evidence and ways to mend them. It only reads, and takes a second or a few. Without runbooks it runs all. The answer holds the checks that did not pass; read_report gives the others.',
  input: z.strictObject({
    runbooks: z.array(z.enum(ids)).min(1).max(ids.length).optional().describe('Which ones; all when left out.'),
    inputs: z
      .strictObject(
        Object.fromEntries(
          declaredInputs(runbooks).map(({ name, title, absent, example }) => [
            name,
            z.string().max(300).optional().describe(`${title}, such as ${example}. Without it: ${absent}`),
          ]),
        ),
      )
      .optional()
      .describe('What narrows the runbooks down.'),
  }),
  output: runOutput,
  openWorld: true,
  answer: async ({ runbooks: named, inputs }, call) => {
    const { session } = call;
    const { cluster } = session;
    if (cluster === undefined) {
      throw new Refusal(
        'usage',
        'No cluster was chosen when this program was started: only manifests can be judged.',
        'A person can start it with --context, --demo or --snapshot.',
      );
    }
    if (cluster.source === 'snapshot' && inputs !== undefined) {
      throw new Refusal('usage', 'A snapshot is judged with the inputs that it was taken with.', 'Leave inputs out.');
    }
    const chosen = named === undefined ? runbooks : runbooks.filter(({ id }) => named.includes(id));
    const asked = { choice: cluster, runbooks: chosen, inputs: inputsFor(chosen, session, inputs) };
    return session.turns.inTurn(call.signal, () => made('cluster', asked, call));
  },
});

/** @throws {Refusal} when an input is none, or is not what it should be. */
function inputsFor(
  chosen: readonly Runbook[],
  session: Session,
  given: Readonly<Record<string, string | undefined>> | undefined,
): Readonly<Record<string, string>> {
  const own = declaredInputs(chosen).map(({ name }) => name);
  const usual = Object.entries(session.inputs).filter(([name]) => own.includes(name));
  const named = Object.entries(given ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const checked = checkInputs(chosen, Object.fromEntries([...usual, ...named]));
  if (!checked.ok) throw new Refusal('usage', checked.message, checked.hint);
  return checked.inputs;
}

export const judgeManifests = tool({
  name: 'judge_manifests',
  title: 'Judge manifests',
  description:
    'Judges Kubernetes manifests in the folders that a person named, before they are merged: what an API server would refuse, names that lead nowhere, and what the runbooks find as far as Git decides it. Call it again after a change of the files. What only a cluster can tell is unknown, which is no fault.',
  input: z.strictObject({
    paths: z
      .array(z.string().min(1).max(1000))
      .max(50)
      .optional()
      .describe('Folders or files, beginning with one of the folders of list_runbooks; all of these when left out.'),
  }),
  output: runOutput,
  openWorld: true,
  answer: async ({ paths = [] }, call) => {
    const { folders, turns } = call.session;
    if (folders.labels.length === 0) {
      throw new Refusal(
        'usage',
        'No folder of manifests was named when this program was started.',
        'A person can start it with --manifests FOLDER.',
      );
    }
    return turns.inTurn(call.signal, () => judged(paths, call));
  },
});

async function judged(paths: readonly string[], call: Call): Promise<RunAnswer> {
  const { session } = call;
  const { folders, crds, cluster, scratch } = session;
  const copy = scratch.make();
  try {
    const { places, known, notes } = await folders.copy(paths, copy);
    const kinds = cluster?.source === 'live' ? { cluster } : {};
    const choice = { source: 'manifests' as const, places, ...(crds === undefined ? {} : { crds }), ...kinds };
    const asked = { choice, runbooks, inputs: inputsFor(runbooks, session, undefined) };
    const renamed = createRenaming(known);
    return await made('manifests', asked, call, { notes, renamed }).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.of, renamed(error.message), renamed(error.hint), { cause: error });
    });
  } finally {
    scratch.remove(copy);
  }
}

/** Makes a run, keeps it, and tells what of it a reader must see first. */
async function made(
  of: KeptRun['of'],
  asked: Omit<Asked, 'signal' | 'onVerdict'>,
  { session, signal, progress }: Call,
  { notes = [], renamed = session.renamed }: { notes?: readonly string[]; renamed?: Session['renamed'] } = {},
): Promise<RunAnswer> {
  let done = 0;
  const onVerdict: Asked['onVerdict'] = ({ title }, total) => progress((done += 1), total, title);
  const found = session.renamed(renamed(await examined({ ...asked, signal, onVerdict }, session)));
  const run = session.runs.keep({ of, report: found.report });
  return told(run, run.report.checks.filter(isNotable), [...notes, ...found.notes]);
}

/** @param wanted Which checks of the run are asked for. */
function told(run: KeptRun, wanted: readonly Verdict[], notes: readonly string[]): RunAnswer {
  const { report, without, cut } = fitted(run.report, wanted);
  const others = run.report.checks.filter((check) => !wanted.includes(check));
  const open = others.filter(({ problem }) => needsCluster(problem)).length;
  const more = `read_report with run ${run.id}`;
  const leftOut = [
    ...(open > 0 ? [`${open} checks that only a cluster can decide: ${more}; without checks it tells their ids.`] : []),
    ...(others.length > open
      ? [`${others.length - open} other checks of the run: ${more}; without checks it tells their ids.`]
      : []),
    ...(without.length > 0
      ? [`For want of room, ${without.length} checks: ${more} and checks ${first(without)}.`]
      : []),
    ...(cut.length > 0 ? [`Part of what was found by ${cut.join(', ')}, which is too much for one answer.`] : []),
  ];
  const counts = tally(run.report.checks);
  return {
    text: [
      `${run.id}: ${counts.map(({ outcome, count }) => `${count} ${outcome}`).join(', ')}.`,
      ...leftOut.map((text) => `Left out: ${text}`),
      dataNote,
      ...notes.slice(0, 20).map((note) => quoted(note, 1000)),
      '',
      quoted(toMarkdown(report)),
    ].join('\n'),
    structured: {
      run: run.id,
      note: structuredNote,
      tally: Object.fromEntries(counts.map(({ outcome, count }) => [outcome, count])),
      leftOut,
      report,
    },
  };
}

/** As many ids as one call takes. */
const first = (some: readonly string[]): string =>
  `${some.slice(0, 40).join(', ')}${some.length > 40 ? `, and ${some.length - 40} more` : ''}`;

export const readReport = tool({
  name: 'read_report',
  title: 'Read more of a report',
  description:
    'What a run of this session said of certain checks, in whole, those that passed too. Without checks: the ids of all checks of the run with their outcomes. Asks no cluster.',
  input: z.strictObject({ run: runId, checks: z.array(z.string().max(200)).min(1).max(100).optional() }),
  output: runOutput.extend({
    outcomes: z.record(checkIdSchema, z.string()).describe('Of every check of the run, when none was named.'),
  }),
  openWorld: false,
  answer: ({ run: id, checks }, { session }) => {
    const run = session.runs.find(id);
    const all = run.report.checks;
    const strange = checks?.find((wanted) => all.every((check) => check.id !== wanted));
    if (strange !== undefined) {
      throw new Refusal(
        'usage',
        `${run.id} has no check ${JSON.stringify(strange.slice(0, 100))}.`,
        'Without checks, read_report tells their ids.',
      );
    }
    const { text, structured } = told(
      run,
      checks === undefined ? [] : all.filter((one) => checks.includes(one.id)),
      [],
    );
    const outcomes = checks === undefined ? Object.fromEntries(all.map((one) => [one.id, one.outcome])) : {};
    const listed = Object.entries(outcomes).map(([check, outcome]) => `- ${check}: ${outcome}`);
    return { text: [...listed, text].join('\n'), structured: { ...structured, outcomes } };
  },
});
