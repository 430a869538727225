/**
 * What mermaid accepts but a reader suffers from: a diagram without a title or a description for those who cannot see it, a kind that
 * our stylesheet does not paint, and ids that stand for two things, which mermaid merges into one node without a word.
 */
import { diagramKinds } from './config.ts';

export interface Finding {
  /** Counted from the diagram's first line, which is 1. */
  line: number;
  message: string;
}

/** An id and its label in any of mermaid's shapes: `id[..]`, `id(..)`, `id{..}`, `id>..]`, `id@{..}`; an arrow is not part of an id. */
const NODE = /(?<![\w.-])([A-Za-z_](?:[\w-]*\w)?)([[({>@][^\n]*?[\])}])(?=\s*(?:$|[-=~.<&;:xo]))/g;

export function lintDiagram(source: string): Finding[] {
  const lines = source.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('%%'));
  const kind = lines[first]?.trim().split(/[\s;]/)[0] ?? '';
  const at = first === -1 ? 1 : first + 1;
  const findings: Finding[] = [];

  if (!(diagramKinds as readonly string[]).includes(kind)) {
    return [
      {
        line: at,
        message: `"${kind}" is not a kind of diagram that the site paints; use one of ${diagramKinds.join(', ')}.`,
      },
    ];
  }
  const requireLine = (pattern: RegExp, message: string): void => {
    if (!pattern.test(source)) findings.push({ line: at, message });
  };
  requireLine(/^\s*accTitle\s*:\s*\S/m, 'add a line "accTitle: ..." that names the diagram; it is the caption too.');
  requireLine(
    /^\s*accDescr\s*(:\s*\S|\{\s*\S)/m,
    'add a line "accDescr: ..." that says what the diagram shows to those who cannot see it.',
  );
  findings.push(...collisions(kind === 'sequenceDiagram' ? participants(lines) : flowchartDefinitions(lines)));
  return findings.sort((a, b) => a.line - b.line);
}

interface Definition {
  kind: 'subgraph' | 'node' | 'participant';
  label: string;
  line: number;
}

/** Remembers what each id stands for, and says so when it comes to stand for something else. */
function collisions(definitions: Iterable<[string, Definition]>): Finding[] {
  const known = new Map<string, Definition>();
  const findings: Finding[] = [];
  for (const [id, definition] of definitions) {
    const earlier = known.get(id);
    if (!earlier) known.set(id, definition);
    else if (earlier.kind !== definition.kind) {
      findings.push({
        line: definition.line,
        message: `"${id}" is a ${definition.kind} here and a ${earlier.kind} on line ${earlier.line}; ids must differ.`,
      });
    } else if (definition.kind === 'subgraph' || earlier.label !== definition.label) {
      findings.push({
        line: definition.line,
        message: `"${id}" is defined again: ${definition.label} here, ${earlier.label} on line ${earlier.line}. Define it once and use the id alone after that.`,
      });
    }
  }
  return findings;
}

function* flowchartDefinitions(lines: string[]): Iterable<[string, Definition]> {
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    if (/^\s*(%%|acc(Title|Descr)|style\b|classDef\b|class\b|linkStyle\b|click\b|direction\b)/.test(text)) continue;
    const subgraph = /^\s*subgraph\s+([\w-]+)\s*(\[.*\])?\s*$/.exec(text);
    if (subgraph) {
      yield [subgraph[1] as string, { kind: 'subgraph', label: subgraph[2] ?? (subgraph[1] as string), line }];
      continue;
    }
    // Labels of edges may contain brackets of their own.
    const withoutEdgeLabels = text.replace(/\|[^|]*\|/g, ' ');
    for (const match of withoutEdgeLabels.matchAll(NODE))
      yield [match[1] as string, { kind: 'node', label: match[2] as string, line }];
  }
}

function* participants(lines: string[]): Iterable<[string, Definition]> {
  for (const [index, text] of lines.entries()) {
    const found = /^\s*(?:create\s+)?(?:participant|actor)\s+([\w-]+)(?:\s+as\s+(.+?))?\s*$/.exec(text);
    if (found)
      yield [found[1] as string, { kind: 'participant', label: found[2] ?? (found[1] as string), line: index + 1 }];
  }
}
