/** Every issue has a runbook and every runbook a page. */
import { expect, it } from 'vitest';
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
