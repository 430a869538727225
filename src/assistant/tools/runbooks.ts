/** What there is to run, and what can be found. */
import { z } from 'zod';
import { componentTitle, type ComponentId } from '../../../runbooks/components.ts';
import { runbooks } from '../../../runbooks/index.ts';
import { Refusal } from '../../formats/refusal.ts';
import { didYouMean } from '../../formats/closest-name.ts';
import { findingIdSchema } from '../../runbook/report.ts';
import { explainedFindings } from '../../site/findings-page.ts';
import type { Choice } from '../../sources/source.ts';
import { scheme } from '../handbook.ts';
import type { Session } from '../session.ts';
import { tool } from '../tool.ts';

const inputs = z.array(z.object({ name: z.string(), title: z.string(), without: z.string(), example: z.string() }));

export const listRunbooks = tool({
  name: 'list_runbooks',
  title: 'List the runbooks',
  description:
    'What there is to run, each with what it finds out, its page and its inputs; which cluster a run asks; and the folders whose manifests can be judged. Asks no cluster.',
  input: z.strictObject({}),
  output: z.object({
    asks: z.string().describe('Which cluster a run asks. A person chose it when the program was started.'),
    folders: z.array(z.string()).describe('What judge_manifests may judge.'),
    runbooks: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        summary: z.string(),
        page: z.string().describe('For read_page.'),
        checks: z.number().int(),
        inputs,
      }),
    ),
  }),
  openWorld: false,
  answer: (_, { session }) => {
    const rows = runbooks.map((runbook) => ({
      id: runbook.id,
      title: runbook.title,
      summary: runbook.summary,
      page: `${scheme}issues/${runbook.id}`,
      checks: runbook.checks.length,
      inputs: (runbook.inputs ?? []).map(({ name, title, absent, example }) => ({
        ...{ name, title, without: absent, example },
      })),
    }));
    const asks = asksText(session);
    const folders = [...session.folders.labels];
    return {
      text: [
        asks,
        ...(folders.length === 0 ? [] : [`Manifests can be judged in: ${folders.join(', ')}.`]),
        '',
        ...rows.map(
          ({ id, title, summary, inputs: own }) =>
            `- ${id}: ${title}. ${summary}${own.map(({ name, example }) => ` Input: ${name}, such as ${example}.`).join('')}`,
        ),
      ].join('\n'),
      structured: { asks, folders, runbooks: rows },
    };
  },
});

function asksText({ cluster, clusterOnly, renamed }: Session): string {
  if (cluster === undefined) return 'No cluster was chosen: only manifests can be judged.';
  const probes =
    clusterOnly || cluster.source === 'snapshot'
      ? ''
      : ' A run also looks at DNS, TCP, TLS and HTTP from this machine.';
  return `A run asks ${renamed(nameOf(cluster))}. It only reads.${probes}`;
}

function nameOf(choice: Exclude<Choice, { source: 'manifests' }>): string {
  switch (choice.source) {
    case 'live':
      return choice.context === undefined ? 'the current context of the kubeconfig' : `the context ${choice.context}`;
    case 'demo':
      return `the demo cluster (${choice.scenario}), which is no real one`;
    case 'snapshot':
      return 'a snapshot, which is a cluster as it was once';
  }
}

export const explainFinding = tool({
  name: 'explain_finding',
  title: 'Explain a finding',
  description:
    'What a finding of a report means, by its id (component/check#what): why the check matters, an example from the demo cluster, ways to mend it of which one is enough, and the page. The names in the example are not those of the cluster; the report has those. Asks no cluster.',
  input: z.strictObject({ id: z.string().max(200).describe('Such as tailscale-operator/ready#crash-loop.') }),
  output: z.object({
    id: findingIdSchema,
    title: z.string(),
    means: z.string(),
    component: z.string(),
    check: z.object({ id: z.string(), title: z.string(), why: z.string() }),
    example: z
      .object({
        headline: z.string(),
        message: z.string(),
        quote: z.object({ text: z.string(), by: z.string() }).nullable(),
        remedies: z.array(z.object({ title: z.string(), commands: z.array(z.string()), disturbs: z.string() })),
      })
      .nullable()
      .describe('What a case of it is told, on the demo cluster.'),
    runbooks: z.array(z.string()).describe('Runbooks that look for it.'),
    page: z.string().describe('For read_page.'),
  }),
  openWorld: false,
  answer: ({ id }) => {
    const all = explainedFindings().flatMap(({ checks }) => checks.flatMap(({ findings }) => findings));
    const found = all.find((one) => one.id === id);
    if (found === undefined)
      throw unknownFinding(
        id,
        all.map((one) => one.id),
      );
    const { title, means, check, example } = found;
    const own = runbooks.filter(({ checks }) => checks.some((one) => one.id === check.id));
    const page = `${scheme}${own[0] === undefined ? 'reference/findings' : `issues/${own[0].id}`}`;
    const component = componentTitle(check.component as ComponentId);
    return {
      text: [
        `${title} (${id})`,
        means,
        `The check: ${check.title}. ${check.why}`,
        ...(example === undefined ? [] : ['', `Example, of the demo cluster: ${example.message}`]),
        ...(example?.remedies ?? []).map((way) =>
          [`- ${way.title}`, ...way.commands.map((command) => `    $ ${command}`), `    Impact: ${way.disturbs}`].join(
            '\n',
          ),
        ),
        '',
        `Page: ${page}`,
      ].join('\n'),
      structured: {
        ...{ id, title, means, component, page },
        check: { id: check.id, title: check.title, why: check.why },
        example:
          example === undefined
            ? null
            : {
                ...example,
                remedies: example.remedies.map((way) => ({ ...way, commands: [...way.commands] })),
              },
        runbooks: own.map((runbook) => runbook.id),
      },
    };
  },
});

function unknownFinding(id: string, known: readonly string[]): Refusal {
  const asked = JSON.stringify(id.slice(0, 100));
  if (/\/manifests-[a-z-]+#/.test(id)) {
    return new Refusal(
      'usage',
      `${asked} is about manifests: its report says what is wrong, where and what to do.`,
      `The page ${scheme}how-to/judge-manifests says what is looked for.`,
    );
  }
  // Whoever knows the check may have forgotten what it can find.
  const beside = known.filter((one) => one.startsWith(`${id.replace(/#.*$/s, '')}#`));
  const meant = beside.length > 0 ? `Did you mean ${beside.join(' or ')}?` : didYouMean(id, known);
  return new Refusal('usage', `There is no finding ${asked}.`, meant ?? 'Ids stand in reports, as findings[].id.');
}
