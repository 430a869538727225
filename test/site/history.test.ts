/** Dates of pages from the text of one `git log`. */
import { expect, it, vi } from 'vitest';

vi.mock('@astrojs/starlight/route-data', () => ({ defineRouteMiddleware: (handler: unknown) => handler }));
const { readDates } = await import('../../src/site/routing/last-updated.ts');

it('takes the newest commit that names a page', () => {
  const dates = readDates('commit 200 HEAD -> main\n\ncontent/a.md\n\ncommit 100 \n\ncontent/a.md\ncontent/b.md\n');
  expect(dates).toEqual(
    new Map([
      ['content/a.md', new Date(200_000)],
      ['content/b.md', new Date(100_000)],
    ]),
  );
});

it('gives no date to what only the end of a shallow history names', () => {
  const dates = readDates(
    'commit 200 HEAD -> main\n\ncontent/a.md\n\ncommit 100 grafted\n\ncontent/a.md\ncontent/b.md\n',
  );
  expect([...dates.keys()]).toEqual(['content/a.md']);
});

it('gives none without git', () => {
  expect(readDates('').size).toBe(0);
});
