/** Conversations of the protocol's own client with the program: the demo cluster, healthy and with a fault. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { eachCheckOnce, findingsOf } from '../../src/runbook/catalogue.ts';
import { exitCode, reportSchema, type Report } from '../../src/runbook/report.ts';
import { limits } from '../../src/assistant/limits.ts';
import { assistant, type Assistant } from '../support/assistant.ts';

const reportOf = ({ report }: Record<string, unknown>): Report => reportSchema.parse(report);

describe('a healthy cluster', () => {
  let healthy: Assistant;
  beforeAll(async () => {
    healthy = await assistant(['--demo']);
  });
  afterAll(() => healthy.close());

  it('offers tools that say they only read, each with a title and schemas', async () => {
    const { tools } = await healthy.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'list_runbooks',
      'run_runbooks',
      'read_report',
      'explain_finding',
      'judge_manifests',
      'compare_runs',
      'read_page',
    ]);
    for (const { name, title, description, annotations, inputSchema, outputSchema } of tools) {
      expect(annotations, name).toMatchObject({ readOnlyHint: true, destructiveHint: false, title });
      expect(title, name).toMatch(/^[A-Z]/);
      expect(description?.length, name).toBeGreaterThan(80);
      expect(inputSchema, name).toMatchObject({ type: 'object', additionalProperties: false });
      expect(outputSchema, name).toMatchObject({ type: 'object' });
    }
    const open = tools.filter(({ annotations }) => annotations?.openWorldHint === true).map(({ name }) => name);
    expect(open).toEqual(['run_runbooks', 'judge_manifests']);
  });

  it('says what may be run, and what a run asks', async () => {
    const { text, structured } = await healthy.call('list_runbooks');
    expect((structured['runbooks'] as { id: string }[]).map(({ id }) => id)).toEqual(runbooks.map(({ id }) => id));
    expect(text).toContain('A run asks the demo cluster (healthy), which is no real one.');
    expect(structured['folders']).toEqual([]);
  });

  it('runs all, tells how far it is, and says what is left out', async () => {
    const steps: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    const { isError, text, structured } = await healthy.call(
      'run_runbooks',
      {},
      { onprogress: (step) => void steps.push(step) },
    );
    expect(isError).toBe(false);
    const report = reportOf(structured);
    expect(report.runbooks.map(({ outcome }) => outcome)).toEqual(runbooks.map(() => 'passed'));
    expect(exitCode(report)).toBe(0);
    const total = eachCheckOnce(runbooks).length;
    const tally = Object.values(structured['tally'] as Record<string, number>);
    expect(tally.reduce((sum, count) => sum + count)).toBe(total);
    expect(text).toContain(`Left out: ${total - report.checks.length} other checks`);
    expect(steps.at(-1)).toMatchObject({ progress: total, total });
    expect(steps.map(({ progress }) => progress)).toEqual(
      steps.map(({ progress }) => progress).toSorted((a, b) => a - b),
    );
    expect(steps.length).toBeLessThan(total);
  });

  it('does not say who asks', async () => {
    const { structured } = await healthy.call('run_runbooks', { runbooks: ['missing-sni'] });
    expect(reportOf(structured).cluster.user).toBeNull();
  });

  it('narrows a run down by an input, and refuses one that is none', async () => {
    const hostname = 'nobody.example.org';
    const { structured, isError } = await healthy.call('run_runbooks', {
      runbooks: ['request-path'],
      inputs: { hostname },
    });
    expect(isError).toBe(false);
    expect(JSON.stringify(structured)).toContain(hostname);
    const bad = await healthy.call('run_runbooks', { inputs: { hostname: '$(reboot)' } });
    expect(bad.isError).toBe(true);
    expect(bad.text).toMatch(/^The hostname cannot be “\$\(reboot\)”\. .* The inputs are: hostname/);
    for (const strange of [{ inputs: { pod: 'x' } }, { runbooks: ['nope'] }, { context: 'prod' }, { runbooks: [] }]) {
      expect((await healthy.call('run_runbooks', strange)).text).toContain('Invalid arguments for tool run_runbooks');
    }
  });

  it('makes one run at a time: two calls at once are answered one after the other', async () => {
    const [one, other] = await Promise.all([
      healthy.call('run_runbooks', { runbooks: ['missing-sni'] }),
      healthy.call('run_runbooks', { runbooks: ['split-horizon-dns'] }),
    ]);
    const [first, second] = [reportOf(one.structured), reportOf(other.structured)];
    expect(first.runbooks[0]?.id).toBe('missing-sni');
    expect(second.runbooks[0]?.id).toBe('split-horizon-dns');
    expect(Date.parse(second.startedAt)).toBeGreaterThanOrEqual(Date.parse(first.startedAt) + first.durationMs);
    expect(one.structured['run']).not.toBe(other.structured['run']);
  });

  it('turns away those who find too many waiting, and forgets runs of long ago', async () => {
    const all = await Promise.all(
      Array.from({ length: 9 }, () => healthy.call('run_runbooks', { runbooks: ['cilium-socket-lb'] })),
    );
    const refused = all.filter(({ isError }) => isError);
    expect(refused).toHaveLength(9 - limits.waiting - 1);
    expect(refused[0]?.text).toMatch(/^There are 5 runs under way or waiting/);
    for (let more = 0; more < 4; more++) await healthy.call('run_runbooks', { runbooks: ['cilium-socket-lb'] });
    const { isError, text } = await healthy.call('read_report', { run: 'run-1' });
    expect(isError).toBe(true);
    expect(text).toMatch(/^There is no run "run-1" in this session\. The last ones are kept: run-\d+/);
  });

  it('says what was not chosen when it was started', async () => {
    const { isError, text } = await healthy.call('judge_manifests');
    expect(isError).toBe(true);
    expect(text).toContain('No folder of manifests was named');
  });

  it('has every page as a resource', async () => {
    const { resources } = await healthy.client.listResources();
    expect(resources.length).toBeGreaterThan(30);
    for (const id of ['index', 'issues/missing-sni', 'reference/findings', 'reference/coverage'])
      expect(resources.map(({ uri }) => uri)).toContain(`handbook://${id}`);
    for (const { uri, title, description, mimeType } of resources) {
      expect(title, uri).not.toContain('{{');
      expect(description?.length, uri).toBeGreaterThan(20);
      expect(mimeType).toBe('text/markdown');
    }
    const read = await healthy.client.readResource({ uri: 'handbook://issues/missing-sni' });
    const [content] = read.contents as { text: string }[];
    expect(content?.text).toMatch(/^---\ntitle: "Missing SNI"\n/);
    expect(content?.text).not.toMatch(/\{\{[a-z]/);
    const long = (await healthy.client.readResource({ uri: 'handbook://reference/findings' })).contents as {
      text: string;
    }[];
    expect(long[0]?.text.length).toBeLessThan(4 * limits.text + 200);
    expect(long[0]?.text).toMatch(/\(The page goes on: call read_page with from \d+\.\)$/);
    await expect(healthy.client.readResource({ uri: 'handbook://../../package.json' })).rejects.toThrow(/no page/);
    await expect(healthy.client.readResource({ uri: 'file:///etc/passwd' })).rejects.toThrow(/not found/i);
  });

  it('reads a long page piece by piece, whole', async () => {
    const { resources } = await healthy.client.listResources();
    let [from, text, pieces]: [number | null, string, number] = [0, '', 0];
    while (from !== null) {
      const answer = await healthy.call('read_page', { page: '/reference/findings/', from });
      expect(answer.text.length).toBeLessThanOrEqual(limits.text + 100);
      text += String(answer.structured['text']);
      from = answer.structured['next'] as number | null;
      pieces += 1;
    }
    expect(pieces).toBeGreaterThan(5);
    expect(Buffer.byteLength(text)).toBe(resources.find(({ name }) => name === 'reference/findings')?.size);
    const strange = await healthy.call('read_page', { page: 'issues/mising-sni' });
    expect(strange.isError).toBe(true);
    expect(strange.text).toContain('Did you mean issues/missing-sni');
    expect((await healthy.call('read_page', { page: '../../../etc/passwd' })).isError).toBe(true);
  });
});

describe('a cluster with a fault', () => {
  let faulty: Assistant;
  beforeAll(async () => {
    faulty = await assistant(['--demo', 'operator-crash-loop', '--cluster-only']);
  });
  afterAll(() => faulty.close());
  const rootCause = 'tailscale-operator/ready#crash-loop';

  it('names the root cause, explains it, and leads to its page', async () => {
    const { text, structured } = await faulty.call('run_runbooks');
    const report = reportOf(structured);
    expect(report.rootCauses).toEqual([rootCause]);
    expect(text).toContain('> ### Root cause: The Tailscale Operator starts and ends again');
    expect(report.checks[0]?.id).toBe('tailscale-operator/ready');

    const explained = await faulty.call('explain_finding', { id: rootCause });
    expect(explained.structured).toMatchObject({ id: rootCause, check: { id: 'tailscale-operator/ready' } });
    const { example, page } = explained.structured as { example: { remedies: unknown[] }; page: string };
    expect(example.remedies.length).toBeGreaterThan(0);
    const read = await faulty.call('read_page', { page });
    expect(read.isError).toBe(false);
    expect(read.structured['page']).toBe(page);

    // Where the report itself leads, and a heading of a page that somebody wrote.
    const found = report.checks.flatMap(({ findings }) => findings).find(({ id }) => id === rootCause);
    const there = await faulty.call('read_page', { page: found?.page });
    expect(there.text).toMatch(/^### .+\n\n`tailscale-operator\/ready#crash-loop`/);
    const { text: heading } = await faulty.call('read_page', {
      page: 'how-to/ask-an-assistant#what-leaves-your-machine',
    });
    expect(heading).toMatch(/^## What leaves your machine\n/);
  });

  it('explains everything that can be found, and suggests what may be meant', async () => {
    const checks = eachCheckOnce(runbooks);
    for (const { id, headline } of checks.flatMap(findingsOf)) {
      const { structured, text } = await faulty.call('explain_finding', { id });
      expect(structured, text).toMatchObject({ id, title: headline.replaceAll(/\{[a-zA-Z]+\}/g, '…') });
    }
    const [first] = checks;
    const half = await faulty.call('explain_finding', { id: `${first?.id ?? ''}#` });
    expect(half.isError).toBe(true);
    expect(half.text).toContain(`Did you mean ${first?.id ?? ''}#`);
    for (const id of ['gateway/manifests-are-valid#refused', 'manifests/manifests-can-be-used#unusable']) {
      const manifests = await faulty.call('explain_finding', { id });
      expect(manifests.text).toContain('handbook://how-to/judge-manifests');
    }
  });

  it('tells of other checks when it is asked to', async () => {
    const { structured: run } = await faulty.call('run_runbooks', { runbooks: ['gateway-not-programmed'] });
    const { structured: ids } = await faulty.call('read_report', { run: run['run'] });
    const outcomes = ids['outcomes'] as Record<string, string>;
    const passed = Object.keys(outcomes).filter((id) => outcomes[id] === 'passed');
    expect(passed.length).toBeGreaterThan(3);
    expect(reportOf(run).checks.map(({ id }) => id)).not.toContain(passed[0]);
    const { structured } = await faulty.call('read_report', { run: run['run'], checks: [passed[0]] });
    expect(reportOf(structured).checks.map(({ id }) => id)).toEqual([passed[0]]);
    const strange = await faulty.call('read_report', { run: run['run'], checks: ['a/b'] });
    expect(strange.text).toContain('has no check "a/b"');
  });

  it('compares two runs, and only what both looked at', async () => {
    const all = await faulty.call('run_runbooks');
    const one = await faulty.call('run_runbooks', { runbooks: ['certificate-not-ready'] });
    const [older, newer] = [all.structured['run'], one.structured['run']];
    const same = await faulty.call('compare_runs', { older, newer: older });
    expect(same.structured).toMatchObject({ introduced: [], fixed: [], unclear: [] });
    expect((same.structured['unchanged'] as { id: string }[]).map(({ id }) => id)).toContain(rootCause);
    const { structured } = await faulty.call('compare_runs', { older, newer });
    expect(structured).toMatchObject({ introduced: [], fixed: [] });
    expect((structured['leftOut'] as string[])[0]).toMatch(/^\d+ checks that only one of the runs has\.$/);
  });
});
