/** Two runs beside one another. */
import { z } from 'zod';
import { Refusal } from '../../formats/refusal.ts';
import { legible } from '../../runbook/legible.ts';
import type { Finding, Report } from '../../runbook/report.ts';
import { shorten } from '../../runbook/words.ts';
import { compare } from '../../runbook/diff.ts';
import { dataNote, quoted, structuredNote } from '../quoted.ts';
import { runId } from '../session.ts';
import { tool } from '../tool.ts';

const comparedFinding = z.object({
  id: z.string(),
  outcome: z.string(),
  headline: z.string(),
  object: z.object({ kind: z.string(), namespace: z.string().optional(), name: z.string() }),
});

const list = z.array(comparedFinding);

const partNames = ['introduced', 'fixed', 'unchanged', 'unclear'] as const;

/** How many findings of a part one answer names. */
const most = 60;

export const compareRuns = tool({
  name: 'compare_runs',
  title: 'Compare two runs',
  description:
    'What a newer run of this session finds that an older one did not, what is fixed, what has stayed, and what the newer one could not judge. Both must be of the cluster, or both of manifests; checks that only one of them has are left out. Asks no cluster.',
  input: z.strictObject({ older: runId, newer: runId }),
  output: z.object({
    note: z.string(),
    introduced: list,
    fixed: list,
    unchanged: list,
    unclear: list.describe('Found by the older run, and not to be judged by the newer one.'),
    leftOut: z.array(z.string()).describe('What was not compared, or found no room.'),
  }),
  openWorld: false,
  answer: ({ older, newer }, { session }) => {
    const [before, after] = [session.runs.find(older), session.runs.find(newer)];
    if (before.of !== after.of) {
      throw new Refusal(
        'usage',
        `${before.id} is of ${before.of === 'cluster' ? 'the cluster' : 'manifests'}, and ${after.id} is not.`,
        'Compare two runs of the same.',
      );
    }
    const shared = new Set(before.report.checks.map(({ id }) => id)).intersection(
      new Set(after.report.checks.map(({ id }) => id)),
    );
    const single = [before, after].flatMap(({ report }) => report.checks.filter(({ id }) => !shared.has(id)));
    const found = compare(sharing(before.report, shared), sharing(after.report, shared));
    const leftOut = single.length === 0 ? [] : [`${single.length} checks that only one of the runs has.`];
    const parts = partNames.map((part) => {
      if (found[part].length > most) leftOut.push(`${found[part].length - most} of what is ${part}.`);
      return [part, found[part].slice(0, most).map(brief)] as const;
    });
    return {
      text: [
        `${before.id} and ${after.id}: ${parts.map(([part, some]) => `${some.length} ${part}`).join(', ')}.`,
        ...leftOut.map((text) => `Left out: ${text}`),
        dataNote,
        ...parts.flatMap(([part, some]) => [
          ...(some.length === 0 ? [] : ['', `${part}:`]),
          ...some.map(({ id, headline }) => quoted(`${headline} (${id})`.replace(/\s+/g, ' '), 1000)),
        ]),
      ].join('\n'),
      structured: { note: structuredNote, ...byPart(parts), leftOut },
    };
  },
});

type Compared = z.infer<typeof comparedFinding>;
type Part = (typeof partNames)[number];

const byPart = (parts: readonly (readonly [Part, Compared[]])[]): Record<Part, Compared[]> =>
  Object.fromEntries(parts) as Record<Part, Compared[]>;

const sharing = (report: Report, shared: ReadonlySet<string>): Report => ({
  ...report,
  checks: report.checks.filter(({ id }) => shared.has(id)),
});

function brief({ id, outcome, headline, evidence: [first] }: Finding): Compared {
  const { kind = '', namespace, name = '' } = first?.object ?? {};
  return legible({
    ...{ id, outcome, headline },
    object: {
      kind: shorten(kind),
      ...(namespace === undefined ? {} : { namespace: shorten(namespace) }),
      name: shorten(name),
    },
  });
}
