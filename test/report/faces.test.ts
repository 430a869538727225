/** Findings that stand in Git, as each face shows them: one by one, with file, line and column. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { diffItems, diffMarkdown, diffText } from '../../src/report/diff.ts';
import { toGithub } from '../../src/report/github.ts';
import { toJunit } from '../../src/report/junit.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { painter } from '../../src/report/paint.ts';
import { toSarif, type SarifItem } from '../../src/report/sarif.ts';
import { toText } from '../../src/report/text.ts';
import { compare } from '../../src/runbook/diff.ts';
import type { Finding, Report } from '../../src/runbook/report.ts';
import { finding, having, reportOf, verdict } from '../support/verdicts.ts';

const object = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' };
const placed = (file: string, line: number, some: Partial<Finding> = {}): Finding =>
  finding({
    id: 'app-service/manifests-are-valid#refused',
    headline: 'Service shop/web would be refused',
    message: 'spec.type: Unsupported value: "x".',
    evidence: [{ object, path: 'spec.type', observed: 'x', expected: 'ClusterIP', source: { file, line, column: 7 } }],
    remedies: [{ title: 'Correct the value.', change: null, commands: ['kubectl apply -f x'], disturbs: 'Nothing.' }],
    ...some,
  });
const accepted = { reason: 'It is mended next week.', until: '2027-01-01' };

/** A report about manifests, of one check with some findings. */
function reportWith(...findings: readonly Finding[]): Report {
  const report = reportOf([
    verdict({
      id: 'app-service/manifests-are-valid',
      outcome: findings[0]?.outcome ?? 'passed',
      findings: [...findings],
    }),
    verdict({
      ...{ id: 'gateway/programmed', outcome: 'unknown', title: 'The Gateway is programmed' },
      problem: { kind: 'unreachable', message: 'The status of Gateway a/b: only a cluster can tell.' },
      message: 'The status of Gateway a/b: only a cluster can tell.',
    }),
  ]);
  return {
    ...report,
    cluster: { ...report.cluster, source: 'manifests', context: 'the manifests in apps', kubernetes: null },
  };
}
const paint = painter({}, {});
const text = (report: Report, verbose = false): string => toText(report, { paint, verbose });

describe('text', () => {
  it('has a block for each finding: place, headline, sentence, what to do; files in their order', () => {
    const report = reportWith(placed('b.yaml', 2), placed('a.yaml', 12), placed('a.yaml', 3, { outcome: 'warned' }));
    expect(text(report).split('\n\n').slice(1)).toEqual([
      [
        '✗ ROOT CAUSE  a.yaml:12:7',
        '  Service shop/web would be refused',
        '  app-service/manifests-are-valid#refused',
        '  spec.type: Unsupported value: "x".',
        '  What to do: Correct the value.',
        '  $ kubectl apply -f x',
      ].join('\n'),
      expect.stringMatching(/^✗ ROOT CAUSE {2}b\.yaml:2:7\n/),
      expect.stringMatching(/^! WARNING {2}a\.yaml:3:7\n/),
      '? Only a cluster can tell 1 of 2 checks: run them there, without --manifests.\n  -v lists them.',
      '2 root causes, 1 warning (exit code 1)',
    ]);
  });

  it('says what to do once, where the sentence says it already', () => {
    const shown = text(reportWith(placed('a.yaml', 1, { message: 'It is wrong. Correct the value. (v1)' })));
    expect(shown.match(/Correct the value\./g)).toHaveLength(1);
  });

  it('has everything of each when it is asked to', () => {
    const long = text(reportWith(placed('a.yaml', 12)), true);
    expect(long).toContain('spec.type is x, expected ClusterIP');
    expect(long.replace(/\s+/g, ' ')).toContain(
      'The Gateway is programmed. The status of Gateway a/b: only a cluster can tell.',
    );
  });

  it('has the place of a runbook’s root cause beside its evidence and remedies', () => {
    const change = { object, path: 'spec.type', to: 'ClusterIP' };
    const remedies = [{ title: 'Write it.', change, commands: [], disturbs: 'The app.' }];
    const shown = text(reportWith(placed('a.yaml', 12, { remedies })));
    expect(shown).toContain('✗ ROOT CAUSE  a.yaml:12:7\n  Service shop/web would be refused');
    expect(shown).toContain('Service shop/web  a.yaml:12:7\n      spec.type is x, expected ClusterIP');
    expect(shown).toContain('In Git: Service shop/web, spec.type: ClusterIP');
    expect(shown).toContain('Impact: The app.');
  });

  it('shows what is accepted, with reason and date, and counts it apart', () => {
    const report = reportWith(placed('a.yaml', 12, { accepted }));
    const shown = text({ ...report, checks: report.checks.map((check) => ({ ...check, outcome: 'passed' })) });
    expect(shown).toContain('– ACCEPTED  a.yaml:12:7\n  Service shop/web would be refused\n');
    expect(shown).toContain('  Until 2027-01-01: It is mended next week.');
    expect(shown).not.toContain('ROOT CAUSE');
    expect(shown).toMatch(/Nothing failed, 1 accepted \(exit code 0\)$/);
  });
});

