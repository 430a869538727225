/** Whether a block of addresses takes somebody outside of the cluster, or a node. Pure. */
import { addressVersion, isInRange } from '../../formats/cidr.ts';
import { anyOf, doubt, isDoubt, type Answer } from './answer.ts';
import type { NodeParty, OutsideParty } from './traffic.ts';

export interface Block {
  cidr: string;
  except?: readonly string[];
}

/** Ranges that no public address lies in [IANA IPv4 and IPv6 Special-Purpose Address Registries]. */
const special = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['224.0.0.0/4', '240.0.0.0/4', 'fc00::/7', 'fe80::/10', 'ff00::/8', '::1/128'],
];

const isSpecial = (range: string): boolean => special.some((one) => isWithin(range, one));

/** Whether a range lies in another one. */
function isWithin(range: string, outer: string): boolean {
  const [network = '', bits] = range.split('/', 2);
  const [, outerBits] = outer.split('/', 2);
  const width = addressVersion(network) === 6 ? 128 : 32;
  return Number(bits ?? width) >= Number(outerBits ?? width) && isInRange(network, outer);
}

/** Whether a range is that of every address of its version. */
const isEverything = (range: string): boolean => /^(0\.0\.0\.0|::)\/0$/.test(range);

/** An address in a block, and in none of its exceptions. */
const holds = ({ cidr, except }: Block, address: string): boolean =>
  isInRange(address, cidr) && !(except ?? []).some((range) => isInRange(address, range));

/** Whether a block takes one of some addresses. */
export const holdsAny = (block: Block, addresses: readonly string[]): boolean =>
  addresses.some((address) => holds(block, address));

/** Whether a block takes somebody outside: by the address, or as far as it can be told for any public one. */
export function takesOutside(block: Block, { address, name }: OutsideParty): Answer {
  if (address !== undefined) return holds(block, address);
  const { cidr, except = [] } = block;
  if (isSpecial(cidr)) return false;
  const who = name ?? 'the internet';
  const exceptions = anyOf(except, (range) =>
    isSpecial(range)
      ? false
      : isEverything(range) || doubt(`${who} may have an address in ${range}, which is excepted`),
  );
  if (exceptions === true) return false;
  if (!isEverything(cidr)) return doubt(`${who} may have an address in ${cidr}, or another`);
  return isDoubt(exceptions) ? exceptions : true;
}

/** Whether a block takes a node by its addresses. */
export const takesNode = (block: Block, { addresses }: NodeParty): Answer =>
  addresses.length === 0 ? doubt(`the node’s address may lie in ${block.cidr}`) : holdsAny(block, addresses);
