/** ReferenceGrants: whether somebody in one namespace may refer to something in another. */
import { list, text } from '../../../../packages/apiserver/objects/fields.ts';
import { kinds, type Cluster } from '../cluster.ts';

export interface Referrer {
  group: string;
  kind: string;
  namespace: string;
}

export const isGranted = (cluster: Cluster, from: Referrer, to: Referrer & { name: string }): boolean =>
  cluster
    .list(kinds.ReferenceGrant, to.namespace)
    .some(
      (grant) =>
        list(grant, 'spec', 'from').some(
          (entry) =>
            text(entry, 'group') === from.group &&
            text(entry, 'kind') === from.kind &&
            text(entry, 'namespace') === from.namespace,
        ) &&
        list(grant, 'spec', 'to').some(
          (entry) =>
            text(entry, 'group') === to.group &&
            text(entry, 'kind') === to.kind &&
            ['', to.name].includes(text(entry, 'name')),
        ),
    );
