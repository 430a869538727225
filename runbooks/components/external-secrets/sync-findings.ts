/** What can be the matter with a single ExternalSecret, and who else may be the reason. */
import { spanText } from '../../../src/formats/duration.ts';
import { nameOf, refOf, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Quote } from '../../../src/runbook/finding.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { conditionEvidence } from '../../models/conditions.ts';
import {
  dependantOf,
  manifestOf,
  readyOf,
  storeOf,
  storeRefs,
  targetOf,
  type ExternalSecret,
  type Store,
} from '../../models/external-secrets.ts';
import { partNames } from '../../parts.ts';
import * as vault from '../vault/vault.ts';
import * as controller from './external-secrets.ts';
import { storesAreReady } from './stores-ready.ts';
import { storesExist } from './stores.ts';

/** An ExternalSecret that is not synced, with what was said of it and all stores that there are. */
export interface Unsynced {
  secret: ExternalSecret;
  said: Quote | undefined;
  stores: readonly Store[];
}

/** One that was synced too long ago, in milliseconds. */
export interface Stale {
  secret: ExternalSecret;
  age: number;
  interval: number;
  /** How old it may be. */
  limit: number;
}

const consequence = (secret: ExternalSecret): string => {
  const who = dependantOf(secret);
  const { namespace, name } = targetOf(secret);
  return who === '' ? '' : ` With Secret ${namespace}/${name} ${who}.`;
};

function evidence({ secret, said }: Unsynced): readonly [Evidence, ...Evidence[]] {
  const found = readyOf(secret);
  const condition = conditionEvidence(secret, 'Ready', found, 'True (SecretSynced)');
  if (said === undefined || said.text === found?.message?.trim()) return [condition];
  return [
    condition,
    { object: refOf(secret), path: 'its Event UpdateFailed', observed: 'reported', expected: 'no such Event' },
  ];
}

/** Which of the needs can be the reason: those about the stores that it reads from, and the controller. */
function explainedBy({ secret, stores }: Unsynced): readonly string[] {
  const found = storeRefs(secret).map((reference) => storeOf(reference, stores));
  const isUnready = found.some((store) => store !== undefined && readyOf(store)?.status !== 'True');
  return [
    controller.kindsInstalled.id,
    ...(found.includes(undefined) ? [storesExist.id] : []),
    ...(isUnready ? [storesAreReady.id] : []),
    ...(found.some((store) => store?.spec.provider.vault !== undefined)
      ? [vault.ready.id, vault.isWhereTheStoreLooks.id, storesAreReady.id]
      : []),
  ];
}

/** What is alike in all that are not synced. */
const aboutUnsynced = {
  message: ({ secret }: Unsynced) =>
    `ExternalSecret ${nameOf(secret)} is not synced: ${readyOf(secret)?.reason ?? 'no reason given'}.${consequence(secret)}`,
  quote: ({ said }: Unsynced) => said,
  evidence,
  commands: ({ secret }: Unsynced) => [sh`kubectl describe externalsecret ${place(secret.metadata)}`],
  explainedBy,
};

const disturbs = 'Nothing: a Secret that was copied before stays until it is copied again.';
const vaultCli = sh`kubectl exec -n ${partNames.vault.namespace} -it vault-0 -- vault kv`;
const again = (secret: ExternalSecret): Shell =>
  sh`kubectl annotate externalsecret ${place(secret.metadata)} force-sync=$(date +%s) --overwrite`;

/** The keys that it reads one by one. */
const keysOf = ({ spec }: ExternalSecret): readonly string[] => [
  ...new Set((spec.data ?? []).map(({ remoteRef }) => remoteRef.key)),
];

/** Looks up each key as External Secrets would. */
const readKeys = (secret: ExternalSecret): readonly Shell[] =>
  keysOf(secret).map((key) => sh`${vaultCli} get -mount=secret ${key}`);

/** Looks for each key where it should be. */
const listFolders = (secret: ExternalSecret): readonly Shell[] =>
  [...new Set(keysOf(secret).map((key) => key.replace(/\/?[^/]*$/, '')))].map(
    (folder) => sh`${vaultCli} list -mount=secret ${folder === '' ? '/' : folder}`,
  );

const keysText = (secret: ExternalSecret): string =>
  keysOf(secret).length === 0 ? 'what it reads' : `key ${keysOf(secret).join(', ')}`;

/** What Git has of it is applied again; what Git does not have is edited. */
function correctKeys(secret: ExternalSecret): Remedy {
  const manifest = manifestOf(secret);
  return {
    title:
      manifest === undefined
        ? 'Let it read a key and a property that the store holds.'
        : 'Let it read a key and a property that the store holds: apply it again from Git.',
    commands: [
      ...listFolders(secret),
      manifest === undefined
        ? sh`kubectl edit externalsecret ${place(secret.metadata)}`
        : sh`kubectl apply -f ${manifest}`,
      again(secret),
    ],
    disturbs,
  };
}

export const findings = {
  absent: finding<Unsynced>({
    headline: 'ExternalSecret {secret} reads what its store lacks',
    means: 'The store is well, and holds no such key, or no such property under the key.',
    ...aboutUnsynced,
    remedies: ({ secret }) => [
      correctKeys(secret),
      {
        title: `If it reads the right key, put into the store what is missing there: ${keysText(secret)}.`,
        commands: [...listFolders(secret), again(secret)],
        disturbs,
      },
    ],
  }),
  refused: finding<Unsynced>({
    headline: 'ExternalSecret {secret} is refused by its store',
    means: 'The store lets External Secrets in, and does not let it read this entry: a policy leaves it out.',
    ...aboutUnsynced,
    remedies: ({ secret }) => [
      {
        title: `Give the store’s role a policy that may read ${keysText(secret)}.`,
        commands: [...readKeys(secret), again(secret)],
        disturbs,
      },
    ],
  }),
  notSynced: finding<Unsynced>({
    headline: 'ExternalSecret {secret} is not synced',
    means: 'External Secrets could not copy it, and says neither that the entry is missing nor that it was refused.',
    ...aboutUnsynced,
    remedies: ({ secret }) => [
      {
        title: `Make what it reads agree with what the store holds: ${keysText(secret)}.`,
        commands: [...readKeys(secret), again(secret)],
        disturbs,
      },
    ],
  }),
  stale: finding<Stale>({
    headline: 'ExternalSecret {secret} was not synced lately',
    means:
      'It was copied once, and several refreshes since did not happen. A credential that changes no longer arrives.',
    outcome: 'warned',
    message: ({ secret, age, interval }) =>
      `ExternalSecret ${nameOf(secret)} was last synced ${spanText(age)} ago and is to be every ${spanText(interval)}: a credential that changes in Vault no longer arrives.${consequence(secret)}`,
    evidence: ({ secret, limit }) => [
      {
        object: refOf(secret),
        path: 'status.refreshTime',
        observed: secret.status?.refreshTime,
        expected: `a time within the last ${spanText(limit)}`,
      },
    ],
    remedies: ({ secret }) => [
      {
        title: 'Let External Secrets copy it now.',
        commands: [again(secret)],
        disturbs: 'Nothing: the Secret is replaced only when its content changed.',
      },
      {
        title: 'If nothing happens, read the log of its controller.',
        commands: [
          sh`kubectl logs -n ${partNames.externalSecrets.namespace} deployment/${partNames.externalSecrets.deployment} --tail=200`,
        ],
        disturbs: 'Nothing.',
      },
    ],
  }),
};
