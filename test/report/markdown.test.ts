/** A report as Markdown: in which order it tells, and what becomes of an object's own words. */
import { describe, expect, it } from 'vitest';
import { toMarkdown } from '../../src/report/markdown.ts';
import { inline, tallyText } from '../../src/report/words.ts';
import { objectName } from '../../src/runbook/judgement.ts';
import { failed, finding, having, reportOf, verdict } from '../support/verdicts.ts';

const blocked = verdict({
  id: 'gateway/accepted',
  outcome: 'blocked',
  message: 'Not accepted.',
  blockedBy: ['gateway/programmed', 'gateway/exists'],
});

describe('toMarkdown', () => {
  it('tells the answer first, then what is fine', () => {
    const report = reportOf([
      verdict({ id: 'a/three', outcome: 'skipped', title: 'It answers', message: 'Probes are off.' }),
      verdict({ id: 'a/four', title: 'It is there' }),
      verdict({ id: 'a/one', outcome: 'unknown', message: 'May not read pods.' }),
      verdict({ id: 'a/two', outcome: 'unknown', message: 'May not read pods.' }),
      blocked,
      having(
        { outcome: 'warned', id: 'a/five#old', headline: 'It ages', message: 'It ages.', remedies: [] },
        { id: 'a/five' },
      ),
      failed({ quote: { text: 'no *address*', by: 'its status' } }),
    ]);
    expect(toMarkdown(report)).toBe(
      [
        '*cluster home, Kubernetes v1.36.2; 12 requests, 2026-11-22T12:00:00.000Z; failed*',
        '## A test',
        '1 failed, 1 blocked, 2 unknown, 1 warning, 1 passed, 1 skipped.',
        '### Root cause: Gateway a/b is not programmed',
        '`gateway/programmed#symptom`',
        'Gateway a/b is not programmed.',
        '> no \\*address\\*\n>\n> (its status)',
        '- Service a/b: `spec.type` is `absent`, expected `{"a":[1]}`',
        'To see it:\n\n```bash\nkubectl get service -n a b -o yaml\n```',
        '**What to do:** Mend it.\n\n```bash\nkubectl apply -f x\nkubectl get x\n```',
        '**Impact:** Nothing.',
        '### Warning: It ages',
        '`a/five#old`',
        'It ages.',
        '- Service a/b: `spec.type` is `absent`, expected `{"a":[1]}`',
        'To see it:\n\n```bash\nkubectl get service -n a b -o yaml\n```',
        '### Blocked until this is fixed',
        '- ⊝ The Gateway is programmed: Not accepted. (because of `gateway/programmed`, `gateway/exists`)',
        '### Unknown',
        '- ? May not read pods. (`a/one`, `a/two`)',
        '### Ruled out',
        '- ✓ It is there',
        '### Skipped',
        '- – It answers: Probes are off.',
      ]
        .join('\n\n')
        .concat('\n'),
    );
  });

  it('leaves out what is empty', () => {
    const text = toMarkdown(reportOf([verdict()]));
    expect(text).not.toMatch(/Consequences|Unknown|Skipped|Root cause/);
    expect(text).toContain('### Ruled out');
  });

  it.each([
    ['live', 'cluster home'],
    ['demo', 'demo cluster, home'],
    ['snapshot', 'snapshot of home'],
  ] as const)('names a %s source', (source, words) => {
    const report = reportOf();
    expect(toMarkdown({ ...report, cluster: { ...report.cluster, source } })).toContain(`*${words}, Kubernetes`);
    expect(toMarkdown({ ...report, cluster: { ...report.cluster, source, kubernetes: null } })).toContain(
      `*${words}; `,
    );
  });

  it('shows markup in a message as text', () => {
    expect(toMarkdown(reportOf([failed({ message: 'It says: “<img src=x>”.' })]))).not.toContain('<img');
  });

  it('keeps a message of several lines in its heading', () => {
    expect(toMarkdown(reportOf([failed({ message: 'It says: “one\n## two”.' })]))).not.toMatch(/^## two/m);
  });

  it('keeps a backtick of an observed value within its code', () => {
    const [piece] = finding().evidence;
    const evidence = piece === undefined ? [] : [{ ...piece, observed: 'a`b' }];
    expect(toMarkdown(reportOf([failed({ evidence })]))).not.toContain('is `a`b`');
  });
});

describe('words', () => {
  it('inline: text and lists of it as they are, nothing as absent, the rest as JSON', () => {
    expect([inline('a'), inline(null), inline(undefined), inline(0), inline(['a'])]).toEqual([
      'a',
      'absent',
      'absent',
      '0',
      'a',
    ]);
  });

  it('objectName: with its namespace where it has one', () => {
    expect(objectName({ apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'b' })).toBe('Pod a/b');
    expect(objectName({ apiVersion: 'v1', kind: 'Node', name: 'b' })).toBe('Node b');
  });

  it('tallyText: counts warnings in the plural', () => {
    expect(tallyText([verdict({ outcome: 'warned' }), verdict({ outcome: 'warned' })])).toBe('2 warnings');
  });
});
