/** The ExternalSecrets: whether each was copied, and lately. */
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  skip,
  warn,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { conditionPath, conditionText } from '../../models/conditions.ts';
import { parseDuration, since, spanText } from '../../../src/formats/duration.ts';
import {
  causeOf,
  dependantOf,
  manifestOf,
  readyOf,
  storeOf,
  storeRefs,
  targetOf,
  type ExternalSecret,
  type Store,
} from '../../models/external-secrets.ts';
import { issuerReads, tokenRefs, type IssuerValues } from '../../models/issuers.ts';
import { clusterSecretStores, externalSecrets, secretStores, warnings } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import * as controller from './external-secrets.ts';
import { storesAreReady, storesExist } from './stores.ts';
import * as vault from '../vault/vault.ts';

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
const reads = {
  externalSecrets: optional(externalSecrets),
  clusterStores: optional(clusterSecretStores),
  namespacedStores: optional(secretStores),
  events: raw(warnings),
  ...issuerReads,
};
const commands = [sh`kubectl get externalsecret -A`, sh`kubectl get events -A --field-selector reason=UpdateFailed`];

export const synced = defineCheck({
  id: 'external-secrets/ingress-secrets-are-synced',
  title: 'The credentials of the ingress are synced, and lately',
  why: 'What is not copied is missing, or old: a rotated token goes on being used until it is refused.',
  needs,
  reads,
  commands,
  judge: (values, { now }) =>
    judgeSecrets(
      values.externalSecrets.filter((secret) => isOfIngress(secret, values)),
      values,
      now,
    ),
});

export const othersSynced = defineCheck({
  id: 'external-secrets/other-secrets-are-synced',
  title: 'Every other ExternalSecret is synced, and lately',
  why: 'The ingress does not need them; their apps do.',
  needs,
  reads,
  commands,
  judge: (values, { now }) =>
    judgeSecrets(
      values.externalSecrets.filter((secret) => !isOfIngress(secret, values)),
      values,
      now,
    ),
});

interface SyncValues {
  clusterStores: readonly Store[];
  namespacedStores: readonly Store[];
  events: Fact<KubeObject<'Event'>[]>;
}

/** Whether the ingress needs what an ExternalSecret writes: by the stack's names, or because an issuer refers to it. */
const isOfIngress = (secret: ExternalSecret, { clusterIssuers, issuers }: IssuerValues): boolean =>
  dependantOf(secret) !== '' ||
  [...clusterIssuers, ...issuers].some(
    (issuer) =>
      tokenRefs(issuer).some(({ name }) => name === targetOf(secret).name) &&
      secret.metadata.namespace === (issuer.metadata.namespace ?? stack.certManager.namespace),
  );

function judgeSecrets(
  secrets: readonly ExternalSecret[],
  { clusterStores, namespacedStores, events }: SyncValues,
  now: Date,
): Judgement | readonly Judgement[] {
  if (secrets.length === 0) return skip('There is no such ExternalSecret.', []);
  const stores = [...clusterStores, ...namespacedStores];
  return secrets.map((secret): Judgement => {
    const found = readyOf(secret);
    if (found === undefined) return skip(`External Secrets has said nothing of ${nameOf(secret)} yet.`);
    if (found.status !== 'True') return notSynced(secret, causeOf(secret, events), stores);
    return staleness(secret, now) ?? pass(`${nameOf(secret)} is synced.`);
  });
}

function notSynced(secret: ExternalSecret, cause: string, stores: readonly Store[]): Judgement {
  const found = readyOf(secret);
  const said = found?.message?.trim() ?? '';
  const words = cause === '' || said.includes(cause) ? said : cause;
  const who = dependantOf(secret);
  const target = targetOf(secret);
  const evidence: readonly [Evidence, ...Evidence[]] = [
    {
      object: refOf(secret),
      path: conditionPath('Ready'),
      observed: conditionText(found),
      expected: 'True (SecretSynced)',
    },
    ...(words === said
      ? []
      : [{ object: refOf(secret), path: 'its Event UpdateFailed', observed: words, expected: 'no such Event' }]),
  ];
  return fail({
    message: `ExternalSecret ${nameOf(secret)} is not synced: ${found?.reason ?? 'no reason given'}.${words === '' ? '' : ` It got: “${words.replace(/\.$/, '')}”.`}${who === '' ? '' : ` With Secret ${target.namespace}/${target.name} ${who}.`}`,
    evidence,
    commands: [sh`kubectl describe externalsecret ${place(secret.metadata)}`],
    remedy: notSyncedRemedy(secret, words),
    explainedBy: explanations(secret, stores),
  });
}

