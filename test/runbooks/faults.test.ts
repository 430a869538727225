/** The demo's faults: each has the root cause that it claims and no other, alone and beside another. */
import { beforeAll, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults, scenarioOf } from '../../src/demo/node/faults.ts';
import type { Fault } from '../../src/demo/fault.ts';
import { ago } from '../../packages/apiserver/objects/relative-times.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { mergePatch } from '../../packages/apiserver/objects/merge-patch.ts';
import type { WorldChange } from '../../src/demo/world.ts';
import { findingsOf } from '../../src/runbook/catalogue.ts';
import type { Finding, Report } from '../../src/runbook/report.ts';
import { allChecks, examine, now, type Situation } from '../support/examine.ts';
import { objectsOf } from '../support/objects.ts';
import { isThorough } from '../support/thorough.ts';

/** Faults that no object tells of; test/sources/faults.test.ts runs every fault in the demo itself, with probes. */
const isSeenByProbesOnly = ({ world }: Fault): boolean =>
  ['splitDns', 'publicRecords', 'servedCertificate'].some((fact) => fact in world);

const faults = loadFaults().filter((fault) => !isSeenByProbesOnly(fault));

/** One fault after the other, and all that follows; logs by pod, as the literal cluster wants them. */
function situationOf(some: readonly Fault[]): Situation {
  const scenarios = some.map(scenarioOf);
  return {
    scenario: {
      changes: scenarios.flatMap(({ changes }) => changes),
      since: longest(scenarios.map(({ since = '0s' }) => since)),
      world: scenarios.reduce((world, { world: change }) => mergePatch(world, change) as WorldChange, {}),
    },
    logs: Object.fromEntries(
      scenarios.flatMap(({ logs = {} }) => Object.entries(logs).map(([key, log]) => [key.split('_')[1] ?? '', log])),
    ),
  };
}

/** Both happened when the older one did, so that all that follows from either has had its time. */
const longest = (all: readonly string[]): string => all.toSorted((one, other) => ago(other) - ago(one))[0] ?? '0s';

/** The objects that a fault changes, and the pods whose logs it writes. */
const touched = (fault: Fault): ReadonlySet<string> =>
  new Set([
    ...fault.changes.map(({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
    ...Object.keys(scenarioOf(fault).logs ?? {})
      .map((key) => key.split('_'))
      .map(([namespace, pod]) => `Pod ${namespace}/${pod}`),
  ]);

const findingOf = ({ checks }: Report, wanted: string): Finding | undefined =>
  checks.flatMap(({ findings }) => findings).find(({ id }) => id === wanted);

describe.each(faults)('$id', (fault) => {
  const situation = situationOf([fault]);
  let report: Report;
  beforeAll(async () => {
    report = await examine(runbooks, situation);
  });

  it('has exactly its root cause, over all runbooks', () => {
    expect(report.rootCauses).toEqual([fault.rootCause]);
  });

  it('shows in its own runbook, with an object as evidence and a remedy', () => {
    const own = report.runbooks.find(({ id }) => id === fault.runbook);
    expect(own?.rootCauses).toContain(fault.rootCause);
    expect(own?.outcome).toBe('failed');
    const found = findingOf(report, fault.rootCause);
    expect(found?.evidence[0]?.object.name).toBeTruthy();
    expect(found?.remedies.length).toBeGreaterThan(0);
  });

  it('names an object that exists, or that the fault took away or brought about', () => {
    const at = findingOf(report, fault.rootCause)?.evidence[0]?.object;
    const followed = objectsOf(scenarioOf(fault), now);
    const named = [...loadObjects(), ...fault.changes.map(({ object }) => object), ...followed];
    expect(
      named.some(
        ({ kind, metadata }) => kind === at?.kind && metadata.name === at.name && metadata.namespace === at.namespace,
      ),
    ).toBe(true);
  });

  it('claims a finding that there is', () => {
    expect(allChecks.flatMap(findingsOf).map(({ id }) => id)).toContain(fault.rootCause);
  });

  it('adds no other root cause when the tailnet address does not answer either', async () => {
    const silent = await examine(runbooks, {
      ...situation,
      probes: {
        'tcp 100.101.102.103:443': { connected: false, reason: 'timed-out' },
        'tls 100.101.102.103:443 docs.sudhanva.me': { outcome: 'no-connection', reason: 'timed-out' },
        'tls 100.101.102.103:443 runbook-probe.invalid': { outcome: 'no-connection', reason: 'timed-out' },
      },
    });
    expect(silent.rootCauses).toEqual([fault.rootCause]);
  });
});

/** Every two faults that touch no object in common. */
const pairs = faults.flatMap((one, index) =>
  faults.flatMap((other, place) =>
    place > index && [...touched(one)].every((object) => !touched(other).has(object))
      ? [{ name: `${one.id} and ${other.id}`, one, other, distance: place - index }]
      : [],
  ),
);

/** Each fault with some others, from near and far; all pairs where there is time. */
const isTurn = ({ distance }: { distance: number }): boolean => isThorough || [1, 4, 11, 22, 37].includes(distance);

/** Faults that have nothing to do with one another: no one's effect hides, or mends, another's. */
const independent = [
  'apex-hostname',
  'class-points-nowhere',
  'client-by-address',
  'hostname-too-deep',
  'kube-proxy-left-over',
  'missed-address',
  'operator-crash-loop',
  'service-without-class',
  'socket-lb-covers-pods',
  'tag-refused',
];

/** Pairs of them in which one takes away what the other shows in: without an Envoy, an address or a class there is nothing to see. */
const hiding = [
  'class-points-nowhere and client-by-address',
  'class-points-nowhere and missed-address',
  'class-points-nowhere and service-without-class',
  'class-points-nowhere and tag-refused',
  'missed-address and operator-crash-loop',
  'missed-address and service-without-class',
  'missed-address and tag-refused',
];

describe('two faults at once', () => {
  it.each(
    pairs
      .filter(({ one, other }) => independent.includes(one.id) && independent.includes(other.id))
      .filter(({ name }) => !hiding.includes(name)),
  )('$name: both root causes and no other, whichever came first', async ({ one, other }) => {
    const expected = new Set([one.rootCause, other.rootCause]);
    expect(new Set((await examine(runbooks, situationOf([one, other]))).rootCauses)).toEqual(expected);
    expect(new Set((await examine(runbooks, situationOf([other, one]))).rootCauses)).toEqual(expected);
  });

  it.each(pairs.filter(isTurn))('$name: no third root cause', async ({ one, other }) => {
    const causes = (await examine(runbooks, situationOf([one, other]))).rootCauses;
    expect(causes.filter((cause) => cause !== one.rootCause && cause !== other.rootCause)).toEqual([]);
  });

  /** Pairs that share the Gateway, whose last status is the one that Envoy Gateway would write. */
  it.each([
    ['envoy-image', 'operator-crash-loop'],
    ['envoy-image', 'tag-refused'],
    ['envoy-image', 'service-without-class'],
    ['envoy-image', 'missed-address'],
  ])('%s and %s', async (one, other) => {
    const both = [one, other]
      .map((id) => faults.find((fault) => fault.id === id))
      .filter((found) => found !== undefined);
    expect(both).toHaveLength(2);
    expect(new Set((await examine(runbooks, situationOf(both))).rootCauses)).toEqual(
      new Set(both.map(({ rootCause }) => rootCause)),
    );
  });
});
