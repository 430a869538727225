/** App Service: from the route to the app's pods, by selector and port. */
import { defineCheck, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { selectorOf, whatFails, type RoutedService, type Service, type Serving } from '../../models/backends.ts';
import { nameOf, namespaceOf } from '../../models/routes.ts';
import * as appPod from '../app-pod/app-pod.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { selectsPods } from './selector.ts';
import { disturbs, show } from './services.ts';
import { targetPortsExist } from './target-ports.ts';

export { selectsPods, targetPortsExist };

/** A Service behind which nothing answers. */
type Silent = RoutedService & Pick<Serving, 'ready'>;

const showSlices = ({ service }: RoutedService): readonly Shell[] => [
  sh`kubectl get endpointslice -n ${namespaceOf(service)} -l kubernetes.io/service-name=${service.metadata.name} -o yaml`,
];

const readiness = ({ ready }: Silent) => ({ observed: `${ready} ready`, expected: 'at least 1 ready' });

export const hasEndpoints = defineCheck({
  id: 'app-service/has-ready-endpoints',
  title: 'Every routed Service has a ready endpoint',
  why: 'This is the symptom: Envoy answers 503 while there is nobody to send a request to.',
  needs: [envoyGateway.kindsInstalled, selectsPods, targetPortsExist, appPod.ready],
  reads: appPod.reads,
  commands: [sh`kubectl get endpointslice -A`],
  findings: {
    handWritten: finding<Silent & { slice: KubeObject<'EndpointSlice'> }>({
      headline: 'No hand-written endpoint of Service {service} is ready',
      means: 'The Service has no selector: its endpoints are what somebody wrote, and none of them counts as ready.',
      message: (subject) =>
        `Service ${nameOf(subject.service)} has no selector, and none of the endpoints written for it is ready: ${whatFails(subject)}.`,
      evidence: (subject) => [{ object: refOf(subject.slice), path: 'endpoints', ...readiness(subject) }],
      commands: showSlices,
      remedies: ({ service, slice }) => [
        {
          title: 'Write an address into the EndpointSlice at which the app answers.',
          commands: [show(service), sh`kubectl edit endpointslice ${place(slice.metadata)}`],
          disturbs,
        },
      ],
    }),
    noneReady: finding<Silent>({
      headline: 'Service {service} has no ready endpoint',
      means: 'Nobody is there to send a request to, and none of the known causes was seen.',
      message: (subject) => `Service ${nameOf(subject.service)} has no ready endpoint: ${whatFails(subject)}.`,
      evidence: (subject) => [{ object: refOf(subject.service), path: 'its EndpointSlices', ...readiness(subject) }],
      commands: showSlices,
      remedies: ({ service }) => [
        {
          title: 'Look at the pods that the Service selects: each that is ready is an endpoint.',
          commands: [show(service), sh`kubectl get pods -n ${namespaceOf(service)} --show-labels`],
          disturbs,
        },
        {
          title: 'If they are ready, look at the controller manager: it writes the endpoints.',
          commands: [sh`kubectl get pods -n kube-system -l component=kube-controller-manager`],
          disturbs,
        },
      ],
    }),
  },
  judge(values, { inputs, find }) {
    const all = appPod
      .routed(values, inputs)
      .filter(({ routed: { service } }) => service.spec?.type !== 'ExternalName');
    if (all.length === 0) return skip(appPod.noServices);
    return all.map(({ routed, serving }): Judgement => {
      if (serving.answers) return pass(answering(routed.service, serving));
      const silent = { ...routed, ready: serving.ready };
      const [slice] = serving.slices;
      const isByHand = selectorOf(routed.service) === undefined;
      return isByHand && slice !== undefined ? find.handWritten({ ...silent, slice }) : find.noneReady(silent);
    });
  },
});

const answering = (service: Service, { slices, ready }: Serving): string =>
  slices.length === 0
    ? `Nothing says that Service ${nameOf(service)} is without endpoints.`
    : `Service ${nameOf(service)} has ${ready} ready endpoint${ready === 1 ? '' : 's'}.`;
