/** Names of what runs beside the Gateway, told by images and by what the programs are told themselves. Pure. */
import { flagsOf } from '../../formats/container-flags.ts';
import { parseImage } from '../../formats/image-version.ts';
import { externalDnsRules } from '../../formats/program-flags.ts';
import { serviceOfUrl } from '../../formats/service-url.ts';
import type { KubeObject } from '../../runbook/kinds.ts';
import type { Facts } from './facts.ts';
import { only, toldBy, type Proposal } from './told.ts';

type Workload = KubeObject<'Deployment' | 'DaemonSet'>;

/** The programs that the stack names by their workload. */
const programs: readonly { at: string; field: 'deployment' | 'daemonSet'; image: RegExp }[] = [
  { at: 'envoyGateway', field: 'deployment', image: /(?:^|\/)envoyproxy\/gateway$/ },
  { at: 'tailscaleOperator', field: 'deployment', image: /(?:^|\/)k8s-operator$/ },
  { at: 'coredns', field: 'deployment', image: /(?:^|\/)coredns$/ },
  { at: 'cilium', field: 'daemonSet', image: /(?:^|\/)cilium\/cilium$/ },
  { at: 'externalDns', field: 'deployment', image: /(?:^|\/)external-dns$/ },
  { at: 'certManager', field: 'deployment', image: /(?:^|\/)cert-manager-controller$/ },
  { at: 'externalSecrets', field: 'deployment', image: /(?:^|\/)external-secrets$/ },
];

export function namesOfPrograms(facts: Facts): readonly Proposal[] {
  const found = new Map(programs.map((program) => [program.at, workloadOf(program, facts)] as const));
  return [
    ...programs.flatMap(({ at, field }) => {
      const workload = found.get(at);
      return workload === undefined
        ? []
        : toldBy(workload, {
            [`${at}.namespace`]: workload.metadata.namespace,
            [`${at}.${field}`]: workload.metadata.name,
          });
    }),
    ...ofExternalDns(found.get('externalDns')),
    ...ofConfigMaps(found.get('coredns')),
    ...ofVault(facts),
    ...ofResolver(facts),
  ];
}

const containersOf = (workload: Workload) => workload.spec?.template.spec?.containers ?? [];

const runs = (workload: Workload, image: RegExp): boolean =>
  containersOf(workload).some((container) => image.test(parseImage(container.image ?? '').name));

function workloadOf({ at, field, image }: (typeof programs)[number], facts: Facts): Workload | undefined {
  const all: readonly Workload[] = field === 'daemonSet' ? facts.daemonSets : facts.deployments;
  return only(all.filter((workload) => runs(workload, image) && !isAnother(at, workload, facts)));
}

/** The proxies of Envoy Gateway and the webhook of External Secrets run their makers' images, and a tailnet resolver is a CoreDNS, too. */
const isAnother = (at: string, workload: Workload, facts: Facts): boolean =>
  (at === 'envoyGateway' && workload.metadata.labels?.['app.kubernetes.io/managed-by'] === 'envoy-gateway') ||
  (at === 'externalSecrets' &&
    containersOf(workload).some((container) =>
      flagsOf(container).words.some((word) => word === 'webhook' || word === 'certcontroller'),
    )) ||
  (at === 'coredns' && resolverService(workload, facts) !== undefined);

function ofExternalDns(workload: Workload | undefined): readonly Proposal[] {
  const [container] = workload === undefined ? [] : containersOf(workload);
  if (workload === undefined || container === undefined) return [];
  const tokens = (container.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
  const owner = flagsOf(container, externalDnsRules).last('txt-owner-id');
  return toldBy(workload, {
    'externalDns.owner': owner === '' ? undefined : owner,
    'externalDns.tokenSecret': only([...new Set(tokens)]),
  });
}

function ofConfigMaps(coredns: Workload | undefined): readonly Proposal[] {
  if (coredns === undefined) return [];
  const mounted = (coredns.spec?.template.spec?.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? []);
  return toldBy(coredns, { 'coredns.configMap': mounted[0] });
}

function ofVault({ clusterSecretStores, httpRoutes }: Facts): readonly Proposal[] {
  const store = only(clusterSecretStores.filter(({ spec }) => spec.provider.vault !== undefined));
  if (store === undefined) return [];
  const service = serviceOfUrl(store.spec.provider.vault?.server ?? '');
  const route = httpRoutes.find(
    ({ metadata, spec }) =>
      metadata.namespace === service?.namespace &&
      spec.rules?.some(({ backendRefs }) => backendRefs?.some(({ name }) => name === service?.name)),
  );
  return [
    ...toldBy(store, {
      'externalSecrets.store': store.metadata.name,
      'vault.namespace': service?.namespace,
      'vault.service': service?.name,
      'vault.port': service && String(service.port),
    }),
    ...(route === undefined ? [] : toldBy(route, { 'vault.hostname': route.spec.hostnames?.[0] })),
  ];
}

/** The Service by which the tailnet asks a CoreDNS. */
const resolverService = (workload: Workload, { services }: Facts): KubeObject<'Service'> | undefined =>
  services.find(
    ({ metadata, spec }) =>
      metadata.namespace === workload.metadata.namespace &&
      spec?.loadBalancerClass === 'tailscale' &&
      spec.ports?.some(({ port }) => port === 53) === true,
  );

function ofResolver(facts: Facts): readonly Proposal[] {
  const resolver = only(
    facts.deployments.filter((one) => runs(one, /(?:^|\/)coredns$/) && resolverService(one, facts) !== undefined),
  );
  if (resolver === undefined) return [];
  const { namespace, name } = resolver.metadata;
  const service = resolverService(resolver, facts);
  return toldBy(resolver, {
    'tailnetResolver.namespace': namespace,
    'tailnetResolver.name': name,
    'tailnetResolver.device': service?.metadata.annotations?.['tailscale.com/hostname'],
    'tailnetResolver.updater': only(facts.cronJobs.filter((job) => job.metadata.namespace === namespace))?.metadata
      .name,
  });
}
