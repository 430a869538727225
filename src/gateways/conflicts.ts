/** Listeners that cannot stand beside one another: of one port by their protocols, of one port and protocol by their hostnames. */
import { displayName, isLayer4, isSupported, sayOf, type Listener } from './listener.ts';
import { placeOf } from './world.ts';

export function judgeConflicts(gateways: readonly (readonly Listener[])[], areMerged: boolean): void {
  const sound = gateways.map((listeners) => listeners.filter(({ isSound }) => isSound));
  for (const listeners of areMerged ? [...sound, sound.flat()] : sound) judgeProtocols(listeners);
  for (const listeners of sound) judgeHostnames(listeners);
  for (const protocol of ['TCP', 'UDP']) for (const listeners of sound) judgeLayer4(listeners, protocol);
  if (areMerged) judgeMerged(sound.flat());
}

/** HTTPS and TLS may share a port, and UDP stands beside everything. */
const familyOf = ({ protocol }: Listener): string =>
  protocol === 'HTTPS' || protocol === 'TLS' ? 'https/tls' : protocol;

const byPort = (listeners: readonly Listener[]): readonly (readonly Listener[])[] => [
  ...Map.groupBy(listeners, ({ port }) => port).values(),
];

function conflict(listener: Listener, reason: string, message: string): void {
  sayOf(listener, { type: 'Conflicted', status: 'True', reason, message });
  if (listener.set !== undefined) {
    for (const type of ['Accepted', 'Programmed']) sayOf(listener, { type, status: 'False', reason, message });
  }
  if (reason === 'ProtocolConflict') listener.hasLostItsProtocol = true;
}

const conflicting = (listeners: readonly Listener[]): string => listeners.map(displayName).sort().join(', ');
const setOf = ({ set }: Listener): string => (set === undefined ? '' : placeOf(set));

function judgeProtocols(listeners: readonly Listener[]): void {
  for (const onPort of byPort(listeners.filter(isSupported))) {
    const all = onPort.filter(({ protocol }) => protocol !== 'UDP');
    if (new Set(all.map(familyOf)).size <= 1) continue;
    const message = `All listeners for a given port must use a compatible protocol, conflicting listeners: ${conflicting(all)}`;
    for (const loser of losersByProtocol(all)) conflict(loser, 'ProtocolConflict', message);
  }
}

/** The Gateway's own listeners come before those of sets; where they disagree themselves, nobody is right. */
function losersByProtocol(all: readonly Listener[]): readonly Listener[] {
  const own = new Set(all.filter(({ set }) => set === undefined).map(familyOf));
  if (own.size > 1) return all;
  const [winner] = own;
  if (winner !== undefined) return all.filter((listener) => familyOf(listener) !== winner);
  const torn = [...Map.groupBy(all, setOf)].filter(([, some]) => new Set(some.map(familyOf)).size > 1);
  const lost = new Set(torn.flatMap(([, some]) => some));
  const first = all.find((listener) => !lost.has(listener));
  return all.filter((listener) => lost.has(listener) || (first && familyOf(listener) !== familyOf(first)));
}

function judgeHostnames(listeners: readonly Listener[]): void {
  for (const onPort of byPort(listeners.filter((one) => !isLayer4(one) && !one.hasLostItsProtocol))) {
    for (const alike of Map.groupBy(onPort, ({ hostname }) => hostname).values()) {
      if (alike.length < 2) continue;
      const winner = winnerOf(alike);
      const message = `All listeners for a given port must use a unique hostname, conflicting listeners: ${conflicting(alike)}`;
      for (const loser of alike.filter((one) => one !== winner)) conflict(loser, 'HostnameConflict', message);
    }
  }
}

/** The Gateway's own listener, else the first of a set; none where several have the same right. */
function winnerOf(alike: readonly Listener[]): Listener | undefined {
  const own = alike.filter(({ set }) => set === undefined);
  if (own.length > 0) return own.length === 1 ? own[0] : undefined;
  const isTorn = [...Map.groupBy(alike, setOf).values()].some((some) => some.length > 1);
  return isTorn ? undefined : alike[0];
}

function judgeLayer4(listeners: readonly Listener[], protocol: string): void {
  for (const [, ...others] of byPort(listeners.filter((one) => one.protocol === protocol))) {
    for (const listener of others) {
      sayOf(listener, {
        ...{ type: 'Conflicted', status: 'True', reason: 'ProtocolConflict' },
        message: `Only one ${protocol} listener is allowed in a given port`,
      });
    }
  }
}

/** Merged Gateways share an Envoy. */
function judgeMerged(listeners: readonly Listener[]): void {
  const alike = Map.groupBy(listeners, ({ protocol, hostname, port }) => `${protocol}:${hostname}:${port}`);
  for (const [, ...others] of alike.values()) {
    for (const listener of others) {
      sayOf(listener, {
        ...{ type: 'Conflicted', status: 'True', reason: 'HostnameConflict' },
        message: 'Port, protocol and hostname tuple must be unique for every listener',
      });
    }
  }
}
