/** Every component has its place in a diagram, a check and a demo fault; and the coverage page would tell if not. */
import { describe, expect, it } from 'vitest';
import { components } from '../../runbooks/components.ts';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../../src/demo/node/faults.ts';
import type { RunbookResult } from '../../src/runbook/report.ts';
import { coverage, diagramSources, holes, nodeIds } from '../../src/site/coverage.ts';
import { allParts, has } from '../../runbooks/parts.ts';
import { pageFiles, textOf } from './pages.ts';

const report: RunbookResult = { id: '', title: '', outcome: 'passed', rootCauses: [], checks: [] };
const recordings = Object.fromEntries(
  runbooks.map(({ id }) => [
    id,
    loadFaults()
      .filter(({ runbook }) => runbook === id)
      .map(({ id: scenario, title, component }) => ({ scenario, title, component, report })),
  ]),
);
const diagrams = pageFiles.flatMap((file) =>
  diagramSources(textOf(file)).map((source) => ({ title: file, href: '/', nodes: nodeIds(source) })),
);

describe('coverage', () => {
  it('has no hole', () => expect(holes(coverage(components, runbooks, recordings, diagrams))).toEqual([]));

  it('tells each kind of hole', () => {
    expect(holes(coverage([{ id: 'vault', title: 'Vault' }], [], {}, []))).toEqual([
      'vault is in no diagram',
      'vault has no check',
      'vault has no demo fault',
    ]);
  });

  it('has at least three faults for each runbook', () => {
    // A stack without parts is without their faults.
    const least = allParts.every(has) ? 3 : 1;
    const thin = runbooks.filter(({ id }) => (recordings[id] ?? []).length < least).map(({ id }) => id);
    expect(thin).toEqual([]);
  });

  it('describes every component on the reference page, in order', () => {
    const headings = [...textOf('content/reference/components.md').matchAll(/^## (.+)$/gm)].map(([, title]) =>
      title?.replace(/’/g, "'"),
    );
    expect(headings).toEqual(components.map(({ title }) => title));
  });
});

describe('nodeIds', () => {
  it('takes nodes, subgraphs and actors, and no words of labels', () => {
    const flow =
      'flowchart TB\n  accTitle: the vault\n  subgraph cluster-zone["in the vault"]\n    tailscale-proxy["a gateway"]\n  end\n  client -->|"to coredns"| tailscale-proxy\n';
    expect([...nodeIds(flow)]).toEqual(expect.arrayContaining(['client', 'tailscale-proxy', 'cluster-zone']));
    expect([...nodeIds(flow)]).not.toEqual(expect.arrayContaining(['vault']));
    expect([...nodeIds(flow)]).not.toContain('coredns');
    const sequence = 'sequenceDiagram\n  participant app-pod as App pod of vault\n  client->>app-pod: ask vault\n';
    expect([...nodeIds(sequence)]).toContain('app-pod');
    expect([...nodeIds(sequence)]).not.toContain('vault');
  });
});
