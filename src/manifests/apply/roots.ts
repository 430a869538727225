/**
 * Where applying begins: what nobody else applies.
 *
 * A kustomization that neither another one lists nor Flux or Argo CD apply is a root, and so is a file that no kustomization governs. Flux's
 * own first Kustomization stands in the folder that it applies: a circle that nothing else leads into begins with what makes it one.
 */
import { dirname } from 'node:path';
import { isComponent, type Graph, type ReadFile } from './graph.ts';

export interface Root {
  /**
   * A folder with a kustomization; a file as it stands; a file of which only what it has applied is followed, for that applies it; or a chart that
   * nobody installs.
   */
  type: 'folder' | 'file' | 'circle' | 'chart';
  path: string;
}

export function rootsOf(graph: Graph, read: readonly ReadFile[]): readonly Root[] {
  const files = read.filter(({ isKustomization, manifests }) => !isKustomization && manifests.length > 0);
  const begins = ({ file }: ReadFile): boolean => graph.named(file).length > 0;
  const inOrder = [
    // First: of a circle it is the one that is looked for.
    ...files.filter(begins).map(({ file }) => file),
    ...graph.kustomizations.keys(),
    ...files.filter((one) => !begins(one)).map(({ file }) => file),
  ];
  return sourcesApplied(inOrder, graph).flatMap((path): readonly Root[] => {
    const kustomization = graph.kustomizations.get(path);
    if (kustomization !== undefined) return isComponent(kustomization) ? [] : [{ type: 'folder', path }];
    return [{ type: reaches(path, path, graph.named) ? 'circle' : 'file', path }];
  });
}

/** The sources without the files that a kustomization leaves out of its list: nobody applies those, so what they name begins elsewhere. */
function sourcesApplied(nodes: readonly string[], graph: Graph): readonly string[] {
  const isLeftOut = (path: string): boolean =>
    !graph.kustomizations.has(path) &&
    graph.governorOf(dirname(path)) !== undefined &&
    !reaches(path, path, graph.named);
  const sources = sourcesAmong(nodes, graph.named);
  const leftOut = new Set(sources.filter(isLeftOut));
  return leftOut.size === 0
    ? sources
    : sourcesApplied(
        nodes.filter((node) => !leftOut.has(node)),
        graph,
      );
}

/**
 * Of each circle that nothing outside leads into, and of each node that nothing leads to, one: the first in the given order. Whoever begins a
 * walk after all others began theirs, and was not reached, is reached by nobody.
 */
function sourcesAmong(nodes: readonly string[], named: Graph['named']): readonly string[] {
  const begun: string[] = [];
  const reached = new Set<string>();
  for (const node of nodes) {
    if (reached.has(node)) continue;
    begun.push(node);
    walk(node, named, reached);
  }
  const again = new Set<string>();
  return begun.reverse().filter((node) => {
    if (again.has(node)) return false;
    walk(node, named, again);
    return true;
  });
}

function walk(from: string, named: Graph['named'], reached: Set<string>): void {
  const ahead = [from];
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    ahead.push(...named(node));
  }
}

function reaches(from: string, to: string, named: Graph['named']): boolean {
  const reached = new Set<string>();
  for (const next of named(from)) walk(next, named, reached);
  return reached.has(to);
}
