/** The engine: what it asks and when, and what it makes of answers, problems and judgements. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createBounded } from '../../src/runbook/node/bounded.ts';
import { defineCheck, pass, skip, unknown, type Check, type Judgement } from '../../src/runbook/check.ts';
import { MalformedField, problem, problemKinds, value, type Fact } from '../../src/runbook/fact.ts';
import {
  follow,
  list,
  object,
  optional,
  plain,
  raw,
  readKey,
  type LogRead,
  type Need,
  type TcpRead,
} from '../../src/runbook/read.ts';
import { exitCode, reportSchema, type Outcome, type Verdict } from '../../src/runbook/report.ts';
import { run, type ClusterSource, type ProbeSource, type Run } from '../../src/runbook/run.ts';
import { defineRunbook, type Runbook } from '../../src/runbook/runbook.ts';
import { sh } from '../../src/runbook/shell.ts';
import { fail, warn } from '../support/judgements.ts';
import { gatedSource, settle } from '../support/gated-source.ts';

const now = (): Date => new Date('2026-11-22T12:00:00Z');
const podList = list('Pod', 'a reason');
const serviceList = list('Service', 'a reason');
const config = object('ConfigMap', { namespace: 'a', name: 'b' }, 'a reason');
const thing = { apiVersion: 'v1', kind: 'Thing', name: 'x' };
const finding = (message = 'It is broken.') => ({
  message,
  evidence: [{ object: thing, path: 'spec.a', observed: 1, expected: 2 }] as const,
});

interface Sketch {
  id?: `${string}/${string}`;
  needs?: readonly Check[];
  reads?: Readonly<Record<string, Need>>;
  judge?: Check['judge'];
}

/** Looks at all that was read, and finds nothing. */
const looking: Check['judge'] = (values) => {
  for (const read of Object.values(values)) if (Array.isArray(read)) read.forEach(() => undefined);
  return pass('Well.');
};

const check = ({ id = 'a/one', needs = [], reads = { pods: plain(podList) }, judge = looking }: Sketch): Check =>
  defineCheck({ id, title: `${id} is well`, why: 'A reason.', needs, reads, judge: judge });

const judging = (
  id: `${string}/${string}`,
  judgement: Judgement | readonly Judgement[],
  needs: readonly Check[] = [],
) => check({ id, needs, judge: () => judgement });

const runbook = (...checks: readonly Check[]): Runbook =>
  defineRunbook({ id: 'test', title: 'Test', summary: 'A test.', checks });

/** A cluster that answers at once, and counts. */
function source(answer: (key: string) => Fact = () => value([])): ClusterSource & { asked: string[] } {
  const asked: string[] = [];
  return {
    source: 'live',
    context: 'test',
    server: 'https://test.example',
    asked,
    read: (read) => {
      asked.push(readKey(read));
      return Promise.resolve(answer(readKey(read)));
    },
    version: () => Promise.resolve(value('v1.36.2')),
    requests: () => asked.length,
  };
}

const runOf = (...checks: readonly Check[]): Promise<Run> =>
  run({ runbooks: [runbook(...checks)], cluster: source(), now });

async function verdicts(
  checks: readonly Check[],
  cluster: ClusterSource = source(),
  probes?: ProbeSource,
): Promise<readonly Verdict[]> {
  const { report } = await run({ runbooks: [runbook(...checks)], cluster, now, ...(probes && { probes }) });
  return reportSchema.parse(report).checks;
}

const verdict = async (one: Check, cluster?: ClusterSource, probes?: ProbeSource): Promise<Verdict> => {
  const found = (await verdicts([one], cluster, probes)).find(({ id }) => id === one.id);
  if (found === undefined) throw new Error(`no verdict of ${one.id}`);
  return found;
};

