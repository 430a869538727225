/** Snapshots as files: what is damaged is told with its place, and never reaches a judge. */
import { Refusal } from '../../src/formats/refusal.ts';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { openSource } from '../../src/sources/open.ts';
import { deepest, isDeeper } from '../../src/runbook/depth.ts';
import { run } from '../../src/runbook/run.ts';
import { parseSnapshot, SnapshotError } from '../../src/runbook/snapshot-file.ts';
import { takeSnapshot } from '../../src/runbook/snapshot.ts';
import { stopwatch } from '../support/work.ts';

const folder = mkdtempSync(join(tmpdir(), 'snapshot-file-test-'));

/** A snapshot of the demo, with probes: facts of every type of read. */
const whole = await (async (): Promise<string> => {
  const source = await openSource({ source: 'demo', scenario: 'healthy' });
  const { cluster, probes } = source;
  const taken = await run({ runbooks, cluster, ...(probes === undefined ? {} : { probes }) });
  await source.close();
  return JSON.stringify(takeSnapshot(taken, { probed: true, inputs: {} }));
})();

type Json = Record<string, unknown>;
const parsed = JSON.parse(whole) as Json & { facts: { read: Json; fact: Json }[] };

/** Every place in a value, as deep as the schema looks. */
function places(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null || path.length > 6) return [];
  return Object.keys(value).flatMap((key) => [[...path, key], ...places((value as Json)[key], [...path, key])]);
}

function damaged(path: readonly (string | number)[], by: unknown): string {
  const copy = JSON.parse(whole) as Json;
  let at: Json = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Json;
  if (by === undefined) Reflect.deleteProperty(at, path.at(-1) ?? '');
  else at[path.at(-1) ?? ''] = by;
  return JSON.stringify(copy);
}

async function replay(text: string): Promise<string> {
  const file = join(folder, 'damaged.json');
  writeFileSync(file, text);
  try {
    const { cluster, probes, inputs, now } = await openSource({ source: 'snapshot', file });
    const done = await run({
      runbooks,
      cluster,
      ...(probes && { probes }),
      ...(inputs && { inputs }),
      ...(now && { now }),
    });
    return done.bugs.map(({ check, error }) => `${check}: ${error.message}`).join();
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

describe('a whole snapshot', () => {
  it('is taken, whatever it is of', () => {
    expect(parseSnapshot(whole).facts.length).toBe(parsed.facts.length);
    expect(new Set(parsed.facts.map(({ read }) => read['type']))).toEqual(
      new Set(['object', 'list', 'log', 'tcp', 'tls', 'dns', 'http']),
    );
    expect(parseSnapshot(`\ufeff${whole}`).version).toBe(1);
  });
});

describe('a damaged snapshot', () => {
  it.each<[string, () => string, string, string]>([
    ['with little in it', () => '{"version":1,"facts":{}}', 'is damaged', 'cluster'],
    ['of another version', () => '{"version":2}', 'is not a snapshot of version 1', 'version'],
    ['that is a list', () => '[]', 'is not a snapshot of version 1', ''],
    ['that is null', () => 'null', 'is not a snapshot of version 1', ''],
    ['that is cut', () => '{"a": "token-of-somebody', 'is not JSON', 'line 1'],
    ['that is empty', () => '', 'is not JSON', ''],
    ['without a read', () => damaged(['facts', 3, 'read'], null), 'is damaged', 'facts.3.read'],
    ['with another read', () => damaged(['facts', 0, 'read', 'type'], 'write'), 'is damaged', 'facts.0.read.type'],
    ['without a value', () => damaged(['facts', 0, 'fact', 'value'], undefined), 'is damaged', 'facts.0.fact.value'],
    ['of no time', () => damaged(['takenAt'], 'yesterday'), 'is damaged', 'takenAt'],
  ])('%s is told with its place', (_, make, what, place) => {
    const text = make();
    expect(() => parseSnapshot(text)).toThrow(SnapshotError);
    try {
      parseSnapshot(text);
    } catch (error) {
      expect((error as Error).message).toContain(what);
      expect((error as Error).message).toContain(place);
      expect((error as Error).message).not.toContain('token-of');
      expect((error as Error).message.length).toBeLessThan(300);
    }
  });

  // One fact of each type of read, and each problem, stands for its kind.
  const chosen = [
    ...new Map(
      parsed.facts.map(({ read, fact }, at) => [`${String(read['type'])} ${String(fact['ok'])}`, at]),
    ).values(),
  ];
  const all = [
    ...places({ ...parsed, facts: undefined, redacted: undefined }),
    ...chosen.flatMap((at) => [
      ...places(parsed.facts[at]?.read, ['facts', at, 'read']),
      ['facts', at, 'fact', 'ok'],
      ['facts', at, 'fact', 'value'],
      ['facts', at, 'fact', 'problem'],
    ]),
  ];
  it('never ends a run, wherever a value is another one', { timeout: 300_000 }, async () => {
    expect(all.length).toBeGreaterThan(50);
    const wrong: string[] = [];
    for (const path of all) {
      for (const by of [undefined, null, 7, [], {}, 'x', true]) {
        const said = await replay(damaged(path, by));
        // What is said is about the snapshot; a bug would name a check.
        if (said !== '' && !said.startsWith('The snapshot '))
          wrong.push(`${path.join('.')}=${JSON.stringify(by)} ${said}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('a file that is no snapshot', () => {
  const named = (name: string): string => join(folder, name);
  it.each<[string, () => string, RegExp]>([
    ['a directory', () => folder, /it is a directory/],
    [
      'a named pipe that nobody writes to',
      () => (execFileSync('mkfifo', [named('pipe')]), named('pipe')),
      /no regular file/,
    ],
    ['a device without end', () => '/dev/zero', /no regular file/],
    [
      'a file of 2 GiB',
      () => (writeFileSync(named('big'), ''), truncateSync(named('big'), 2 ** 31), named('big')),
      /2048 MiB/,
    ],
    [
      'nested a hundred thousand levels deep',
      () => {
        const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
        writeFileSync(named('deep'), whole.replace('"facts":[', `"facts":[${deep},`));
        return named('deep');
      },
      /nested more than 200 levels deep/,
    ],
    ['binary', () => process.execPath, /is not JSON|MiB/],
  ])('%s is an error that says so, at once', async (_, make, message) => {
    const worked = stopwatch();
    await expect(openSource({ source: 'snapshot', file: make() })).rejects.toThrow(message);
    expect(worked()).toBeLessThan(3000);
  });
});

describe('depth', () => {
  const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
  it('is counted, and what stands in strings is not', () => {
    expect(isDeeper(nested(deepest), deepest)).toBe(false);
    expect(isDeeper(nested(deepest + 2), deepest)).toBe(true);
    expect(isDeeper(`{"a":"${'['.repeat(500)}","b\\"[[":["\\\\"]}`, 2)).toBe(false);
    expect(isDeeper('{"a\\\\":[[["', 3)).toBe(true);
    expect(isDeeper('[]'.repeat(1000), 1)).toBe(false);
  });

  it('takes no longer for a text of backslashes than for another', () => {
    const worked = stopwatch();
    isDeeper(`"${'\\"'.repeat(2_000_000)}`, 200);
    isDeeper(`"${'\\'.repeat(4_000_000)}"`, 200);
    expect(worked()).toBeLessThan(1000);
  });
});
