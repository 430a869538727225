/** A report as HTML: whatever a field holds, it is text. */
import { describe, expect, it } from 'vitest';
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5';
import { outcomes, type Finding, type Outcome, type Verdict } from '../../src/runbook/report.ts';
import { components, componentTitle } from '../../runbooks/components.ts';
import { escapeHtml } from '../../src/formats/html.ts';
import { requestLine } from '../../src/site/line.ts';
import { linePage, lineStripHtml } from '../../src/site/runbook/line-strip.ts';
import { commandHtml, progressHtml, reportHtml } from '../../src/report/html.ts';
import { stateShapes } from '../../src/report/state.ts';
import { failed, having, runbookResult, verdict } from '../support/verdicts.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\`<b>\`&amp;`;

const hostileVerdict = (outcome: Outcome): Verdict => ({
  id: hostile,
  title: hostile,
  component: hostile,
  outcome,
  message: hostile,
  blockedBy: [hostile],
  problem: { kind: 'forbidden', message: hostile },
  commands: [hostile],
  findings: ['failed', 'warned', 'blocked'].includes(outcome) ? [hostileFinding(outcome as Finding['outcome'])] : [],
  durationMs: 1,
});

const hostileObject = { apiVersion: hostile, kind: hostile, namespace: hostile, name: hostile };

const hostileFinding = (outcome: Finding['outcome']): Finding => ({
  id: hostile,
  outcome,
  headline: hostile,
  message: hostile,
  quote: { text: hostile, by: hostile },
  evidence: [
    {
      object: hostileObject,
      path: hostile,
      observed: { [hostile]: hostile },
      expected: hostile,
      source: { file: hostile, line: 1, column: 1 },
    },
  ],
  remedies: [
    {
      title: hostile,
      change: { object: hostileObject, path: hostile, to: hostile },
      commands: [hostile],
      disturbs: hostile,
    },
  ],
  commands: [hostile],
  page: hostile,
  accepted: null,
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
    expectHarmless(reportHtml({ ...runbookResult(all), title: hostile }, { ...linePage, note: hostile }));
    expectHarmless(reportHtml(runbookResult([hostileVerdict(outcome)]), { ...linePage, note: hostile, heading: 4 }));
  });

  it('in the notice, which comes first', () => {
    const html = reportHtml(runbookResult([failed()]), { ...linePage, note: '', notice: hostile });
    expectHarmless(html);
    expect(html.indexOf(escapeHtml(hostile))).toBeGreaterThan(0);
    expect(html.indexOf('rb-notice')).toBeLessThan(html.indexOf('rb-tally'));
    expect(reportHtml(runbookResult([failed()]), { ...linePage, note: '' })).not.toContain('rb-notice');
  });

  it('in the names of objects with YAML', () => {
    const bad = hostileVerdict('failed');
    const objects = new Map([[`${hostile} ${hostile}/${hostile}`, '<pre>a: 1</pre>']]);
    const html = reportHtml(runbookResult([bad]), { ...linePage, note: '', objects });
    expectHarmless(html);
    expect(html).toContain('<pre>a: 1</pre>');
  });

  it.each(outcomes)('in the line of a check that is %s', (outcome) => {
    expectHarmless(progressHtml(hostileVerdict(outcome)));
  });

  it('in a command', () => {
    expectHarmless(commandHtml(hostile));
  });

  it('keeps the name of a flag in one piece', () => {
    expect(commandHtml("kubectl scale -n web deployment/web-app --replicas=1 -o jsonpath='{.a-b}'")).toContain(
      'kubectl scale <span class="flag">-n</span> web deployment/web-app <span class="flag">--replicas</span>=1 <span class="flag">-o</span> jsonpath=',
    );
    expect(commandHtml('a --<b> -"c"')).toContain('<code>a --&lt;b&gt; -&quot;c&quot;</code>');
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
      runbookResult([
        verdict({ outcome: 'skipped' }),
        verdict(),
        verdict({ outcome: 'blocked', blockedBy: ['gateway/programmed'] }),
        having({ outcome: 'blocked' }, { blockedBy: ['gateway/programmed'] }),
        verdict({ outcome: 'unknown', message: 'May not.' }),
        having({ outcome: 'warned', message: 'It ages.' }),
        failed(),
      ]),
      { ...linePage, note: 'just now' },
    );
    const places = order(
      html,
      'just now',
      'Root cause',
      'It ages.',
      'May not.',
      'Consequences',
      'Blocked until this is fixed',
      'Ruled out',
      'Skipped',
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('says that nothing is broken only when nothing failed and nothing is unknown', () => {
    const says = (outcome: Outcome): boolean =>
      reportHtml(runbookResult([verdict({ outcome })]), { ...linePage, note: '' }).includes('rb-healthy');
    expect(says('passed')).toBe(true);
    expect(says('warned')).toBe(true);
    expect(says('unknown')).toBe(false);
    expect(reportHtml(runbookResult([failed()]), { ...linePage, note: '' })).not.toContain('rb-healthy');
  });

  it('shows backquoted words as code', () => {
    expect(reportHtml(runbookResult([failed({ message: 'See `spec.type`.' })]), { ...linePage, note: '' })).toContain(
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
        failed({}, { component: 'envoy' }),
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
        expect(lineStripHtml([failed({}, { component: id })])).toContain(
          `${escapeHtml(title)}<span class="sr-only">: failed`,
        );
        expect(lineStripHtml([verdict({ component: id, outcome: 'passed' })])).toBe('');
      },
    );
  });
});