describe('gathering', () => {
  it('asks each thing once, however many checks and runbooks read it', async () => {
    const cluster = source();
    const one = check({ id: 'a/one', reads: { pods: plain(podList), services: plain(serviceList) } });
    const two = check({ id: 'a/two', reads: { pods: raw(list('Pod', 'another reason')) }, needs: [one] });
    await run({ runbooks: [runbook(one, two), runbook(two)], cluster, now });
    expect([...cluster.asked].sort()).toEqual([readKey(podList), readKey(serviceList)].sort());
  });

  it('asks all that is known beforehand at once, and what follows in a second wave', async () => {
    const cluster = gatedSource();
    const followed = follow(
      { pods: plain(podList) },
      ({ pods }): readonly LogRead[] =>
        (pods as { metadata: { name: string } }[]).map(({ metadata }) => ({
          type: 'log',
          namespace: 'a',
          pod: metadata.name,
          container: 'c',
          tailLines: 5,
          keep: { lines: '', fields: ['m'] },
          why: 'a reason',
        })),
      { why: 'a reason', command: sh`kubectl logs`, permission: 'pods/log', probes: false },
    );
    const one = check({ id: 'a/one', reads: { config: plain(config) } });
    const two = check({
      id: 'a/two',
      needs: [one],
      reads: { services: plain(serviceList), followed },
      judge: ({ followed: answers }: { followed: { fact: Fact }[] }) =>
        pass(answers.map(({ fact }) => (fact.ok ? String(fact.value) : '')).join()),
    } as never);
    const done = run({ runbooks: [runbook(two)], cluster, now });
    const first = [readKey(config), readKey(serviceList), readKey(podList)];
    expect(cluster.asked).toEqual(first);
    cluster.answer(readKey(podList), value([{ metadata: { name: 'p' } }, { metadata: { name: 'q' } }]));
    await settle();
    // The second wave waits for what it follows from, and for nothing else.
    expect(cluster.asked).toEqual([...first, 'log a/p/c 5', 'log a/q/c 5']);
    cluster.answer('log a/p/c 5', value('{"m":"hello"}'));
    cluster.answer('log a/q/c 5', value('{"m":"world"}'));
    cluster.answer(readKey(serviceList), value([]));
    cluster.answer(readKey(config), value({}));
    const { report, facts } = await done;
    expect(report.checks.at(-1)).toMatchObject({
      outcome: 'passed',
      message: '{"m":"hello","line":""},{"m":"world","line":""}',
    });
    expect(facts.map(({ read }) => readKey(read))).toEqual(cluster.asked);
    expect(report.requests).toBe(5);
  });

  it('does not follow what could not be read', async () => {
    const followed = follow({ pods: plain(podList) }, ({ pods }) => pods.map(() => config), {
      ...{ why: '', command: sh``, probes: false },
    });
    const cluster = source(() => problem('forbidden', 'May not.'));
    expect(await verdict(check({ reads: { followed } }), cluster)).toMatchObject({
      outcome: 'unknown',
      message: 'May not.',
    });
    expect(cluster.asked).toEqual([readKey(podList)]);
  });

  it('emits each verdict as soon as it is known, before slow reads have finished', async () => {
    const cluster = gatedSource();
    const emitted: string[] = [];
    const fast = check({ id: 'a/fast', reads: { config: plain(config) } });
    const slow = check({ id: 'a/slow' });
    const after = check({ id: 'a/after', needs: [slow], reads: { config: plain(config) } });
    const done = run({
      runbooks: [runbook(slow, fast, after)],
      cluster,
      now,
      onVerdict: ({ id }) => emitted.push(id),
    });
    cluster.answer(readKey(config), value({}));
    await settle();
    expect(emitted).toEqual(['a/fast']);
    cluster.answer(readKey(podList), value([]));
    const { report } = await done;
    expect(emitted).toEqual(['a/fast', 'a/slow', 'a/after']);
    // The report keeps the order of the runbook.
    expect(report.checks.map(({ id }) => id)).toEqual(['a/slow', 'a/fast', 'a/after']);
  });

  it('emits a check that two runbooks share once', async () => {
    const emitted: string[] = [];
    const one = check({});
    await run({
      runbooks: [runbook(one), runbook(one)],
      cluster: source(),
      now,
      onVerdict: ({ id }) => emitted.push(id),
    });
    expect(emitted).toEqual(['a/one']);
  });
});

