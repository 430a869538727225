/** Vault: holds the credentials that External Secrets copies. [Vault 1.20, Helm chart 0.31; OpenBao alike] */
import type { Reference } from '../../../src/kinds/references.ts';
import { selectedOf, selectionsOf } from '../../../src/kinds/selections.ts';
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { joined, place, sh } from '../../../src/runbook/shell.ts';
import { atVersionOf } from '../../models/helm.ts';
import { slicesOf } from '../../models/in-cluster-names.ts';
import { setField } from '../../models/patches.ts';
import { endpointSlices, pods, services } from '../../models/reads.ts';
import { leadOf, meantBy, type Among } from '../../models/references.ts';
import { isNamed } from '../../models/topology.ts';
import { partNames } from '../../parts.ts';
import { addressAt, stores, vaultAddresses, type VaultAddress } from './addresses.ts';
import { ready } from './ready.ts';

export { ready };

type Service = KubeObject<'Service'>;

/** A store that names a Service of this cluster, and the Services that there are. */
interface Asking extends VaultAddress {
  service: Reference;
  services: readonly Service[];
}

/** One of which it can be told what it means. */
interface Misled extends Asking {
  /** Its address with the name of a Service that is there, or should be. */
  right: string;
}

/** One whose Service is there. */
interface Answered extends Asking {
  found: Service;
}

const serverPath = 'spec.provider.vault.server';

const storeText = ({ store }: VaultAddress): string => `${store.kind} ${store.metadata.name}`;

const inStore = ({ store, server }: Asking, expected: string): Evidence => ({
  object: refOf(store),
  path: serverPath,
  observed: server,
  expected,
});

/** That the Service is not there, and which ones are beside it. */
function withoutService(subject: Asking): string {
  const { server, service, services } = subject;
  const others = services.filter(({ metadata }) => metadata.namespace === partNames.vault.namespace).map(nameOf);
  const there = others.length === 0 ? '' : ` (there is ${others.join(', ')})`;
  return `${storeText(subject)} looks for Vault at ${server}, and there is no Service ${service.namespace}/${service.name}${there}.`;
}

/** What the chart made in the namespace beside the Service that is gone. */
const isOfChart = ({ metadata: { namespace, labels = {} } }: Service, wanted: Reference): boolean =>
  namespace === wanted.namespace && (labels['helm.sh/chart'] ?? '').startsWith('vault-');

const portsOf = ({ found }: Answered): readonly number[] => (found.spec?.ports ?? []).map(({ port }) => port);

/** The store's address at the Service that it most likely means; at the stack's where nothing tells. */
function addressOf(server: string, meant: Service | undefined): string {
  const { namespace = '', name } = meant?.metadata ?? {
    namespace: partNames.vault.namespace,
    name: partNames.vault.service,
  };
  return addressAt(server, {
    hostname: `${name}.${namespace}.svc.cluster.local`,
    port: likelyPort((meant?.spec?.ports ?? []).map(({ port }) => port)),
  });
}

/** Vault's own port where a Service has it, else its first. */
const likelyPort = (ports: readonly number[]): number =>
  ports.includes(partNames.vault.port) ? partNames.vault.port : (ports[0] ?? partNames.vault.port);

function correctAddress({ store }: Asking, to: string) {
  const { change, commands } = setField(store, serverPath, to);
  return {
    title: 'Correct the address in the store.',
    change,
    commands: [sh`kubectl get service -n ${partNames.vault.namespace}`, ...commands],
    disturbs: 'Nothing: External Secrets validates the store again at once.',
  };
}

