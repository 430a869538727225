/** CoreDNS, for pods: every routed hostname leads to the Gateway without leaving the cluster. */
import type { ServerBlock } from '../../../src/formats/corefile/corefile.ts';
import { defineCheck, pass, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { isNone } from '../../../src/runbook/told.ts';
import { inCorefile, line, type Configured } from '../../models/corefile-rules.ts';
import {
  answersFor,
  internalService,
  parentDomain,
  routedHostnames,
  type NamedAnswer,
} from '../../models/in-cluster-names.ts';
import { corefile, endpointSlices, httpRoutes, pods, topologyReads } from '../../models/reads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as internal from '../internal-service/internal-service.ts';
import { astray, ofItsOwn } from './astray.ts';
import { loadsCorefile, ready, rulesCanMatch } from './coredns.ts';
import {
  edit,
  firstOfEach,
  fromGit,
  ofCorefile,
  restoreFromGit,
  rewriteLine,
  showCorefile,
  type ConfigMap,
} from './corefile.ts';
import { worthOf, type Values, type Worth } from './worth.ts';

/** Hostnames of one domain that one server block answers, or none does, and that are not led inside. */
interface LeftOut {
  config: ConfigMap;
  domain: string;
  hostnames: readonly string[];
  /** Keys of the block that answers them. */
  block: string;
  /** Keys of all blocks. */
  blocks: readonly string[];
  /** The lines of the block that could lead a name elsewhere. */
  rules: readonly string[];
}

const blocksInCorefile = ({ config, blocks }: LeftOut) =>
  [inCorefile(config, `server blocks for ${blocks.join(', ')}`, rewriteLine)] as const;

const leftOut = {
  ruleMisses: finding<LeftOut>({
    headline: 'A rule of CoreDNS misses hostnames of {domain}',
    means:
      'A rewrite or template stands in the server block, and its expression does not match the hostname. CoreDNS matches it against the name in lower case, with a dot at its end.',
    message: ({ hostnames, rules }) =>
      `CoreDNS has a rule for the hostnames that does not match ${hostnames.join(', ')}: ${rules.join('; ')}.`,
    evidence: ({ config, rules }) => [inCorefile(config, rules, rewriteLine)],
    remedies: () => [edit('Correct the expression.'), fromGit],
    explainedBy: ofItsOwn,
  }),
  blockWithoutRule: finding<LeftOut>({
    headline: 'CoreDNS has no rule for the hostnames of {domain}',
    means: 'The domain has a server block of its own, and nothing in it leads the hostname to the Gateway.',
    message: ({ hostnames, block }) =>
      `CoreDNS has a server block for ${block}, and nothing in it leads ${hostnames.join(', ')} to the Gateway.`,
    evidence: blocksInCorefile,
    remedies: ({ block }) => [restoreFromGit, edit(`Add the rule to the server block ${block}.`)],
    explainedBy: ofItsOwn,
  }),
  noBlock: finding<LeftOut>({
    headline: 'CoreDNS has no server block for {domain}',
    means: 'Nothing in the Corefile is about the domain, so pods get the answer that public DNS has.',
    message: ({ hostnames, domain }) =>
      `CoreDNS has no server block for ${domain}: pods ask public DNS for ${hostnames.join(', ')}, and get an address that they cannot route to.`,
    evidence: blocksInCorefile,
    remedies: ({ domain }) => [restoreFromGit, edit(`Add a server block for ${domain}.`)],
    explainedBy: ofItsOwn,
  }),
};

const findings = { ...astray, ...leftOut };

export const leadsInside = defineCheck({
  id: 'coredns/leads-to-the-internal-service',
  title: 'CoreDNS leads pods to the Gateway for every routed hostname',
  why: 'Pods cannot route to tailnet addresses: for them the hostnames must resolve to something inside the cluster.',
  needs: [envoyGateway.kindsInstalled, loadsCorefile, rulesCanMatch, ready, internal.exists],
  reads: {
    ...topologyReads,
    routes: plain(httpRoutes),
    pods: plain(pods),
    slices: plain(endpointSlices),
    corefile: plain(corefile),
  },
  commands: [showCorefile],
  findings,
  judge: (values, { find }) =>
    ofCorefile(values, (configured) => {
      const hostnames = routedHostnames(values);
      if (isNone(hostnames)) return skip('No route on the tailnet’s Gateways has a hostname to try.');
      const tried = tryEach(hostnames, configured, values);
      const broken = judgeBroken(tried, configured, find);
      return broken.length > 0 ? broken : judgeRest(tried, configured, values, find);
    }),
});

interface Tried extends NamedAnswer {
  worth: Worth;
}

const tryEach = (
  hostnames: readonly string[],
  { corefile, files }: Configured,
  values: Values & { routes: readonly KubeObject<'HTTPRoute'>[] },
): readonly Tried[] =>
  answersFor(corefile, hostnames, files).map((named) => ({ ...named, worth: worthOf(named, values) }));

function judgeBroken(
  tried: readonly Tried[],
  { config }: Configured,
  find: Find<typeof findings>,
): readonly Judgement[] {
  const broken = tried.flatMap(({ hostname, worth }) =>
    worth.kind === 'broken' ? [{ config, hostname, ...worth }] : [],
  );
  return firstOfEach(broken, ({ what, to }) => `${what} ${to}`).map((one) => find[one.what](one));
}

function judgeRest(
  tried: readonly Tried[],
  configured: Configured,
  values: Values,
  find: Find<typeof findings>,
): Judgement | readonly Judgement[] {
  const inside = tried.filter(({ worth }) => worth.kind === 'inside');
  const missed = missedOf(tried, inside);
  const [first] = missed;
  if (first === undefined) {
    return pass(`CoreDNS leads pods to the Gateway for ${inside.map(({ hostname }) => hostname).join(', ')}.`);
  }
  const excuse = inside.length > 0 ? undefined : excuseOf(first, configured, values);
  if (excuse !== undefined) return skip(excuse);
  const alike = Map.groupBy(missed, ({ hostname, block }) => `${parentDomain(hostname)} ${block?.title ?? ''}`);
  return [...alike.values()].map((group) => judgeLeftOut(group, configured, find));
}

/**
 * The names that should be led inside and are not. A rule for a whole domain should take each of its names; rules for single names leave
 * the others alone on purpose.
 */
function missedOf(tried: readonly Tried[], inside: readonly Tried[]): readonly Tried[] {
  const outside = tried.filter(({ worth }) => worth.kind === 'outside');
  if (inside.length === 0) return outside;
  const forDomains = inside.filter(({ answer }) => answer?.rewritten?.isPerName !== true && answer?.plugin !== 'hosts');
  return outside.filter(({ hostname, block }) =>
    forDomains.some((one) => one.block === block && parentDomain(one.hostname) === parentDomain(hostname)),
  );
}

/** Why nobody is to blame that no hostname is led inside, as far as is in sight. */
function excuseOf({ block, hostname }: Tried, { corefile }: Configured, values: Values): string | undefined {
  const imports = corefile.imports.join(', ');
  if (internalService(values) !== undefined || hasRule(block, hostname)) {
    return imports === ''
      ? undefined
      : `What the Corefile imports (${imports}) may lead hostnames inside; it is not in sight.`;
  }
  return imports === ''
    ? 'Pods are not led to the Gateway: no server block does it, and there is no Service for it.'
    : `The Corefile leads no hostname inside by itself, and imports ${imports}.`;
}

/** Whether a block that is not the root's claims the name: somebody meant to treat it apart. */
const hasRule = (block: ServerBlock | undefined, hostname: string): boolean =>
  block?.zones.some(({ name }) => name !== '' && (name === parentDomain(hostname) || name === hostname)) === true;

function judgeLeftOut(
  group: readonly Tried[],
  { config, corefile }: Configured,
  find: Find<typeof findings>,
): Judgement {
  const hostnames = group.map(({ hostname }) => hostname);
  const block = group[0]?.block;
  const rules = (block?.plugins ?? []).filter(({ name }) => name === 'rewrite' || name === 'template').map(line);
  const subject: LeftOut = {
    ...{ config, hostnames, rules },
    domain: parentDomain(hostnames[0] ?? ''),
    block: block?.title ?? '',
    blocks: corefile.blocks.map(({ title }) => title),
  };
  if (rules.length > 0) return find.ruleMisses(subject);
  return block?.zones.some(({ name }) => name !== '') === true ? find.blockWithoutRule(subject) : find.noBlock(subject);
}
