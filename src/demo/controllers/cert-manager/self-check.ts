/** Whether CoreDNS keeps a record of public DNS from the pods that ask for it. [CoreDNS 1.13] */
import { answerOf, isLeftToOthers } from '../../../formats/corefile/answer.ts';
import { blockFor, rootPort } from '../../../formats/corefile/corefile.ts';
import { parseCorefile } from '../../../formats/corefile/parse.ts';

/** It does where the name's server block rewrites the name, answers it by itself, or asks nobody. */
export function hides(text: string, name: string): boolean {
  const corefile = parseCorefile(text);
  const block = blockFor(corefile, name, rootPort(corefile));
  return block === undefined || !isLeftToOthers(answerOf(block, name, 'TXT'));
}
