/** The stores of External Secrets: which ones the ExternalSecrets name, and whether they exist. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { optional } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { storeOf, storeRefs, type ExternalSecret, type Store, type StoreRef } from '../../models/external-secrets.ts';
import { setField } from '../../models/patches.ts';
import { clusterSecretStores, externalSecrets, secretStores } from '../../models/reads.ts';
import { stack } from '#stack';
import * as controller from './external-secrets.ts';

export const reads = {
  externalSecrets: optional(externalSecrets),
  clusterStores: optional(clusterSecretStores),
  namespacedStores: optional(secretStores),
};

export const showStores = sh`kubectl get clustersecretstore,secretstore -A`;

export const storeName = ({ kind, metadata }: Store): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** An ExternalSecret that names a store which does not exist. */
interface Lost {
  secret: ExternalSecret;
  ref: StoreRef;
}

/** One of which it can be told what it means. */
interface Misled extends Lost {
  meant: Store;
}

/** A store that is gone, with all that read from it. */
interface Gone {
  name: string;
  lost: readonly Lost[];
  stores: readonly Store[];
}

const inSecret = ({ secret, ref }: Lost, field: 'kind' | 'name', expected: string): Evidence => ({
  object: refOf(secret),
  path: `${ref.path}.${field}`,
  observed: ref[field],
  expected,
});

const sentence = ({ secret, ref }: Lost, hint: string): string =>
  `ExternalSecret ${nameOf(secret)} names ${ref.kind} ${ref.name}, which does not exist${hint}.`;

/** Who reads from a store, each once however many of its entries do. */
function readersOf(lost: readonly Lost[]): string {
  const [first, ...others] = new Set(lost.map(({ secret }) => nameOf(secret)));
  return others.length === 0 ? `ExternalSecret ${first ?? ''} reads` : `${others.length + 1} ExternalSecrets read`;
}

const copiesAtOnce = 'Nothing: External Secrets copies at once.';

/** Where there is one other store for the whole cluster, that one is what became of the store. */
function useRenamed({ lost, stores }: Gone): readonly Remedy[] {
  const [meant, ...others] = stores.filter(({ kind }) => kind === 'ClusterSecretStore');
  if (meant === undefined || others.length > 0) return [];
  return [
    {
      title: `If it was renamed, let the ExternalSecrets name ${storeName(meant)}.`,
      commands: lost.flatMap(({ secret, ref }) => setField(secret, `${ref.path}.name`, meant.metadata.name).commands),
      disturbs: copiesAtOnce,
    },
  ];
}

const findings = {
  missing: finding<Gone>({
    headline: 'ClusterSecretStore {name} does not exist',
    means: 'All that read from the store read nothing: it was deleted, or has another name now.',
    message: ({ name, lost, stores }) => {
      const there = stores.map(storeName).join(', ');
      return `ClusterSecretStore ${name} does not exist${there === '' ? '' : ` (there is ${there})`}, and ${readersOf(lost)} from it.`;
    },
    evidence: (subject) => [
      {
        object: refTo('ClusterSecretStore', { name: subject.name }),
        path: 'metadata.name',
        observed: 'not found',
        expected: 'exists',
      },
      ...subject.lost.map((one) => inSecret(one, 'name', 'a store that exists')),
    ],
    remedies: (subject) => [
      {
        title: 'Create the store again from Git.',
        commands: [sh`kubectl apply -f infrastructure/external-secrets/clustersecretstore.yaml`],
        disturbs: copiesAtOnce,
      },
      ...useRenamed(subject),
    ],
  }),
  wrongKind: finding<Misled>({
    headline: 'ExternalSecret {secret} gives its store a wrong kind',
    means:
      'There is a store of the name, of the other kind. Without a kind a SecretStore of the own namespace is meant.',
    message: (subject) => sentence(subject, `; there is ${storeName(subject.meant)}`),
    evidence: (subject) => [inSecret(subject, 'kind', subject.meant.kind)],
    remedies: ({ secret, ref, meant }) => [
      {
        title: `Let it say that the store is a ${meant.kind}.`,
        ...setField(secret, `${ref.path}.kind`, meant.kind),
        disturbs: copiesAtOnce,
      },
    ],
  }),
  misnamed: finding<Misled>({
    headline: 'ExternalSecret {secret} misnames its store',
    means: 'No store that it may read from has the name, and there is one that it most likely means.',
    message: (subject) => sentence(subject, `; there is ${storeName(subject.meant)}`),
    evidence: (subject) => [inSecret(subject, 'name', subject.meant.metadata.name)],
    remedies: ({ secret, ref, meant }) => [
      {
        title: `Let it name ${storeName(meant)}.`,
        ...setField(secret, ref.path, { kind: meant.kind, name: meant.metadata.name }),
        disturbs: copiesAtOnce,
      },
    ],
  }),
  unknownStore: finding<Lost & { near: readonly Store[] }>({
    headline: 'ExternalSecret {secret} names a store that does not exist',
    means: 'No store that it may read from has the name, nor one that is like it.',
    message: (subject) => {
      const there = subject.near.map(storeName).join(', ');
      return sentence(subject, there === '' ? '' : `; there is ${there}`);
    },
    evidence: (subject) => [
      inSecret(subject, 'name', `${subject.ref.kind} ${subject.ref.name}, or another store that exists`),
    ],
    remedies: ({ secret }) => [
      {
        title: 'Let it name a store that exists.',
        commands: [showStores, sh`kubectl edit externalsecret ${place(secret.metadata)}`],
        disturbs: copiesAtOnce,
      },
    ],
  }),
};

