/** Vault: holds the credentials that External Secrets copies. [Vault 1.20, Helm chart 0.31; OpenBao alike] */
import { serviceSelects } from '../../../src/formats/label-selector.ts';
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import {
  clusterSecretStores,
  deployments,
  endpointSlices,
  pods,
  secretStores,
  services,
  statefulSets,
} from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed } from '../../models/topology.ts';
import { isReady } from '../../models/pods.ts';
import { judgeWorkload, podsOf, replicas, workloadFindings, type Workload } from '../../models/workloads.ts';

export type Store = KubeObject<'ClusterSecretStore'> | KubeObject<'SecretStore'>;

/** A store's address of Vault, taken apart where it names a Service of this cluster. */
interface VaultAddress {
  store: Store;
  server: string;
  /** None when Vault is reached elsewhere. */
  service: { namespace: string; name: string; port: number } | undefined;
}

/** The Vault addresses of all stores. Stores of other providers have none. */
function vaultAddresses(stores: readonly Store[]): readonly VaultAddress[] {
  return stores.flatMap((store) => {
    const server = store.spec.provider.vault?.server;
    return server === undefined ? [] : [{ store, server, service: inCluster(server) }];
  });
}

/** The Service that a URL names by its cluster DNS name: `vault.ns`, `vault.ns.svc`, `vault.ns.svc.<domain>`. */
function inCluster(server: string): VaultAddress['service'] {
  if (!URL.canParse(server)) return undefined;
  const url = new URL(server);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const [name = '', namespace, svc] = url.hostname.split('.');
  if (/^[\d.]+$|^\[/.test(url.hostname)) return undefined;
  if (svc === 'svc' && namespace !== undefined) return { namespace, name, port };
  // A bare name depends on where it is asked; two labels may be a Service or a name of public DNS.
  return svc === undefined && namespace === stack.vault.namespace ? { namespace, name, port } : undefined;
}

const stores = { clusterStores: optional(clusterSecretStores), namespacedStores: optional(secretStores) };

/** Vault's workloads: those behind the Service that a store names, else by the labels of its chart, or the stack's. */
function workloadsOf(
  all: readonly Workload[],
  addresses: readonly VaultAddress[],
  known: readonly Service[],
): readonly Workload[] {
  const selected = addresses.flatMap(({ service }) => {
    const found = service && known.find((one) => isNamed(one, service));
    const selector = found?.spec?.selector;
    return selector === undefined || Object.keys(selector).length === 0
      ? []
      : all.filter(
          (one) =>
            one.metadata.namespace === found?.metadata.namespace &&
            serviceSelects(selector, one.spec?.template.metadata?.labels),
        );
  });
  if (selected.length > 0) return [...new Set(selected)];
  const named = all.filter((one) => isNamed(one, { namespace: stack.vault.namespace, name: 'vault' }));
  if (named.length > 0) return named;
  return all.filter(
    ({ metadata: { namespace, labels = {} }, kind }) =>
      kind === 'StatefulSet' &&
      namespace === stack.vault.namespace &&
      ['vault', 'openbao'].includes(labels['app.kubernetes.io/name'] ?? ''),
  );
}

type Service = KubeObject<'Service'>;
type Pod = KubeObject<'Pod'>;

const disturbs = 'Nothing: Secrets that were copied stay, and syncing goes on by itself.';

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
    sh`kubectl get pods -n ${stack.vault.namespace} -L vault-sealed`,
    sh`kubectl exec -n ${stack.vault.namespace} vault-0 -- vault status`,
  ],
  findings: workloadFindings({ name: 'Vault', disturbs }),
  judge(
    { clusterStores, namespacedStores, statefulSets, deployments, services, pods },
    { find },
  ): Judgement | readonly Judgement[] {
    const addresses = vaultAddresses([...clusterStores, ...namespacedStores]);
    const workloads = workloadsOf([...statefulSets, ...deployments], addresses, services);
    if (workloads.length === 0) return skip('Vault does not run in this cluster.', []);
    return workloads.map(
      (workload) =>
        judgeSeal(workload, pods.ok ? podsOf(workload, pods.value) : []) ?? judgeWorkload(workload, pods, find, {}),
    );
  },
});

