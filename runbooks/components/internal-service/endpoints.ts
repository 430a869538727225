/** Internal Service, its endpoints: what stands behind its ClusterIP. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { readyEndpoints, selectedPods, slicesOf } from '../../models/in-cluster-names.ts';
import { isReady } from '../../models/pods.ts';
import { endpointSlices } from '../../models/reads.ts';
import { partNames } from '../../parts.ts';
import * as envoy from '../envoy/envoy.ts';
import { eachService, exists, reads, selectsEnvoy, type Pod, type Service } from './internal-service.ts';
import { portReachesEnvoy } from './ports.ts';

type EndpointSlice = KubeObject<'EndpointSlice'>;

const showEndpoints = ({ namespace = '', name }: { namespace?: string; name: string }) =>
  sh`kubectl get endpointslice -n ${namespace} -l kubernetes.io/service-name=${name}`;

/** A Service whose EndpointSlices have no endpoint that is ready. */
interface Silent {
  service: Service;
  slice: EndpointSlice;
}

const evidence = ({ service, slice }: Silent): readonly [Evidence, ...Evidence[]] => [
  { object: refOf(service), path: 'its ready endpoints', observed: 0, expected: 'at least 1' },
  { object: refOf(slice), path: 'endpoints', observed: slice.endpoints ?? [], expected: 'a ready one' },
];

const look = (title: string, { metadata }: Service): readonly [Remedy] => [
  {
    title,
    commands: [sh`kubectl describe service ${place(metadata)}`, showEndpoints(metadata)],
    disturbs: 'Nothing: reading only.',
  },
];

const findings = {
  notListed: finding<Silent & { ready: readonly Pod[] }>({
    headline: 'Service {service} does not have its ready pods as endpoints',
    means: 'Pods that the Service selects are ready, and its EndpointSlices do not have them: nobody writes these.',
    message: ({ service, ready }) =>
      `Service ${nameOf(service)} has no ready endpoint, though ${ready.map(nameOfPod).join(', ')} ${ready.length === 1 ? 'is' : 'are'} ready: pods’ connections to it fail.`,
    evidence,
    remedies: ({ service }) => look('Look at the events of the Service and at who writes its EndpointSlices.', service),
  }),
  noneReady: finding<Silent>({
    headline: 'Service {service} has no ready endpoint',
    means: 'No pod that the Service selects is ready, so its ClusterIP answers nobody.',
    message: ({ service }) => `Service ${nameOf(service)} has no ready endpoint: pods’ connections to it fail.`,
    evidence,
    remedies: ({ service }) => look('Look at the pods that it selects and at the events of the Service.', service),
  }),
};

const nameOfPod = ({ metadata }: Pod): string => metadata.name;

export const hasEndpoints = defineCheck({
  id: 'internal-service/has-endpoints',
  title: 'The internal Service has ready endpoints',
  why: 'Its ClusterIP answers only while a ready pod stands behind it.',
  needs: [exists, selectsEnvoy, portReachesEnvoy, envoy.ready],
  reads: { ...reads, slices: plain(endpointSlices) },
  commands: [showEndpoints(partNames.internalService)],
  findings,
  judge: (values, { find }) =>
    eachService(values, (service) => {
      const own = slicesOf(service, values.slices);
      const endpoints = readyEndpoints(own).length;
      return endpoints > 0
        ? pass(
            `Service ${nameOf(service)} has ${endpoints === 1 ? '1 ready endpoint' : `${endpoints} ready endpoints`}.`,
          )
        : judgeSilent(service, own, selectedPods(service, values.pods).filter(isReady), find);
    }),
});

function judgeSilent(
  service: Service,
  [slice]: readonly EndpointSlice[],
  ready: readonly Pod[],
  find: Find<typeof findings>,
): Judgement {
  if (slice === undefined) {
    return skip(
      ready.length > 0
        ? `Nobody keeps an EndpointSlice of Service ${nameOf(service)} that could be read; the pods that it selects are ready.`
        : `Service ${nameOf(service)} has no EndpointSlice, and selects no pod that is ready.`,
    );
  }
  return ready.length > 0 ? find.notListed({ service, slice, ready }) : find.noneReady({ service, slice });
}
