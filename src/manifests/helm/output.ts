/** What helm writes, as manifests: each object stands in the template that it was made of, as near as the template's text tells. */
import { join } from 'node:path';
import { objectsOf } from '../files/objects.ts';
import { documentsOf } from '../files/documents.ts';
import type { Tree } from '../files/tree.ts';
import type { FileNote, Manifest, Path, Place } from '../manifest.ts';

export interface Output {
  manifests: readonly Manifest[];
  faults: readonly FileNote[];
}

/** @param folder The chart's, in the tree. */
export async function readOutput(text: string, folder: string, tree: Tree): Promise<Output> {
  const manifests: Manifest[] = [];
  const faults: FileNote[] = [];
  const counts = new Map<string, number>();
  let source = '';
  for (const piece of text.split(/^---.*$/m)) {
    source = /^# Source: ([^\n]+)$/m.exec(piece)?.[1] ?? source;
    const file = await fileOf(source, folder, tree);
    const template = (await tree.text(file)) ?? '';
    const { documents, fault } = documentsOf(file, piece);
    if (fault !== undefined) faults.push({ ...fault, place: { line: 1, column: 1 } });
    for (const document of documents) {
      const { manifests: some, faults: own } = objectsOf(document);
      faults.push(...own.map((one) => ({ ...one, place: { line: 1, column: 1 } })));
      for (const { object } of some) {
        const kindAt = `${file} ${object.kind}`;
        const nth = counts.get(kindAt) ?? 0;
        counts.set(kindAt, nth + 1);
        manifests.push({ object, file, place: (path) => placeIn(template, object.kind, nth, path) });
      }
    }
  }
  return { manifests, faults };
}

/** `name/templates/web.yaml` below the chart's folder; the chart itself where that is of a chart within it that is packed. */
async function fileOf(source: string, folder: string, tree: Tree): Promise<string> {
  const path = join(folder, source.split('/').slice(1).join('/'));
  return source !== '' && (await tree.text(path)) !== undefined ? path : join(folder, 'Chart.yaml');
}

/**
 * The line of a template on which a field stands: its keys are looked for one after the other, each deeper than the one before. Where the text does
 * not tell, as in what a helper makes, it is the nearest around.
 *
 * @param nth Which of the objects of that kind that the template makes.
 */
export function placeIn(template: string, kind: string, nth: number, path: Path): Place {
  const lines = template.split('\n');
  const starts = lines.flatMap((line, index) => (/^kind:\s*['"]?(\w+)/.exec(line)?.[1] === kind ? [index] : []));
  // A template that makes the same in a loop has it once.
  const kindLine = starts[Math.min(nth, starts.length - 1)];
  if (kindLine === undefined) return { line: 1, column: 1 };
  const from = lastIndexOf(lines, kindLine, isBetween) + 1;
  const next = lines.findIndex((line, index) => index > kindLine && isBetween(line));
  const end = next === -1 ? lines.length : next;
  const first = lines.findIndex((line, index) => index >= from && /^[A-Za-z]/.test(line));
  let found = { line: (first === -1 ? kindLine : first) + 1, column: 1 };
  let at = from;
  let depth = -1;
  for (const step of path) {
    if (typeof step === 'number') continue;
    const index = lines.findIndex((line, number) => {
      const key = keyOf(line);
      return number >= at && number < end && key?.name === step && key.depth > depth;
    });
    if (index === -1) break;
    depth = keyOf(lines[index] ?? '')?.depth ?? depth;
    found = { line: index + 1, column: depth + 1 };
    at = index + 1;
  }
  return found;
}

const isBetween = (line: string): boolean => line.startsWith('---');

const lastIndexOf = (lines: readonly string[], before: number, is: (line: string) => boolean): number =>
  lines.slice(0, before).findLastIndex(is);

/** The key that a line begins with, and how far in it stands. */
function keyOf(line: string): { name: string; depth: number } | undefined {
  const [, before = '', , name] = /^([\s-]*)(['"]?)([^\s'":{}][^'":]*)\2:(?:\s|$)/.exec(line) ?? [];
  return name === undefined ? undefined : { name, depth: before.length };
}
