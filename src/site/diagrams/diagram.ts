/** A diagram's SVG: from the cache, or drawn now where there is a browser and kept for the next build. */
import { cacheKey, readCached, writeCached } from './cache.ts';
import { type Renderer, startRenderer } from './render.ts';

let renderer: Promise<Renderer> | undefined;
let closing: NodeJS.Timeout | undefined;
let queue: Promise<unknown> = Promise.resolve();

export const svgPrefix = (key: string): string => `dg-${key.slice(0, 8)}`;

export interface Diagram {
  key: string;
  svg: string;
  drawn: boolean;
}

/** Whether a diagram need not be drawn. */
export const isDrawn = (source: string): boolean => readCached(cacheKey(source)) !== undefined;

export async function diagram(source: string): Promise<Diagram> {
  const key = cacheKey(source);
  const cached = readCached(key);
  if (cached !== undefined) return { key, svg: cached, drawn: false };
  // One page draws one diagram at a time; mermaid keeps state between two of them.
  const turn = queue.then(() => draw(source, key));
  queue = turn.catch(() => undefined);
  const svg = await turn;
  return { key, svg, drawn: true };
}

async function draw(source: string, key: string): Promise<string> {
  clearTimeout(closing);
  renderer ??= startRenderer();
  try {
    const svg = await (await renderer).render(source, svgPrefix(key));
    writeCached(key, svg);
    return svg;
  } catch (error) {
    await closeRenderer();
    throw error;
  } finally {
    // The dev server draws now and then; a browser that waits for the next edit would outlive it.
    closing = setTimeout(() => void closeRenderer(), 3000);
    closing.unref();
  }
}

export async function closeRenderer(): Promise<void> {
  const open = renderer;
  renderer = undefined;
  clearTimeout(closing);
  await open?.then(
    (started) => started.close(),
    () => undefined,
  );
}
