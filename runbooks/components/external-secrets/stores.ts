/** The stores of External Secrets: which ones the ExternalSecrets name, and whether they exist. */
import { pathOf } from '../../../src/kinds/violation.ts';
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { optional } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { astray, astrayFindings, nameMeant, type Astray } from '../../models/astray.ts';
import { storeOf, storeRefs, type ExternalSecret, type Store } from '../../models/external-secrets.ts';
import { clusterSecretStores, externalSecrets, secretStores } from '../../models/reads.ts';
import { leadOf, meantBy, withinReach, type Lead } from '../../models/references.ts';
import { partNames } from '../../parts.ts';
import * as controller from './external-secrets.ts';

export const reads = {
  externalSecrets: optional(externalSecrets),
  clusterStores: optional(clusterSecretStores),
  namespacedStores: optional(secretStores),
};

export const showStores = sh`kubectl get clustersecretstore,secretstore -A`;

export const storeName = ({ kind, metadata }: Store): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** A store that is gone, with all that read from it. */
interface Gone {
  name: string;
  lost: readonly Astray[];
  stores: readonly Store[];
}

/** Who reads from a store, each once however many of its entries do. */
function readersOf(lost: readonly Astray[]): string {
  const [first, ...others] = new Set(lost.map(({ by }) => nameOf(by)));
  return others.length === 0 ? `ExternalSecret ${first ?? ''} reads` : `${others.length + 1} ExternalSecrets read`;
}

const copiesAtOnce = 'Nothing: External Secrets copies at once.';

const naming = astrayFindings({ verb: 'names', disturbs: copiesAtOnce });

/** Where there is one other store for the whole cluster, that one is what became of the store. */
function useRenamed({ lost, stores }: Gone): readonly Remedy[] {
  const [meant, ...others] = stores.filter(({ kind }) => kind === 'ClusterSecretStore');
  if (meant === undefined || others.length > 0) return [];
  return [
    {
      title: `If it was renamed, let the ExternalSecrets name ${storeName(meant)}.`,
      commands: lost.flatMap((one) => nameMeant({ ...one, meant }).commands),
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
      ...subject.lost.map(({ by, reference }) => ({
        object: refOf(by),
        path: pathOf(reference.path),
        observed: reference.name,
        expected: 'a store that exists',
      })),
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
  wrongKind: naming.otherKind({
    headline: 'ExternalSecret {by} gives its store a wrong kind',
    means:
      'There is a store of the name, of the other kind. Without a kind a SecretStore of the own namespace is meant.',
  }),
  misnamed: naming.otherName({
    headline: 'ExternalSecret {by} misnames its store',
    means: 'No store that it may read from has the name, and there is one that it most likely means.',
  }),
  unknownStore: naming.unknownName({
    headline: 'ExternalSecret {by} names a store that does not exist',
    means: 'No store that it may read from has the name, nor one that is like it.',
    remedies: ({ by }) => [
      {
        title: 'Let it name a store that exists.',
        commands: [showStores, sh`kubectl edit externalsecret ${place(by.metadata)}`],
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
    const stores = allOf(clusterStores, namespacedStores);
    const lost = externalSecrets.flatMap((secret) => lostOf(secret, stores));
    if (lost.length === 0) return pass('Every ExternalSecret names a store that exists.');
    const anyReads = externalSecrets.some((secret) => storeRefs(secret).some((one) => storeOf(one, stores)));
    const name = anyReads ? undefined : commonStore(lost);
    return name === undefined ? lost.map((one) => judgeLost(one, find)) : find.missing({ name, lost, stores });
  },
});

/** A reference to a store that does not exist, and where it leads instead. */
type Lost = Astray & { lead: Lead<Store> };

const lostOf = (secret: ExternalSecret, stores: readonly Store[]): readonly Lost[] =>
  storeRefs(secret).flatMap((reference) => {
    const near = withinReach(secret, reference.relation, stores);
    const lead = leadOf(reference, { takes: ['SecretStore', 'ClusterSecretStore'], there: near, spare: near });
    return lead.to === 'object' ? [] : [astray(secret, reference, near, { lead })];
  });

/** One name that all of them miss is a store that is gone; else the references are at fault, each its own. */
function commonStore(lost: readonly Astray[]): string | undefined {
  const [name, ...others] = new Set(lost.map(({ reference }) => reference.name));
  const isShared = others.length === 0 && lost.every(({ reference }) => reference.kind === 'ClusterSecretStore');
  return isShared && (lost.length > 1 || name === partNames.externalSecrets.store) ? name : undefined;
}

function judgeLost({ lead, ...subject }: Lost, find: Find<typeof findings>): Judgement {
  const meant = meantBy(lead);
  if (meant === undefined) return find.unknownStore(subject);
  return lead.to === 'otherKind' ? find.wrongKind({ ...subject, meant }) : find.misnamed({ ...subject, meant });
}
