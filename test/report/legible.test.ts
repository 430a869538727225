/** What a cluster's own words may do to a terminal, a chat and a pipeline's report: nothing. */
import { describe, expect, it } from 'vitest';
import { diffMarkdown, diffText } from '../../src/report/diff.ts';
import { toGithub } from '../../src/report/github.ts';
import { toJunit } from '../../src/report/junit.ts';
import { toSarif } from '../../src/report/sarif.ts';
import { watching } from '../../src/cli/watching.ts';
import { compare } from '../../src/runbook/diff.ts';
import { toText } from '../../src/report/text.ts';
import { painter } from '../../src/report/paint.ts';
import { legible, legibleJson } from '../../src/runbook/legible.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { resultsOf, type Report } from '../../src/runbook/report.ts';
import { linePage } from '../../src/site/runbook/line-strip.ts';
import { reportHtml } from '../../src/report/html.ts';
import { failed, reportOf } from '../support/verdicts.ts';

const hostile =
  'a\u001b]0;title\u0007b\u001b[2Jc\u009b31md\u202ee\u2066f\rg\u0000h\uffffi\ud800j\u200bk\u2060l\ufeffm\u00adn\u2028o\u{e0041}p';
/** Nothing but what is seen, tabs and line feeds. */
const harmless =
  /^(?:[\t\n]|(?![\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029\uffff]).)*$/su;

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
  const object = { apiVersion: 'v1', kind: 'Service', namespace: hostile, name: hostile };
  const piece = { object, path: hostile, observed: { [hostile]: hostile }, expected: hostile };
  const report: Report = reportOf([
    failed({
      headline: hostile,
      message: hostile,
      quote: { text: hostile, by: hostile },
      evidence: [{ ...piece, source: { file: hostile, line: 1, column: 1 } }],
      commands: [hostile],
      remedies: [
        { title: hostile, change: { object, path: hostile, to: hostile }, commands: [hostile], disturbs: hostile },
      ],
    }),
  ]);
  report.cluster.context = `${hostile}*<img src=x>`;
  report.cluster.kubernetes = hostile;

  it.each([
    ['text', (one: Report) => toText(one, { paint: painter({}, {}), verbose: true })],
    ['Markdown', (one: Report) => toMarkdown(one)],
    [
      'annotations',
      (one: Report) =>
        toGithub(
          one.checks.flatMap(({ findings }) => findings),
          { summary: hostile },
        ),
    ],
    [
      'SARIF',
      (one: Report) =>
        toSarif(
          one.checks.flatMap(({ findings }) => findings.map((finding) => ({ finding }))),
          { version: '1.0.0', site: 'https://docs.example.org', ruleOf: () => undefined },
        ),
    ],
    [
      'a comparison',
      (one: Report) => {
        const diff = compare({ ...one, checks: [] }, one);
        return `${diffText(diff, { paint: painter({}, {}), verbose: true })}${diffMarkdown(diff)}`;
      },
    ],
    ['JUnit', toJunit],
    ['JSON', (one: Report) => legibleJson(one)],
    [
      'JSON of a watch',
      (one: Report) => {
        const printed: string[] = [];
        const print = (text: string): void => void printed.push(text);
        const paint = painter({}, {});
        watching({ isTerminal: false, isJson: true, paint, format: () => '', print })(one);
        return printed.join('\n');
      },
    ],
    [
      'a page',
      (one: Report) =>
        resultsOf(one)
          .map((own) => reportHtml(own, { ...linePage, note: '' }))
          .join('\n'),
    ],
  ])('is harmless as %s', (_, print) => {
    const printed = print(report);
    expect(printed).toMatch(/title/);
    expect(printed.isWellFormed()).toBe(true);
    expect(printed).toMatch(harmless);
  });

  it('loses nothing as JSON', () => {
    expect(JSON.parse(legibleJson(report))).toEqual(report);
  });

  it('says no markup in Markdown', () => {
    expect(toMarkdown(report)).not.toContain('<img');
  });
});
