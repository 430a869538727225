/**
 * Nothing secret leaves: a canary stands in every field of every object that no check reads, and wherever a credential may stand in those
 * that checks do read. It is looked for in every face.
 */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { toJunit } from '../../src/report/junit.ts';
import { resultsOf } from '../../src/runbook/report.ts';
import { linePage } from '../../src/site/runbook/line-strip.ts';
import { toText } from '../../src/report/text.ts';
import { loadFaults, scenarioOf } from '../../src/demo/node/faults.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { objectsHtml } from '../../src/server/api/objects.ts';
import { painter } from '../../src/report/paint.ts';
import { kinds, type KindName } from '../../src/runbook/kinds.ts';
import { legibleJson } from '../../src/runbook/legible.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { run } from '../../src/runbook/run.ts';
import { Cleaned, Entries, Leaf, type Shape } from '../../src/runbook/shape.ts';
import { shapes } from '../../src/runbook/shapes.ts';
import { takeSnapshot } from '../../src/runbook/snapshot.ts';
import { reportHtml } from '../../src/report/html.ts';
import { now } from '../support/examine.ts';
import { literalCluster } from '../support/literal-cluster.ts';
import { objectsOf } from '../support/objects.ts';

const canary = 'c4nary-5ecret';

/** What a value becomes that no check reads. */
function drowned(value: unknown): unknown {
  if (Array.isArray(value)) return [...value.map(drowned), canary];
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries([...Object.entries(value).map(([key, inner]) => [key, drowned(inner)]), ['x', canary]]);
  return typeof value === 'string' ? canary : value;
}

/** Lines that hold a credential, as controllers, servers and logs write them. */
const complaints = [
  `Authorization: Bearer ${canary}`,
  `{"authorization":"Basic ${canary}"}`,
  `token=${canary}`,
  `{"password":"${canary}"}`,
  `password: ${canary}`,
  `postgres://admin:${canary}@db.example.com/app`,
  `--api-token ${canary} --api-token=${canary}`,
];

/** An object with a canary wherever one may be put. */
function planted(shape: Shape | undefined, value: unknown, key: string): unknown {
  if (shape === undefined) return drowned(value);
  if (shape instanceof Cleaned) return plantedTold(key, value);
  if (shape instanceof Leaf || typeof value !== 'object' || value === null)
    return key === 'message' || (key === 'reason' && String(value).includes(' '))
      ? `${String(value)} ${complaints.join(' ')}`
      : value;
  if (Array.isArray(shape)) {
    const [inner] = shape as readonly [Shape];
    return Array.isArray(value) ? value.map((item) => planted(inner, item, key)) : value;
  }
  if (shape instanceof Entries) {
    const extra = key === 'annotations' || key === 'data' ? { 'example.com-password': canary } : {};
    const lastApplied = key === 'annotations' ? { 'kubectl.kubernetes.io/last-applied-configuration': canary } : {};
    const old = Object.entries(value).map(([name, inner]) => [name, planted(shape.of, inner, name)]);
    return { ...Object.fromEntries(old), ...extra, ...lastApplied };
  }
  const fields = shape as Readonly<Record<string, Shape>>;
  const own = Object.entries(value).map(([name, inner]) => [
    name,
    planted(fields[name] ?? fields[`${name}?`], inner, name),
  ]);
  return { 'x-secret': canary, xs: [{ deep: canary }], ...Object.fromEntries(own) };
}

/** Arguments and variables with credentials among them. */
function plantedTold(key: string, told: unknown): unknown {
  if (!Array.isArray(told)) return told;
  const value: readonly unknown[] = told;
  if (key === 'env')
    return [...value, { name: 'APP', value: canary }, { name: 'DATABASE_URL', value: `pg://a:${canary}@b` }];
  return [...value, `--token=${canary}`, '--password', canary, canary, `sh -c "TOKEN=${canary} ./run ${canary}"`];
}

const plant = (object: KubernetesObject): KubernetesObject =>
  Object.hasOwn(kinds, object.kind)
    ? (planted(shapes[object.kind as KindName], object, '') as KubernetesObject)
    : object;

const log = complaints
  .map(
    (complaint) =>
      `{"response_code_details":"filter_chain_not_found","x":"${canary}","start_time":"${complaint.replaceAll('"', "'")}"}`,
  )
  .concat(`filter_chain_not_found ${canary}`, canary)
  .join('\n');

const scenarios = [{ changes: [] }, ...loadFaults().map(scenarioOf)].filter((_, index) => index % 3 === 0);

describe('a canary', () => {
  it('is planted', () => {
    const objects = objectsOf({ changes: [] }, now).map(plant);
    expect(JSON.stringify(objects).split(canary).length).toBeGreaterThan(2000);
  });

  it.each(scenarios.map((scenario, index) => ({ index, scenario })))(
    'leaves by no face ($index)',
    async ({ scenario }) => {
      const objects = objectsOf(scenario, now).map(plant);
      const logs = Object.fromEntries(
        objects.filter(({ kind }) => kind === 'Pod').map(({ metadata }) => [metadata.name, log]),
      );
      const done = await run({ runbooks, cluster: literalCluster(objects, { logs }), now: () => now });
      const { report, facts } = done;
      const pages = await Promise.all(
        resultsOf(report).map(async (own) =>
          reportHtml(own, { ...linePage, note: '', objects: await objectsHtml(own, facts) }),
        ),
      );
      const faces = {
        text: toText(report, { paint: painter({}, {}), verbose: true }),
        json: legibleJson(report),
        junit: toJunit(report),
        markdown: toMarkdown(report),
        page: pages.join('\n'),
        snapshot: legibleJson(takeSnapshot(done, { probed: true, inputs: {} })),
      };
      for (const [face, printed] of Object.entries(faces)) {
        const at = printed.indexOf(canary);
        expect(at === -1 ? '' : `${face}: ${printed.slice(Math.max(0, at - 200), at + 40)}`).toBe('');
      }
    },
  );
});
