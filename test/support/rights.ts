/**
 * What a user sees who may not read everything: a scenario of the demo cluster whose facts are kept, and examined once more without some
 * kinds, or with other objects of a kind.
 */
import { resolveTimes } from '../../packages/apiserver/objects/relative-times.ts';
import type { StoredObject } from '../../packages/apiserver/objects/object.ts';
import type { Scenario } from '../../src/demo/scenario.ts';
import { openSource } from '../../src/sources/open.ts';
import type { Check } from '../../src/runbook/check.ts';
import { examine } from '../../src/runbook/examine.ts';
import { problem, type Fact } from '../../src/runbook/fact.ts';
import { kept } from '../../src/runbook/keep.ts';
import { isProbe, readKey, type Need, type Read } from '../../src/runbook/read.ts';
import { worst, type Outcome } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import type { Runbook } from '../../src/runbook/runbook.ts';
import type { ClusterSource, ProbeSource } from '../../src/runbook/source.ts';
import { createStop } from '../../src/runbook/stop.ts';
import { runbooks } from '../../runbooks/index.ts';
import { now } from './examine.ts';
import { literalCluster } from './literal-cluster.ts';
import { objectsOf } from './objects.ts';

/** A scenario of the demo cluster, as it answers somebody who may read all of it. */
export interface Told {
  objects: readonly StoredObject[];
  /** What was found by probes, by the key of the read. */
  probed: ReadonlyMap<string, Fact>;
  logs: Readonly<Record<string, string>>;
}

/** Asks the demo cluster all that the runbooks ask, probes included. */
export async function tell(id: string, scenario: Scenario): Promise<Told> {
  const source = await openSource({ source: 'demo', scenario: id }, { now });
  try {
    const { probes } = source;
    if (probes === undefined) throw new Error('The demo has probes.');
    const { facts } = await run({ runbooks, cluster: source.cluster, probes, now: () => now });
    return {
      objects: objectsOf(scenario, now),
      probed: new Map(facts.flatMap(({ read, fact }) => (isProbe(read) ? [[readKey(read), fact]] : []))),
      logs: Object.fromEntries(
        Object.entries(scenario.logs ?? {}).map(([key, log]) => [key.split('_')[1] ?? '', resolveTimes(log, now)]),
      ),
    };
  } finally {
    await source.close();
  }
}

/** What cannot be read, by kind of object; `log` for logs. */
export type Without = readonly string[];

export const kindOf = (read: Read): string | undefined =>
  isProbe(read) ? undefined : read.type === 'log' ? 'log' : read.kind;

/** The same cluster, and what probes find there, for somebody who may not read some kinds. */
function sourcesOf(
  { objects, probed, logs }: Told,
  without: Without = [],
): { cluster: ClusterSource; probes: ProbeSource } {
  return {
    cluster: literalCluster(objects, {
      logs,
      problems: Object.fromEntries(without.map((kind) => [kind, 'forbidden' as const])),
    }),
    probes: {
      probe: (read) =>
        Promise.resolve(probed.get(readKey(read)) ?? problem('timed-out', `Nobody asked ${readKey(read)}.`)),
    },
  };
}

export async function reportOf(told: Told, without: Without = [], some: readonly Runbook[] = runbooks) {
  return (await run({ runbooks: some, ...sourcesOf(told, without), now: () => now })).report;
}

/** What a check itself says, whatever explains it. */
export interface Saying {
  outcome: Outcome;
  /** Ids of what it found. */
  found: readonly string[];
  messages: readonly string[];
}

/** Lets checks judge the same facts again and again. */
export class Judging {
  readonly #sources: { cluster: ClusterSource; probes: ProbeSource };
  readonly #kept = new Map<string, Promise<Fact>>();
  readonly told: Told;

  constructor(told: Told) {
    this.told = told;
    this.#sources = sourcesOf(told);
  }

  /** @param differently Answers some reads in its own way. */
  async say(check: Check, differently: (read: Read) => Promise<Fact> | undefined = () => undefined): Promise<Saying> {
    const stop = createStop(undefined, undefined);
    const judgements = await examine(check, {
      gather: async (read) => ({
        read,
        fact: await (differently(read) ?? this.#fact(read)),
        readAt: now.toISOString(),
      }),
      mayProbe: true,
      context: { now, inputs: {} },
      stop,
      work: (piece) => Promise.resolve(piece()),
    });
    return {
      outcome: worst(judgements.map(({ outcome }) => outcome)),
      found: [...new Set(judgements.flatMap((one) => ('finding' in one ? [one.finding] : [])))].sort(),
      messages: judgements.map(({ message }) => message),
    };
  }

  /** The same to somebody who may not read some kinds. */
  without(check: Check, kinds: Without): Promise<Saying> {
    return this.say(check, (read) =>
      kinds.includes(kindOf(read) ?? '')
        ? Promise.resolve(problem('forbidden', `${kindOf(read) ?? ''} is forbidden.`))
        : undefined,
    );
  }

  /** The same where all objects of a kind are others. */
  with(check: Check, kind: string, objects: readonly StoredObject[]): Promise<Saying> {
    const { cluster } = sourcesOf({ ...this.told, objects });
    const answers = new Map<string, Promise<Fact>>();
    return this.say(check, (read) => {
      if (isProbe(read) || kindOf(read) !== kind) return undefined;
      const key = readKey(read);
      const answer = answers.get(key) ?? cluster.read(read).then((fact) => kept(read, fact));
      answers.set(key, answer);
      return answer;
    });
  }

  #fact(read: Read): Promise<Fact> {
    const key = readKey(read);
    const { cluster, probes } = this.#sources;
    const fact =
      this.#kept.get(key) ??
      (isProbe(read) ? probes.probe(read) : cluster.read(read)).then((answer) => kept(read, answer));
    this.#kept.set(key, fact);
    return fact;
  }
}

/** The kinds that a check may read, `log` among them. */
export function kindsOf(needs: Readonly<Record<string, Need>>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const need of Object.values(needs)) {
    if (need.want === 'follow') {
      for (const kind of kindsOf(need.first)) found.add(kind);
      if (need.describe.permission === 'pods/log') found.add('log');
    } else {
      const kind = kindOf(need.read);
      if (kind !== undefined) found.add(kind);
    }
  }
  return found;
}
