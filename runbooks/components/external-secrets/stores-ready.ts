/** The stores of External Secrets: whether it can use those that are read from. */
import { referrers } from '../../../src/kinds/references.ts';
import {
  defineCheck,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import { finding, type Find, type Quote } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { raw } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { conditionEvidence, conditionText, type Condition } from '../../models/conditions.ts';
import { causeOf, readyOf, saidOf, storeRefs, type ExternalSecret, type Store } from '../../models/external-secrets.ts';
import { warnings } from '../../models/reads.ts';
import { partNames } from '../../parts.ts';
import * as vault from '../vault/vault.ts';
import * as controller from './external-secrets.ts';
import { reachesVault } from './policies.ts';
import { reads, showStores, storeName } from './stores.ts';
import { isOwnFault, isRefusal } from './words.ts';

type Events = Fact<KubeObject<'Event'>[]>;

/** A store with what its ExternalSecrets say of it. */
interface Used {
  store: Store;
  secrets: readonly ExternalSecret[];
  failing: readonly ExternalSecret[];
  /** Each is copied at its own time: those that were copied before the first failed have not been tried since. */
  untried: readonly ExternalSecret[];
  /** What the failing ones were told. */
  told: readonly string[];
  said: Quote | undefined;
}

function explainedBy({ store }: { store: Store }): readonly string[] {
  const isVault = store.spec.provider.vault !== undefined;
  return [
    controller.kindsInstalled.id,
    controller.ready.id,
    ...(isVault ? [vault.ready.id, vault.isWhereTheStoreLooks.id, reachesVault.id] : []),
  ];
}

const sentence = ({ store, failing, untried }: Used): string =>
  `${storeName(store)} says that it is ${readyOf(store)?.reason ?? 'there'}, and yet ${untried.length > 0 ? 'the last' : 'all'} ${failing.length} ExternalSecrets of it fail`;

const failingEvidence = ({ store, secrets, failing }: Used): readonly [Evidence, ...Evidence[]] => [
  {
    object: refOf(store),
    path: 'the ExternalSecrets that read from it',
    observed: `${failing.length} of ${secrets.length} fail, although ${conditionText(readyOf(store))}`,
    expected: 'synced',
  },
  ...failing.map((secret) => conditionEvidence(secret, 'Ready', readyOf(secret), 'True (SecretSynced)')),
];

const disturbs = 'Nothing: Secrets that were copied stay.';
const placeOf = ({ kind, metadata }: Store): Shell => sh`${kind.toLowerCase()} ${place(metadata)}`;
const show = (store: Store): Shell => sh`kubectl get ${placeOf(store)} -o jsonpath='{.spec.provider}'`;
const again = (store: Store): Shell => sh`kubectl annotate ${placeOf(store)} force-sync=$(date +%s) --overwrite`;

/** The way to let External Secrets in, by what the store signs in with. */
function letIn(store: Store): Remedy {
  const { tokenSecretRef, kubernetes } = store.spec.provider.vault?.auth ?? {};
  if (tokenSecretRef !== undefined) {
    const title = 'Make a new token in Vault, and put it into the Secret that the store’s tokenSecretRef names.';
    return { title, commands: [show(store), again(store)], disturbs };
  }
  return kubernetes === undefined
    ? { title: 'Correct the credentials of the store.', commands: [show(store), again(store)], disturbs }
    : bindRole(store, kubernetes);
}

type KubernetesAuth = NonNullable<NonNullable<NonNullable<Store['spec']['provider']['vault']>['auth']>['kubernetes']>;

function bindRole(store: Store, { role, mountPath, serviceAccountRef: account }: KubernetesAuth): Remedy {
  const name = account?.name ?? partNames.externalSecrets.deployment;
  const namespace = account?.namespace ?? partNames.externalSecrets.namespace;
  const path = `auth/${mountPath}/role/${role}`;
  const vaultCli = sh`kubectl exec -n ${partNames.vault.namespace} vault-0 -- vault`;
  return {
    title:
      'Bind the store’s role in Vault to its ServiceAccount and to a policy that reads its paths, here called like the role.',
    commands: [
      show(store),
      sh`${vaultCli} read ${path}`,
      sh`${vaultCli} write ${path} bound_service_account_names=${name} bound_service_account_namespaces=${namespace} token_policies=${role}`,
      again(store),
    ],
    disturbs,
  };
}

/** For words that are not about a login. */
const correctAddress = (store: Store): Remedy => ({
  title: 'If it does not get as far as signing in, correct the address or the path in the store.',
  commands: [show(store), sh`kubectl edit ${placeOf(store)}`],
  disturbs,
});

const findings = {
  unusable: finding<{ store: Store; found: Condition; said: Quote | undefined }>({
    headline: 'External Secrets cannot use store {store}',
    means:
      'External Secrets tried the store and failed: its address, path or credentials are not those of the provider.',
    message: ({ store, found }) => `${storeName(store)} cannot be used: ${found.reason ?? 'no reason given'}.`,
    quote: ({ said }) => said,
    evidence: ({ store, found }) => [conditionEvidence(store, 'Ready', found, 'True (Valid)')],
    remedies: ({ store }) => [letIn(store), correctAddress(store)],
    explainedBy,
  }),
  refused: finding<Used>({
    headline: 'Every read from store {store} is refused',
    means: 'Signing in may work: the role or token that the store signs in with may not read there, or has expired.',
    message: (subject) => `${sentence(subject)}: they are refused.`,
    quote: ({ said }) => said,
    evidence: failingEvidence,
    remedies: ({ store }) => [letIn(store)],
    explainedBy,
  }),
  failing: finding<Used>({
    headline: 'Every ExternalSecret of store {store} fails',
    means: 'Nothing can be read through the store, whatever it says of itself.',
    message: (subject) => `${sentence(subject)}.`,
    quote: ({ said }) => said,
    evidence: failingEvidence,
    remedies: ({ store }) => [letIn(store), correctAddress(store)],
    explainedBy,
  }),
};

export const storesAreReady = defineCheck({
  id: 'external-secrets/stores-are-ready',
  title: 'External Secrets can use every store that is read from',
  why: 'A store that does not let External Secrets in fails every ExternalSecret of it; one that says Valid may hold an expired token all the same.',
  needs: [controller.kindsInstalled, controller.ready, vault.ready, vault.isWhereTheStoreLooks, reachesVault],
  reads: { ...reads, events: raw(warnings) },
  commands: [showStores, sh`kubectl describe clustersecretstore ${partNames.externalSecrets.store}`],
  findings,
  judge({ externalSecrets, clusterStores, namespacedStores, events }, { find }): Judgement | readonly Judgement[] {
    const readersOf = referrers(externalSecrets, storeRefs);
    const used = allOf(clusterStores, namespacedStores)
      .map((store) => ({ store, secrets: [...new Set(readersOf(store).map(({ by }) => by))] }))
      .filter(({ secrets }) => secrets.length > 0);
    if (used.length === 0) return skip('No ExternalSecret reads from a store that exists.');
    return used.map(({ store, secrets }) => judgeStore(store, secrets, events, find));
  },
});

function judgeStore(
  store: Store,
  secrets: readonly ExternalSecret[],
  events: Events,
  find: Find<typeof findings>,
): Judgement {
  const found = readyOf(store);
  if (found?.status === 'False') return find.unusable({ store, found, said: saidOf(store, events) });
  const used = usedBy(store, secrets, events);
  if (isAtFault(used)) return used.told.every(isRefusal) ? find.refused(used) : find.failing(used);
  return found === undefined
    ? skip(`External Secrets has not validated ${storeName(store)} yet.`)
    : pass(`${storeName(store)} is ${found.reason ?? 'ready'}.`);
}

function usedBy(store: Store, secrets: readonly ExternalSecret[], events: Events): Used {
  const failing = secrets.filter((secret) => readyOf(secret)?.status === 'False');
  const firstFailure = failing.map((secret) => readyOf(secret)?.lastTransitionTime ?? '').sort()[0] ?? '';
  return {
    ...{ store, secrets, failing },
    untried: secrets.filter(
      (secret) => !failing.includes(secret) && (secret.status?.refreshTime ?? '~') < firstFailure,
    ),
    told: failing.map((secret) => `${readyOf(secret)?.message ?? ''} ${causeOf(secret, events)}`),
    said: failing[0] && saidOf(failing[0], events),
  };
}

/** What several of its ExternalSecrets fail of is the store's, unless it is said of each entry alone. */
function isAtFault({ secrets, failing, untried, told }: Used): boolean {
  if (failing.length < 2) return false;
  return failing.length === secrets.length
    ? told.every(isRefusal) || !told.some(isOwnFault)
    : failing.length + untried.length === secrets.length && told.every(isRefusal);
}
