/** Whether network policies let traffic between pods pass, as the plug-in that the demo's objects say enforces them. Pure. */
import { ofKind, type StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { at, list, number, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import { selects, serviceSelects } from '../../formats/label-selector.ts';
import type { CiliumPolicy } from '../../kinds/network/cilium-policy.ts';
import { ciliumEnforcement } from '../../kinds/network/enforcement.ts';
import { judgeTraffic, passes } from '../../kinds/network/judge.ts';
import type { NetworkPolicy } from '../../kinds/network/network-policy.ts';
import { partyOf } from '../../kinds/network/parties.ts';
import { ciliumSettings } from './cilium.ts';

type Objects = readonly StoredObject[];

/** The pods that a Service, or a workload, selects. */
export const podsOf = (objects: Objects, owner: StoredObject): readonly StoredObject[] =>
  ofKind(objects, '', 'Pod').filter(
    ({ metadata }) =>
      metadata.namespace === owner.metadata.namespace &&
      (owner.kind === 'Service'
        ? serviceSelects(strings(owner, 'spec', 'selector'), strings(metadata, 'labels'))
        : selects(at(owner, 'spec', 'selector'), strings(metadata, 'labels'))),
  );

/** Where a pod listens for what is sent to a port of a Service. */
const targetOf = (service: StoredObject, port: number, pod: StoredObject): number => {
  const found = list(service, 'spec', 'ports').find((entry) => number(entry, 'port') === port);
  const target = at(found, 'targetPort');
  if (typeof target !== 'string') return number(found, 'targetPort') || port;
  const ports = list(pod, 'spec', 'containers').flatMap((container) => list(container, 'ports'));
  return number(
    ports.find((one) => text(one, 'name') === target),
    'containerPort',
  );
};

/** Whether one of some pods reaches one behind a port of a Service. Where the objects tell no pods, they tell of no policies either. */
export function reaches(objects: Objects, from: readonly StoredObject[], service: StoredObject, port: number): boolean {
  const behind = podsOf(objects, service);
  if (from.length === 0 || behind.length === 0) return true;
  const policies = {
    network: ofKind(objects, 'networking.k8s.io', 'NetworkPolicy') as unknown as readonly NetworkPolicy[],
    cilium: ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'].flatMap((kind) =>
      ofKind(objects, 'cilium.io', kind),
    ) as unknown as readonly CiliumPolicy[],
  };
  if (policies.network.length + policies.cilium.length === 0) return true;
  // kube-proxy and its like enforce none.
  const settings = ciliumSettings(objects);
  if (settings === undefined) return true;
  const enforcement = ciliumEnforcement(Object.fromEntries(settings));
  const namespaces = ofKind(objects, '', 'Namespace');
  const party = (pod: StoredObject) => partyOf(pod, namespaces);
  return from.some((sender) =>
    behind.some((receiver) => {
      const traffic = { from: party(sender), to: party(receiver), protocol: 'TCP' as const };
      return (
        passes(judgeTraffic({ ...traffic, port: targetOf(service, port, receiver) }, policies, enforcement)) !== false
      );
    }),
  );
}
