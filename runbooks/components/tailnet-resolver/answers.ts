/** Tailnet resolver, what its Corefile makes it answer: the Gateway's address, and nothing else. [CoreDNS 1.12 and 1.13] */
import type { DnsAnswer } from '../../../src/formats/corefile/answer.ts';
import type { Corefile } from '../../../src/formats/corefile/corefile.ts';
import { defineCheck, pass, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, groupsOf, isNone } from '../../../src/runbook/told.ts';
import { inCorefile } from '../../models/corefile-rules.ts';
import { parentDomain } from '../../models/in-cluster-names.ts';
import { gatewayHosts, leadsToGateway, resolverAnswer } from '../../models/tailnet-resolver-objects.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as managedService from '../managed-service/managed-service.ts';
import { loadsCorefile, rulesCanMatch } from './corefile.ts';
import {
  edit,
  hostnamesOf,
  routedReads as reads,
  runUpdater,
  showCorefile,
  updater,
  whereConfigured,
  type Configured,
} from './resolver.ts';
import { updaterSucceeds } from './updater-runs.ts';
import { updaterIsScheduled } from './updater.ts';

/** Hostnames of one zone that the resolver treats alike. */
interface Asked {
  config: KubeObject<'ConfigMap'>;
  corefile: Corefile;
  zone: string;
  hostnames: readonly string[];
}

const titles = ({ corefile }: Asked): readonly string[] => corefile.blocks.map(({ title }) => title);

const template = ({ zone }: Asked): string => `template IN A ${zone} with the Gateway’s address`;

/** What is answered to a question for A, and whether one for CNAME gets an alias. */
interface Answered {
  answer: DnsAnswer | undefined;
  isAliased: boolean;
}

/** What a wrong rule does is not for the updater to mend. */
const byItself = (): readonly string[] => [envoyGateway.kindsInstalled.id, loadsCorefile.id, rulesCanMatch.id];

const matchTemplate = edit(
  'Let the template for A match the hostname: it is matched in lower case with a dot at its end.',
);

const addressFindings = {
  notServed: finding<Asked>({
    headline: 'The tailnet resolver serves no zone for names of {zone}',
    means: 'No server block of the Corefile holds the hostname, so CoreDNS refuses the question.',
    message: (asked) =>
      `The tailnet resolver has no server block for ${asked.hostnames.join(', ')}: it serves ${titles(asked).join(', ')}, and refuses the question.`,
    evidence: (asked) => [inCorefile(asked.config, titles(asked), `a server block for ${asked.zone}`)],
    remedies: ({ zone }) => [
      edit(`Serve the zone ${zone}, as the handbook’s infrastructure/tailscale-dns/configmap.yaml does.`),
    ],
    explainedBy: byItself,
  }),
  forwarded: finding<Asked & { to: readonly string[] }>({
    headline: 'The tailnet resolver asks others for names of {zone}',
    means: 'No rule of the Corefile takes the hostname, so the question goes on to a resolver outside the cluster.',
    message: ({ hostnames, to }) =>
      `The tailnet resolver does not answer ${hostnames.join(', ')} itself: it asks ${to.join(', ')}, so tailnet clients get the public answer.`,
    evidence: (asked) => [inCorefile(asked.config, `forward . ${asked.to.join(' ')}`, template(asked))],
    remedies: () => [matchTemplate],
    explainedBy: byItself,
  }),
  noAddress: finding<Asked & { observed: string; said: string }>({
    headline: 'The tailnet resolver has no address for names of {zone}',
    means: 'A rule of the Corefile answers the hostname with an error or without a record, or none takes it at all.',
    message: ({ hostnames, said }) => `The tailnet resolver answers ${hostnames.join(', ')} with ${said}.`,
    evidence: (asked) => [inCorefile(asked.config, asked.observed, template(asked))],
    remedies: () => [matchTemplate],
    explainedBy: byItself,
  }),
  aliasOnly: finding<Asked>({
    headline: 'The resolver’s alias for {zone} is asked for by nobody',
    means:
      'A template IN CNAME answers questions for the type CNAME alone. Clients ask for A and AAAA, and those go past it.',
    message: ({ hostnames }) =>
      `The tailnet resolver answers ${hostnames.join(', ')} to who asks for a CNAME, and clients ask for A: its template IN CNAME does not take that question.`,
    evidence: (asked) => [inCorefile(asked.config, `template IN CNAME ${asked.zone}`, template(asked))],
    remedies: () => [edit('Answer questions for A with the Gateway’s address, in a template IN A.')],
    explainedBy: byItself,
  }),
  wrongAddress: finding<Asked & { values: readonly string[]; hosts: readonly string[] }>({
    headline: 'The resolver’s address for {zone} is not the Gateway’s',
    means: 'Tailnet clients are sent to a device that is not the Gateway’s proxy, or that is gone.',
    message: ({ hostnames, values, hosts }) =>
      `The tailnet resolver answers ${hostnames.join(', ')} with ${values.join(', ')}, and the Gateway is at ${hosts.join(', ')}.`,
    evidence: ({ config, values, hosts }) => [inCorefile(config, values, hosts)],
    remedies: ({ config }) => [
      {
        title: 'Let the updater write the address now.',
        commands: [runUpdater(updater)],
        disturbs: 'Nothing: the resolver reloads its Corefile while it answers.',
      },
      {
        title:
          'If the old one comes back, something applies an old Corefile again, such as Git: see who wrote it last, and write the address there, too.',
        commands: [sh`kubectl get configmap ${place(config.metadata)} -o yaml --show-managed-fields`],
        disturbs: 'Nothing: reading only.',
      },
    ],
  }),
};

