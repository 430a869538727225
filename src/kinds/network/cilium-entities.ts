/** Cilium’s entities: what has a reserved identity. [Cilium 1.14 to 1.18, pkg/policy/api/entity.go] */
import { doubt, type Answer } from './answer.ts';
import { runsOn, type NodeParty, type Party, type PodParty } from './traffic.ts';

/** The pod that a policy is about: `host` is its node, `remote-node` any other. */
export type Near = PodParty;

/** Whether a party is of an entity. */
export function takesEntity(entity: string, party: Party, near: Near): Answer {
  switch (entity) {
    case 'all':
      return true;
    case 'world':
    case 'world-ipv4':
    case 'world-ipv6':
      return (
        party.is === 'outside' &&
        (entity === 'world' || party.address === undefined ? true : isOfVersion(entity, party.address))
      );
    case 'cluster':
      return party.is !== 'outside';
    case 'kube-apiserver':
      return party.is !== 'pod' && party.isApiServer === true;
    case 'host':
      return party.is === 'node' && isOwnNode(party, near);
    case 'remote-node':
      return party.is === 'node' && isOtherNode(party, near);
    case 'init':
    case 'health':
    case 'unmanaged':
    case 'ingress':
    case 'none':
      return false;
    default:
      return doubt(`a rule names an entity ${entity}, which is not known here`);
  }
}

const isOfVersion = (entity: string, address: string): boolean => address.includes(':') === (entity === 'world-ipv6');

const isOwnNode = (node: NodeParty, near: Near): Answer =>
  runsOn(near, node) ?? doubt('it is not known on which node the pod runs');

const isOtherNode = (node: NodeParty, near: Near): Answer => {
  const isOwn = runsOn(near, node);
  return isOwn === undefined ? doubt('it is not known on which node the pod runs') : !isOwn;
};
