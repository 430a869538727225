/** The page of findings: everything that a check can find, with what it means and an example, for its two forms: HTML and Markdown. */
import { components, type ComponentId } from '../../runbooks/components.ts';
import { runbooks } from '../../runbooks/index.ts';
import type { Check } from '../runbook/check.ts';
import { findingsOf, type DeclaredFinding } from '../runbook/catalogue.ts';
import { findingAnchor } from '../runbook/finding.ts';
import { withNeeds } from '../runbook/runbook.ts';
import recorded from './finding-examples.json' with { type: 'json' };

/** What a case of a finding is told. */
export interface FindingExample {
  headline: string;
  message: string;
  quote: { text: string; by: string } | null;
  remedies: readonly { title: string; commands: readonly string[]; disturbs: string }[];
}

export interface ExplainedFinding extends DeclaredFinding {
  anchor: string;
  /** The finding without the names of objects: `Gateway … is not programmed`. */
  title: string;
  example: FindingExample | undefined;
}

/** What one check can find, and where the check itself is described. */
export interface ExplainedCheck {
  check: Check;
  href: string;
  findings: readonly ExplainedFinding[];
}

export const findingsPage = {
  id: 'reference/findings',
  title: 'Findings',
  description: 'Everything that the runbooks can find: what it means, an example, and what to do.',
};

const examples: Readonly<Record<string, FindingExample | undefined>> = recorded;

/** Every finding, by component in the order of the request and then by check. */
export function explainedFindings(): readonly { component: ComponentId; title: string; checks: ExplainedCheck[] }[] {
  const checks = withNeeds(runbooks.flatMap((runbook) => runbook.checks));
  return components.map(({ id, title }) => ({
    component: id,
    title,
    checks: checks.filter(({ component }) => component === id).map(explained),
  }));
}

const explained = (check: Check): ExplainedCheck => ({
  check,
  href: `${pageOf(check.id)}#check-${check.id.replace('/', '-')}`,
  findings: findingsOf(check).map((found) => ({
    ...found,
    anchor: findingAnchor(found.id),
    title: found.headline.replaceAll(/\{[a-zA-Z]+\}/g, '…'),
    example: examples[found.id],
  })),
});

const pageOf = (check: string): string =>
  runbooks.find((runbook) => runbook.checks.some(({ id }) => id === check))?.page ?? '/';