describe('JUnit', () => {
  const cases = (report: Report): readonly string[] =>
    [...toJunit(report).matchAll(/<testcase.*$/gm)].map(([line]) => line);

  it('has a case for each finding with its file, and one for a check that found nothing', () => {
    const report = reportWith(placed('a.yaml', 12), placed('b.yaml', 2, { outcome: 'warned', headline: 'It ages' }));
    expect(toJunit(report)).toContain('tests="3" failures="1" errors="0" skipped="1"');
    expect(cases(report)[0]).toMatch(
      /classname="test\.app-service\/manifests-are-valid".* name="Service shop\/web would be refused" file="a\.yaml" line="12"><failure type="app-service\/manifests-are-valid#refused" message="[^"]*">a\.yaml:12:7\n?/,
    );
    expect(toJunit(report)).toContain('name="It ages" file="b.yaml" line="2"><system-out>Warning: It ages');
    expect(toJunit(report)).toContain('<skipped message="The status of Gateway a/b: only a cluster can tell."/>');
  });

  it('tells findings with the same headline apart by their field, and never by a line', () => {
    const [piece] = placed('a.yaml', 1).evidence;
    const other = placed('a.yaml', 2, { evidence: piece === undefined ? [] : [{ ...piece, path: 'spec.ports' }] });
    const names = cases(reportWith(placed('a.yaml', 12), other)).map((line) => / name="([^"]*)"/.exec(line)?.[1]);
    expect(names.slice(0, 2)).toEqual([
      'Service shop/web would be refused (spec.type)',
      'Service shop/web would be refused (spec.ports)',
    ]);
  });

  it('skips what is accepted, and says why', () => {
    expect(toJunit(reportWith(placed('a.yaml', 12, { accepted })))).toContain(
      '<skipped message="Accepted until 2027-01-01: It is mended next week."/>',
    );
  });
});

describe('Markdown', () => {
  it('has a table of what stands in Git, whose places are links where they lead somewhere', () => {
    const report = reportWith(placed('b.yaml', 2), placed('a|b.yaml', 12, { message: 'a | b <img>' }));
    const linkOf = ({ file, line }: { file: string; line: number }): string | undefined =>
      file === 'b.yaml' ? `https://git.example/b#L${line}` : undefined;
    const rows = toMarkdown(report, { linkOf })
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(rows.slice(2)).toEqual([
      '| ✗ | `a\\|b.yaml:12:7` | **Service shop/web would be refused**<br>a \\| b &lt;img><br>`app-service/manifests-are-valid#refused` | Correct the value. |',
      '| ✗ | [`b.yaml:2:7`](https://git.example/b#L2) | **Service shop/web would be refused**<br>spec.type: Unsupported value: "x".<br>`app-service/manifests-are-valid#refused` | Correct the value. |',
    ]);
  });

  it('lists what is accepted, and says in a line what only a cluster can tell', () => {
    const shown = toMarkdown(reportWith(placed('a.yaml', 12, { accepted })));
    expect(shown).toContain(
      '### Accepted\n\n- – Service shop/web would be refused (`app-service/manifests-are-valid#refused`), until 2027-01-01: It is mended next week.',
    );
    expect(shown).toContain('? Only a cluster can tell 1 of 2 checks: run them there, without --manifests.');
  });
});