const findings = {
  missing: finding<Asking>({
    headline: 'Vault’s Service {service} does not exist',
    means: 'The store names the Service that Vault’s chart makes for its UI, and that is not there.',
    message: withoutService,
    evidence: (subject) => [
      { object: refTo('Service', subject.service), path: 'metadata.name', observed: 'not found', expected: 'exists' },
      inStore(subject, 'the address of a Service that exists'),
    ],
    remedies: ({ service, services }) => [
      {
        title: 'Create the Service again: Vault’s chart makes it when its UI is enabled.',
        commands: [
          joined([
            sh`helm upgrade vault hashicorp/vault`,
            ...atVersionOf(services.find((one) => isOfChart(one, service))),
            sh`-n ${partNames.vault.namespace} --reuse-values --set ui.enabled=true`,
          ]),
        ],
        disturbs: 'Nothing: Vault’s pods are left alone.',
      },
    ],
    explainedBy: () => [],
  }),
  misnamed: finding<Misled>({
    headline: 'Store {store} names a Service that does not exist',
    means: 'The address in the store is that of a Service which is not there, nor is it the one of the stack’s Vault.',
    message: withoutService,
    evidence: (subject) => [inStore(subject, subject.right)],
    remedies: (subject) => [correctAddress(subject, subject.right)],
    explainedBy: () => [],
  }),
  noSuchPort: finding<Answered>({
    headline: 'Store {store} names a port that Service {found} lacks',
    means: 'The Service in the store’s address is there, and has no port of that number.',
    message: (subject) =>
      `${storeText(subject)} looks for Vault at ${subject.server}, and Service ${nameOf(subject.found)} has no port ${subject.service.port} (it has ${portsOf(subject).join(', ')}).`,
    evidence: (subject) => [
      inStore(subject, `a port of Service ${nameOf(subject.found)}: ${portsOf(subject).join(', ')}`),
    ],
    remedies: (subject) => [correctAddress(subject, addressAt(subject.server, { port: likelyPort(portsOf(subject)) }))],
    explainedBy: () => [],
  }),
  selectsNothing: finding<Answered>({
    headline: 'Vault’s Service {found} selects no pod',
    means: 'The Service in the store’s address is there, and its selector matches none of Vault’s pods.',
    message: (subject) =>
      `Service ${nameOf(subject.found)}, where ${storeText(subject)} looks for Vault, selects no pod.`,
    evidence: ({ found }) => [
      {
        object: refOf(found),
        path: 'spec.selector',
        observed: found.spec?.selector,
        expected: 'the labels of Vault’s pods',
      },
    ],
    remedies: ({ service }) => [
      {
        title: 'Let the Service select the labels that Vault’s pods carry.',
        commands: [
          sh`kubectl get pods -n ${service.namespace} --show-labels`,
          sh`kubectl edit service ${place(service)}`,
        ],
        disturbs: 'Nothing that works now.',
      },
    ],
  }),
};

export const isWhereTheStoreLooks = defineCheck({
  id: 'vault/is-where-the-store-looks',
  title: 'The address that the secret store names is Vault’s Service',
  why: 'A renamed Service or another port, and External Secrets talks to nobody.',
  needs: [ready],
  reads: { ...stores, services: plain(services), endpointSlices: raw(endpointSlices), pods: raw(pods) },
  commands: [
    sh`kubectl get clustersecretstore ${partNames.externalSecrets.store} -o jsonpath='{.spec.provider.vault.server}'`,
    sh`kubectl get service,endpointslice -n ${partNames.vault.namespace}`,
  ],
  findings,
  judge(values, { find }): Judgement | readonly Judgement[] {
    const addresses = vaultAddresses(values);
    if (addresses.length === 0) return skip('No secret store reads from Vault.', []);
    return addresses.map((address): Judgement => {
      const { server, service } = address;
      if (service === undefined)
        return skip(`${storeText(address)} reaches Vault at ${server}, outside this cluster.`, []);
      const asking = { ...address, service, services: values.services };
      const lead = leadOf(service, amongServices(service, values.services));
      if (lead.to === 'object') return judgeService({ ...asking, found: lead.object }, values, find);
      const meant = meantBy(lead);
      return meant === undefined && isStacks(service)
        ? find.missing(asking)
        : find.misnamed({ ...asking, right: addressOf(server, meant) });
    });
  },
});

const isStacks = ({ namespace, name }: Reference): boolean =>
  namespace === partNames.vault.namespace && name === partNames.vault.service;

/** The Service is what is missing when it has the stack's name; else the store names a wrong one, and means the stack's by any name. */
function amongServices(service: Reference, there: readonly Service[]): Among<Service> {
  const isRight = isStacks(service);
  return {
    ...{ takes: ['Service'], there, isRight },
    namesakes: [],
    near: there.filter(({ metadata }) => metadata.namespace === service.namespace),
    spare: there.filter((one) => isNamed(one, { namespace: partNames.vault.namespace, name: partNames.vault.service })),
  };
}

interface Behind {
  endpointSlices: Fact<KubeObject<'EndpointSlice'>[]>;
  pods: Fact<KubeObject<'Pod'>[]>;
}

function judgeService(subject: Answered, behind: Behind, find: Find<typeof findings>): Judgement {
  const { service, found } = subject;
  const says = `${storeText(subject)} names Service ${nameOf(found)}`;
  if (found.spec?.type === 'ExternalName') return pass(`${says}, which leads elsewhere.`);
  if (service.port !== undefined && !portsOf(subject).includes(service.port) && found.spec?.clusterIP !== 'None')
    return find.noSuchPort(subject);
  if (selectsNothing(found, behind)) return find.selectsNothing(subject);
  return pass(`${says}, port ${service.port}, which is there.`);
}

/** Without any pod in sight the workload is the question, and not the selector. */
function selectsNothing(service: Service, { endpointSlices, pods }: Behind): boolean {
  const [selected] = selectionsOf(service);
  if (!endpointSlices.ok || !pods.ok || selected === undefined) return false;
  const near = pods.value.filter((pod) => pod.metadata.namespace === service.metadata.namespace);
  return (
    near.length > 0 &&
    selectedOf(selected, near).length === 0 &&
    slicesOf(service, endpointSlices.value).every(({ endpoints }) => (endpoints ?? []).length === 0)
  );
}
