/**
 * What a CoreDNS server block answers to a question, worked out from its configuration alone: pure.
 *
 * Plugins act in the order in which CoreDNS was compiled (plugin.cfg), not in which they are written:
 * rewrite, template, hosts, kubernetes, file and its like, forward. [CoreDNS 1.12 to 1.14]
 */
import { addressVersion } from '../cidr.ts';
import { bare, fallsThrough, isWithin, optionsOf, parseZone, pluginsOf, zoneOf, zonesOf } from './corefile.ts';
import type { Directive, ServerBlock } from './corefile.ts';
import type { DnsRecord } from './record.ts';
import { restored, rewriteQuestion, type Rewritten } from './rewrite.ts';
import { templateAnswer } from './template.ts';

export interface DnsAnswer {
  /** The plugin that answers; empty when none does. */
  plugin: string;
  result:
    /** The values of the records that answer the question: of its type, or aliases. */
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
  /** The records as the plugin gives them, where the result is of records: about the rewritten name, if there is one. */
  records?: readonly DnsRecord[];
  /** What the question became, where a rewrite changed its name. */
  rewritten?: Rewritten;
}

/** Other files beside the Corefile, by name, for plugins that read one. */
export type Files = Readonly<Record<string, string>>;

export function answerOf(block: ServerBlock, asked: string, askedType: string, files: Files = {}): DnsAnswer {
  const rewriting = rewriteQuestion(block, asked, askedType);
  if (rewriting.kind === 'untried') return { plugin: 'rewrite', result: { kind: 'elsewhere' } };
  if (rewriting.kind === 'as-asked') return unrewritten(block, bare(asked), rewriting.type, files);
  const { kind, ...rewritten } = rewriting;
  return kind === 'invalid'
    ? { plugin: 'rewrite', result: { kind: 'code', code: 'SERVFAIL' }, rewritten }
    : putBack({ ...unrewritten(block, bare(rewritten.to), rewritten.type, files), rewritten });
}

/** A plugin's answer; undefined where it leaves the question to the next. */
type Plugin = (block: ServerBlock, name: string, type: string, files: Files) => DnsAnswer | undefined;

function unrewritten(block: ServerBlock, name: string, type: string, files: Files): DnsAnswer {
  for (const plugin of [byTemplate, byHosts, byKubernetes, byBackend, byForward, byLast]) {
    const answer = plugin(block, name, type, files);
    if (answer !== undefined) return answer;
  }
  return { plugin: '', result: { kind: 'nothing' } };
}

/** A rule for values changes the names that the records hold. */
function putBack(answer: DnsAnswer & { rewritten: Rewritten }): DnsAnswer {
  const { rewritten, result, records = [] } = answer;
  if (result.kind !== 'records') return answer;
  const given = records.map((record) => restored(rewritten, record));
  return { ...answer, result: { kind: 'records', values: valuesOf(given, rewritten.type) } };
}

/** The values that answer a question: of its type, or aliases. */
const valuesOf = (records: readonly DnsRecord[], type: string): readonly string[] =>
  records.filter((record) => record.type === type || record.type === 'CNAME').map(({ data }) => data);

function recordsFor(plugin: string, records: readonly DnsRecord[], type: string): DnsAnswer {
  const values = valuesOf(records, type);
  return values.length === 0
    ? { plugin, result: { kind: 'empty' } }
    : { plugin, result: { kind: 'records', values }, records };
}

const byTemplate: Plugin = (block, name, type) => {
  const answer = templateAnswer(block, name, type);
  if (answer === undefined) return undefined;
  if (answer.kind === 'unknown') return { plugin: 'template', result: { kind: 'elsewhere' } };
  const { code, records } = answer;
  return code === 'NOERROR'
    ? recordsFor('template', records, type)
    : { plugin: 'template', result: { kind: 'code', code } };
};

const byHosts: Plugin = (block, name, type, files) => {
  for (const hosts of pluginsOf(block, 'hosts')) {
    const answer = hostsAnswer(hosts, block, name, type, files);
    if (answer !== undefined) return answer;
  }
  return undefined;
};

function hostsAnswer(
  hosts: Directive,
  block: ServerBlock,
  name: string,
  type: string,
  files: Files,
): DnsAnswer | undefined {
  const [file, ...named] = hosts.args;
  if (zoneOf(zonesOf(named, block), name) === undefined) return undefined;
  const known = file?.slice(file.lastIndexOf('/') + 1) ?? '';
  const content = Object.hasOwn(files, known) ? files[known] : undefined;
  const lines = [
    ...hosts.block.map((line) => [line.name, ...line.args]),
    ...(content ?? '').split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)),
  ];
  const records = lines
    .filter(([, ...names]) => names.some((one) => bare(one) === name))
    .flatMap(([address = '']) => {
      const version = addressVersion(address);
      return version === undefined ? [] : [{ name, type: version === 4 ? 'A' : 'AAAA', data: address }];
    });
  if (records.length > 0) {
    return recordsFor(
      'hosts',
      records.filter((record) => record.type === type),
      type,
    );
  }
  if (file !== undefined && content === undefined && file !== '/etc/hosts')
    return { plugin: 'hosts', result: { kind: 'elsewhere' } };
  // Without fallthrough a name that it does not have is SERVFAIL, not NXDOMAIN: it has no SOA to say it with.
  return fallsThrough(hosts, name) ? undefined : { plugin: 'hosts', result: { kind: 'code', code: 'SERVFAIL' } };
}

const byKubernetes: Plugin = (block, name) => {
  for (const kubernetes of pluginsOf(block, 'kubernetes')) {
    const zone = zoneOf(
      zonesOf(kubernetes.args, block).filter((one) => one !== ''),
      name,
    );
    if (zone === undefined) continue;
    const [service, namespace, kind] = name
      .slice(0, -zone.length - 1)
      .split('.')
      .slice(-3);
    if (kind === 'svc' && service !== undefined && namespace !== undefined) {
      return { plugin: 'kubernetes', result: { kind: 'service', namespace, name: service } };
    }
    if (!fallsThrough(kubernetes, name)) return { plugin: 'kubernetes', result: { kind: 'code', code: 'NXDOMAIN' } };
  }
  return undefined;
};

/** Zone files, other backends: what they answer is not written in the Corefile. */
const backends = ['route53', 'azure', 'clouddns', 'k8s_external', 'k8s_gateway', 'file', 'auto', 'secondary', 'etcd'];
const last = ['grpc', 'erratic', 'whoami', 'nomad'];

const elsewhere =
  (names: readonly string[]): Plugin =>
  (block) => {
    const backend = block.plugins.find((plugin) => names.includes(plugin.name));
    return backend === undefined ? undefined : { plugin: backend.name, result: { kind: 'elsewhere' } };
  };

const byBackend = elsewhere(backends);
const byLast = elsewhere(last);

const byForward: Plugin = (block, name) => {
  for (const forward of pluginsOf(block, 'forward')) {
    const [from = '.', ...to] = forward.args;
    const zone = parseZone(from).name;
    const excepted = optionsOf(forward, 'except').flatMap(({ args }) => args.map((one) => parseZone(one).name));
    const isLeft = name !== zone && excepted.some((one) => isWithin(name, one));
    if (isWithin(name, zone) && !isLeft) return { plugin: 'forward', result: { kind: 'forwarded', to } };
  }
  return undefined;
};

/** Whether a name is asked of other servers as it is: a record that they have is seen. */
export const isLeftToOthers = ({ result, rewritten }: DnsAnswer): boolean =>
  result.kind === 'forwarded' && rewritten === undefined;
