/** Whether CoreDNS keeps a record of public DNS from the pods that ask for it. [CoreDNS 1.13] */
import { blockFor, pluginsOf, react } from '../../network/corefile.ts';

/** It does where the name's server block rewrites the name, answers it by itself, or asks nobody. */
export function hides(corefile: string, name: string): boolean {
  const block = blockFor(corefile, name);
  if (block === undefined) return true;
  if (pluginsOf(block, 'rewrite').some(({ words }) => isRewritten(words, `${name}.`))) return true;
  return react(corefile, name, 'TXT').kind === 'answer';
}

/** `rewrite [stop|continue] name [exact|prefix|suffix|substring|regex] FROM TO`. */
function isRewritten(words: readonly string[], name: string): boolean {
  const [field, ...rest] = words.slice(1).filter((word) => word !== 'stop' && word !== 'continue');
  if (field !== 'name') return false;
  const [how = '', from = ''] = ['exact', 'prefix', 'suffix', 'substring', 'regex'].includes(rest[0] ?? '')
    ? rest
    : ['exact', ...rest];
  const absolute = from.replace(/\.?$/, '.');
  switch (how) {
    case 'prefix':
      return name.startsWith(from);
    case 'suffix':
      return name.endsWith(absolute);
    case 'substring':
      return name.includes(from);
    case 'regex':
      return matches(from, name);
    default:
      return name === absolute;
  }
}

/** An expression that somebody wrote may be none. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return false;
  }
}
