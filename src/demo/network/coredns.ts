/** CoreDNS in the demo: its Corefile's answer to a question, with what only the cluster and public DNS can fill in. */
import { answerOf, type DnsAnswer, type Files } from '../../formats/corefile/answer.ts';
import type { ServerBlock } from '../../formats/corefile/corefile.ts';
import { restored } from '../../formats/corefile/rewrite.ts';
import type { DnsRecord } from '../../formats/corefile/record.ts';
import type { NameAnswer, View } from './name-answer.ts';

const rcodes: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
const serverFailure = 2;
export const refused: NameAnswer = { rcode: 5, records: [] };

/** What stands behind the Corefile. */
export interface Behind {
  files: Files;
  /** The cluster's Services, for the plugin kubernetes. */
  services: (service: { namespace: string; name: string }, asked: string, type: string) => NameAnswer;
  /** The servers that it forwards to. */
  upstream: View;
}

/** A server block's answer to a question. */
export function ask(
  block: ServerBlock,
  name: string,
  type: string,
  behind: Behind,
): NameAnswer & { forwarded: boolean } {
  const answer = answerOf(block, name, type, behind.files);
  const { rewritten } = answer;
  const { rcode, records } = filledIn(answer, rewritten?.to ?? name, rewritten?.type ?? type, behind);
  const given = rewritten === undefined ? records : records.map((record): DnsRecord => restored(rewritten, record));
  return { rcode, records: given, forwarded: answer.result.kind === 'forwarded' };
}

function filledIn(
  { result, records = [] }: DnsAnswer,
  name: string,
  type: string,
  { services, upstream }: Behind,
): NameAnswer {
  switch (result.kind) {
    case 'records':
      return { rcode: 0, records };
    case 'empty':
      return { rcode: 0, records: [] };
    case 'code':
      return { rcode: rcodes[result.code] ?? serverFailure, records: [] };
    case 'service':
      return services(result, name, type);
    case 'forwarded':
      return upstream(name, type);
    case 'elsewhere':
    case 'nothing':
      return { rcode: serverFailure, records: [] };
  }
}
