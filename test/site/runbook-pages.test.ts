/** Every issue has a runbook and every runbook a page. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { mismatches } from '../../src/site/integrations/runbook-pages.ts';

it('is silent when they match', () => {
  expect(mismatches([{ file: 'content/issues/a.md', runbook: 'a' }], ['a'])).toEqual([]);
});

it('names what is missing on either side', () => {
  const failures = mismatches(
    [
      { file: 'content/issues/none.md', runbook: undefined },
      { file: 'content/issues/wrong.md', runbook: 'x' },
      { file: 'content/issues/a.md', runbook: 'a' },
      { file: 'content/issues/again.md', runbook: 'a' },
    ],
    ['a', 'b'],
  );
  expect(failures.map(({ where, message }) => `${where} ${message}`)).toEqual([
    expect.stringMatching(/^content\/issues\/none\.md .*needs a runbook/),
    'content/issues/wrong.md there is no runbook "x"; runbooks/index.ts has a, b.',
    'content/issues/again.md runbook "a" already has the page content/issues/a.md.',
    'runbooks/index.ts runbook "b" has no page: add content/issues/b.md.',
  ]);
});

it('can be chosen by what one sees, on the first page', () => {
  const home = readFileSync('content/index.md', 'utf8');
  for (const { page } of runbooks) expect(home).toContain(`](${page})`);
});