/** An entry that is not there is looked for where it should be; else each is read as External Secrets would. */
function notSyncedRemedy(secret: ExternalSecret, words: string): Remedy {
  const keys = [...new Set((secret.spec.data ?? []).map(({ remoteRef }) => remoteRef.key))];
  const manifest = manifestOf(secret);
  const vaultCli = sh`kubectl exec -n ${stack.vault.namespace} -it vault-0 -- vault kv`;
  const again = sh`kubectl annotate externalsecret ${place(secret.metadata)} force-sync=$(date +%s) --overwrite`;
  const disturbs = 'Nothing: a Secret that was copied before stays until it is copied again.';
  if (manifest !== undefined && /does not exist|cannot find secret data/i.test(words)) {
    const folders = [...new Set(keys.map((key) => key.replace(/\/?[^/]*$/, '')))];
    return {
      title: `Make what it reads agree with what Vault holds: apply it again from Git; if it reads there what Vault does not hold, put that into Vault: key ${keys.join(', ')}.`,
      commands: [
        ...folders.map((folder) => sh`${vaultCli} list -mount=secret ${folder === '' ? '/' : folder}`),
        sh`kubectl apply -f ${manifest}`,
        again,
      ],
      disturbs,
    };
  }
  return {
    title:
      keys.length > 0
        ? `Make what it reads agree with what Vault holds: key ${keys.join(', ')}, its properties, and a policy that may read it.`
        : 'Make what it reads agree with what the store holds.',
    commands: [...keys.map((key) => sh`${vaultCli} get -mount=secret ${key}`), again],
    disturbs,
  };
}

/** Which of the needs can be the reason: those about the stores that it reads from, and the controller. */
function explanations(secret: ExternalSecret, all: readonly Store[]): readonly string[] {
  const refs = storeRefs(secret);
  const found = refs.map((ref) => storeOf(ref, secret, all));
  const isUnready = found.some((store) => store !== undefined && readsTrouble(store));
  return [
    controller.kindsInstalled.id,
    ...(found.includes(undefined) ? [storesExist.id] : []),
    ...(isUnready ? [storesAreReady.id] : []),
    ...(found.some((store) => store?.spec.provider.vault !== undefined)
      ? [vault.ready.id, vault.isWhereTheStoreLooks.id, storesAreReady.id]
      : []),
  ];
}

const readsTrouble = (store: Store): boolean => readyOf(store)?.status !== 'True';

/** How far behind a synced Secret is; undefined when it is as fresh as it is to be. */
function staleness(secret: ExternalSecret, now: Date): Judgement | undefined {
  // refreshPolicy is new in External Secrets 0.15; before, and left out, it means Periodic.
  const policy = secret.spec.refreshPolicy ?? 'Periodic';
  const interval = parseDuration(secret.spec.refreshInterval ?? '1h');
  const refreshed = secret.status?.refreshTime;
  const age = since(refreshed, now);
  if (policy !== 'Periodic' || interval === undefined || interval === 0 || age === undefined) return undefined;
  if (age <= Math.max(missedIntervals * interval, patience)) return undefined;
  const who = dependantOf(secret);
  const target = targetOf(secret);
  return warn({
    message: `ExternalSecret ${nameOf(secret)} was last synced ${spanText(age)} ago and is to be every ${spanText(interval)}: a credential that changes in Vault no longer arrives.${who === '' ? '' : ` With Secret ${target.namespace}/${target.name} ${who}.`}`,
    evidence: [
      {
        object: refOf(secret),
        path: 'status.refreshTime',
        observed: refreshed,
        expected: `a time within the last ${spanText(Math.max(missedIntervals * interval, patience))}`,
      },
    ],
    remedy: {
      title: 'Let External Secrets copy it now; if nothing happens, its controller does not work: read its log.',
      commands: [
        sh`kubectl annotate externalsecret ${place(secret.metadata)} force-sync=$(date +%s) --overwrite`,
        sh`kubectl logs -n ${stack.externalSecrets.namespace} deployment/${stack.externalSecrets.deployment} --tail=200`,
      ],
      disturbs: 'Nothing: the Secret is replaced only when its content changed.',
    },
  });
}
