/** What a stack may lack is named by ids that there are, and a stack that lacks nothing has all of it. */
import { expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { checkParts, findingParts, present, runbookParts } from '../../runbooks/present.ts';
import { findingsOf } from '../../src/runbook/catalogue.ts';
import { allChecks } from '../support/examine.ts';

it.each([
  ['runbooks', runbookParts, runbooks.map(({ id }) => id)],
  ['checks', checkParts, allChecks.map(({ id }) => id)],
  ['findings', findingParts, allChecks.flatMap(findingsOf).map(({ id }) => id)],
])('the %s about a part are there', (_, parts, ids) => {
  expect(Object.keys(parts).filter((id) => !ids.some((known) => known === id))).toEqual([]);
});

it('with every part nothing is left out', () => expect(present(runbooks)).toBe(runbooks));
