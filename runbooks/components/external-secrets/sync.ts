/** The ExternalSecrets: whether each was copied, and lately. */
import { parseDuration, since } from '../../../src/formats/duration.ts';
import { referrers } from '../../../src/kinds/references.ts';
import { defineCheck, nameOf, pass, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import type { Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import {
  dependantOf,
  readyOf,
  saidOf,
  targetOf,
  type ExternalSecret,
  type Store,
} from '../../models/external-secrets.ts';
import { issuerReads, tokenRefs, type IssuerValues } from '../../models/issuers.ts';
import { warnings } from '../../models/reads.ts';
import { secretNamed } from '../../models/references.ts';
import { stack } from '#stack';
import * as vault from '../vault/vault.ts';
import * as controller from './external-secrets.ts';
import { storesAreReady } from './stores-ready.ts';
import { reads as storeReads, storesExist } from './stores.ts';
import { findings, type Stale, type Unsynced } from './sync-findings.ts';
import { isOwnFault, isRefusal } from './words.ts';

/** External Secrets asks again every refresh interval; one miss is a restart, three and an hour are not. */
const missedIntervals = 3;
const patience = 3_600_000;

const needs = [
  controller.kindsInstalled,
  controller.ready,
  storesExist,
  vault.ready,
  vault.isWhereTheStoreLooks,
  storesAreReady,
];
const reads = { ...storeReads, events: raw(warnings), ...issuerReads };
const commands = [sh`kubectl get externalsecret -A`, sh`kubectl get events -A --field-selector reason=UpdateFailed`];

export const synced = defineCheck({
  id: 'external-secrets/ingress-secrets-are-synced',
  title: 'The credentials of the ingress are synced, and lately',
  why: 'What is not copied is missing, or old: a rotated token goes on being used until it is refused.',
  needs,
  reads,
  commands,
  findings,
  judge: (values, { now, find }) => judgeSecrets(sorted(values).ingress, values, now, find),
});

export const othersSynced = defineCheck({
  id: 'external-secrets/other-secrets-are-synced',
  title: 'Every other ExternalSecret is synced, and lately',
  why: 'The ingress does not need them; their apps do.',
  needs,
  reads,
  commands,
  findings,
  judge: (values, { now, find }) => judgeSecrets(sorted(values).others, values, now, find),
});

interface SecretValues {
  externalSecrets: readonly ExternalSecret[];
}

interface SyncValues {
  clusterStores: readonly Store[];
  namespacedStores: readonly Store[];
  events: Fact<KubeObject<'Event'>[]>;
}

/** The ExternalSecrets that the ingress needs: by the stack's names, or because an issuer names what they write; and the others. */
function sorted({ externalSecrets, clusterIssuers, issuers }: IssuerValues & SecretValues): {
  ingress: readonly ExternalSecret[];
  others: readonly ExternalSecret[];
} {
  const namedBy = referrers(allOf(clusterIssuers, issuers), (one) => tokenRefs(one, stack.certManager.namespace));
  const isOfIngress = (secret: ExternalSecret): boolean =>
    dependantOf(secret) !== '' || namedBy(secretNamed(targetOf(secret))).length > 0;
  return {
    ingress: externalSecrets.filter(isOfIngress),
    others: externalSecrets.filter((secret) => !isOfIngress(secret)),
  };
}

function judgeSecrets(
  secrets: readonly ExternalSecret[],
  { clusterStores, namespacedStores, events }: SyncValues,
  now: Date,
  find: Find<typeof findings>,
): Judgement | readonly Judgement[] {
  if (secrets.length === 0) return skip('There is no such ExternalSecret.', []);
  const stores = allOf(clusterStores, namespacedStores);
  return secrets.map((secret): Judgement => {
    const found = readyOf(secret);
    if (found === undefined) return skip(`External Secrets has said nothing of ${nameOf(secret)} yet.`);
    if (found.status !== 'True') return judgeUnsynced({ secret, said: saidOf(secret, events), stores }, find);
    const stale = staleness(secret, now);
    return stale === undefined ? pass(`${nameOf(secret)} is synced.`) : find.stale(stale);
  });
}

function judgeUnsynced(subject: Unsynced, find: Find<typeof findings>): Judgement {
  const words = subject.said?.text ?? '';
  if (isRefusal(words)) return find.refused(subject);
  return isOwnFault(words) ? find.absent(subject) : find.notSynced(subject);
}

/** How far behind a synced Secret is; undefined when it is as fresh as it is to be. */
function staleness(secret: ExternalSecret, now: Date): Stale | undefined {
  // refreshPolicy is new in External Secrets 0.15; before, and left out, it means Periodic.
  const policy = secret.spec.refreshPolicy ?? 'Periodic';
  const interval = parseDuration(secret.spec.refreshInterval ?? '1h');
  const age = since(secret.status?.refreshTime, now);
  if (policy !== 'Periodic' || interval === undefined || interval === 0 || age === undefined) return undefined;
  const limit = Math.max(missedIntervals * interval, patience);
  return age <= limit ? undefined : { secret, age, interval, limit };
}