export const holdsAddress = defineCheck({
  id: 'tailnet-resolver/holds-the-gateways-address',
  title: 'The tailnet resolver’s Corefile holds the Gateway’s tailnet address',
  why: 'The address stands in its Corefile as a literal: a device that registers anew gets another one.',
  needs: [
    envoyGateway.kindsInstalled,
    loadsCorefile,
    rulesCanMatch,
    managedService.isOfTailscalesClass,
    managedService.hasAddress,
    updaterIsScheduled,
    updaterSucceeds,
  ],
  reads,
  commands: [showCorefile, sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.status.addresses}'`],
  findings: addressFindings,
  judge: (values, { find }) =>
    whereConfigured(values, (found) => {
      const hostnames = hostnamesOf(values, found);
      if (isNone(hostnames)) return skip('No route on the tailnet’s Gateways has a hostname to try.');
      const hosts = (): readonly string[] => gatewayHosts(values);
      const wrong = eachOf(alike(found, hostnames), (asked) => judgeAnswer(asked, { ...values, hosts }, find) ?? []);
      if (wrong.length > 0) return wrong;
      return hosts().length === 0
        ? skip('No Gateway of the tailnet has an address yet that the answer could be compared with.')
        : pass(`${hostnames.join(', ')}: answered with an address of the Gateway (${hosts().join(', ')}).`);
    }),
});

/** What goes wrong in one way for many hostnames is said once. */
function alike(found: Configured, hostnames: readonly string[]): readonly (Asked & Answered)[] {
  const { config, corefile } = found;
  const answered = hostnames.map((hostname) => ({
    hostname,
    zone: parentDomain(hostname),
    answer: resolverAnswer(found, hostname, 'A'),
    isAliased: resolverAnswer(found, hostname, 'CNAME')?.result.kind === 'records',
  }));
  return groupsOf(answered, ({ zone, answer }) => JSON.stringify([zone, answer?.result])).map((group) => {
    const [{ zone, answer, isAliased }] = group;
    return { config, corefile, zone, answer, isAliased, hostnames: group.map(({ hostname }) => hostname) };
  });
}

/** Nothing where an answer is right, or cannot be told. */
function judgeAnswer(
  { answer, isAliased, ...asked }: Asked & Answered,
  { hosts, services }: { hosts: () => readonly string[]; services: readonly KubeObject<'Service'>[] },
  find: Find<typeof addressFindings>,
): Judgement | undefined {
  if (answer === undefined) return find.notServed(asked);
  const { result } = answer;
  if (isAliased && result.kind !== 'records' && result.kind !== 'elsewhere') return find.aliasOnly(asked);
  switch (result.kind) {
    case 'elsewhere':
    case 'service':
      return undefined;
    case 'forwarded':
      return isInCluster(result.to, services) ? undefined : find.forwarded({ ...asked, to: result.to });
    case 'records':
      return leadsToGateway(answer, hosts()) === false
        ? find.wrongAddress({ ...asked, values: result.values, hosts: hosts() })
        : undefined;
    case 'code':
      return find.noAddress({ ...asked, observed: result.code, said: result.code });
    case 'empty':
      return find.noAddress({ ...asked, observed: result.kind, said: 'no address' });
    case 'nothing':
      return find.noAddress({ ...asked, observed: result.kind, said: 'SERVFAIL, for no plugin takes it' });
  }
}

/** Another resolver of the cluster may know the answer. */
const isInCluster = (upstreams: readonly string[], services: readonly KubeObject<'Service'>[]): boolean =>
  services.some(({ spec }) => upstreams.some((upstream) => spec?.clusterIP === upstream.replace(/:\d+$/, '')));
