/** What a question for a name is answered with, as a server gives it. */
import type { DnsRecord } from '../../formats/corefile/record.ts';

export interface NameAnswer {
  rcode: number;
  records: readonly DnsRecord[];
}

export type View = (name: string, type: string) => NameAnswer;