describe('annotations of GitHub', () => {
  const lines = (...found: readonly Finding[]): readonly string[] => toGithub(found, { summary: 'S.' }).split('\n');

  it('stand at their lines, worst first, with a notice at the end', () => {
    expect(lines(placed('b.yaml', 2, { outcome: 'warned' }), placed('a.yaml', 12))).toEqual([
      '::error file=a.yaml,line=12,col=7,title=Service shop/web would be refused::spec.type: Unsupported value: "x".%0AWhat to do: Correct the value.%0Aapp-service/manifests-are-valid#refused',
      '::warning file=b.yaml,line=2,col=7,title=Service shop/web would be refused::spec.type: Unsupported value: "x".%0AWhat to do: Correct the value.%0Aapp-service/manifests-are-valid#refused',
      '::notice title=Runbooks::S.',
    ]);
  });

  it('hold nothing that ends them early', () => {
    const [error = ''] = lines(
      placed('a,b:c%.yaml', 1, { headline: 'a, b: c\n::d', message: '100% a:b,c\r\n::set-env::x' }),
    );
    expect(error).toBe(
      '::error file=a%2Cb%3Ac%25.yaml,line=1,col=7,title=a%2C b%3A c%0A%3A%3Ad::100%25 a:b,c\ufffd%0A::set-env::x%0AWhat to do: Correct the value.%0Aapp-service/manifests-are-valid#refused',
    );
  });

  it('are as many as GitHub shows; the rest is in the log, where nothing is a command', () => {
    const many = Array.from({ length: 13 }, (_, index) => placed('a.yaml', index + 1, { headline: '##[error]x' }));
    const all = lines(...many);
    expect(all.filter((line) => line.startsWith('::error'))).toHaveLength(10);
    expect(all.slice(10, 13)).toEqual([11, 12, 13].map((line) => `  error a.yaml:${line}:7: ## [error]x`));
    expect(all.at(-1)).toBe(
      '::notice title=Runbooks::S. GitHub shows 10 errors and 10 warnings; the log has the other 3.',
    );
  });

  it('leave out what is accepted and what follows from something else', () => {
    expect(lines(placed('a.yaml', 1, { accepted }), placed('a.yaml', 2, { outcome: 'blocked' }))).toHaveLength(1);
  });

  it('without a place have no file', () => {
    expect(lines(finding())[0]).toMatch(/^::error title=Gateway a\/b is not programmed::/);
  });
});

/** What the specification asks of the properties that are used (SARIF 2.1.0, OASIS standard with errata 01). */
const uri = z.string().refine((text) => URL.canParse(text, 'file:///') && !/[\s<>"{}|\\^`]/.test(text));
const message = z.strictObject({ text: z.string().min(1), markdown: z.string().optional() });
const location = z.strictObject({
  physicalLocation: z
    .strictObject({
      artifactLocation: z.strictObject({ uri }),
      region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1) }),
    })
    .optional(),
  logicalLocations: z.array(z.strictObject({ fullyQualifiedName: z.string(), kind: z.literal('object') })).optional(),
  message: message.optional(),
});
const level = z.enum(['none', 'note', 'warning', 'error']);
const sarifSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          semanticVersion: z.string().regex(/^\d+\.\d+\.\d+/),
          informationUri: z.url(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: message,
              fullDescription: message,
              help: message,
              helpUri: z.url(),
              defaultConfiguration: z.strictObject({ level }),
              properties: z.strictObject({ tags: z.array(z.string()) }),
            }),
          ),
        }),
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message,
          locations: z.array(location),
          relatedLocations: z.array(location).optional(),
          partialFingerprints: z.record(z.string(), z.string()),
          baselineState: z.enum(['new', 'unchanged', 'updated', 'absent']).optional(),
          suppressions: z.array(
            z.strictObject({
              kind: z.enum(['inSource', 'external']),
              status: z.enum(['accepted', 'underReview', 'rejected']),
              justification: z.string(),
            }),
          ),
        }),
      ),
    }),
  ),
});