describe('a check’s wants', () => {
  const judged = async (reads: Check['reads'], answer: Fact): Promise<{ verdict: Verdict; seen: unknown }> => {
    let seen: unknown = 'not judged';
    const one = check({
      reads,
      judge: (values, context) => {
        const judgement = looking(values, context);
        seen = values;
        return judgement;
      },
    });
    return {
      verdict: await verdict(
        one,
        source(() => answer),
      ),
      seen,
    };
  };

  it('plain: an object that does not exist is undefined', async () => {
    expect((await judged({ config: plain(config) }, problem('not-found', 'Gone.'))).seen).toEqual({
      config: undefined,
    });
  });

  it('plain: a kind that is not installed is unknown', async () => {
    const { verdict: found, seen } = await judged({ pods: plain(podList) }, problem('kind-not-installed', 'No kind.'));
    expect(found).toMatchObject({ outcome: 'unknown', message: 'No kind.', problem: { kind: 'kind-not-installed' } });
    expect(seen).toBe('not judged');
  });

  it('optional: a kind that is not installed has no objects', async () => {
    const none = problem('kind-not-installed', 'No kind.');
    expect((await judged({ pods: optional(podList) }, none)).seen).toEqual({ pods: [] });
    expect((await judged({ config: optional(config) }, none)).seen).toEqual({ config: undefined });
  });

  it.each(problemKinds.filter((kind) => kind !== 'kind-not-installed' && kind !== 'not-found'))(
    'plain and optional: %s is unknown to whoever looks at it',
    async (kind) => {
      for (const want of [plain, optional]) {
        const { verdict: found, seen } = await judged({ pods: want(podList) }, problem(kind, 'A reason.'));
        expect(found).toMatchObject({ outcome: 'unknown', problem: { kind, message: 'A reason.' } });
        expect(seen).toBe('not judged');
      }
    },
  );

  it('what nobody looks at leaves the others alone', async () => {
    const one = check({
      reads: { pods: plain(podList), config: plain(config), services: plain(serviceList) },
      judge: ({ services }) => pass(`There are ${(services as unknown[]).length}.`),
    });
    const cluster = source((key) =>
      key === readKey(serviceList) ? value([{}, {}]) : problem('forbidden', 'May not.'),
    );
    expect(await verdict(one, cluster)).toMatchObject({ outcome: 'passed', message: 'There are 2.' });
  });

  it('of what could not be read the kind is known all the same', async () => {
    const one = check({
      judge: ({ pods }) => pass((pods as { kind: string }[]).find(({ kind }) => kind === 'Deployment')?.kind ?? 'none'),
    });
    const found = await verdict(
      one,
      source(() => problem('forbidden', 'May not.')),
    );
    expect(found).toMatchObject({ outcome: 'passed', message: 'none' });
  });

  it.each(problemKinds)('raw: %s is the value', async (kind) => {
    const fact = problem(kind, 'A reason.');
    expect((await judged({ pods: raw(podList) }, fact)).seen).toEqual({ pods: fact });
  });
});

