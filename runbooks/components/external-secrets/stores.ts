/** The stores of External Secrets: which exist, and whether External Secrets can use them. */
import { defineCheck, fail, pass, refOf, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import { optional, raw } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { conditionPath, conditionText, inItsWords } from '../../models/conditions.ts';
import {
  causeOf,
  readyOf,
  storeOf,
  storeRefs,
  usesStore,
  type ExternalSecret,
  type Store,
} from '../../models/external-secrets.ts';
import { mergePatch } from '../../models/patches.ts';
import { clusterSecretStores, externalSecrets, secretStores, warnings } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import * as controller from './external-secrets.ts';
import * as vault from '../vault/vault.ts';

const reads = {
  externalSecrets: optional(externalSecrets),
  clusterStores: optional(clusterSecretStores),
  namespacedStores: optional(secretStores),
};

const secretName = ({ metadata }: ExternalSecret): string => `${metadata.namespace ?? ''}/${metadata.name}`;
export const storeName = ({ kind, metadata }: Store): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
const applyStore = sh`kubectl apply -f infrastructure/external-secrets/clustersecretstore.yaml`;

export const storesExist = defineCheck({
  id: 'external-secrets/stores-exist',
  title: 'Every ExternalSecret names a store that exists',
  why: 'An ExternalSecret whose store does not exist reads nothing; without a kind it means a SecretStore of its own namespace.',
  needs: [controller.kindsInstalled],
  reads,
  commands: [
    sh`kubectl get clustersecretstore,secretstore -A`,
    sh`kubectl get externalsecret -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,KIND:.spec.secretStoreRef.kind,STORE:.spec.secretStoreRef.name`,
  ],
  judge({ externalSecrets, clusterStores, namespacedStores }): Judgement | readonly Judgement[] {
    if (externalSecrets.length === 0) return skip('There is no ExternalSecret that could name a store.');
    const stores = [...clusterStores, ...namespacedStores];
    const lost = externalSecrets.flatMap((secret) =>
      storeRefs(secret)
        .filter((ref) => storeOf(ref, secret, stores) === undefined)
        .map((ref) => ({ secret, ref })),
    );
    if (lost.length === 0) return pass('Every ExternalSecret names a store that exists.');
    const [first] = lost;
    const isShared = lost.every(({ ref }) => ref.kind === first?.ref.kind && ref.name === first.ref.name);
    const finds = externalSecrets.some((secret) => storeRefs(secret).some((ref) => storeOf(ref, secret, stores)));
    const isStacks = first?.ref.kind === 'ClusterSecretStore' && first.ref.name === stack.externalSecrets.store;
    // One name that all of them miss is a store that is gone; else the references are at fault, each its own.
    if (
      first !== undefined &&
      isShared &&
      !finds &&
      first.ref.kind === 'ClusterSecretStore' &&
      (isStacks || lost.length > 1)
    ) {
      const there = stores.map(storeName).join(', ');
      return fail({
        message: `ClusterSecretStore ${first.ref.name} does not exist${there === '' ? '' : ` (there is ${there})`}, and ${lost.length === 1 ? `ExternalSecret ${secretName(first.secret)} reads` : `${lost.length} ExternalSecrets read`} from it.`,
        evidence: [
          {
            object: refTo('ClusterSecretStore', first.ref),
            path: 'metadata.name',
            observed: 'not found',
            expected: 'exists',
          },
          ...lost.map(({ secret, ref }) => ({
            object: refOf(secret),
            path: `${ref.path}.name`,
            observed: ref.name,
            expected: 'a store that exists',
          })),
        ],
        remedy: {
          title: 'Create the store again from Git; if it was renamed, let the ExternalSecrets name the new one.',
          commands: [applyStore],
          disturbs: 'Nothing: External Secrets copies again at once.',
        },
      });
    }
    return lost.map(({ secret, ref }): Judgement => {
      const near = stores.filter(
        ({ kind, metadata }) => kind === 'ClusterSecretStore' || metadata.namespace === secret.metadata.namespace,
      );
      const meant = near.find(({ metadata }) => metadata.name === ref.name) ?? near[0];
      const isKind = meant?.metadata.name === ref.name;
      return fail({
        message: `ExternalSecret ${secretName(secret)} names ${ref.kind} ${ref.name}, which does not exist${meant === undefined ? '' : `; there is ${storeName(meant)}`}.`,
        evidence: [
          {
            object: refOf(secret),
            path: `${ref.path}.${isKind ? 'kind' : 'name'}`,
            observed: isKind ? ref.kind : ref.name,
            expected: isKind
              ? meant.kind
              : (meant?.metadata.name ?? `${ref.kind} ${ref.name}, or another store that exists`),
          },
        ],
        remedy: {
          title:
            'Let it name a store that exists, kind included: without one it means a SecretStore of its own namespace.',
          commands: [
            meant !== undefined && ref.path === 'spec.secretStoreRef'
              ? mergePatch('externalsecret', secret.metadata, {
                  spec: { secretStoreRef: { kind: meant.kind, name: meant.metadata.name } },
                })
              : sh`kubectl edit externalsecret ${place(secret.metadata)}`,
          ],
          disturbs: 'Nothing: External Secrets copies at once.',
        },
      });
    });
  },
});

/** What Vault and others say to a caller that they do not let in. */
const isRefusal = (text: string): boolean =>
  /\b40[13]\b|permission denied|invalid token|unauthori[sz]ed|forbidden|expired/i.test(text);
/** What they say of one entry alone; however many ExternalSecrets get it, each has its own to mend. */
const isOwnFault = (text: string): boolean =>
  /not exist|not found|no such|cannot find secret|could not find|property|no value|\b404\b/i.test(text);

export const storesAreReady = defineCheck({
  id: 'external-secrets/stores-are-ready',
  title: 'External Secrets can use every store that is read from',
  why: 'A store that does not let External Secrets in fails every ExternalSecret of it; one that says Valid may hold an expired token all the same.',
  needs: [controller.kindsInstalled, controller.ready, vault.ready, vault.isWhereTheStoreLooks],
  reads: { ...reads, events: raw(warnings) },
  commands: [
    sh`kubectl get clustersecretstore,secretstore -A`,
    sh`kubectl describe clustersecretstore ${stack.externalSecrets.store}`,
  ],
  judge({ externalSecrets, clusterStores, namespacedStores, events }): Judgement | readonly Judgement[] {
    const used = [...clusterStores, ...namespacedStores].filter((store) =>
      externalSecrets.some((secret) => usesStore(secret, store)),
    );
    if (used.length === 0) return skip('No ExternalSecret reads from a store that exists.');
    return used.map((store): Judgement => {
      const found = readyOf(store);
      const isVault = store.spec.provider.vault !== undefined;
      const explainedBy = [
        controller.kindsInstalled.id,
        controller.ready.id,
        ...(isVault ? [vault.ready.id, vault.isWhereTheStoreLooks.id] : []),
      ];
      if (found?.status === 'False') {
        const cause = causeOf(store, events);
        const more = cause === '' || found.message?.includes(cause) ? '' : ` Its Event: “${cause.replace(/\.$/, '')}”.`;
        return fail({
          message: `${storeName(store)} cannot be used: ${found.reason ?? 'no reason given'}.${inItsWords(found)}${more}`,
          evidence: [
            {
              object: refOf(store),
              path: conditionPath('Ready'),
              observed: conditionText(found),
              expected: 'True (Valid)',
            },
          ],
          remedy: storeRemedy(store),
          explainedBy,
        });
      }
      const secrets = externalSecrets.filter((secret) => usesStore(secret, store));
      const failing = secrets.filter((secret) => readyOf(secret)?.status === 'False');
      const told = failing.map((secret) => `${readyOf(secret)?.message ?? ''} ${causeOf(secret, events)}`);
      // Each is copied at its own time: those that were copied before the first failed have not been tried since.
      const firstFailure = failing.map((secret) => readyOf(secret)?.lastTransitionTime ?? '').sort()[0] ?? '';
      const untried = secrets.filter(
        (secret) => !failing.includes(secret) && (secret.status?.refreshTime ?? '~') < firstFailure,
      );
      const isCommon =
        failing.length > 1 &&
        (failing.length === secrets.length
          ? told.every(isRefusal) || !told.some(isOwnFault)
          : failing.length + untried.length === secrets.length && told.every(isRefusal));
      const [first] = failing;
      if (isCommon && first !== undefined) {
        const cause = causeOf(first, events) || (readyOf(first)?.message ?? '');
        return fail({
          message: `${storeName(store)} says that it is ${found?.reason ?? 'there'}, and yet ${untried.length > 0 ? 'the last' : 'all'} ${failing.length} ExternalSecrets of it fail${told.every(isRefusal) ? ': they are refused' : ''}.${cause === '' ? '' : ` The last one got: “${cause.replace(/\.$/, '')}”.`}`,
          evidence: [
            {
              object: refOf(store),
              path: 'the ExternalSecrets that read from it',
              observed: `${failing.length} of ${secrets.length} fail, although ${conditionText(found)}`,
              expected: 'synced',
            },
            ...failing.map((secret) => ({
              object: refOf(secret),
              path: conditionPath('Ready'),
              observed: conditionText(readyOf(secret)),
              expected: 'True (SecretSynced)',
            })),
          ],
          remedy: storeRemedy(store),
          explainedBy,
        });
      }
      return found === undefined
        ? skip(`External Secrets has not validated ${storeName(store)} yet.`)
        : pass(`${storeName(store)} is ${found.reason ?? 'ready'}.`);
    });
  },
});

function storeRemedy(store: Store): { title: string; commands: readonly Shell[]; disturbs: string } {
  const where = sh`${store.kind.toLowerCase()} ${place(store.metadata)}`;
  const auth = store.spec.provider.vault?.auth;
  const rolePath = `auth/${auth?.kubernetes?.mountPath ?? 'kubernetes'}/role/${auth?.kubernetes?.role ?? ''}`;
  const account = auth?.kubernetes?.serviceAccountRef ?? { name: stack.externalSecrets.deployment };
  const title =
    auth?.tokenSecretRef !== undefined
      ? 'Vault does not take the store’s token any more: make a new one and put it into the Secret that spec.provider.vault.auth.tokenSecretRef names.'
      : auth?.kubernetes !== undefined
        ? 'Let Vault’s Kubernetes auth role allow the ServiceAccount of the store, with a policy that reads its paths; the command takes it to have the role’s name.'
        : 'Correct what the message names: address, path or credentials of the store.';
  return {
    title,
    commands: [
      sh`kubectl get ${where} -o jsonpath='{.spec.provider}'`,
      ...(auth?.kubernetes !== undefined
        ? [
            sh`kubectl exec -n ${stack.vault.namespace} vault-0 -- vault read ${rolePath}`,
            sh`kubectl exec -n ${stack.vault.namespace} vault-0 -- vault write ${rolePath} bound_service_account_names=${account.name} bound_service_account_namespaces=${account.namespace ?? stack.externalSecrets.namespace} token_policies=${auth.kubernetes.role}`,
          ]
        : []),
      sh`kubectl annotate ${where} force-sync=$(date +%s) --overwrite`,
    ],
    disturbs: 'Nothing: Secrets that were copied stay.',
  };
}
