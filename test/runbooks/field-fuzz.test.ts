/**
 * Every field of every kind that is read, made something that its kind does not allow: no run rejects, the checks that look at it are
 * unknown and name it, and nothing that passed fails for it.
 */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { KindName } from '../../src/runbook/kinds.ts';
import type { Report, Verdict } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { Cleaned, Entries, Leaf, type Shape } from '../../src/runbook/shape.ts';
import { shapes } from '../../src/runbook/shapes.ts';
import { defineRunbook, plannedReads, type Runbook } from '../../src/runbook/runbook.ts';
import { allChecks, now } from '../support/examine.ts';
import { literalCluster } from '../support/literal-cluster.ts';
import { objectsOf } from '../support/objects.ts';
import { isThorough } from '../support/thorough.ts';

type Step = string | number;

interface Place {
  path: readonly Step[];
  shape: Shape;
  required: boolean;
}

/** Every field of an object that its shape names and that is there, the object itself first. */
function placesOf(shape: Shape, value: unknown, path: readonly Step[] = [], required = true): readonly Place[] {
  if (shape instanceof Cleaned) return placesOf(shape.shape, value, path, required);
  const here: Place = { path, shape, required };
  if (shape instanceof Leaf || typeof value !== 'object' || value === null) return [here];
  if (Array.isArray(shape)) {
    const [inner] = shape as readonly [Shape];
    return [here, ...(value as unknown[]).slice(0, 2).flatMap((item, at) => placesOf(inner, item, [...path, at]))];
  }
  const fields =
    shape instanceof Entries
      ? Object.keys(value)
          .slice(0, 2)
          .map((key): [string, Shape] => [key, shape.of])
      : Object.entries(shape as Readonly<Record<string, Shape>>);
  return [
    here,
    ...fields.flatMap(([name, inner]) => {
      const field = name.replace(/\?$/, '');
      const isThere = (value as Record<string, unknown>)[field] !== undefined;
      return isThere
        ? placesOf(inner, (value as Record<string, unknown>)[field], [...path, field], field === name)
        : [];
    }),
  ];
}

/** What a field may be made of; what its own shape takes is left out. */
const values: Readonly<Record<string, unknown>> = {
  null: null,
  number: 7,
  fraction: 0.5,
  'huge number': 1e300,
  text: 'x'.repeat(5000),
  flag: true,
  'year 9999': '9999-99-99T99:99:99Z',
  list: [1],
  'list of null': [null],
  object: { a: { b: 1 } },
};

function fits({ shape, required }: Place, value: unknown): boolean {
  if (value === null) return !required;
  if (shape instanceof Leaf) return shape.read(value) !== undefined;
  // Inside of lists and objects their own fields are tried.
  return Array.isArray(shape) ? Array.isArray(value) : typeof value === 'object' && !Array.isArray(value);
}

function changed(value: unknown, path: readonly Step[], to: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return to;
  if (Array.isArray(value)) return value.map((item: unknown, at) => (at === step ? changed(item, rest, to) : item));
  return { ...(value as object), [step]: changed((value as Record<string, unknown>)[step], rest, to) };
}

const healthy = objectsOf({ changes: [] }, now);

const verdictsOf = ({ checks }: Report): ReadonlyMap<string, Verdict> =>
  new Map(checks.map((verdict) => [verdict.id, verdict]));

const examined = async (
  objects: readonly KubernetesObject[],
  some: readonly Runbook[] = runbooks,
): Promise<ReadonlyMap<string, Verdict>> =>
  verdictsOf((await run({ runbooks: some, cluster: literalCluster(objects), now: () => now })).report);

/** The checks that look at a kind, with what they need: no other can come out differently for an object of it. */
function looksAt(kind: KindName): readonly Runbook[] {
  const checks = allChecks.filter((check) =>
    plannedReads([check]).reads.some((read) => 'kind' in read && read.kind === kind),
  );
  return [defineRunbook({ id: 'fuzz', title: 'Fuzz', summary: kind, checks })];
}

/** One object of each kind that says the most. */
const samples = (Object.keys(shapes) as KindName[]).map((kind) => {
  const all = healthy.filter((object) => object.kind === kind);
  const [richest] = [...all].sort(
    (one, other) => placesOf(shapes[kind], other).length - placesOf(shapes[kind], one).length,
  );
  return { kind, object: richest };
});

/** The literal cluster finds objects by these; a server has them in the path of the request. */
const isAddress = (kind: KindName, { path }: Place): boolean =>
  path.join() === 'kind' || (kind === 'ConfigMap' && path[0] === 'metadata' && path.length < 3);

/** Each field is made a third of the values, and its neighbours the others. */
const isTurn = (index: number, what: string): boolean =>
  isThorough || (Object.keys(values).indexOf(what) + index) % 3 === 0;

/** Kinds of which a healthy demo cluster has no object. */
const absent = new Set<KindName>([
  'CiliumClusterwideNetworkPolicy',
  'CiliumNetworkPolicy',
  'CiliumNodeConfig',
  'Event',
  'Issuer',
  'SecretStore',
  'Challenge',
  'ReferenceGrant',
]);

describe.each(samples)('$kind', ({ kind, object }) => {
  it('has an object to try on', () => {
    expect(object !== undefined || absent.has(kind)).toBe(true);
  });

  if (object === undefined) return;
  const places = placesOf(shapes[kind], object).slice(1);
  const some = looksAt(kind);
  const before = examined(healthy, some);

  it('is looked at', async () => expect((await before).size).toBeGreaterThan(0));

  it('has fields to try on', () => expect(places.length).toBeGreaterThan(3));

  it.each(Object.keys(values))('takes no %s for anything else', async (what) => {
    const was = await before;
    for (const [index, place] of places.entries()) {
      if (fits(place, values[what]) || isAddress(kind, place) || !isTurn(index, what)) continue;
      const hostile = healthy.map((one) => (one === object ? changed(one, place.path, values[what]) : one));
      const is = await examined(hostile as KubernetesObject[], some);
      const at = place.path.join('.');
      expect([...is.keys()], at).toEqual([...was.keys()]);
      for (const [id, verdict] of is) {
        const told = `${at} made ${what}: ${id} was ${was.get(id)?.outcome ?? ''}, is ${verdict.outcome}: ${verdict.message}`;
        expect(was.get(id)?.outcome !== 'failed' && verdict.outcome === 'failed', told).toBe(false);
        expect(/\bNaN\b|\bundefined\b|\[object Object\]|\bnull\b(?!, not)/.test(verdict.message), told).toBe(false);
        if (verdict.problem?.kind === 'malformed') expect(verdict.message, told).toContain(kind);
      }
    }
  });
});

it('names the object and the field, and judges all else', async () => {
  const pod = healthy.find(({ kind, metadata }) => kind === 'Pod' && metadata.namespace === 'docs');
  const { name = '' } = pod?.metadata ?? {};
  const hostile = healthy.map((one) => (one === pod ? changed(one, ['spec', 'containers'], null) : one));
  const verdicts = [...(await examined(hostile as KubernetesObject[])).values()];
  const unknown = verdicts.filter(({ outcome }) => outcome === 'unknown');
  expect(unknown.length).toBeGreaterThan(0);
  expect(unknown.length).toBeLessThan(15);
  for (const { message } of unknown) expect(message).toBe(`Pod docs/${name}: spec.containers is null, not a list.`);
});
