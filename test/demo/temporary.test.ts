/** Temporary kubeconfigs: they go with the process, however it ends. Real processes, and what is left in their TMPDIR. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownEnvironment, startRunbook } from '../support/terminal.ts';
import { isThorough } from '../support/thorough.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'temporary-test-'));
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const until = (what: () => boolean): Promise<void> => expect.poll(what, { timeout: 20_000, interval: 10 }).toBe(true);

/** Whatever stands in a folder, at any depth. */
const filesIn = (place: string): readonly string[] => readdirSync(place, { recursive: true }).map(String);

describe('runbook demo', () => {
  it.each(signals)('takes its kubeconfig away with %s', async (signal) => {
    const started = startRunbook(['demo']);
    await until(() => started.said().stdout.includes('--cluster-only'));
    expect(started.left()).toHaveLength(1);
    started.child.kill(signal);
    expect(await started.ended).toMatchObject({ code: 0, stderr: '' });
    expect(started.left()).toEqual([]);
  });

  it.each(signals)('takes it away with %s twice', async (signal) => {
    const started = startRunbook(['demo']);
    await until(() => started.said().stdout.includes('--cluster-only'));
    for (const _ of [1, 2]) started.child.kill(signal);
    await started.ended;
    expect(started.left()).toEqual([]);
  });

  it('takes away one that was written where somebody said', async () => {
    const file = join(folder(), 'mine');
    const started = startRunbook(['demo', '--write', file], {
      before: "setTimeout(() => { throw new Error('boom') }, 3000);",
    });
    await until(() => started.said().stdout.includes('--cluster-only'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await started.ended).code).toBe(70);
    expect(existsSync(file)).toBe(false);
  });

  it('says so when there is no place for one', async () => {
    const { code, stderr } = await startRunbook(['demo'], { env: { TMPDIR: '/nowhere' } }).ended;
    expect(stderr.replace(/\s+/g, ' ')).toContain('No folder could be made in /nowhere: ENOENT. Set TMPDIR');
    expect(code).toBe(64);
  });
});

describe('what a killed process leaves behind', () => {
  it('goes when the next one starts, and nothing else does', async () => {
    const shared = folder();
    const killed = startRunbook(['demo'], { env: { TMPDIR: shared } });
    const living = startRunbook(['demo'], { env: { TMPDIR: shared } });
    for (const { said } of [killed, living]) await until(() => said().stdout.includes('--cluster-only'));
    const [dead, alive] = [killed, living].map(({ said }) =>
      dirname(/KUBECONFIG=(\S+)/.exec(said().stdout)?.[1] ?? ''),
    );
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(readFileSync(join(dead ?? '', 'kubeconfig'), 'utf8')).toContain('token: ');

    const here = hostname().replace(/[^A-Za-z0-9]/g, '');
    const mine = ['runbook-notes', `runbook-${here}-999999999-abc`, 'runbook-elsewhere-999999999-abcdef'];
    for (const name of mine) mkdirSync(join(shared, name));
    writeFileSync(join(shared, `runbook-${here}-999999999-abcdef`), 'a file, not a folder');

    const next = startRunbook(['demo'], { env: { TMPDIR: shared } });
    await until(() => next.said().stdout.includes('--cluster-only'));
    expect(existsSync(dead ?? '')).toBe(false);
    expect(existsSync(join(alive ?? '', 'kubeconfig'))).toBe(true);
    for (const { child, ended } of [living, next]) {
      child.kill('SIGTERM');
      await ended;
    }
    expect(readdirSync(shared).sort()).toEqual([...mine, `runbook-${here}-999999999-abcdef`].sort());
  });
});

describe('run --demo', () => {
  it('has no kubeconfig on disk while it runs, so that even SIGKILL leaves none', async () => {
    // A judge that does not come to an end: it is at work until it is killed.
    const before = `const { runbooks } = await import(${JSON.stringify(new URL('../../runbooks/index.ts', import.meta.url).href)});
      Object.assign(runbooks[0].checks[0], { judge: () => { process.stderr.write('judging'); for (;;); } });`;
    const started = startRunbook(['run', '--all', '--demo'], { before });
    await until(() => started.said().stderr.includes('judging'));
    expect(started.left()).toEqual([]);
    started.child.kill('SIGKILL');
    await started.ended;
    expect(started.left()).toEqual([]);
  });

  /** From before it has begun to when it may be done. */
  const delays = [0, 200, 500, 900, 1300];

  it.each(signals)('leaves nothing with %s, whenever it comes', async (signal) => {
    const turn = signals.indexOf(signal);
    for (const delay of isThorough ? delays : [delays[turn], delays[turn + 2]]) {
      const started = startRunbook(['run', '--all', '--demo']);
      await new Promise((resolve) => setTimeout(resolve, delay));
      started.child.kill(signal);
      await started.ended;
      expect(started.left()).toEqual([]);
    }
  });
});

describe('practice', () => {
  const program = (rest: string): string => `
    import { Practice } from './src/server/api/practice.ts';
    const practice = [new Practice(), new Practice()];
    for (const each of practice) { await each.break(undefined); await (await each.source()).close(); }
    console.log('ready');
    ${rest}`;
  it.each<[string, string, NodeJS.Signals | undefined]>([
    ['the end', 'process.exit(0)', undefined],
    ['an exception', "setTimeout(() => { throw new Error('boom') })", undefined],
    ['a rejection', "void Promise.reject(new Error('boom'))", undefined],
    ...signals.map((signal): [string, string, NodeJS.Signals] => [signal, '', signal]),
    // As a dev server does, which ends the process itself.
    ['SIGTERM that others hear', "process.once('SIGTERM', () => setTimeout(() => process.exit(143), 50))", 'SIGTERM'],
  ])('of two clusters leaves nothing at %s', async (_, rest, signal) => {
    const place = folder();
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program(rest)], {
      env: { ...ownEnvironment, TMPDIR: place },
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    if (signal !== undefined) {
      expect(filesIn(place).filter((name) => name.endsWith('/kubeconfig'))).toHaveLength(2);
      child.kill(signal);
    }
    await ended;
    expect(filesIn(place)).toEqual([]);
  });
});