export const storesExist = defineCheck({
  id: 'external-secrets/stores-exist',
  title: 'Every ExternalSecret names a store that exists',
  why: 'An ExternalSecret whose store does not exist reads nothing; without a kind it means a SecretStore of its own namespace.',
  needs: [controller.kindsInstalled],
  reads,
  commands: [
    showStores,
    sh`kubectl get externalsecret -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,KIND:.spec.secretStoreRef.kind,STORE:.spec.secretStoreRef.name`,
  ],
  findings,
  judge({ externalSecrets, clusterStores, namespacedStores }, { find }): Judgement | readonly Judgement[] {
    if (externalSecrets.length === 0) return skip('There is no ExternalSecret that could name a store.');
    const stores = [...clusterStores, ...namespacedStores];
    const lost = externalSecrets.flatMap((secret) => lostOf(secret, stores));
    if (lost.length === 0) return pass('Every ExternalSecret names a store that exists.');
    const anyReads = externalSecrets.some((secret) => storeRefs(secret).some((ref) => storeOf(ref, secret, stores)));
    const name = anyReads ? undefined : commonStore(lost);
    return name === undefined ? lost.map((one) => judgeLost(one, stores, find)) : find.missing({ name, lost, stores });
  },
});

const lostOf = (secret: ExternalSecret, stores: readonly Store[]): readonly Lost[] =>
  storeRefs(secret)
    .filter((ref) => storeOf(ref, secret, stores) === undefined)
    .map((ref) => ({ secret, ref }));

/** One name that all of them miss is a store that is gone; else the references are at fault, each its own. */
function commonStore(lost: readonly Lost[]): string | undefined {
  const [name, ...others] = new Set(lost.map(({ ref }) => ref.name));
  const isShared = others.length === 0 && lost.every(({ ref }) => ref.kind === 'ClusterSecretStore');
  return isShared && (lost.length > 1 || name === stack.externalSecrets.store) ? name : undefined;
}

function judgeLost(lost: Lost, stores: readonly Store[], find: Find<typeof findings>): Judgement {
  const { secret, ref } = lost;
  const near = stores.filter(
    ({ kind, metadata }) => kind === 'ClusterSecretStore' || metadata.namespace === secret.metadata.namespace,
  );
  const meant = meantBy(ref, near);
  if (meant === undefined) return find.unknownStore({ ...lost, near });
  return meant.metadata.name === ref.name ? find.wrongKind({ ...lost, meant }) : find.misnamed({ ...lost, meant });
}

/** The store of the name but for its kind, else one whose name differs by a typo, or the only one there is. */
function meantBy({ name }: StoreRef, near: readonly Store[]): Store | undefined {
  const named = (wanted: string | undefined) => near.find(({ metadata }) => metadata.name === wanted);
  const typo = likeliest(
    name,
    near.map(({ metadata }) => metadata.name),
  );
  return named(name) ?? named(typo) ?? (near.length === 1 ? near[0] : undefined);
}
