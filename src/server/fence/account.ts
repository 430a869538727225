/**
 * Whose program is at the other end of a connection, where the system tells. On Linux it does, for connections of this machine: both ends
 * stand in the table of sockets, each with its owner. Elsewhere this knows nothing, and the link alone keeps others out.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

type Ends = Pick<Socket, 'remotePort' | 'localPort'>;

const known = new WeakMap<object, boolean>();

/** Whether another account of this machine asks. Root is none: it could read the kubeconfig itself, and relays of virtual machines run as root. */
export function isOthers(socket: Ends): boolean {
  const before = known.get(socket);
  if (before !== undefined) return before;
  const own = process.getuid?.();
  const answer = own !== undefined && ownersOf(socket).some((uid) => uid !== own && uid !== 0);
  known.set(socket, answer);
  return answer;
}

/**
 * The owners of sockets that face the given one, by their ports alone: the same connection reads differently as IPv4 and as IPv6. A stranger's with the
 * same two ports does no more than refuse.
 */
function ownersOf({ remotePort, localPort }: Ends): readonly number[] {
  return ['tcp', 'tcp6'].flatMap(readTable).flatMap((line) => {
    const [, local = '', remote = '', , , , , uid = ''] = line.trim().split(/\s+/);
    return portOf(local) === remotePort && portOf(remote) === localPort ? [Number(uid)] : [];
  });
}

const portOf = (address: string): number => Number.parseInt(address.slice(address.indexOf(':') + 1), 16);

function readTable(name: string): readonly string[] {
  try {
    return readFileSync(`/proc/net/${name}`, 'latin1').split('\n').slice(1);
  } catch {
    return [];
  }
}