/** Service registration labels a sealed pod; without it, a container that runs and is not ready is most likely sealed. */
function judgeSeal(workload: Workload, pods: readonly Pod[]): Judgement | undefined {
  const sealed = pods.filter((pod) => pod.metadata.labels?.['vault-sealed'] === 'true');
  const isOpen = (pod: Pod): boolean => isReady(pod) && !sealed.includes(pod);
  const running = pods.filter((pod) => !isReady(pod) && !sealed.includes(pod) && runs(pod));
  const [pod] = [...sealed, ...running];
  if (pod === undefined || pods.some(isOpen)) return undefined;
  const isLabelled = sealed.includes(pod);
  const { desired, available, path } = replicas(workload);
  const thePod: Evidence = isLabelled
    ? { object: refOf(pod), path: 'metadata.labels.vault-sealed', observed: 'true', expected: 'false' }
    : {
        object: refOf(pod),
        path: 'status.containerStatuses[*].ready',
        observed: 'a container that runs and is not ready',
        expected: 'ready: Vault’s readiness probe fails while it is sealed',
      };
  const initialized = pod.metadata.labels?.['vault-initialized'] !== 'false';
  return fail({
    message: isLabelled
      ? `Vault is sealed (pod ${nameOf(pod)}), so External Secrets cannot read a single credential.`
      : `Vault (pod ${nameOf(pod)}) runs and is not ready: most likely it is sealed, and External Secrets cannot read a single credential.`,
    // A readiness probe may be told not to mind a seal; then only the pod gives it away.
    evidence:
      available > 0 ? [thePod] : [{ object: refOf(workload), path, observed: available, expected: desired }, thePod],
    commands: [sh`kubectl exec ${place(pod.metadata)} -- vault status`],
    remedy: {
      title: initialized
        ? 'Unseal it: the command asks for a key share, once for each share of the threshold. Vault seals itself whenever its pod restarts.'
        : 'It was never initialized: restore its storage, or initialize it.',
      commands: [
        sh`kubectl exec -n ${pod.metadata.namespace ?? 'default'} -it ${pod.metadata.name} -- vault ${initialized ? sh`operator unseal` : sh`status`}`,
      ],
      disturbs,
    },
  });
}

const runs = (pod: Pod): boolean =>
  (pod.status?.containerStatuses ?? []).some(({ ready, state }) => !ready && state?.running != null);

