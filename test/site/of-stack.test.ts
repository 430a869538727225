/** What the dev server keeps of rendered pages is of one stack. */
import type { LoaderContext } from 'astro/loaders';
import { expect, it } from 'vitest';
import { ofStack } from '../../src/site/markdown/of-stack.ts';
import { stackDigest } from '../../src/site/stack-digest.ts';

/** Loads pages into a store in which those of some stack are; whether they are still there. */
async function isKept(former: string | undefined): Promise<boolean> {
  const meta = new Map(former === undefined ? [] : [['stack', former]]);
  const store = new Map([['page', {}]]);
  await ofStack({ name: 'none', load: () => Promise.resolve() }).load({
    ...{ meta, store },
    entryTypes: new Map(),
  } as unknown as LoaderContext);
  expect(meta.get('stack')).toBe(stackDigest);
  return store.has('page');
}

it.each([
  { what: 'of the stack of today', former: stackDigest, kept: true },
  { what: 'of another', former: '0123456789ab', kept: false },
  { what: 'of nobody knows which', former: undefined, kept: false },
])('pages $what: kept is $kept', async ({ former, kept }) => expect(await isKept(former)).toBe(kept));
