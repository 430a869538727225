/** A report as HTML: whatever a field holds, it is text. */
import { describe, expect, it } from 'vitest';
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import { outcomes, type Outcome, type Verdict } from '../../src/runbook/report.ts';
import { components, componentTitle } from '../../runbooks/components.ts';
import { escapeHtml } from '../../src/site/html.ts';
import { requestLine } from '../../src/site/line.ts';
import { lineStripHtml } from '../../src/site/runbook/line-strip.ts';
import { commandHtml, progressHtml, reportHtml } from '../../src/site/runbook/report-html.ts';
import { stateShapes } from '../../src/site/runbook/state.ts';
import { failed, runbookReport, verdict } from '../support/verdicts.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\`<b>\`&amp;`;

const hostileVerdict = (outcome: Outcome): Verdict => ({
  id: hostile,
  title: hostile,
  component: hostile,
  outcome,
  message: hostile,
  blockedBy: [hostile],
  problem: { kind: 'forbidden', message: hostile },
  evidence: [
    {
      object: { apiVersion: hostile, kind: hostile, namespace: hostile, name: hostile },
      path: hostile,
      observed: { [hostile]: hostile },
      expected: hostile,
    },
  ],
  commands: [hostile],
  remedy: { title: hostile, commands: [hostile], disturbs: hostile },
  durationMs: 1,
});

/** Every element of a fragment, and every attribute. */
function elementsOf(html: string): readonly DefaultTreeAdapterTypes.Element[] {
  const walk = (node: DefaultTreeAdapterTypes.Node): readonly DefaultTreeAdapterTypes.Element[] => [
    ...('tagName' in node ? [node] : []),
    ...('childNodes' in node ? node.childNodes.flatMap(walk) : []),
  ];
  return walk(parseFragment(html));
}

function expectHarmless(html: string): void {
  const elements = elementsOf(html);
  expect(elements.map(({ tagName }) => tagName).filter((name) => ['script', 'img', 'b'].includes(name))).toEqual([]);
  expect(
    elements.flatMap(({ attrs }) => attrs.map(({ name }) => name)).filter((name) => name.startsWith('on')),
  ).toEqual([]);
}

describe('whatever a field holds is text', () => {
  it.each(outcomes)('in a report whose checks are %s', (outcome) => {
    const all = [hostileVerdict(outcome), hostileVerdict('failed'), failed()];
    expectHarmless(reportHtml({ ...runbookReport(all), title: hostile }, { note: hostile }));
    expectHarmless(reportHtml(runbookReport([hostileVerdict(outcome)]), { note: hostile, heading: 4 }));
  });

  it('in the names of objects with YAML', () => {
    const bad = hostileVerdict('failed');
    const objects = new Map([[`${hostile} ${hostile}/${hostile}`, '<pre>a: 1</pre>']]);
    const html = reportHtml(runbookReport([bad]), { note: '', objects });
    expectHarmless(html);
    expect(html).toContain('<pre>a: 1</pre>');
  });

  it.each(outcomes)('in the line of a check that is %s', (outcome) => {
    expectHarmless(progressHtml(hostileVerdict(outcome)));
  });

  it('in a command', () => {
    expectHarmless(commandHtml(hostile));
  });

  it('escapes each character that means something', () => {
    expect(escapeHtml(`&<>"'a`)).toBe('&amp;&lt;&gt;&quot;&#39;a');
  });
});

describe('the order and the words', () => {
  const order = (html: string, ...parts: readonly string[]): readonly number[] =>
    parts.map((part) => html.indexOf(part));

  it('tells root causes first, then warnings, what is unknown, consequences and what is fine', () => {
    const html = reportHtml(
      runbookReport([
        verdict({ outcome: 'skipped' }),
        verdict(),
        verdict({ outcome: 'blocked', blockedBy: ['gateway/programmed'] }),
        failed({ outcome: 'blocked', blockedBy: ['gateway/programmed'] }),
        verdict({ outcome: 'unknown', message: 'May not.' }),
        verdict({ outcome: 'warned', message: 'It ages.' }),
        failed(),
      ]),
      { note: 'just now' },
    );
    const places = order(
      html,
      'just now',
      'Root cause',
      'It ages.',
      'May not.',
      'Consequences',
      'Not to be looked at until then',
      'Ruled out',
      'Skipped',
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('says that nothing is broken only when nothing failed and nothing is unknown', () => {
    const says = (outcome: Outcome): boolean =>
      reportHtml(runbookReport([verdict({ outcome })]), { note: '' }).includes('rb-healthy');
    expect(says('passed')).toBe(true);
    expect(says('warned')).toBe(true);
    expect(says('unknown')).toBe(false);
    expect(reportHtml(runbookReport([failed()]), { note: '' })).not.toContain('rb-healthy');
  });

  it('shows backquoted words as code', () => {
    expect(reportHtml(runbookReport([failed({ message: 'See `spec.type`.' })]), { note: '' })).toContain(
      'See <code>spec.type</code>.',
    );
  });

  it('has a shape for every outcome', () => {
    expect(stateShapes.map(([state]) => state)).toEqual(expect.arrayContaining([...outcomes]));
  });

  describe('the line', () => {
    const stations = (checks: readonly Verdict[]) =>
      [...lineStripHtml(checks).matchAll(/<li class="([^"]+)" data-state="([^"]+)">.*?rb-name">([^<]+)/g)].map(
        ([, classes, state, name]) => ({ classes, state, name }),
      );

    it('is closed at the station at fault, and dotted after it', () => {
      const line = stations([
        verdict({ component: 'tailscale-proxy', outcome: 'passed' }),
        verdict({ component: 'envoy', outcome: 'passed' }),
        failed({ component: 'envoy' }),
      ]);
      expect(line.map(({ name }) => name)).toEqual(requestLine.map(({ id }) => componentTitle(id)));
      expect(line.find(({ name }) => name === 'Envoy')).toEqual({
        name: 'Envoy',
        state: 'failed',
        classes: 'rb-station rb-closed',
      });
      expect(line.filter(({ classes }) => classes?.includes('rb-after')).map(({ name }) => name)).toEqual([
        'HTTPRoute',
        'App Service',
        'App pod',
      ]);
      expect(line.find(({ name }) => name === 'Client')?.state).toBe('unseen');
    });

    it.each(components.filter(({ id }) => !requestLine.some((one) => one.id === id)))(
      'shows $title beside the line',
      ({ id, title }) => {
        expect(lineStripHtml([failed({ component: id })])).toContain(
          `${escapeHtml(title)}<span class="sr-only">: failed`,
        );
        expect(lineStripHtml([verdict({ component: id, outcome: 'passed' })])).toBe('');
      },
    );
  });
});
