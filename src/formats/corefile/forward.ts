/** CoreDNS's plugin forward: upstreams that are names in place of addresses. [CoreDNS 1.12 to 1.14, plugin/forward and plugin/pkg/parse] */
import { addressVersion } from '../cidr.ts';
import { bare, isWithin, optionsOf, parseZone, pluginsOf, type Corefile, type Directive } from './corefile.ts';

/** An upstream that is a host's name. */
export interface NamedUpstream {
  /** The line that has it. */
  directive: Directive;
  name: string;
  /**
   * Whether only CoreDNS itself knows the name, for it is of a zone that its plugin kubernetes answers: it is looked up before CoreDNS answers
   * anything, at the servers that `/etc/resolv.conf` or the option `resolver` names.
   */
  isItsOwn: boolean;
}

/** The upstreams of a Corefile that are names; a word with a slash is a file, and one without a dot may be one. */
export function namedUpstreams({ blocks }: Corefile): readonly NamedUpstream[] {
  const own = blocks.flatMap((block) => pluginsOf(block, 'kubernetes').flatMap(({ args }) => args.map(zoneOf)));
  return blocks.flatMap((block) =>
    pluginsOf(block, 'forward').flatMap((directive) =>
      directive.args.slice(1).flatMap((word) => {
        const name = hostOf(word);
        if (name === undefined) return [];
        const isInside = ['cluster.local', ...own].some((zone) => isWithin(bare(name), zone));
        return [{ directive, name, isItsOwn: isInside && optionsOf(directive, 'resolver').length === 0 }];
      }),
    ),
  );
}

const zoneOf = (key: string): string => parseZone(key).name;

/** The name in `tls://dns.example.com:853`; undefined for an address, a socket or a file. */
function hostOf(word: string): string | undefined {
  const [, scheme = 'dns', rest = ''] = /^(?:([a-z0-9]+):\/\/)?(.*)$/s.exec(word) ?? [];
  const host = rest.replace(/%.*$/s, '').replace(/:\d+$/, '');
  if (scheme === 'unix' || addressVersion(host) !== undefined) return undefined;
  return /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*\.?$/i.test(host) && !host.endsWith('.conf')
    ? host
    : undefined;
}
