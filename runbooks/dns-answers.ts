/**
 * What a CoreDNS server block answers to a question, worked out from its configuration alone: pure.
 *
 * Plugins act in the order in which CoreDNS was compiled (plugin.cfg), not in which they are written:
 * rewrite, template, hosts, kubernetes, file and its like, forward. [CoreDNS 1.12 and 1.13]
 */
import { goRegExp, isRefused } from '../src/formats/go-regexp.ts';
import { isWithin, pluginsOf, type Directive, type ServerBlock } from './corefile.ts';

export type QueryType = 'A' | 'AAAA' | 'HTTPS' | 'SVCB' | 'TXT' | 'CNAME';

export interface DnsAnswer {
  /** The plugin that answers; empty when none does. */
  plugin: string;
  result:
    | { kind: 'records'; values: readonly string[] }
    /** The name exists, and has no record of this type. */
    | { kind: 'empty' }
    | { kind: 'code'; code: string }
    /** The cluster's own name for a Service. */
    | { kind: 'service'; namespace: string; name: string }
    | { kind: 'forwarded'; to: readonly string[] }
    /** A plugin answers whose data is not in the Corefile. */
    | { kind: 'elsewhere' }
    /** No plugin is left: SERVFAIL. */
    | { kind: 'nothing' };
  /** The name that the question became, where a rewrite changed it. */
  rewritten?: { to: string; by: Directive; isRestored: boolean; isPerName: boolean };
}

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** A `rewrite name` rule, in one line or as a block of its own; undefined for rewrites of anything else. */
export function nameRewrite(
  directive: Directive,
): { match: string; from: string; to: string; restores: boolean } | undefined {
  const head = directive.args.filter((word, index) => !(index === 0 && (word === 'stop' || word === 'continue')));
  const [first, ...answers] = directive.block;
  const rule = head[0] === 'name' ? head.slice(1) : first?.name === 'name' ? [...first.args] : undefined;
  if (rule === undefined) return undefined;
  const kinds = ['exact', 'prefix', 'suffix', 'substring', 'regex'];
  const [match = 'exact', from, to, ...options] = kinds.includes(rule[0] ?? '') ? rule : ['exact', ...rule];
  if (from === undefined || to === undefined) return undefined;
  const restores =
    // A whole name is put back by itself; for the others CoreDNS has to be told.
    match === 'exact' ||
    (options[0] === 'answer' && (options[1] === 'auto' || options[1] === 'name')) ||
    answers.some(({ name, args }) => name === 'answer' && (args[0] === 'auto' || args[0] === 'name'));
  return { match, from, to, restores };
}

/** What a rule makes of a name (with trailing dot, as the rule sees it); undefined when it does not match. */
function applyRewrite(rule: { match: string; from: string; to: string }, name: string): string | undefined {
  const { match, from, to } = rule;
  const dotted = (text: string): string => (text.endsWith('.') ? text : `${text}.`);
  switch (match) {
    case 'exact':
      return dotted(from.toLowerCase()) === name ? to : undefined;
    case 'prefix':
      return name.startsWith(from) ? to + name.slice(from.length) : undefined;
    case 'suffix':
      return name.endsWith(dotted(from)) ? name.slice(0, name.length - dotted(from).length) + dotted(to) : undefined;
    case 'substring':
      return name.includes(from) ? name.replaceAll(from, to) : undefined;
    default: {
      const pattern = goRegExp(from);
      const groups = isRefused(pattern) ? undefined : pattern.exec(name);
      return groups === undefined
        ? undefined
        : to.replaceAll(/\{(\d+)\}/g, (_whole, index: string) => groups[Number(index)] ?? '');
    }
  }
}

export function answerOf(
  block: ServerBlock,
  asked: string,
  type: QueryType,
  /** Other files beside the Corefile, by name, for plugins that read one. */
  files: Readonly<Record<string, string>> = {},
): DnsAnswer {
  const question = `${bare(asked)}.`;
  const rewritten = rewriteOf(block, question);
  const name = bare(rewritten?.to ?? question);
  const with_ = (plugin: string, result: DnsAnswer['result']): DnsAnswer => ({
    plugin,
    result,
    ...(rewritten === undefined ? {} : { rewritten }),
  });
  const zones = block.zones.map((zone) => zone.name);

  for (const template of pluginsOf(block, 'template')) {
    const result = templateAnswer(template, name, type, zones);
    if (result !== undefined) return with_('template', result);
  }
  for (const hosts of pluginsOf(block, 'hosts')) {
    const result = hostsAnswer(hosts, name, type, zones, files);
    if (result !== undefined) return with_('hosts', result);
  }
  for (const kubernetes of pluginsOf(block, 'kubernetes')) {
    const own = kubernetes.args.length === 0 ? zones : kubernetes.args.map(bare);
    const zone = own.find((candidate) => candidate !== '' && isWithin(name, candidate));
    if (zone === undefined) continue;
    const [service, namespace, kind] = name
      .slice(0, -zone.length - 1)
      .split('.')
      .slice(-3);
    if (kind === 'svc' && service !== undefined && namespace !== undefined) {
      return with_('kubernetes', { kind: 'service', namespace, name: service });
    }
    if (!fallsThrough(kubernetes, name)) return with_('kubernetes', { kind: 'code', code: 'NXDOMAIN' });
  }
  // Zone files, other backends: what they answer is not written in the Corefile.
  const backend = block.plugins.find((plugin) =>
    [
      'file',
      'auto',
      'secondary',
      'etcd',
      'route53',
      'azure',
      'clouddns',
      'k8s_external',
      'k8s_gateway',
      'grpc',
      'erratic',
    ].includes(plugin.name),
  );
  if (backend !== undefined) return with_(backend.name, { kind: 'elsewhere' });
  for (const forward of pluginsOf(block, 'forward')) {
    const [from = '.', ...to] = forward.args;
    const isExcepted = forward.block.some(
      ({ name: option, args }) => option === 'except' && args.some((zone) => isWithin(name, bare(zone))),
    );
    if (isWithin(name, bare(from)) && !isExcepted) return with_('forward', { kind: 'forwarded', to });
  }
  return with_('', { kind: 'nothing' });
}

