/**
 * Few rights, much use: a check is unknown only where what may not be read could change what it says, and says nothing else than it would say
 * with all rights. Each kind is taken away in turn, and some together, from the healthy demo cluster and from its faults.
 *
 * Whether it could is nobody's opinion: the objects of the kind are made others (`variations.ts`) until the check says something else.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadFaults, scenarioOf } from '../../src/demo/node/faults.ts';
import { resolveTimes } from '../../packages/apiserver/objects/relative-times.ts';
import type { StoredObject } from '../../packages/apiserver/objects/object.ts';
import type { Check } from '../../src/runbook/check.ts';
import { kinds, type KindName } from '../../src/runbook/kinds.ts';
import { problem, value } from '../../src/runbook/fact.ts';
import { kept } from '../../src/runbook/keep.ts';
import { allChecks, now } from '../support/examine.ts';
import { changedObjects, objectsOf } from '../support/objects.ts';
import { Judging, kindOf, kindsOf, reportOf, tell, type Saying, type Told } from '../support/rights.ts';
import { isThorough } from '../support/thorough.ts';
import { variationsOf } from '../support/variations.ts';
import { loadCases } from './cases.ts';

const faults = loadFaults();
const everyKind = [...Object.keys(kinds), 'log'];

const oneService = 'whatever is routed, CoreDNS leads it to the one Service that the Corefile of the demo names';
const anyVault = 'Vault is whatever stands behind the address of a store, and every workload of the demo is well';

const apiServer = 'the API server of a variation stands where the others’ does';

/** What the variations cannot show, and why the check has to know it all the same. */
const notVaried: Readonly<Record<string, string>> = {
  'cloudflare-dns/has-the-right-record without Service':
    'no Service of a variation has the very address that public DNS gives, as one of a Gateway that is public would',
  'cert-manager/reaches-what-it-needs without EndpointSlice': apiServer,
  'external-dns/reaches-what-it-needs without EndpointSlice': apiServer,
  'external-secrets/reaches-vault without SecretStore': anyVault,
  'vault/ready without ClusterSecretStore': anyVault,
  'vault/ready without SecretStore': anyVault,
  'vault/ready without Service': anyVault,
  'internal-service/selects-envoy without HTTPRoute': oneService,
  'internal-service/port-reaches-envoy without HTTPRoute': oneService,
  'internal-service/has-endpoints without Gateway': oneService,
  'internal-service/has-endpoints without HTTPRoute': oneService,
  'internal-service/has-endpoints without ConfigMap': oneService,
};

/** A policy of the whole cluster that lets nothing through. */
const closed: StoredObject = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name: 'closed', uid: 'closed', resourceVersion: '1', creationTimestamp: '2026-11-23T00:00:00Z' },
  spec: { endpointSelector: {}, ingressDeny: [{ fromEntities: ['all'] }], egressDeny: [{ toEntities: ['all'] }] },
};

/** Clusters of other situations: every fault, and every case alone. */
const elsewhere = [
  [closed],
  ...faults.map((fault) => objectsOf(scenarioOf(fault), now)),
  ...loadCases()
    .flatMap(({ cases }) => cases)
    .filter(({ changes }) => changes.length > 0)
    .map(({ changes }) => changedObjects(changes, now)),
];
const logs = faults.flatMap((fault) => Object.values(scenarioOf(fault).logs ?? {}));

const says = ({ outcome, found }: Saying): string => [outcome, ...found].join(' ');

/** Tries what a check says of a cluster, were it another one. */
class Oracle {
  readonly #variations = new Map<
    string,
    { known: (readonly StoredObject[])[]; more: Iterator<readonly StoredObject[]> }
  >();
  readonly #judging: Judging;

  constructor(judging: Judging) {
    this.#judging = judging;
  }