describe('SARIF', () => {
  const rule = {
    headline: '{name} would be refused',
    means: 'An API server does not take it.',
    page: '/how-to/x/#refused',
  };
  const options = {
    version: '1.2.3',
    site: 'https://docs.example.org',
    ruleOf: (id: string) => (id.endsWith('#refused') ? rule : undefined),
  };
  const sarif = (found: readonly (Finding | SarifItem)[], nowhere?: string) => {
    const items = found.map((one) => ('finding' in one ? one : { finding: one }));
    const [run] = sarifSchema.parse(
      JSON.parse(toSarif(items, { ...options, ...(nowhere === undefined ? {} : { nowhere }) })),
    ).runs;
    if (run === undefined) throw new Error('There is no run.');
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    return { results: run.results, rules: run.tool.driver.rules };
  };

  it('has a rule for each finding, with what it means and its page', () => {
    const { rules } = sarif([placed('a.yaml', 1), placed('a.yaml', 2), finding()]);
    expect(rules.map(({ id }) => id)).toEqual([
      'app-service/manifests-are-valid#refused',
      'gateway/programmed#symptom',
    ]);
    expect(rules[0]).toMatchObject({
      shortDescription: { text: '… would be refused' },
      fullDescription: { text: 'An API server does not take it.' },
      helpUri: 'https://docs.example.org/how-to/x/#refused',
    });
    // What another version of the program found speaks for itself.
    expect(rules[1]?.helpUri).toBe('https://docs.example.org/reference/findings/#gateway-programmed-symptom');
  });

  it('has a result for each finding, at its line', () => {
    const { results } = sarif([placed('apps/ä b.yaml', 12), placed('/x/a.yaml', 1, { outcome: 'warned' })]);
    expect(results.map((one) => [one.level, one.locations[0]?.physicalLocation])).toEqual([
      ['error', { artifactLocation: { uri: 'apps/%C3%A4%20b.yaml' }, region: { startLine: 12, startColumn: 7 } }],
      ['warning', { artifactLocation: { uri: 'file:///x/a.yaml' }, region: { startLine: 1, startColumn: 7 } }],
    ]);
    expect(results[0]?.message.text).toBe('spec.type: Unsupported value: "x".\nWhat to do: Correct the value.');
  });

  it('knows a result again on another line, and tells those that are alike apart', () => {
    const prints = (...lines: readonly number[]) =>
      sarif(lines.map((line) => placed('a.yaml', line))).results.map((one) => one.partialFingerprints['finding/v1']);
    expect(prints(1, 2)).toEqual(prints(7, 9));
    expect(new Set(prints(1, 2)).size).toBe(2);
  });

  it('suppresses what is accepted, and says of every other that it is not', () => {
    const { results } = sarif([placed('a.yaml', 1, { accepted }), placed('a.yaml', 2)]);
    expect(results.map(({ suppressions }) => suppressions)).toEqual([
      [{ kind: 'external', status: 'accepted', justification: 'Until 2027-01-01: It is mended next week.' }],
      [],
    ]);
  });

  it('names the object where nothing stands in a file, and a file where one is given', () => {
    expect(sarif([finding()]).results[0]?.locations).toEqual([
      { logicalLocations: [{ fullyQualifiedName: 'Service a/b', kind: 'object' }] },
    ]);
    expect(sarif([finding()], 'apps').results[0]?.locations[0]?.physicalLocation?.artifactLocation.uri).toBe('apps');
  });

  it('says of a comparison what is new, unchanged and gone', () => {
    const diff = compare(
      reportWith(placed('a.yaml', 1), finding()),
      reportWith(placed('a.yaml', 2), finding({ id: 'gateway/programmed#other' })),
    );
    expect(
      sarif(diffItems(diff)).results.map(({ ruleId, baselineState }) => [ruleId.split('#')[1], baselineState]),
    ).toEqual([
      ['other', 'new'],
      ['refused', 'unchanged'],
      ['symptom', 'absent'],
    ]);
  });
});

describe('a comparison', () => {
  const diff = compare(
    reportWith(
      placed('a.yaml', 1, { headline: 'Old' }),
      placed('a.yaml', 2, { id: 'app-service/manifests-are-valid#ignored' }),
    ),
    reportWith(
      placed('b.yaml', 7, { id: 'app-service/manifests-fit-together#target-missing', headline: 'New' }),
      placed('c.yaml', 8, { id: 'app-service/manifests-fit-together#port-missing', headline: 'Known', accepted }),
      placed('a.yaml', 3, { id: 'app-service/manifests-are-valid#ignored' }),
    ),
  );

  it('as text tells what is introduced as a run does, and lists the rest', () => {
    const shown = diffText(diff, { paint, verbose: false });
    expect(shown).toContain('✗ INTRODUCED  b.yaml:7:7\n  New\n');
    expect(shown).toContain('– ACCEPTED  c.yaml:8:7\n  Known\n');
    expect(shown).toContain('✓ FIXED  a.yaml:1:7\n  Old\n');
    expect(shown).not.toContain('UNCHANGED');
    expect(diffText(diff, { paint, verbose: true })).toContain('– UNCHANGED  a.yaml:3:7');
    expect(shown).toMatch(
      /1 introduced \(1 failed, 0 only warn\), 1 introduced and accepted, 1 fixed, 1 unchanged \(exit code 1\)$/,
    );
  });

  it('as Markdown has a table of what is introduced, and links to nothing that is gone', () => {
    const shown = diffMarkdown(diff, { linkOf: ({ file }) => `https://git.example/${file}` });
    expect(shown).toContain('### Introduced\n\n|  | Where');
    expect(shown).toContain('[`b.yaml:7:7`](https://git.example/b.yaml)');
    expect(shown).toContain('### Fixed\n\n- ✓ Old (`a.yaml:1:7`, `app-service/manifests-are-valid#refused`)');
    expect(shown).not.toContain('https://git.example/a.yaml');
  });

  it('says what nobody knows any more', () => {
    const gone = reportOf([verdict({ id: 'gateway/programmed', outcome: 'unknown' })]);
    const lost = compare(reportOf([having({ headline: 'Lost' })]), gone);
    expect(diffText(lost, { paint, verbose: false })).toContain('? NO LONGER KNOWN  Lost');
    expect(diffMarkdown(lost)).toContain('### No longer known\n\n- ? Lost (`gateway/programmed#symptom`)');
  });
});
