/**
 * A page as Markdown for machines: what `content/` says, with the stack's names put in, addresses that lead somewhere from anywhere, and
 * the runbook that the HTML shows as a panel. Diagrams stay what they are in the source, mermaid. Pure.
 *
 * The package starlight-llms-txt publishes either the raw source, which has `{{gateway.name}}` where a name should be, or Markdown made from
 * the HTML, which has lost the diagrams; hence these few lines.
 */
import { componentTitle, type ComponentId } from '../../../runbooks/components.ts';
import type { Check } from '../../runbook/check.ts';
import type { Runbook } from '../../runbook/runbook.ts';
import { checkCommands } from '../../runbook/conclude.ts';
import type { Coverage } from '../coverage.ts';
import type { ExplainedCheck, ExplainedFinding } from '../findings-page.ts';
import { runbookPlace } from '../markdown/runbook-place.ts';
import { replaceTokens } from '../markdown/tokens.ts';
import { absolute } from './addresses.ts';

/** Markdown source as a reader should get it. `names` is the stack; tests pass their own. */
export const resolved = (source: string, names?: object): string =>
  absoluteLinks(replaceTokens(unescapedFilters(source), names).trim());

/** Inside a table the bar of `{{domain\|regex}}` is escaped; the token does not know it. */
const unescapedFilters = (source: string): string => source.replace(/(\{\{[\w.]+)\\\|(\w+\}\})/g, '$1|$2');

/** `[text](/issues/…)` and `[name]: /issues/…`, outside fences of code. */
const absoluteLinks = (source: string): string =>
  source
    .split(/^(```[\s\S]*?^```)/m)
    .map((part) =>
      part.startsWith('```')
        ? part
        : part.replace(
            /(\]\(|^\[[^\]]+\]: )(\/[^)\s]*)/gm,
            (_, before: string, path: string) => before + absolute(path),
          ),
    )
    .join('');

export interface MarkdownPage {
  title: string;
  description: string;
  url: string;
  updated: Date | undefined;
  body: string;
  runbook: Runbook | undefined;
}

/** One page, to be read by itself: everything about its runbook is in it. */
export const pageMarkdown = ({ title, description, url, updated, body, runbook }: MarkdownPage): string =>
  `${[
    [
      '---',
      `title: ${JSON.stringify(title)}`,
      `description: ${JSON.stringify(description)}`,
      `url: ${url}`,
      ...(updated ? [`updated: ${updated.toISOString().slice(0, 10)}`] : []),
      ...(runbook ? [`runbook: ${runbook.id}`] : []),
      '---',
    ].join('\n'),
    `# ${title}`,
    withRunbook(body, runbook, ({ checks }) => checks.map(checkMarkdown).join('\n')),
  ].join('\n\n')}\n`;

/** The same among all the others, where each check is described once, at the end. */
export const chapterMarkdown = ({ title, description, url, body, runbook }: MarkdownPage): string =>
  [
    `# ${title}`,
    `<${url}>`,
    `> ${description}`,
    withRunbook(body, runbook, ({ checks }) => checks.map(({ id, title }) => `- ${title} (\`${id}\`)`).join('\n')),
  ].join('\n\n');

/** Every check once, for the end of all pages. */
export const checksMarkdown = (checks: readonly Check[]): string =>
  ['# Checks', 'What each check of the runbooks states, why it matters, and how to see it by hand.']
    .concat(checks.map(checkMarkdown).join('\n'))
    .join('\n\n');

/** A page's text, with its runbook in the place that it has on the page. */
function withRunbook(body: string, runbook: Runbook | undefined, listed: (runbook: Runbook) => string): string {
  const [before, after] = runbookPlace(body, runbook?.id);
  return runbook === undefined ? before : `${before}${runbookMarkdown(runbook, listed)}${after}`;
}

function runbookMarkdown(runbook: Runbook, listed: (runbook: Runbook) => string): string {
  const { id, summary, inputs = [], checks } = runbook;
  return [
    `${summary} It only reads. In a checkout of the handbook: \`npm run --silent runbook -- run ${id}\`.`,
    ...inputs.map(
      ({ name, title, example, absent }) =>
        `Input \`${name}\` (${title}), as in \`--input ${name}=${example}\`. Without it: ${absent}`,
    ),
    `It has ${checks.length} checks, causes first:`,
    listed(runbook),
  ].join('\n\n');
}

const checkMarkdown = (check: Check): string =>
  [
    `- **${check.title}** (\`${check.id}\`, ${componentTitle(check.component as ComponentId)}). ${check.why}`,
    ...checkCommands(check).map((command) => `  - \`${command}\``),
  ].join('\n');

export const coverageMarkdown = (rows: readonly Coverage[]): string =>
  rows
    .map(({ title, diagrams, checks, faults }) =>
      [
        `## ${title}`,
        '',
        `- In diagrams: ${diagrams.map((place) => `[${place.title}](${absolute(place.href)})`).join(', ')}`,
        `- Checks: ${checks.map(({ id }) => `\`${id}\``).join(', ')}`,
        `- Demo faults: ${faults.map(({ scenario, title: fault }) => `${fault} (\`${scenario}\`)`).join(', ')}`,
      ].join('\n'),
    )
    .join('\n\n');

export const findingsMarkdown = (groups: readonly { title: string; checks: readonly ExplainedCheck[] }[]): string =>
  groups
    .map(({ title, checks }) =>
      [`## ${title}`, ...checks.flatMap(({ findings }) => findings.map(findingMarkdown))].join('\n\n'),
    )
    .join('\n\n');

const findingMarkdown = ({ id, title, means, check, example }: ExplainedFinding): string =>
  [
    `### ${title}`,
    `\`${id}\`, of the check “${check.title}”. ${means}`,
    ...(example === undefined
      ? []
      : [
          `Example: ${example.message}${example.quote === null ? '' : ` (${example.quote.by}: “${example.quote.text}”)`}`,
          example.remedies
            .map((way) => [`- ${way.title}`, ...way.commands.map((command) => `  - \`${command}\``)].join('\n'))
            .join('\n'),
        ]),
  ].join('\n\n');
