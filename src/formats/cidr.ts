/** Addresses and ranges of them, of both versions. What is no address has no version and lies in no range. */
import ipaddr from 'ipaddr.js';

/** 4 or 6; undefined for what is no address. Only four whole numbers are one of version 4, as in Go. */
export function addressVersion(text: string): 4 | 6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return 4;
  return ipaddr.IPv6.isValid(text) && !text.includes('%') ? 6 : undefined;
}

export const isAddressOf = (text: string, version: 4 | 6): boolean => addressVersion(text) === version;

/** Whether an address lies in a range such as `10.96.0.0/12` or `fd00::/8`; a range may also be a single address. */
export function isInRange(address: string, range: string): boolean {
  const version = addressVersion(address);
  const [network = '', bits] = range.split('/', 2);
  if (version === undefined || addressVersion(network) !== version) return false;
  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  return prefix >= 0 && prefix <= width && parsedAddress(address).match(parsedAddress(network), prefix);
}

/** An address. The package ipaddr.js [2.5] takes `::1.2.3.4` for `::ffff:1.2.3.4`, another address; written with one group more it does not. */
export const parsedAddress = (text: string): ipaddr.IPv4 | ipaddr.IPv6 =>
  ipaddr.parse(text.replace(/^::(?=\d+\.)/, '::0:'));
