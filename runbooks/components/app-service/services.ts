/** App Service: what its checks have in common: whom they judge, and how a Service is looked at and changed. */
import type { Inputs } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { selectorOf, type RoutedService, type Service, type Serving } from '../../models/backends.ts';
import { namespaceOf } from '../../models/routes.ts';
import * as appPod from '../app-pod/app-pod.ts';

export interface Served {
  routed: RoutedService;
  serving: Serving;
}

/** The routed Services that choose their pods themselves. */
export const selecting = (values: Parameters<typeof appPod.routed>[0], inputs: Inputs): readonly Served[] =>
  appPod.routed(values, inputs).filter(({ routed: { service } }) => selectorOf(service) !== undefined);

export const disturbs = 'Nothing that works now.';

export const show = (service: Service): Shell =>
  sh`kubectl get service,endpointslice -n ${namespaceOf(service)} -o wide`;
export const edit = (service: Service): Shell =>
  sh`kubectl edit service -n ${namespaceOf(service)} ${service.metadata.name}`;
export const showApps = (service: Service): Shell =>
  sh`kubectl get deployment,statefulset,daemonset,pod -n ${namespaceOf(service)} --show-labels`;
