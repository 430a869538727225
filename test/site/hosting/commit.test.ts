/** Which commit a page says that it is of. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { fromEnvironment } from '../../../src/site/hosting/commit.ts';
import { attribute, pages } from '../dist.ts';

it('is what the environment says, where there is no git', () => {
  expect(fromEnvironment({ COMMIT: 'abc1234', COMMIT_DATE: '2026-11-20T10:00:00+01:00' })).toEqual({
    id: 'abc1234',
    date: new Date('2026-11-20T09:00:00Z'),
    isChanged: false,
  });
  expect(fromEnvironment({})).toBeUndefined();
  expect(fromEnvironment({ COMMIT: '', COMMIT_DATE: '' })).toBeUndefined();
});

it.each([
  { COMMIT: 'abc1234' },
  { COMMIT_DATE: '2026-11-20' },
  { COMMIT: 'main', COMMIT_DATE: '2026-11-20' },
  { COMMIT: 'abc1234', COMMIT_DATE: 'yesterday' },
])('is refused when it is half or no commit: %o', (env) => {
  expect(() => fromEnvironment(env)).toThrow('Set both or none');
});

it('stands in every page, hidden until the mirror marks the page, and the same in all', () => {
  const notes = pages.map(({ url, elements }) => {
    const [note, ...more] = elements.filter((element) =>
      attribute(element, 'class')?.split(' ').includes('mirror-note'),
    );
    expect(note, url).toBeDefined();
    expect(more, url).toEqual([]);
    return note ? { ...Object.fromEntries(note.attrs.map(({ name, value }) => [name, value])) } : {};
  });
  expect(new Set(notes.map((note) => JSON.stringify(note))).size).toBe(1);
  expect(notes[0]).toMatchObject({ hidden: '', 'data-pagefind-ignore': '' });
  // It is a commit of this repository, unless the site was built where there is none.
  const id = notes[0]?.['data-commit'];
  if (id !== undefined) expect(execFileSync('git', ['cat-file', '-t', id], { encoding: 'utf8' }).trim()).toBe('commit');
});
