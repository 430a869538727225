/**
 * Where a probe may go. What an object of the cluster names is anybody's word, and must not lead to what listens on this machine
 * only, or to what trusts its neighbours on the wire (a router's or a cloud's metadata service, at 169.254.169.254).
 */
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Not dialled, and why, as a phrase: `127.0.0.1 is an address of this machine only`. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

const list = (...networks: readonly [network: string, bits: number][]): BlockList => {
  const block = new BlockList();
  for (const [network, bits] of networks) block.addSubnet(network, bits, isIP(network) === 4 ? 'ipv4' : 'ipv6');
  return block;
};

// The unspecified address leads to this machine too. [RFC 6890]
const ownMachine = list(['127.0.0.0', 8], ['0.0.0.0', 8], ['::1', 128], ['::', 128]);

const others: readonly (readonly [BlockList, string])[] = [
  [list(['169.254.0.0', 16], ['fe80::', 10]), 'a link-local address'],
  [list(['224.0.0.0', 4], ['ff00::', 8]), 'a multicast address'],
  [list(['240.0.0.0', 4]), 'a reserved or broadcast address'],
];

/** Prefixes under which IPv6 writes an IPv4 address: mapped, compatible, NAT64. [RFC 4291, 2.5.5; RFC 6052] */
const embedding = list(['::ffff:0:0', 96], ['::', 96], ['64:ff9b::', 96]);

/** Why an IP address is not dialled; undefined when it may be. */
export function whyNot(address: string, mayBeOwn: boolean): string | undefined {
  // A zone names an interface of this machine.
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
  if (ownMachine.check(plain, family)) return mayBeOwn ? undefined : 'an address of this machine only';
  const kind = others.find(([block]) => block.check(plain, family))?.[1];
  if (kind !== undefined || family === 'ipv4' || !embedding.check(plain, 'ipv6')) return kind;
  return whyNot(lastFourBytes(plain), mayBeOwn);
}

/** The IPv4 address at the end of an IPv6 address, however it is written. */
function lastFourBytes(address: string): string {
  // As `URL` writes it, the last two groups are there in hexadecimal, or cut short by `::`.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::').at(-1)?.split(':') ?? [];
  const [high, low] = [groups.at(-2), groups.at(-1)].map((group) => Number.parseInt(group || '0', 16));
  return [high ?? 0, low ?? 0].flatMap((number) => [number >> 8, number & 0xff]).join('.');
}

/** @throws {Forbidden} when a host is an IP address that is not dialled. Names are looked at when they are looked up. */
export function checkHost(host: string, mayBeOwn: boolean): void {
  const why = isIP(host.replace(/%.*$/, '')) === 0 ? undefined : whyNot(host, mayBeOwn);
  if (why !== undefined) throw new Forbidden(`${host} is ${why}`);
}

/**
 * Looks names up as Node does, and leaves out the addresses that are not dialled. Whoever connects with it dials what was looked
 * at, whatever the name leads to a moment later.
 */
export const checkedLookup =
  (mayBeOwn: boolean): LookupFunction =>
  (hostname, options, callback) => {
    // A datagram socket gives the family alone.
    const wanted = typeof options === 'number' ? { family: options } : options;
    lookup(hostname, { ...wanted, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const allowed = found.filter(({ address }) => whyNot(address, mayBeOwn) === undefined);
      const [first] = allowed;
      if (first === undefined) return callback(new Forbidden(describe(hostname, found, mayBeOwn)), []);
      return wanted.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };

function describe(hostname: string, found: readonly LookupAddress[], mayBeOwn: boolean): string {
  const [first] = found;
  return first === undefined
    ? `${hostname} has no address`
    : `${hostname} leads to ${first.address}, which is ${whyNot(first.address, mayBeOwn)}`;
}

/** Whether the host of a URL is this machine: where a cluster is, its Gateway may be too. */
export function isThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return whyNot(host, false) !== undefined && whyNot(host, true) === undefined;
  return /^(.+\.)?localhost\.?$/.test(host) || host === 'kubernetes.docker.internal';
}
