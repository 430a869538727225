/**
 * What the handbook has for each component: its page, the diagrams that it stands in, the checks that examine it, and the demo
 * faults that break it. Pure; the coverage page shows it, and a test finds holes in it.
 */
import type { ComponentId } from '../../runbooks/components.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { Recordings } from './runbook/recordings.ts';

export interface DiagramPlace {
  title: string;
  href: string;
  /** Ids of the diagrams' nodes, subgraphs and actors. */
  nodes: ReadonlySet<string>;
}

export interface Coverage {
  component: ComponentId;
  title: string;
  diagrams: readonly DiagramPlace[];
  checks: readonly { id: string; title: string; page: string }[];
  faults: readonly { scenario: string; title: string; page: string }[];
}

/** A mermaid fence's source, without what its fence is made of. */
export const diagramSources = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^```mermaid\n(.*?)^```/gms)].map(([, source]) => source ?? '');

/** The ids that a diagram names. Labels and titles are left out, so that a word in a sentence is no node. */
export function nodeIds(source: string): ReadonlySet<string> {
  const bare = source
    .replace(/^\s*acc(Title|Descr).*$/gm, '')
    .replace(/"[^"]*"|\|[^|]*\|/g, ' ')
    .replace(/^(\s*[\w-]+\s*-?-[->x)]+\s*[\w-]+\s*):.*$/gm, '$1')
    .replace(/\bas .*$/gm, '');
  return new Set(bare.match(/[a-zA-Z][\w]*(?:-[a-zA-Z0-9]\w*)*/g) ?? []);
}

export function coverage(
  components: readonly { id: ComponentId; title: string }[],
  runbooks: readonly Runbook[],
  recordings: Recordings,
  diagrams: readonly DiagramPlace[],
): readonly Coverage[] {
  const pageOf = (id: string): string => runbooks.find((runbook) => runbook.id === id)?.page ?? '/';
  const checks = new Map(
    runbooks.flatMap(({ page, checks: own }) =>
      own.map(({ id, title, component }) => [id, { id, title, component, page }]),
    ),
  );
  const faults = Object.entries(recordings).flatMap(([runbook, recorded]) =>
    recorded.map(({ scenario, title, component }) => ({ scenario, title, component, page: pageOf(runbook) })),
  );
  return components.map(({ id, title }) => ({
    component: id,
    title,
    diagrams: diagrams.filter(({ nodes }) => nodes.has(id)),
    checks: [...checks.values()].filter(({ component }) => component === id),
    faults: faults.filter(({ component }) => component === id),
  }));
}

/** What is missing, in words; nothing when every component has everything. */
export const holes = (rows: readonly Coverage[]): readonly string[] =>
  rows.flatMap(({ component, diagrams, checks, faults }) => [
    ...(diagrams.length === 0 ? [`${component} is in no diagram`] : []),
    ...(checks.length === 0 ? [`${component} has no check`] : []),
    ...(faults.length === 0 ? [`${component} has no demo fault`] : []),
  ]);
