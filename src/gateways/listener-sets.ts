/** ListenerSets: listeners of an app's own on a Gateway that lets them [internal/gatewayapi/listenerset.go]. */
import { at, text } from '../formats/fields.ts';
import type { JudgedGateway } from './gateway.ts';
import { isSelected, listenersOf, type Listener } from './listener.ts';
import { say, type Verdicts } from './verdicts.ts';
import { namespaceOf, placeOf, targetOf, type Resource, type World } from './world.ts';

export interface JudgedSet {
  set: Resource;
  parent: JudgedGateway;
  verdicts: Verdicts;
  listeners: readonly Listener[];
}

const parentOf = (set: Resource): string => {
  const { namespace, name } = targetOf(at(set, 'spec', 'parentRef'), namespaceOf(set), 'Gateway');
  return `${namespace}/${name}`;
};

/** Attaches the sets of Gateways that are taken: their listeners stand after the Gateway's own. */
export function attachSets(world: World, gateways: readonly JudgedGateway[]): readonly JudgedSet[] {
  return world.list('ListenerSet').flatMap((set): readonly JudgedSet[] => {
    const parent = gateways.find((one) => one.isTaken && placeOf(one.gateway) === parentOf(set));
    if (parent === undefined) return [];
    const judged: JudgedSet = { set, parent, verdicts: new Map(), listeners: [] };
    if (!isAllowed(world, parent.gateway, set)) {
      const message = `ListenerSet attachment from namespace ${namespaceOf(set)} not allowed by Gateway ${placeOf(parent.gateway)}`;
      refuse(judged, 'NotAllowed', message);
      return [judged];
    }
    const listeners = listenersOf(parent.gateway, set);
    parent.listeners.push(...listeners);
    return [{ ...judged, listeners }];
  });
}

function refuse({ verdicts }: JudgedSet, reason: string, message: string): void {
  const path = ['spec', 'parentRef'];
  say(verdicts, { type: 'Accepted', status: 'False', reason, message, at: path });
  say(verdicts, { type: 'Programmed', status: 'False', reason, message: 'Not Programmed', at: path });
}

/** Left out, a Gateway takes none. */
function isAllowed(world: World, gateway: Resource, set: Resource): boolean {
  const namespaces = at(gateway, 'spec', 'allowedListeners', 'namespaces');
  switch (text(namespaces, 'from')) {
    case 'All':
      return true;
    case 'Same':
      return namespaceOf(gateway) === namespaceOf(set);
    case 'Selector':
      return isSelected(at(namespaces, 'selector'), namespaceOf(set), world);
    default:
      return false;
  }
}

/** What becomes of the sets, once their listeners are judged. */
export function judgeSets(sets: readonly JudgedSet[]): void {
  for (const { verdicts, listeners, parent } of sets) {
    if (verdicts.size > 0) continue;
    const counts = (type: string): number =>
      listeners.filter((listener) => listener.verdicts.get(type)?.status === 'True').length;
    const [accepted, programmed] = [counts('Accepted'), counts('Programmed')];
    const isAny = accepted > 0;
    const isAll = accepted === listeners.length;
    say(verdicts, {
      type: 'Accepted',
      status: isAny || isAll ? 'True' : 'False',
      reason: isAll ? 'Accepted' : 'ListenersNotValid',
      message: isAll
        ? 'All listeners are accepted'
        : isAny
          ? 'Some listeners are invalid'
          : 'No listeners are accepted',
    });
    const areAll = programmed === listeners.length;
    say(verdicts, {
      type: 'Programmed',
      status: programmed > 0 || areAll ? 'True' : 'False',
      reason: programmed > 0 || areAll ? 'Programmed' : 'ListenersNotValid',
      message: areAll
        ? 'All listeners are programmed'
        : programmed > 0
          ? 'Some listeners are not programmed'
          : 'No listeners are programmed',
    });
    if (isAny || isAll) parent.attachedSets += 1;
  }
}
