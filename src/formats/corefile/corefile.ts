/** What a Corefile holds, and which of its blocks answers a name. [CoreDNS 1.12 to 1.14] */

/** A line of a Corefile: its words, and the lines of its block where it has one. */
export interface Directive {
  name: string;
  args: readonly string[];
  block: readonly Directive[];
}

export interface Zone {
  /** Lower case, without trailing dot; the root is empty. */
  name: string;
  port: number;
}

export interface ServerBlock {
  zones: readonly Zone[];
  /** The keys as they were written. */
  title: string;
  plugins: readonly Directive[];
}

export interface Corefile {
  blocks: readonly ServerBlock[];
  /** Why CoreDNS would refuse to load it. */
  faults: readonly string[];
  /** Files that it imports and that are not in sight. */
  imports: readonly string[];
  /** Environment variables that it takes its words from and that are not in sight. */
  variables: readonly string[];
}

/** A name as it is compared: lower case, without the dot at its end. */
export const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** A name as CoreDNS keeps it: lower case, with the dot at its end [plugin.Name.Normalize]. */
export const normalized = (name: string): string => `${bare(name)}.`;

/** `dns://example.com:1053`, `example.com`, `.:53`; other transports than plain DNS have ports of their own. */
export function parseZone(key: string): Zone {
  const parted = key.indexOf('://');
  const [scheme, rest] = parted === -1 ? ['dns', key] : [key.slice(0, parted), key.slice(parted + 3)];
  const port = /:(\d+)$/.exec(rest);
  const standard = { tls: 853, quic: 853, https: 443, https3: 443, grpc: 443 }[scheme] ?? 53;
  return { name: bare(rest.slice(0, port?.index ?? rest.length)), port: port === null ? standard : Number(port[1]) };
}

/** Whether a name is a zone's own or lies below it. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`);

/** The longest of the zones that hold a name; undefined when none does. */
export const zoneOf = (zones: readonly string[], name: string): string | undefined =>
  zones
    .filter((zone) => isWithin(name, zone))
    .reduce<string | undefined>(
      (best, zone) => (best === undefined || zone.length > best.length ? zone : best),
      undefined,
    );

/** The block that answers a name: the one with the longest zone that holds it. */
export function blockFor(corefile: Corefile, name: string, port: number): ServerBlock | undefined {
  const asked = bare(name);
  const claims = corefile.blocks.flatMap((block) =>
    block.zones
      .filter((zone) => zone.port === port && isWithin(asked, zone.name))
      .map((zone) => ({ block, length: zone.name === '' ? 0 : zone.name.length + 1 })),
  );
  return claims.sort((one, other) => other.length - one.length)[0]?.block;
}

/** The block that answers a name on whichever port it listens: a Service may lead port 53 to any. */
export const blockOnAnyPort = (corefile: Corefile, name: string): ServerBlock | undefined =>
  [...new Set(corefile.blocks.flatMap(({ zones }) => zones.map(({ port }) => port)))]
    .map((port) => blockFor(corefile, name, port))
    .find((block) => block !== undefined);

/** The port that pods are answered on: that of the server with the root zone. */
export const rootPort = ({ blocks }: Corefile): number =>
  blocks.flatMap(({ zones }) => zones).find(({ name }) => name === '')?.port ?? 53;

export const pluginsOf = (block: ServerBlock, name: string): readonly Directive[] =>
  block.plugins.filter((plugin) => plugin.name === name);

/** The lines of a plugin's block that begin with a word. */
export const optionsOf = ({ block }: Directive, name: string): readonly Directive[] =>
  block.filter((line) => line.name === name);

/** The zones that a plugin names, else those of its server block. */
export const zonesOf = (named: readonly string[], block: ServerBlock): readonly string[] =>
  named.length === 0 ? block.zones.map(({ name }) => name) : named.map((zone) => parseZone(zone).name);

/** Whether a plugin passes a name on that it has no answer for. */
export const fallsThrough = (plugin: Directive, name: string): boolean =>
  optionsOf(plugin, 'fallthrough').some(
    ({ args }) => args.length === 0 || args.some((zone) => isWithin(name, parseZone(zone).name)),
  );

/** Whether CoreDNS takes a text for a domain name: labels of 1 to 63 characters, 255 in all. */
export const isDomainName = (name: string): boolean =>
  bare(name).length <= 253 &&
  (bare(name) === '' ||
    bare(name)
      .split('.')
      .every((label) => /^.{1,63}$/s.test(label)));
