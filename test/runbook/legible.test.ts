/** What a cluster's own words may do to a terminal, a chat and a pipeline's report: nothing. */
import { describe, expect, it } from 'vitest';
import { toJunit } from '../../src/cli/junit.ts';
import { toText } from '../../src/cli/text.ts';
import { painter } from '../../src/local/paint.ts';
import { legible } from '../../src/runbook/legible.ts';
import { toMarkdown } from '../../src/runbook/markdown.ts';
import type { Report } from '../../src/runbook/report.ts';
import { failed, reportOf } from '../support/verdicts.ts';

const hostile = 'a\u001b]0;title\u0007b\u001b[2Jc\u009b31md\u202ee\u2066f\rg\u0000h\uffffi\ud800j';
const harmless =
  /^[\t\n\u0020-\u007e\u00a0-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

describe('legible', () => {
  it('leaves every other character as it is, tabs and lines too', () => {
    const text = 'Grüße, 漢字, 🚉, עברית, العربية\n\tx\u00a0y';
    expect(legible(text)).toBe(text);
  });

  it('reaches into lists, objects and their keys, and keeps what is no text', () => {
    expect(legible({ 'a\u0007': ['b\u001b', 1, null, true, undefined] })).toEqual({
      'a\ufffd': ['b\ufffd', 1, null, true, undefined],
    });
  });
});

describe('a report with hostile words in it', () => {
  const finding = failed();
  const object = { apiVersion: 'v1', kind: 'Service', namespace: hostile, name: hostile };
  const report: Report = {
    ...reportOf([
      {
        ...finding,
        message: hostile,
        evidence: [{ object, path: hostile, observed: { [hostile]: hostile }, expected: hostile }],
        commands: [hostile],
        remedy: { summary: hostile, commands: [hostile], disturbs: hostile },
      },
    ]),
  };
  report.cluster.context = `${hostile}*<img src=x>`;
  report.cluster.kubernetes = hostile;

  it.each([
    ['text', (one: Report) => toText(one, { paint: painter({}, {}), verbose: true })],
    ['Markdown', toMarkdown],
    ['JUnit', toJunit],
  ])('is harmless as %s', (_, print) => {
    const printed = print(report);
    expect(printed).toMatch(/title/);
    expect(printed.isWellFormed()).toBe(true);
    expect(printed).toMatch(harmless);
  });

  it('says no markup in Markdown', () => {
    expect(toMarkdown(report)).not.toContain('<img');
  });
});
