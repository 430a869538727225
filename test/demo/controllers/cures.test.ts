/** Faults of certificates, credentials and apps, and the way back: what the runbook prints, done as printed, leads to a sound cluster. */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../../runbooks/index.ts';
import { loadFaults } from '../../../src/demo/faults.ts';
import type { StoredObject } from '../../../src/demo/objects.ts';
import type { Report } from '../../../src/runbook/report.ts';
import { run } from '../../../src/runbook/run.ts';
import { literalCluster } from '../../support/literal-cluster.ts';
import { now, practiseFault, type Practice } from './practice.ts';

const ids = [
  'acme-rate-limited',
  'app-crash-loop',
  'cert-manager-scaled-down',
  'certificate-names-wrong-issuer',
  'challenge-behind-split-horizon',
  'challenge-token-refused',
  'externalsecret-wrong-path',
  'issuer-account-lost',
  'readiness-probe-failing',
  'store-permission-denied',
  'store-renamed',
  'token-in-wrong-namespace',
  'updater-failing',
  'vault-sealed',
];

/** What a person does who has read what the remedy shows. */
const conclusions: Readonly<Record<string, (practice: Practice) => void>> = {
  // The log says which argument the app does not know.
  'app-crash-loop': ({ perform }) => perform('kubectl apply -f apps/headlamp/deployment.yaml'),
};

const examine = async (objects: readonly StoredObject[], at: Date): Promise<Report> =>
  (await run({ runbooks, cluster: literalCluster(objects, { problems: {}, logs: {} }), now: () => at })).report;

const causes = ({ runbooks: all }: Report): readonly string[] => [
  ...new Set(all.flatMap(({ rootCauses }) => rootCauses)),
];

describe.each(loadFaults().filter(({ id }) => ids.includes(id)))('$id', (fault) => {
  it('is cured by its remedy, as printed', async () => {
    const practice = practiseFault(fault.id);
    const { state, world, perform, after, later, time } = practice;
    const before = await examine(state.objects, now);
    expect(causes(before)).toEqual([fault.rootCause]);
    const own = before.runbooks.find(({ id }) => id === fault.runbook);
    const remedy = own?.checks.find(({ id }) => id === fault.rootCause)?.remedy;
    if (fault.mend !== undefined) after(() => world.mend(fault.world));
    remedy?.commands.forEach(perform);
    conclusions[fault.id]?.(practice);
    // Until the next turn of whatever runs by the clock.
    later(400);
    const report = await examine(state.objects, time());
    expect(causes(report)).toEqual([]);
    const unsound = report.runbooks.filter(({ outcome }) => outcome !== 'passed');
    expect(unsound.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([]);
  });
});

it('every fault of this list is there', () => {
  expect(loadFaults().map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
});