function rewriteOf(block: ServerBlock, question: string): DnsAnswer['rewritten'] {
  for (const directive of pluginsOf(block, 'rewrite')) {
    const rule = nameRewrite(directive);
    const to = rule === undefined ? undefined : applyRewrite(rule, question);
    if (rule === undefined || to === undefined) continue;
    return { to, by: directive, isRestored: rule.restores, isPerName: rule.match === 'exact' };
  }
  return undefined;
}

/** Whether a plugin passes a name on that it has no answer for. */
const fallsThrough = (plugin: Directive, name: string): boolean =>
  plugin.block.some(
    ({ name: option, args }) =>
      option === 'fallthrough' && (args.length === 0 || args.some((zone) => isWithin(name, bare(zone)))),
  );

function templateAnswer(
  { args: [, wanted = 'ANY', ...zones], block }: Directive,
  name: string,
  type: QueryType,
  serverZones: readonly string[],
): DnsAnswer['result'] | undefined {
  const own = zones.length === 0 ? serverZones : zones.map(bare);
  if (wanted.toUpperCase() !== 'ANY' && wanted.toUpperCase() !== type) return undefined;
  if (!own.some((zone) => isWithin(name, zone))) return undefined;
  const patterns = block.filter((line) => line.name === 'match').flatMap((line) => line.args);
  const matches =
    patterns.length === 0 || patterns.map(goRegExp).some((pattern) => !isRefused(pattern) && pattern.test(`${name}.`));
  if (!matches) {
    const passesOn = fallsThrough({ name: 'template', args: [], block }, name);
    return passesOn ? undefined : { kind: 'code', code: 'NXDOMAIN' };
  }
  const code = block.find((line) => line.name === 'rcode')?.args[0]?.toUpperCase() ?? 'NOERROR';
  if (code !== 'NOERROR') return { kind: 'code', code };
  const records = block.filter((line) => line.name === 'answer').map((line) => line.args.join(' '));
  const values = records.flatMap((record) => {
    const found = /\s(?:IN\s+)?(A|AAAA|CNAME|HTTPS|SVCB|TXT)\s+(.+)$/i.exec(record);
    return found === null || (found[1]?.toUpperCase() !== type && found[1]?.toUpperCase() !== 'CNAME')
      ? []
      : [found[2]?.trim() ?? ''];
  });
  return values.length === 0 ? { kind: 'empty' } : { kind: 'records', values };
}

function hostsAnswer(
  hosts: Directive,
  name: string,
  type: QueryType,
  serverZones: readonly string[],
  files: Readonly<Record<string, string>>,
): DnsAnswer['result'] | undefined {
  const [file, ...zones] = hosts.args;
  const own = zones.length === 0 ? serverZones : zones.map(bare);
  if (!own.some((zone) => isWithin(name, zone))) return undefined;
  const content = file === undefined ? undefined : files[file.slice(file.lastIndexOf('/') + 1)];
  const lines = [
    ...hosts.block.map((line) => [line.name, ...line.args]),
    ...(content ?? '').split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)),
  ];
  const addresses = lines
    .filter(([, ...names]) => names.some((one) => bare(one) === name))
    .map(([address = '']) => address);
  if (addresses.length > 0) {
    const values = addresses.filter((address) => (type === 'A' ? /^[\d.]+$/ : /:/).test(address));
    return (type === 'A' || type === 'AAAA') && values.length > 0 ? { kind: 'records', values } : { kind: 'empty' };
  }
  if (file !== undefined && content === undefined && file !== '/etc/hosts') return { kind: 'elsewhere' };
  return fallsThrough(hosts, name) ? undefined : { kind: 'code', code: 'NXDOMAIN' };
}
