/**
 * Drawn diagrams, committed, so that a build needs no browser. A file is named by the hash of everything that decides its content: the
 * versions of mermaid and of our renderer, the configuration, and the source after the stack's names have been put in.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mermaidConfig, mermaidVersion, rendererVersion } from './config.ts';

const folder = new URL('./cache/', import.meta.url);
const fileOf = (key: string): URL => new URL(`${key}.svg`, folder);

export const cacheKey = (source: string): string =>
  createHash('sha256')
    .update(JSON.stringify([mermaidVersion, rendererVersion, mermaidConfig, source]))
    .digest('hex')
    .slice(0, 16);

export function readCached(key: string): string | undefined {
  try {
    return readFileSync(fileOf(key), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeCached(key: string, svg: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(key), svg);
}

/** Deletes what no page uses any more; says which. */
export function pruneCache(used: ReadonlySet<string>): string[] {
  const unused = readdirSync(folder).filter(
    (name) => name.endsWith('.svg') && !used.has(name.slice(0, -'.svg'.length)),
  );
  for (const name of unused) rmSync(new URL(name, folder));
  return unused;
}
