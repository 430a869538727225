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
  return prefix >= 0 && prefix <= width && ipaddr.parse(address).match(ipaddr.parse(network), prefix);
}
