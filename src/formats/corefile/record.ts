/** Records as a zone file writes them: `docs.example. 60 IN A 192.0.2.1`. */
import { isAddressOf } from '../cidr.ts';
import { encodeHttps } from '../dns-https.ts';
import { bare, isDomainName } from './corefile.ts';

export interface DnsRecord {
  /** Lower case, without trailing dot. */
  name: string;
  type: string;
  /** What the type holds, as text; names in it without trailing dot. */
  data: string;
}

const types = ['A', 'AAAA', 'CAA', 'CNAME', 'DNAME', 'HTTPS', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SRV', 'SVCB', 'TXT'];
const named = ['CNAME', 'DNAME', 'NS', 'PTR'];

/** A record; undefined for what is none: time to live and class may stand in either order, or be left out. */
export function parseRecord(text: string): DnsRecord | undefined {
  const [, name = '', rest = ''] = /^\s*(\S+)\s+(.*)$/s.exec(text) ?? [];
  const [, type = '', data = ''] =
    /^(?:(?:\d+[smhdw]?|IN|CH|HS|ANY)\s+){0,2}([A-Z0-9]+)\s+(.+?)\s*$/is.exec(rest) ?? [];
  const kind = type.toUpperCase();
  if (!types.includes(kind) || !isDomainName(name) || !isData(kind, data)) return undefined;
  return { name: bare(name), type: kind, data: named.includes(kind) ? data.replace(/\.$/, '') : data };
}

/** Whether a type can hold a text, as far as types are known here. */
function isData(type: string, data: string): boolean {
  if (type === 'A' || type === 'AAAA') return isAddressOf(data, type === 'A' ? 4 : 6);
  if (type === 'HTTPS' || type === 'SVCB') return encodeHttps(data) !== undefined;
  return !named.includes(type) || isDomainName(data);
}
