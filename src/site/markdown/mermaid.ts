/** Markdown plugin: mermaid fences become figures with the drawing inside, so that a reader's browser runs nothing. */
import type { MdastPluginEntry } from 'satteri';
import { diagram, isDrawn } from '../diagrams/diagram.ts';
import { figureHtml } from '../diagrams/figure.ts';
import { lintDiagram } from '../diagrams/lint.ts';
import { NoBrowser } from '../diagrams/render.ts';
import { type Failure, failureHtml, place, recordFailure } from './failures.ts';

export const mermaidDiagrams: MdastPluginEntry = ({ source }) => {
  if (!source.includes('mermaid')) return false;
  const occurrences = new Map<string, number>();
  return {
    name: 'mermaid-diagrams',
    options: { position: true },
    async code(node, context) {
      if (node.lang !== 'mermaid') return undefined;
      // The fence's own line comes before the diagram's first.
      const fence = node.position?.start.line ?? 1;
      const failed = (failures: Failure[]) => {
        failures.forEach(recordFailure);
        return { type: 'html' as const, value: failures.map(failureHtml).join('') };
      };

      const findings = lintDiagram(node.value);
      if (findings.length > 0) {
        return failed(findings.map(({ line, message }) => ({ where: place(context, fence + line), message })));
      }
      // Under names that one start of the dev server was given a diagram may be a new one: then its source is shown, for nobody waits for a browser.
      if (process.env['HANDBOOK_NAMED'] !== undefined && !isDrawn(node.value)) return undefined;
      try {
        const { key, svg } = await diagram(node.value);
        const occurrence = (occurrences.get(key) ?? 0) + 1;
        occurrences.set(key, occurrence);
        return { type: 'html' as const, value: figureHtml(key, svg, occurrence) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const message =
          error instanceof NoBrowser
            ? `this diagram is not in src/site/diagrams/cache, and there is ${reason}\nWhere there is one, run "npm run diagrams" and commit what it drew.`
            : `mermaid could not draw this diagram: ${reason}`;
        return failed([{ where: place(context, fence), message }]);
      }
    },
  };
};
