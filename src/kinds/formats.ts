/**
 * Formats of texts that an API server looks at in custom resources [kube-openapi, pkg/validation/strfmt]. What it knows and is not here
 * is taken for right: no valid text may be refused.
 */
import { isAddressOf } from '../formats/cidr.ts';
import { parseQuantity } from './quantity.ts';

const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const time = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Go's netip.ParseAddr: four whole numbers without leading zeros, or version 6. */
export const isIpv4 = (text: string): boolean => isAddressOf(text, 4) && !/(?:^|\.)0\d/.test(text);
export const isIpv6 = (text: string): boolean => isAddressOf(text, 6);

export function isCidr(text: string): boolean {
  const [address = '', bits = '', more] = text.split('/');
  if (more !== undefined || !/^(?:0|[1-9]\d{0,2})$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

const judges: Readonly<Record<string, (text: string) => boolean>> = {
  ipv4: isIpv4,
  ipv6: isIpv6,
  cidr: isCidr,
  byte: (text) => base64.test(text.replaceAll(/[\r\n]/g, '')),
  uuid: (text) => uuid.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  'date-time': (text) => time.test(text),
  datetime: (text) => time.test(text),
  quantity: (text) => parseQuantity(text) !== undefined,
  hostname: (text) => text.length <= 255 && hostname.test(text),
};

/** Whether a text is of a format; true for formats that nobody judges. */
export const isOfFormat = (text: string, format: string): boolean => judges[format]?.(text) ?? true;
