/** Vault: whether it runs, and is unsealed. */
import { leadsTo } from '../../../src/kinds/references.ts';
import { selectedOf, selectionsOf } from '../../../src/kinds/selections.ts';
import { defineCheck, nameOf, refOf, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find, type FoundOutcome } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { isReady, type Pod } from '../../models/pods.ts';
import { deployments, pods, services, statefulSets } from '../../models/reads.ts';
import { isNamed } from '../../models/topology.ts';
import { judgeWorkload, podsOf, replicas, workloadFindings, type Workload } from '../../models/workloads.ts';
import { partNames } from '../../parts.ts';
import { stores, vaultAddresses, type VaultAddress } from './addresses.ts';

const disturbs = 'Nothing: Secrets that were copied stay, and syncing goes on by itself.';

/** A Vault that answers nobody, and the pod that gives away why. */
interface Shut {
  workload: Workload;
  pod: Pod;
}

/** Some of a Vault's pods are shut, while others are not. */
interface Partly extends Shut {
  pods: readonly Pod[];
  shut: readonly Pod[];
}

const vault = ({ pod: { metadata } }: Shut, command: Shell): Shell =>
  sh`kubectl exec -n ${metadata.namespace ?? 'default'} -it ${metadata.name} -- vault ${command}`;

const showStatus = ({ pod }: Shut): readonly Shell[] => [sh`kubectl exec ${place(pod.metadata)} -- vault status`];

const unseal = (subject: Shut) => ({
  title: 'Unseal it: run the command once for each key share of the threshold; it asks for the share.',
  commands: [vault(subject, sh`operator unseal`)],
  disturbs,
});

/** A readiness probe may be told not to mind a seal; then only the pod gives it away. */
function evidenceWith({ workload, pod }: Shut, seen: Omit<Evidence, 'object'>): readonly [Evidence, ...Evidence[]] {
  const { desired, available, path } = replicas(workload);
  const thePod = { object: refOf(pod), ...seen };
  return available > 0 ? [thePod] : [{ object: refOf(workload), path, observed: available, expected: desired }, thePod];
}

const readLog = ({ pod }: Shut) => ({
  title: 'If it is not sealed, read its log: it says why it is not ready.',
  commands: [sh`kubectl logs ${place(pod.metadata)} --tail=50`],
  disturbs,
});

const notReadySeen = {
  path: 'status.containerStatuses[*].ready',
  observed: 'a container that runs and is not ready',
  expected: 'ready: Vault’s readiness probe fails while it is sealed',
};
const notReadyEvidence = (pod: Pod): Evidence => ({ object: refOf(pod), ...notReadySeen });

/** Where pods are labelled, one of them has to be the active one: without a majority of them unsealed, none is [integrated storage]. */
const isServed = ({ pods, shut }: Partly): boolean => {
  const open = pods.filter((pod) => !shut.includes(pod));
  const labels = open.map(({ metadata }) => metadata.labels?.['vault-active']).filter((label) => label !== undefined);
  return labels.length === 0 || labels.includes('true');
};

const countShut = ({ pods, shut }: Partly): string =>
  `${shut.length} of Vault’s ${pods.length} pods ${shut.length === 1 ? 'is' : 'are'}`;

const whatFollows = (subject: Partly): string =>
  isServed(subject)
    ? 'the others answer, and when the active one ends there is one less to take over'
    : 'none of the others is active, so External Secrets cannot read a single credential';

/** What is alike where other pods are unsealed. */
const aboutStandby = {
  outcome: (subject: Partly): FoundOutcome => (isServed(subject) ? 'warned' : 'failed'),
  commands: showStatus,
};

