/** `npm run diagrams`: draws what the cache lacks, drops what no page uses, and says what it did. */
import { readFileSync } from 'node:fs';
import { markdownToMdast } from 'satteri';
import { presentFiles } from '../absent-pages.ts';
import { withParts } from '../markdown/parts.ts';
import { replaceTokens } from '../markdown/tokens.ts';
import { pruneCache } from './cache.ts';
import { closeRenderer, diagram } from './diagram.ts';
import { lintDiagram } from './lint.ts';

interface Fence {
  file: string;
  line: number;
  source: string;
}

const fences: Fence[] = presentFiles().flatMap((file) => fencesIn(`content/${file}`));
const used = new Set<string>();
let drawn = 0;
let failed = 0;

for (const { file, line, source } of fences) {
  const report = (message: string, at: number): void => {
    failed += 1;
    console.error(`${file}:${at}  ${message}`);
  };
  const findings = lintDiagram(source);
  for (const finding of findings) report(finding.message, line + finding.line);
  if (findings.length > 0) continue;
  try {
    const result = await diagram(source);
    used.add(result.key);
    if (!result.drawn) continue;
    drawn += 1;
    console.log(`${file}:${line}  drawn as ${result.key}.svg`);
  } catch (error) {
    report(error instanceof Error ? error.message : String(error), line);
  }
}
await closeRenderer();

// With a page that fails, its diagrams are unknown: nothing is dropped until all of them can be drawn.
const pruned = failed === 0 ? pruneCache(used) : [];
console.log(
  `${fences.length} diagrams: ${drawn} drawn, ${used.size - drawn} already there, ${pruned.length} dropped, ${failed} failed.`,
);
process.exitCode = failed === 0 ? 0 : 1;

function fencesIn(file: string): Fence[] {
  const found: Fence[] = [];
  const walk = (node: { type: string; children?: unknown }): void => {
    if (node.type === 'code') {
      const { lang, value, position } = node as {
        lang?: string;
        value?: string;
        position?: { start: { line: number } };
      };
      if (lang === 'mermaid') found.push({ file, line: position?.start.line ?? 0, source: replaceTokens(value ?? '') });
    }
    if (Array.isArray(node.children)) node.children.forEach(walk);
  };
  walk(markdownToMdast(withParts(readFileSync(file, 'utf8'))));
  return found;
}
