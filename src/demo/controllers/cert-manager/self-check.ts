/** Whether CoreDNS keeps a record of public DNS from the pods that ask for it. [CoreDNS 1.13] */
import { blockFor, pluginsOf, react, rewritten } from '../../network/corefile.ts';

/** It does where the name's server block rewrites the name, answers it by itself, or asks nobody. */
export function hides(corefile: string, name: string): boolean {
  const block = blockFor(corefile, name);
  if (block === undefined) return true;
  if (pluginsOf(block, 'rewrite').some(({ words }) => rewritten(words, name) !== undefined)) return true;
  return react(corefile, name, 'TXT').kind === 'answer';
}