export const isWhereTheStoreLooks = defineCheck({
  id: 'vault/is-where-the-store-looks',
  title: 'The address that the secret store names is Vault’s Service',
  why: 'A renamed Service or another port, and External Secrets talks to nobody.',
  needs: [ready],
  reads: { ...stores, services: plain(services), endpointSlices: raw(endpointSlices), pods: raw(pods) },
  commands: [
    sh`kubectl get clustersecretstore ${stack.externalSecrets.store} -o jsonpath='{.spec.provider.vault.server}'`,
    sh`kubectl get service,endpointslice -n ${stack.vault.namespace}`,
  ],
  judge({ clusterStores, namespacedStores, services, endpointSlices, pods }): Judgement | readonly Judgement[] {
    const addresses = vaultAddresses([...clusterStores, ...namespacedStores]);
    if (addresses.length === 0) return skip('No secret store reads from Vault.', []);
    return addresses.map((address): Judgement => {
      const { store, server, service: wanted } = address;
      if (wanted === undefined)
        return skip(`${store.kind} ${store.metadata.name} reaches Vault at ${server}, outside this cluster.`, []);
      const service = services.find((one) => isNamed(one, wanted));
      if (service === undefined) return missingService(address, wanted, services);
      const ports = service.spec?.ports ?? [];
      if (service.spec?.type === 'ExternalName') {
        return pass(`${store.kind} ${store.metadata.name} names Service ${nameOf(service)}, which leads elsewhere.`);
      }
      if (!ports.some(({ port }) => port === wanted.port) && service.spec?.clusterIP !== 'None') {
        const there = ports.map(({ port }) => port).join(', ');
        return fail({
          message: `${store.kind} ${store.metadata.name} looks for Vault at ${server}, and Service ${nameOf(service)} has no port ${wanted.port} (it has ${there}).`,
          evidence: [
            {
              object: refOf(store),
              path: 'spec.provider.vault.server',
              observed: server,
              expected: `a port of Service ${nameOf(service)}: ${there}`,
            },
          ],
          remedy: addressRemedy,
          explainedBy: [],
        });
      }
      const selector = service.spec?.selector ?? {};
      const slices = endpointSlices.ok
        ? endpointSlices.value.filter(
            ({ metadata }) =>
              metadata.namespace === wanted.namespace &&
              metadata.labels?.['kubernetes.io/service-name'] === wanted.name,
          )
        : [];
      const hasEndpoints = slices.some(({ endpoints }) => (endpoints ?? []).length > 0);
      // Without any pod in sight the workload is the question, and not the selector.
      const near = pods.ok ? pods.value.filter(({ metadata }) => metadata.namespace === wanted.namespace) : [];
      const misses =
        near.length > 0 &&
        Object.keys(selector).length > 0 &&
        !near.some(({ metadata }) => serviceSelects(selector, metadata.labels));
      if (misses && endpointSlices.ok && !hasEndpoints) {
        return fail({
          message: `Service ${nameOf(service)}, where ${store.kind} ${store.metadata.name} looks for Vault, selects no pod.`,
          evidence: [
            {
              object: refOf(service),
              path: 'spec.selector',
              observed: selector,
              expected: 'the labels of Vault’s pods',
            },
          ],
          remedy: {
            title: 'Let the Service select the labels that Vault’s pods carry.',
            commands: [
              sh`kubectl get pods -n ${wanted.namespace} --show-labels`,
              sh`kubectl edit service ${place(wanted)}`,
            ],
            disturbs: 'Nothing that works now.',
          },
        });
      }
      return pass(
        `${store.kind} ${store.metadata.name} names Service ${nameOf(service)}, port ${wanted.port}, which is there.`,
      );
    });
  },
});

const addressRemedy = {
  title: 'Correct the address in the store.',
  commands: [
    sh`kubectl get service -n ${stack.vault.namespace}`,
    sh`kubectl apply -f infrastructure/external-secrets/clustersecretstore.yaml`,
  ],
  disturbs: 'Nothing: External Secrets validates the store again at once.',
};

/** The Service is what is missing when it has the stack's name; else the store names a wrong one. */
function missingService(
  { store, server }: VaultAddress,
  wanted: { namespace: string; name: string },
  services: readonly Service[],
): Judgement {
  const isStacks = wanted.namespace === stack.vault.namespace && wanted.name === stack.vault.service;
  const others = services.filter(({ metadata }) => metadata.namespace === stack.vault.namespace).map(nameOf);
  const there = others.length === 0 ? '' : ` (there is ${others.join(', ')})`;
  return fail({
    message: `${store.kind} ${store.metadata.name} looks for Vault at ${server}, and there is no Service ${wanted.namespace}/${wanted.name}${there}.`,
    evidence: isStacks
      ? [
          { object: refTo('Service', wanted), path: 'metadata.name', observed: 'not found', expected: 'exists' },
          {
            object: refOf(store),
            path: 'spec.provider.vault.server',
            observed: server,
            expected: 'the address of a Service that exists',
          },
        ]
      : [
          {
            object: refOf(store),
            path: 'spec.provider.vault.server',
            observed: server,
            expected: `http://${stack.vault.service}.${stack.vault.namespace}.svc.cluster.local:${stack.vault.port}`,
          },
        ],
    remedy: isStacks
      ? {
          title: 'Create the Service again; Vault’s chart makes it when its UI is enabled.',
          commands: [
            sh`helm upgrade vault hashicorp/vault -n ${stack.vault.namespace} --reuse-values --set ui.enabled=true`,
          ],
          disturbs: 'Nothing: Vault’s pods are left alone.',
        }
      : addressRemedy,
    explainedBy: [],
  });
}