const findings = {
  ...workloadFindings({ name: 'Vault', disturbs }),
  sealed: finding<Shut>({
    headline: 'Vault is sealed',
    means: 'Vault seals itself whenever its pod restarts, and stays so until it is given enough of its key shares.',
    message: ({ pod }) => `Vault is sealed (pod ${nameOf(pod)}), so External Secrets cannot read a single credential.`,
    evidence: (subject) =>
      evidenceWith(subject, { path: 'metadata.labels.vault-sealed', observed: 'true', expected: 'false' }),
    commands: showStatus,
    remedies: (subject) => [unseal(subject)],
  }),
  seemsSealed: finding<Shut>({
    headline: 'Vault seems to be sealed',
    means: 'Vault runs and is not ready. It does not label its pod, so only its readiness probe hints at a seal.',
    message: ({ pod }) =>
      `Vault (pod ${nameOf(pod)}) runs and is not ready: most likely it is sealed, and External Secrets cannot read a single credential.`,
    evidence: (subject) => evidenceWith(subject, notReadySeen),
    commands: showStatus,
    remedies: (subject) => [unseal(subject), readLog(subject)],
  }),
  standbySealed: finding<Partly>({
    headline: 'Pod {pod} of Vault is sealed beside others that are not',
    means:
      'Of several Vaults one is active and the others stand by. Each is unsealed by itself, and one that is sealed cannot take over.',
    ...aboutStandby,
    message: (subject) =>
      `${countShut(subject)} sealed (${subject.shut.map(nameOf).join(', ')}): ${whatFollows(subject)}.`,
    evidence: ({ pod }) => [
      { object: refOf(pod), path: 'metadata.labels.vault-sealed', observed: 'true', expected: 'false' },
    ],
    remedies: (subject) => [unseal(subject)],
  }),
  standbySeemsSealed: finding<Partly>({
    headline: 'Pod {pod} of Vault seems to be sealed beside others',
    means:
      'Of several Vaults one runs and is not ready. It does not label its pod, so only its readiness probe hints at a seal.',
    ...aboutStandby,
    message: (subject) =>
      `${countShut(subject)} running and not ready, most likely sealed (${subject.shut.map(nameOf).join(', ')}): ${whatFollows(subject)}.`,
    evidence: ({ pod }) => [notReadyEvidence(pod)],
    remedies: (subject) => [unseal(subject), readLog(subject)],
  }),
  uninitialized: finding<Shut>({
    headline: 'Vault was never initialized',
    means: 'Vault has neither keys nor contents: it is new, or has lost its storage.',
    message: ({ pod }) =>
      `Vault was never initialized (pod ${nameOf(pod)}), so External Secrets cannot read a single credential.`,
    evidence: (subject) =>
      evidenceWith(subject, { path: 'metadata.labels.vault-initialized', observed: 'false', expected: 'true' }),
    commands: showStatus,
    remedies: (subject) => [
      { title: 'Restore its storage from a backup.', commands: [vault(subject, sh`status`)], disturbs },
      {
        title: 'If it is new, initialize it, and keep the key shares that it prints.',
        commands: [vault(subject, sh`operator init`)],
        disturbs,
      },
    ],
  }),
};

export const ready = defineCheck({
  id: 'vault/ready',
  title: 'Vault is running and unsealed',
  why: 'A sealed Vault answers nobody. Secrets that were copied before stay, so it shows only when one is missing or changes.',
  reads: {
    ...stores,
    statefulSets: plain(statefulSets),
    deployments: plain(deployments),
    services: plain(services),
    pods: raw(pods),
  },
  commands: [
    sh`kubectl get pods -n ${partNames.vault.namespace} -L vault-sealed`,
    sh`kubectl exec -n ${partNames.vault.namespace} vault-0 -- vault status`,
  ],
  findings,
  judge(values, { find }): Judgement | readonly Judgement[] {
    const { statefulSets, deployments, services, pods } = values;
    const workloads = workloadsOf(allOf(statefulSets, deployments), vaultAddresses(values), services);
    if (workloads.length === 0) return skip('Vault does not run in this cluster.', []);
    return workloads.map(
      (workload) =>
        judgeSeal(workload, pods.ok ? podsOf(workload, pods.value) : [], find) ??
        judgeWorkload(workload, pods, find, {}),
    );
  },
});

/** Vault's workloads: those behind the Service that a store names, else by the labels of its chart, or the stack's. */
function workloadsOf(
  all: readonly Workload[],
  addresses: readonly VaultAddress[],
  known: readonly KubeObject<'Service'>[],
): readonly Workload[] {
  const selected = addresses.flatMap(({ service }) => {
    const found = service && known.find((one) => leadsTo(service, one));
    const [selected] = found === undefined ? [] : selectionsOf(found);
    return selected === undefined ? [] : selectedOf(selected, all);
  });
  if (selected.length > 0) return [...new Set(selected)];
  const named = all.filter((one) => isNamed(one, { namespace: partNames.vault.namespace, name: 'vault' }));
  if (named.length > 0) return named;
  return all.filter(
    ({ metadata: { namespace, labels = {} }, kind }) =>
      kind === 'StatefulSet' &&
      namespace === partNames.vault.namespace &&
      ['vault', 'openbao'].includes(labels['app.kubernetes.io/name'] ?? ''),
  );
}

/** Service registration labels a sealed pod; without it, a container that runs and is not ready is most likely sealed. */
function judgeSeal(workload: Workload, pods: readonly Pod[], find: Find<typeof findings>): Judgement | undefined {
  const shut = pods.filter((pod) => saysSealed(pod) || !isReady(pod));
  const [pod] = [...shut.filter(saysSealed), ...shut.filter(mayBeSealed)];
  if (pod === undefined) return undefined;
  if (shut.length < pods.length) {
    const alike = shut.filter(saysSealed(pod) ? saysSealed : mayBeSealed);
    const partly = { workload, pod, pods, shut: alike };
    return saysSealed(pod) ? find.standbySealed(partly) : find.standbySeemsSealed(partly);
  }
  if (pod.metadata.labels?.['vault-initialized'] === 'false') return find.uninitialized({ workload, pod });
  return saysSealed(pod) ? find.sealed({ workload, pod }) : find.seemsSealed({ workload, pod });
}

const saysSealed = (pod: Pod): boolean => pod.metadata.labels?.['vault-sealed'] === 'true';

/** One that labels itself as unsealed is not ready for another reason. */
const mayBeSealed = (pod: Pod): boolean => pod.metadata.labels?.['vault-sealed'] === undefined && runs(pod);

const runs = (pod: Pod): boolean =>
  (pod.status?.containerStatuses ?? []).some(({ ready, state }) => !ready && state?.running != null);