describe('what goes wrong', () => {
  const throwing = (error: Error, id: `${string}/${string}` = 'a/one'): Check =>
    check({
      id,
      judge: () => {
        throw error;
      },
    });

  it('a judge that meets a field of another type is unknown', async () => {
    const what = 'Pod docs/a: spec.containers is null, not a list';
    const { report, bugs } = await runOf(throwing(new MalformedField(what)));
    expect(report.checks[0]).toMatchObject({
      outcome: 'unknown',
      message: `${what}.`,
      problem: { kind: 'malformed', message: `${what}.` },
    });
    expect(bugs).toEqual([]);
  });

  const bug = new TypeError('x is not iterable');
  const everyBug: readonly (readonly [string, Check])[] = [
    ['a judge', throwing(bug)],
    [
      'what follows from facts',
      check({
        reads: {
          followed: follow(
            { pods: plain(podList) },
            () => {
              throw bug;
            },
            { why: '', command: sh``, probes: false },
          ),
        },
      }),
    ],
    [
      'a read that follows from facts',
      check({
        reads: {
          followed: follow({ pods: plain(podList) }, () => [{ type: 'list', kind: 'Nothing' } as never], {
            why: '',
            command: sh``,
            probes: false,
          }),
        },
      }),
    ],
    [
      'what a judgement shows',
      check({
        judge: () => fail({ message: 'No.', evidence: [{ object: thing, path: 'a', observed: 1n, expected: 2 }] }),
      }),
    ],
    ['a judgement that is none', check({ judge: () => undefined as never })],
    ['the commands', { ...throwing(bug), commands: [null as never] }],
  ];
  it.each(everyBug)('a bug in %s is that check’s, and the others judge', async (_, broken) => {
    const seen: string[] = [];
    const all = [broken, check({ id: 'a/after', needs: [broken] }), check({ id: 'a/other' })];
    const { report, bugs } = await run({
      ...{ runbooks: [runbook(...all)], cluster: source(), now, bugsTo: 'https://example.org/issues' },
      onVerdict: ({ id }) => seen.push(id),
    });
    const [first, ...others] = reportSchema.parse(report).checks;
    expect(first).toMatchObject({ id: 'a/one', outcome: 'unknown', problem: { kind: 'malformed' } });
    expect(first?.message).toMatch(/has a bug.*report it at https:\/\/example\.org\/issues\./);
    expect(others.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
    expect(new Set(bugs.map((each) => each.check))).toEqual(new Set(['a/one']));
    expect(seen.sort()).toEqual(['a/after', 'a/one', 'a/other']);
  });

  it('whoever looks on and throws ends nothing', async () => {
    const { report, bugs } = await run({
      ...{ runbooks: [runbook(check({}), check({ id: 'a/two' }))], cluster: source(), now },
      onVerdict: () => {
        throw bug;
      },
    });
    expect(report.runbooks[0]?.outcome).toBe('passed');
    expect(bugs.map((each) => each.check)).toEqual(['a/one', 'a/two']);
  });

  it('what is too long to be shown is unknown, and no bug', async () => {
    const long = check({
      judge: () =>
        fail({
          message: 'x'.repeat(2 ** 29 - 64),
          evidence: [{ object: thing, path: 'a', observed: 'y'.repeat(1000), expected: 2 }],
        }),
    });
    const { report, bugs } = await runOf(long);
    expect(report.checks[0]).toMatchObject({ outcome: 'unknown', problem: { kind: 'malformed' } });
    expect(bugs).toEqual([]);
  });

  it('a clock that is set back takes nothing away', async () => {
    let at = 1e12;
    const back = (): Date => new Date((at -= 1000));
    const { report } = await run({ runbooks: [runbook(check({}))], cluster: source(), now: back });
    expect(reportSchema.safeParse(report).success).toBe(true);
  });

  it('a source that rejects or throws is a malformed answer', async () => {
    const rejecting: ClusterSource = { ...source(), read: () => Promise.reject(new Error('boom')) };
    expect(await verdict(check({}), rejecting)).toMatchObject({
      outcome: 'unknown',
      message: 'Reading pods in all namespaces went wrong: boom',
      problem: { kind: 'malformed' },
    });
    const throwing: ClusterSource = {
      ...source(),
      read: () => {
        throw new Error('boom');
      },
    };
    expect((await verdict(check({}), throwing)).problem?.kind).toBe('malformed');
  });

  it('one check’s trouble leaves the others alone', async () => {
    const cluster = source((key) => (key.startsWith('list Pod') ? problem('timed-out', 'No answer.') : value([])));
    const all = await verdicts(
      [check({ id: 'a/one' }), check({ id: 'a/two', reads: { s: plain(serviceList) } })],
      cluster,
    );
    expect(all.map(({ outcome }) => outcome)).toEqual(['unknown', 'passed']);
  });

  it('a server that does not tell its version has none in the report', async () => {
    const cluster: ClusterSource = { ...source(), version: () => Promise.resolve(problem('forbidden', 'May not.')) };
    expect((await run({ runbooks: [runbook(check({}))], cluster, now })).report.cluster.kubernetes).toBeNull();
  });

  it('and so has one that throws at the question', async () => {
    for (const version of [
      () => Promise.reject(new Error('boom')),
      () => {
        throw new Error('boom');
      },
    ]) {
      const { report } = await run({ runbooks: [runbook(check({}))], cluster: { ...source(), version }, now });
      expect(report.cluster.kubernetes).toBeNull();
    }
  });
});

describe('probes', () => {
  const tcp: TcpRead = { type: 'tcp', host: 'h', port: 1, why: 'a reason' };
  const connects = follow({ pods: plain(podList) }, () => [tcp], { why: '', command: sh`nc -vz h 1`, probes: true });

  it('are asked when they are on', async () => {
    const asked: string[] = [];
    const probes: ProbeSource = {
      probe: (read) => {
        asked.push(readKey(read));
        return Promise.resolve(value({ connected: true, ms: 1 }));
      },
    };
    expect((await verdict(check({ reads: { connects } }), source(), probes)).outcome).toBe('passed');
    expect(asked).toEqual(['tcp h:1']);
  });

  it('that are off skip the check, even when what it needs has failed', async () => {
    const cluster = source();
    const broken = judging('a/broken', fail(finding()));
    const probing = check({ id: 'a/probing', needs: [broken], reads: { connects, services: plain(serviceList) } });
    const [, found] = await verdicts([probing], cluster);
    expect(found).toMatchObject({ id: 'a/probing', outcome: 'skipped', blockedBy: [] });
    expect(found?.message).toContain('probes are off');
    expect(cluster.asked).not.toContain(readKey(serviceList));
  });
});

describe('an end', () => {
  const silent = (): ClusterSource => ({
    ...source(),
    read: () => new Promise(() => undefined),
    version: () => new Promise(() => undefined),
  });

  it('comes with the deadline, whatever a source waits for', async () => {
    const cluster: ClusterSource = {
      ...silent(),
      read: (read) =>
        readKey(read) === readKey(serviceList) ? Promise.resolve(value([])) : new Promise(() => undefined),
    };
    const slow = check({ id: 'a/slow' });
    const fast = check({ id: 'a/fast', reads: { s: plain(serviceList) } });
    const began = performance.now();
    const { report, stopped, facts } = await run({ runbooks: [runbook(slow, fast)], cluster, now, deadlineMs: 100 });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(stopped).toBe('the run took longer than 0.1 s');
    const [first, second] = reportSchema.parse(report).checks;
    expect(first).toMatchObject({
      outcome: 'unknown',
      message: 'No answer about pods in all namespaces: the run took longer than 0.1 s.',
      problem: { kind: 'timed-out' },
    });
    expect(second?.outcome).toBe('passed');
    expect(facts.map(({ fact }) => fact.ok)).toEqual([false, true]);
  });

  it('comes when the caller says so, who is told why by the sources’ signal, too', async () => {
    const caller = new AbortController();
    const reasons: unknown[] = [];
    const cluster: ClusterSource = {
      ...silent(),
      read: (_, signal) => new Promise(() => signal?.addEventListener('abort', () => reasons.push(signal.reason))),
    };
    const done = run({ runbooks: [runbook(check({}))], cluster, now, signal: caller.signal });
    await settle();
    caller.abort(new Error('the page went away'));
    const { stopped, report } = await done;
    expect(stopped).toBe('the page went away');
    expect(report.checks[0]?.message).toContain(': the page went away.');
    expect(reasons).toEqual([expect.objectContaining({ message: 'the page went away' })]);
  });

  it.each([
    ['without a reason', undefined],
    ['of a time that is up', AbortSignal.timeout(0).reason],
  ])('%s says at least that it was stopped', async (_, reason) => {
    const { stopped } = await run({
      runbooks: [runbook(check({}))],
      cluster: silent(),
      now,
      signal: AbortSignal.abort(reason),
    });
    expect(stopped).toBe('the run was stopped');
  });

  it('that has come already asks nothing', async () => {
    const cluster = source();
    const { report } = await run({ runbooks: [runbook(check({}))], cluster, now, signal: AbortSignal.abort() });
    expect(cluster.asked).toEqual([]);
    expect(report.runbooks[0]?.outcome).toBe('unknown');
  });

  it('is no end of what comes later, and leaves nothing behind', async () => {
    const caller = new AbortController();
    const { stopped } = await run({
      runbooks: [runbook(check({}))],
      cluster: source(),
      now,
      signal: caller.signal,
      deadlineMs: 1e12,
    });
    expect(stopped).toBeNull();
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  it('of work that does not come to an end is told like a silence', async () => {
    const endless = check({
      id: 'a/endless',
      judge: () => {
        for (;;);
      },
    });
    const { report, bugs } = await run({
      ...{ runbooks: [runbook(endless, check({}))], cluster: source(), now, bounded: createBounded(0.2) },
    });
    const [first, second] = report.checks;
    expect(first).toMatchObject({
      outcome: 'unknown',
      message: 'What was read was not judged to the end: it took longer than 0.2 s.',
      problem: { kind: 'timed-out' },
    });
    expect(second?.outcome).toBe('passed');
    expect(bugs).toEqual([]);
  });

  it('leaves a second for what is still to be judged, and no more', async () => {
    const busy = (): Judgement => {
      const until = performance.now() + 300;
      while (performance.now() < until);
      return pass('Well.');
    };
    const many = Array.from({ length: 20 }, (_, at) => check({ id: `a/n${'x'.repeat(at)}`, judge: busy }));
    const began = performance.now();
    const { report } = await run({ runbooks: [runbook(...many)], cluster: source(), now, deadlineMs: 500 });
    expect(performance.now() - began).toBeLessThan(3000);
    expect(report.checks.at(-1)?.message).toContain('the run took longer than 0.5 s');
  });
});

describe('judging', () => {
  it('lets others have a turn between checks', async () => {
    const busy = (): Judgement => {
      const until = performance.now() + 30;
      while (performance.now() < until);
      return pass('Well.');
    };
    const many = Array.from({ length: 20 }, (_, at) => check({ id: `a/n${'x'.repeat(at)}`, judge: busy }));
    let turns = 0;
    const beat = setInterval(() => (turns += 1), 1);
    await run({ runbooks: [runbook(...many)], cluster: source(), now });
    clearInterval(beat);
    // One for every few checks; without any they would all be judged at a stretch.
    expect(turns).toBeGreaterThan(5);
  });
});

describe('diagnosis', () => {
  const outcomesOf = async (...checks: readonly Check[]): Promise<Readonly<Record<string, Outcome>>> =>
    Object.fromEntries((await verdicts(checks)).map(({ id, outcome }) => [id, outcome]));

  const broken = judging('a/broken', fail(finding()));
  const other = judging('a/other', fail(finding()));
  const shaky = judging('a/shaky', warn(finding()));
  const well = judging('a/well', pass('Well.'));
  const lost = judging('a/lost', unknown('Who knows?'));

  it('a failure that a failed need explains is blocked by it', async () => {
    const [, found] = await verdicts([judging('a/after', fail(finding()), [broken])]);
    expect(found).toMatchObject({ outcome: 'blocked', blockedBy: ['a/broken'] });
  });

  it('a blocked need explains as well, so that consequences follow from consequences', async () => {
    const middle = judging('a/middle', fail(finding()), [broken]);
    const end = judging('a/end', fail(finding()), [middle]);
    const { report } = await run({ runbooks: [runbook(end)], cluster: source(), now });
    expect(report.runbooks[0]).toMatchObject({ outcome: 'failed', rootCauses: ['a/test#found'] });
    expect(report.checks.map(({ outcome }) => outcome)).toEqual(['failed', 'blocked', 'blocked']);
  });

  it.each([
    ['a need that passed', well],
    ['a need that warned', shaky],
    ['a need that is unknown', lost],
  ])('%s explains nothing', async (_name, need) => {
    expect(await outcomesOf(judging('a/after', fail(finding()), [need]))).toMatchObject({ 'a/after': 'failed' });
  });

  it('what passes passes, and a warning stays a warning, whatever the needs are', async () => {
    expect(
      await outcomesOf(judging('a/passes', pass('Well.'), [broken]), judging('a/warns', warn(finding()), [broken])),
    ).toMatchObject({ 'a/passes': 'passed', 'a/warns': 'warned' });
  });

  it('nothing is blocked without something that failed, in whatever order things go wrong', async () => {
    // A small linear congruential generator: the same graphs each time.
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const made = [pass('Well.'), fail(finding()), warn(finding()), skip('Nothing.'), unknown('?')];
    for (let round = 0; round < 200; round += 1) {
      const checks: Check[] = [];
      for (let at = 0; at < 8; at += 1) {
        const judgements = Array.from({ length: 1 + random(2) }, () => made[random(made.length)] ?? pass('Well.'));
        const needs = checks.filter(() => random(3) === 0);
        checks.push(judging(`a/n${'x'.repeat(at)}`, judgements, needs));
      }
      const { report } = await run({ runbooks: [runbook(...checks)], cluster: source(), now });
      const found = report.checks.map(({ outcome }) => outcome);
      expect(found.includes('failed') || !found.includes('blocked')).toBe(true);
      expect(exitCode(report)).toBe(found.includes('failed') ? 1 : found.includes('unknown') ? 2 : 0);
    }
  });

  it('skipped and unknown become consequences of a failed need', async () => {
    expect(
      await outcomesOf(judging('a/skips', skip('Nothing.'), [broken]), judging('a/asks', unknown('?'), [broken])),
    ).toMatchObject({ 'a/skips': 'blocked', 'a/asks': 'blocked' });
  });

  it('a check that could not be read is a consequence too', async () => {
    const cluster = source((key) =>
      key.startsWith('list Service') ? problem('kind-not-installed', 'No.') : value([]),
    );
    const [, found] = await verdicts(
      [check({ id: 'a/after', reads: { s: plain(serviceList) }, needs: [broken] })],
      cluster,
    );
    expect(found).toMatchObject({ outcome: 'blocked', blockedBy: ['a/broken'], message: 'No.' });
  });

  it('explainedBy narrows which needs explain', async () => {
    const narrowed = (explainedBy: readonly string[]): Check =>
      judging('a/after', fail({ ...finding(), explainedBy }), [broken, other, well]);
    expect(await outcomesOf(narrowed([]))).toMatchObject({ 'a/after': 'failed' });
    expect(await outcomesOf(narrowed(['a/well']))).toMatchObject({ 'a/after': 'failed' });
    expect(await outcomesOf(narrowed(['a/other']))).toMatchObject({ 'a/after': 'blocked' });
    expect((await verdicts([narrowed(['a/other'])])).at(-1)?.blockedBy).toEqual(['a/other']);
    expect((await verdicts([judging('a/after', fail(finding()), [broken, other])])).at(-1)?.blockedBy).toEqual([
      'a/broken',
      'a/other',
    ]);
  });

  it('a skip that is explained by nothing stays skipped', async () => {
    expect(await outcomesOf(judging('a/after', skip('Not here.', []), [broken]))).toMatchObject({
      'a/after': 'skipped',
    });
  });

  it('of several judgements all that was found is told, each once, with its own remedy, what failed first', async () => {
    const way = (title: string) => ({ title, commands: [sh`true`], disturbs: 'Nothing.' });
    const found = await verdict(
      judging('a/many', [
        pass('Well.'),
        warn({ ...finding('A warning.'), remedy: way('Mind it.') }),
        fail({ ...finding('First.'), remedy: way('Mend the first.') }),
        fail({ ...finding('Second.'), remedy: way('Mend the second.'), commands: [sh`show me`] }),
        fail({ ...finding('First.'), remedy: way('Mend the first.') }),
      ]),
    );
    expect(found).toMatchObject({ outcome: 'failed', message: 'First. Second.' });
    expect(found.findings.map(({ outcome, message, remedies }) => [outcome, message, remedies[0]?.title])).toEqual([
      ['failed', 'First.', 'Mend the first.'],
      ['failed', 'Second.', 'Mend the second.'],
      ['warned', 'A warning.', 'Mind it.'],
    ]);
    expect(found.findings[1]?.commands).toEqual(['show me', 'kubectl get thing x -o yaml']);
  });

  it('of a consequence and a cause in one check the cause is told', async () => {
    const mixed = judging(
      'a/mixed',
      [fail(finding('Follows.')), fail({ ...finding('Cause.'), explainedBy: [] })],
      [broken],
    );
    expect((await verdicts([mixed])).at(-1)).toMatchObject({ outcome: 'failed', message: 'Cause.', blockedBy: [] });
  });

  it('no judgement at all is skipped', async () => {
    expect((await verdict(judging('a/none', []))).outcome).toBe('skipped');
  });

  it('what was not observed is null, so that JSON keeps it', async () => {
    const nothing = fail({
      message: 'No.',
      evidence: [{ object: thing, path: 'a', observed: undefined, expected: 1 }],
    });
    expect((await verdict(judging('a/none', nothing))).findings[0]?.evidence[0]).toHaveProperty('observed', null);
  });

  it('commands show the evidence’s objects, custom ones by their full kind', async () => {
    const at = (apiVersion: string, kind: string, namespace?: string) => ({
      object: { apiVersion, kind, name: 'x', ...(namespace === undefined ? {} : { namespace }) },
      path: 'a',
      observed: 1,
      expected: 2,
    });
    const found = fail({
      message: 'No.',
      evidence: [
        at('v1', 'Pod', 'n'),
        at('gateway.networking.k8s.io/v1', 'GatewayClass'),
        at('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
        at('v1', 'Pod', 'n'),
      ],
    });
    expect((await verdict(judging('a/many', found))).findings[0]?.commands).toEqual([
      'kubectl get pod -n n x -o yaml',
      'kubectl get gatewayclass x -o yaml',
      'kubectl get customresourcedefinition.apiextensions.k8s.io x -o yaml',
    ]);
  });
});

describe('the report', () => {
  it('is of the schema, and survives JSON', async () => {
    const checks = [
      judging('a/broken', fail(finding())),
      judging('a/well', pass('Well.')),
      judging('a/lost', unknown('?')),
    ];
    const { report } = await run({ runbooks: [runbook(...checks)], cluster: source(), now });
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report).toMatchObject({
      version: 2,
      cluster: { source: 'live', context: 'test', server: 'https://test.example', kubernetes: 'v1.36.2', user: null },
      startedAt: '2026-11-22T12:00:00.000Z',
      requests: 1,
      runbooks: [{ id: 'test', title: 'Test', outcome: 'failed', rootCauses: ['a/test#found'] }],
    });
  });

  it('gives judges the time of the run and the inputs, never a clock', async () => {
    let seen: unknown;
    const one = check({
      judge: (_values, context) => {
        seen = context;
        return pass('Well.');
      },
    });
    await run({ runbooks: [runbook(one)], cluster: source(), now, inputs: { host: 'h' } });
    expect(seen).toEqual({ now: now(), inputs: { host: 'h' }, find: {} });
  });
});
