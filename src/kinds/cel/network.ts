/** Kubernetes' functions about addresses and their ranges [k8s.io/apiserver 0.36, pkg/cel/library: ip.go, cidr.go]. */
import { celFunc, celMethod, CelScalar, type CelFunc, type CelValue } from '@bufbuild/cel';
import ipaddr from 'ipaddr.js';
import { parsedAddress } from '../../formats/cidr.ts';
import { isCidr, isIpv4, isIpv6 } from '../formats.ts';
import { expectText, opaque, RuleError, textOf } from './opaque.ts';

const { BOOL, DYN, INT, STRING } = CelScalar;
const [address, range] = ['net.IP', 'net.CIDR'];

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Version 4 written as version 6 is none: it would be taken for the one here and the other there. */
const isMapped = (text: string): boolean => isIpv6(text) && parsedAddress(text).range() === 'ipv4Mapped';
const isIp = (text: string): boolean => isIpv4(text) || (isIpv6(text) && !isMapped(text));
const isRange = (text: string): boolean => isCidr(text) && isIp(text.split('/')[0] ?? '');

/** As Go writes it: the shortest form. */
const canonical = (parsed: Address): string =>
  parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();

function parseIp(text: string): Address {
  if (!isIp(text)) throw new RuleError(`IP Address '${text}' parse error during conversion from string`);
  return parsedAddress(text);
}

interface Range {
  network: Address;
  bits: number;
}

function parseRange(text: string): Range {
  if (!isRange(text)) throw new RuleError(`network address parse error during conversion from string: '${text}'`);
  const [network = '', bits = ''] = text.split('/');
  return { network: parsedAddress(network), bits: Number(bits) };
}

const ipOf = (value: CelValue): Address => parseIp(typeof value === 'string' ? value : expectText(value, address));
const rangeOf = (value: CelValue): Range => parseRange(typeof value === 'string' ? value : expectText(value, range));

function contains(outer: Range, inner: Address, bits = outer.bits): boolean {
  if (inner.kind() !== outer.network.kind() || bits < outer.bits) return false;
  return inner instanceof ipaddr.IPv4 ? inner.match(outer.network, outer.bits) : inner.match(outer.network, outer.bits);
}

function masked({ network, bits }: Range): string {
  const start =
    network instanceof ipaddr.IPv4
      ? ipaddr.IPv4.networkAddressFromCIDR(`${network.toString()}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${network.toString()}/${bits}`);
  return `${canonical(start)}/${bits}`;
}

const is = (name: string, holds: (range: string, parsed: Address) => boolean): CelFunc =>
  celMethod(name, DYN, [], BOOL, function () {
    const parsed = ipOf(this);
    return holds(parsed.range(), parsed);
  });

const isMulticastLocal = (parsed: Address): boolean =>
  parsed instanceof ipaddr.IPv4 ? parsed.match(ipaddr.IPv4.parse('224.0.0.0'), 24) : (parsed.parts[0] ?? 0) === 0xff02;

export const networkFunctions: readonly CelFunc[] = [
  celFunc('isIP', [STRING], BOOL, isIp),
  celFunc('ip', [STRING], DYN, (text) => opaque(address, canonical(parseIp(text)))),
  celFunc('ip.isCanonical', [STRING], BOOL, (text) => canonical(parseIp(text)) === text),
  celMethod('family', DYN, [], INT, function () {
    return ipOf(this).kind() === 'ipv4' ? 4n : 6n;
  }),
  is('isUnspecified', (name) => name === 'unspecified'),
  is('isLoopback', (name) => name === 'loopback'),
  is('isLinkLocalUnicast', (name) => name === 'linkLocal'),
  is('isLinkLocalMulticast', (_name, parsed) => isMulticastLocal(parsed)),
  is('isGlobalUnicast', (name) => !['unspecified', 'loopback', 'linkLocal', 'multicast', 'broadcast'].includes(name)),
  celFunc('isCIDR', [STRING], BOOL, isRange),
  celFunc('cidr', [STRING], DYN, (text) => {
    const { network, bits } = parseRange(text);
    return opaque(range, `${canonical(network)}/${bits}`);
  }),
  celMethod('containsIP', DYN, [DYN], BOOL, function (other) {
    return contains(rangeOf(this), ipOf(other));
  }),
  celMethod('containsCIDR', DYN, [DYN], BOOL, function (other) {
    const inner = rangeOf(other);
    return contains(rangeOf(this), inner.network, inner.bits);
  }),
  celMethod('ip', DYN, [], DYN, function () {
    return opaque(address, canonical(rangeOf(this).network));
  }),
  celMethod('masked', DYN, [], DYN, function () {
    return opaque(range, masked(rangeOf(this)));
  }),
  celMethod('prefixLength', DYN, [], INT, function () {
    return BigInt(rangeOf(this).bits);
  }),
];

/** The text of an address or range, for `string(ip('…'))`. */
export const networkText = (value: CelValue): string | undefined => textOf(value, address) ?? textOf(value, range);
