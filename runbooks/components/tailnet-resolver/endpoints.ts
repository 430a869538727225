/** Tailnet resolver, the pods behind its Service, and the port on which they answer. [CoreDNS 1.12 and 1.13] */
import { flagsOf } from '../../../src/formats/container-flags.ts';
import type { Corefile } from '../../../src/formats/corefile/corefile.ts';
import { defineCheck, nameOf, pass, refOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { isNone, knownOr } from '../../../src/runbook/told.ts';
import { selectedPods } from '../../models/in-cluster-names.ts';
import { jsonPatch } from '../../models/patches.ts';
import { isReady, type Pod } from '../../models/pods.ts';
import { endpointSlices, pods } from '../../models/reads.ts';
import { podsOf } from '../../models/workloads.ts';
import { partNames } from '../../parts.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import { edit, reads, whereInstalled } from './resolver.ts';

type Service = KubeObject<'Service'>;
type Deployment = KubeObject<'Deployment'>;
type Slice = KubeObject<'EndpointSlice'>;

const { namespace, name } = partNames.tailnetResolver;
const nothing = 'Nothing that works now.';

export const hasEndpoints = defineCheck({
  id: 'tailnet-resolver/has-endpoints',
  title: 'The resolver’s Service leads to the port on which it answers',
  why: 'Its selector and target port must fit the pods, and the port that the Corefile listens on.',
  needs: [tailscaleOperator.ready],
  reads: { ...reads, slices: plain(endpointSlices), pods: plain(pods) },
  commands: [
    sh`kubectl get endpointslice -n ${namespace} -l kubernetes.io/service-name=${name}`,
    sh`kubectl get service -n ${namespace} ${name} -o yaml`,
  ],
  findings: {
    selectsNothing: finding<{ service: Service; deployment: Deployment }>({
      headline: 'Service {service} selects no pod of the resolver',
      means: 'The resolver has pods, and none of them has every label that the Service’s selector asks for.',
      message: ({ service }) =>
        `Service ${nameOf(service)} selects no pod of the resolver: no pod is labelled as its selector says.`,
      evidence: ({ service, deployment }) => [
        {
          object: refOf(service),
          path: 'spec.selector',
          observed: service.spec?.selector,
          expected: labelsOf(deployment),
        },
      ],
      remedies: ({ service, deployment }) => [
        {
          title: 'Select the resolver’s pods by the labels of its Deployment.',
          change: { object: refOf(service), path: 'spec.selector', to: labelsOf(deployment) },
          commands: [
            jsonPatch('service', service.metadata, {
              op: 'replace',
              path: '/spec/selector',
              value: labelsOf(deployment),
            }),
          ],
          disturbs: nothing,
        },
      ],
      explainedBy: () => [],
    }),
    wrongPort: finding<{ service: Service; target: string | number; listens: readonly number[] }>({
      headline: 'Service {service} leads to a port where nobody listens',
      means: 'The Service’s target port for DNS is not one on which the Corefile’s server blocks listen.',
      message: ({ service, target, listens }) =>
        `Service ${nameOf(service)} leads port 53 to ${target}, and the Corefile listens on ${listens.join(', ')}: nobody answers.`,
      evidence: ({ service, target, listens }) => [
        { object: refOf(service), path: targetPath, observed: target, expected: listens[0] },
      ],
      remedies: ({ service, listens: [port] }) => [
        {
          title: 'Lead port 53 of the Service to the port on which the Corefile listens.',
          change: { object: refOf(service), path: targetPath, to: port },
          commands: [
            jsonPatch(
              'service',
              service.metadata,
              ...dnsPorts(service).map(({ index }) => ({
                ...{ op: 'add' as const, path: `/spec/ports/${index}/targetPort` },
                value: port,
              })),
            ),
          ],
          disturbs: nothing,
        },
        edit('If the Service is right, let the Corefile’s server blocks listen on the port that it leads to.'),
      ],
      explainedBy: () => [],
    }),
    noEndpoint: finding<{ service: Service }>({
      headline: 'Service {service} has no ready endpoint',
      means: 'A pod that the Service selects is ready, and no EndpointSlice says so.',
      message: ({ service }) =>
        `Service ${nameOf(service)} has no ready endpoint, though a pod that it selects is ready.`,
      evidence: ({ service }) => [
        { object: refOf(service), path: 'its ready endpoints', observed: 0, expected: 'at least 1' },
      ],
      remedies: ({ service }) => [
        {
          title: 'Read its events and its EndpointSlices: they say why.',
          commands: [sh`kubectl describe service ${place(service.metadata)}`],
          disturbs: 'Nothing: reading only.',
        },
      ],
      explainedBy: () => [],
    }),
  },
  judge: (values, { find }) =>
    whereInstalled(values, (found) => {
      const { service } = found;
      if (service === undefined) return skip('The resolver has no Service.');
      const selected = selectedPods(service, values.pods);
      const selectsNone = (): boolean => isNone(selected);
      // Where pods may not be seen, an endpoint that is ready is one of them.
      if (hasReady(service, values.slices) ? knownOr(false, selectsNone) : selectsNone()) {
        const { deployment } = found;
        if (deployment !== undefined && missesPods(service, deployment, values.pods))
          return find.selectsNothing({ service, deployment });
      }
      const listens = portsOf(found.corefile);
      const target = wrongTarget(service, selected, listens);
      if (target !== undefined && !isMoved(found.deployment)) return find.wrongPort({ service, target, listens });
      if (mayHaveEndpoint(service, values.slices)) return pass(`Service ${nameOf(service)} leads to the resolver.`);
      return selected.some(isReady)
        ? find.noEndpoint({ service })
        : skip(`No pod behind Service ${nameOf(service)} is ready.`);
    }),
});

const targetPath = 'spec.ports[?(@.port==53)].targetPort';

/** The labels by which a Deployment knows its pods. */
const labelsOf = ({ spec }: Deployment): Readonly<Record<string, string>> =>
  spec?.selector.matchLabels ?? spec?.template.metadata?.labels ?? {};

/** Whether a Service selects by labels, and there are pods that it should. */
const missesPods = ({ spec }: Service, deployment: Deployment, all: readonly Pod[]): boolean =>
  Object.keys(spec?.selector ?? {}).length > 0 && podsOf(deployment, all).length > 0;

/** The ports on which CoreDNS answers by its Corefile; none where that cannot be told. */
const portsOf = (corefile: Corefile | undefined): readonly number[] => [
  ...new Set(corefile?.blocks.flatMap(({ zones }) => zones.map(({ port }) => port))),
];

/** Whether a flag moves every port that the Corefile leaves out. */
const isMoved = (deployment: Deployment | undefined): boolean =>
  deployment?.spec?.template.spec?.containers.some((container) => flagsOf(container).has('dns.port')) === true;

const dnsPorts = ({ spec }: Service): readonly { index: number; target: string | number }[] =>
  (spec?.ports ?? []).flatMap(({ port, targetPort = 53 }, index) =>
    port === 53 ? [{ index, target: targetPort }] : [],
  );

/** Where a Service leads port 53, if nobody listens there. */
function wrongTarget(
  service: Service,
  selected: readonly Pod[],
  listens: readonly number[],
): string | number | undefined {
  const named = selected.flatMap(({ spec }) => spec?.containers.flatMap(({ ports = [] }) => ports) ?? []);
  return dnsPorts(service)
    .map(({ target }) => target)
    .find((target) => {
      const port = typeof target === 'number' ? target : named.find((one) => one.name === target)?.containerPort;
      return port !== undefined && listens.length > 0 && !listens.includes(port);
    });
}

const slicesOf = ({ metadata }: Service, all: readonly Slice[]): readonly Slice[] =>
  all.filter(
    (slice) =>
      slice.metadata.namespace === metadata.namespace &&
      slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
  );

const hasReady = (service: Service, all: readonly Slice[]): boolean =>
  knownOr(false, () =>
    slicesOf(service, all).some(({ endpoints = [] }) =>
      endpoints.some(({ conditions }) => conditions?.ready !== false),
    ),
  );

/** Where nobody keeps EndpointSlices, none is missed. */
const mayHaveEndpoint = (service: Service, all: readonly Slice[]): boolean =>
  hasReady(service, all) || isNone(slicesOf(service, all));