  /** Whether a check could say something else than it does, were the objects of a kind others. */
  async couldChange(check: Check, kind: string): Promise<boolean> {
    const full = says(await this.#judging.say(check));
    const differs = (one: Saying): boolean => one.outcome !== 'unknown' && says(one) !== full;
    if (kind === 'log') return (await this.#withLogs(check)).some(differs);
    if (kinds[kind as KindName].group.includes('.') && differs(await this.#uninstalled(check, kind))) return true;
    for (let at = 0; ; at++) {
      const objects = this.#variation(kind, at);
      if (objects === undefined) return false;
      if (differs(await this.#judging.with(check, kind, objects))) return true;
    }
  }

  #withLogs(check: Check): Promise<readonly Saying[]> {
    return Promise.all(
      logs.map((log) =>
        this.#judging.say(check, (read) =>
          kindOf(read) === 'log' ? Promise.resolve(kept(read, value(resolveTimes(log, now)))) : undefined,
        ),
      ),
    );
  }

  #uninstalled(check: Check, kind: string): Promise<Saying> {
    return this.#judging.say(check, (read) =>
      kindOf(read) === kind ? Promise.resolve(problem('kind-not-installed', 'It is not installed.')) : undefined,
    );
  }

  #variation(kind: string, at: number): readonly StoredObject[] | undefined {
    const own = this.#judging.told.objects.filter((one) => one.kind === kind);
    const variations = this.#variations.get(kind) ?? { known: [], more: variationsOf(kind, own, elsewhere) };
    this.#variations.set(kind, variations);
    const { known, more } = variations;
    const next = at < known.length ? undefined : more.next();
    if (next !== undefined && next.done !== true) known.push(next.value);
    return known[at];
  }
}

describe('the healthy demo cluster', () => {
  let told: Told;
  let judging: Judging;
  beforeAll(async () => {
    // On a busy machine a probe may get no answer in its time.
    let isWell = false;
    for (let attempt = 0; attempt < 5 && !isWell; attempt++) {
      told = await tell('healthy', { changes: [] });
      isWell = (await reportOf(told)).checks.every(({ outcome }) => outcome === 'passed' || outcome === 'skipped');
    }
    expect(isWell).toBe(true);
    judging = new Judging(told);
  });

  it(
    'is told alike without a kind, or is unknown where the kind could change what is said',
    { timeout: 600_000 },
    async () => {
      const oracle = new Oracle(judging);
      const wrong: string[] = [];
      const needless: string[] = [];
      for (const check of allChecks) {
        const full = says(await judging.say(check));
        for (const kind of kindsOf(check.reads)) {
          const name = `${check.id} without ${kind}`;
          const without = await judging.without(check, [kind]);
          if (without.outcome === 'unknown') {
            if (name in notVaried || !(await oracle.couldChange(check, kind))) needless.push(name);
          } else if (says(without) !== full) wrong.push(`${name}: ${full}, then ${says(without)}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(needless.sort()).toEqual(Object.keys(notVaried).sort());
    },
  );

  it('is told alike without two kinds, or is unknown for want of one of them', async () => {
    const wrong: string[] = [];
    const pairs = everyKind.flatMap((one, index) => everyKind.slice(index + 1).map((other) => [one, other] as const));
    for (const [at, pair] of pairs.entries()) {
      if (!isThorough && at % 7 !== 0) continue;
      for (const check of allChecks) {
        const read = kindsOf(check.reads);
        if (!pair.every((kind) => read.has(kind))) continue;
        const [full, both, ...each] = await Promise.all([
          judging.say(check),
          judging.without(check, pair),
          ...pair.map((kind) => judging.without(check, [kind])),
        ]);
        const isNeedless = both.outcome === 'unknown' && each.every(({ outcome }) => outcome !== 'unknown');
        const isWrong = both.outcome !== 'unknown' && says(both) !== says(full);
        if (isNeedless || isWrong)
          wrong.push(`${check.id} without ${pair.join(' and ')}: ${says(full)}, then ${says(both)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('says much to who may list Gateways, GatewayClasses, Services and Pods alone', async () => {
    const few = everyKind.filter((kind) => !['Gateway', 'GatewayClass', 'Service', 'Pod'].includes(kind));
    const { checks } = await reportOf(told, few);
    expect(checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')).toEqual([]);
    const passed = checks.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
    expect(passed).toEqual(
      expect.arrayContaining([
        'gatewayclass/exists',
        'gatewayclass/accepted',
        'gateway/exists',
        'gateway/reconciled',
        'gateway/listeners-are-valid',
        'gateway/accepted',
        'gateway/agrees-with-its-service',
        'gateway/programmed',
        'internal-service/exists',
        'managed-service/exists',
        'managed-service/is-of-tailscales-class',
        'managed-service/is-exposed',
        'managed-service/has-address',
        'managed-service/answers-on-the-tailnet',
        'tailscale-proxy/has-its-name',
      ]),
    );
  });
});

/** What two outcomes have in common where the one knows less: a fault is a fault, however well it is explained. */
const alike = (full: Saying, without: Saying): boolean =>
  full.outcome === without.outcome || without.outcome === 'unknown';

describe.each(faults.filter((_, index) => isThorough || index % 5 === 0))('$id', (fault) => {
  it('is told alike without a kind, or is unknown, and its root cause is named by a check that can do without', async () => {
    const scenario = scenarioOf(fault);
    const told = await tell(fault.id, scenario);
    const judging = new Judging(told);
    const wrong: string[] = [];
    for (const check of allChecks) {
      const full = await judging.say(check);
      for (const kind of kindsOf(check.reads)) {
        const without = await judging.without(check, [kind]);
        if (!alike(full, without)) wrong.push(`${check.id} without ${kind}: ${says(full)}, then ${says(without)}`);
        const isLost =
          full.found.includes(fault.rootCause) && without.found.length === 0 && without.outcome !== 'unknown';
        if (isLost) wrong.push(`${fault.rootCause} is lost without ${kind}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
