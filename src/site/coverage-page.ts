/** The coverage page's title, description and rows, for its two forms: HTML and Markdown. */
import { components } from '../../runbooks/components.ts';
import { runbooks } from '../../runbooks/index.ts';
import { coverage, diagramSources, nodeIds, type Coverage } from './coverage.ts';
import { branches, requestLine } from './line.ts';
import { recordings } from './runbook/recordings.ts';

export const coveragePage = {
  id: 'reference/coverage',
  title: 'Coverage',
  description: 'What the handbook has for each component: its place in the diagrams, its checks, and its demo faults.',
};

/** @param pages Every page that somebody wrote; they hold the diagrams. */
export function coverageRows(
  pages: readonly { id: string; data: { title: string }; body?: string | undefined }[],
): readonly Coverage[] {
  const lineMap = {
    title: 'Line map',
    href: '/',
    nodes: new Set<string>([...requestLine, ...branches.flatMap(({ stations }) => stations)].map(({ id }) => id)),
  };
  // A page counts once, however many diagrams it has.
  const diagrams = [
    ...pages.map(({ id, data, body = '' }) => ({
      title: data.title,
      href: `/${id}/`,
      nodes: new Set(diagramSources(body).flatMap((source) => [...nodeIds(source)])),
    })),
    lineMap,
  ];
  return coverage(components, runbooks, recordings, diagrams);
}
