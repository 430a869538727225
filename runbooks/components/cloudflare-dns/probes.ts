/** Cloudflare DNS: what public DNS really answers, as this machine's own resolver tells it. */
import {
  defineCheck,
  pass,
  refOf,
  skip,
  unknown,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { follow, plain, type DnsRead, type DnsResult, type Inputs } from '../../../src/runbook/read.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { aliasesIn, answerText, recordsIn } from '../../models/dns-results.ts';
import { currentPrefix, externalDnsOf, legacyPrefix } from '../../models/external-dns-options.ts';
import { recordsOf, type DnsRecord } from '../../models/external-dns-records.ts';
import { hostnameTakes } from '../../../src/formats/hostname.ts';
import { deployments } from '../../models/reads.ts';
import {
  isTailnetAddress,
  noRequest,
  requestOf,
  requestReads,
  type Request,
  type RequestValues,
} from '../../models/request.ts';
import { stack } from '#stack';
import { has, hasHandmadeRecords, ifThere, partNames } from '../../parts.ts';
import * as externalDns from '../external-dns/external-dns.ts';
import * as httproute from '../httproute/httproute.ts';
import { deviceName } from '../tailscale-proxy/name.ts';

const command = sh`dig +noall +answer ${stack.app.hostname} A`;

/** The name above, which the zone must have if the resolver knows the zone at all. */
const above = (hostname: string): string => hostname.slice(hostname.indexOf('.') + 1);

const answers = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly DnsRead[] => {
    const request = requestOf(values, inputs);
    if (request === undefined) return [];
    return [request.hostname, above(request.hostname)].map((name) => ({
      type: 'dns',
      name,
      record: 'A',
      server: 'system',
      why: 'what public DNS says of the hostname',
    }));
  },
  { why: 'what public DNS says of the hostname', command, probes: true },
);

/** Whether a program keeps the records, and no person. */
const isAutomatic = has('externalDns');

/** What a record that is made by hand may lead to. */
const byHand = ({ devices, addresses }: Request): readonly string[] => [...devices, ...addresses];

/** What ExternalDNS keeps in public DNS for the hostname, by its own rules. */
function published(
  { hostname, route }: Request,
  values: RequestValues & { deployments: readonly KubeObject<'Deployment'>[] },
): readonly DnsRecord[] {
  return externalDnsOf(values.deployments)
    .filter(({ isDryRun }) => !isDryRun)
    .flatMap(
      (options) =>
        recordsOf(options, route, values.gateways, options.prefixes ?? [legacyPrefix, currentPrefix]).records,
    )
    .filter((record) => hostnameTakes(record.hostname, hostname));
}

/** What this machine's resolver says of the request's hostname, and what it should say. */
interface Amiss {
  request: Request;
  hostname: string;
  result: DnsResult;
  wanted: string;
}

/** The same, where the answer leads somewhere. */
interface Elsewhere extends Amiss {
  seen: string;
}

const evidence = ({ request, hostname, result, wanted }: Amiss): readonly [Evidence] => [
  {
    object: refOf(request.route),
    path: `answer of this machine’s resolver to ${hostname} A`,
    observed: answerText(result),
    expected: wanted,
  },
];

const { owner, namespace, deployment } = partNames.externalDns;
const { pages } = partNames.splitHorizon;
const showLog = sh`kubectl logs -n ${namespace} deployment/${deployment} --tail=100`;

const correctRecord = (hostname: string): readonly [Remedy, Remedy] => [
  {
    title: `Delete the record in Cloudflare if its TXT record does not name the owner ${owner}: ExternalDNS then writes its own.`,
    commands: [sh`dig +noall +answer TXT cname-${hostname}`],
    disturbs: 'Nothing that works now; resolvers keep the old record until its time to live is over.',
  },
  {
    title: `If the TXT record names the owner ${owner}, read ExternalDNS’s log: it corrects the record by itself within a minute.`,
    commands: [showLog],
    disturbs: 'Nothing: reading only.',
  },
];

const writeRecord = (hostname: string, wanted: string): Remedy => ({
  title: `In Cloudflare, point ${hostname} at ${wanted}, with its proxy off.`,
  commands: [sh`dig +noall +answer ${hostname} A`],
  disturbs: 'Nothing that works now; resolvers keep the old record until its time to live is over.',
});

const findings = {
  recordMissing: finding<Amiss>({
    headline: 'Public DNS has no record of {hostname}',
    means: isAutomatic
      ? 'ExternalDNS should keep a record of the hostname, and the zone has none.'
      : 'Records are made by hand here, and the zone has none of the hostname.',
    message: ({ hostname, wanted }) =>
      `Public DNS has no record of ${hostname}, seen from this machine; ${isAutomatic ? 'ExternalDNS should keep' : 'there should be'} one that leads to ${wanted}.`,
    evidence,
    remedies: ({ hostname, wanted }) => [
      isAutomatic
        ? {
            title: 'Read ExternalDNS’s log: it says whether it tried, and what Cloudflare answered.',
            commands: [showLog],
            disturbs: 'Nothing: reading only.',
          }
        : writeRecord(hostname, wanted),
    ],
  }),
  recordOfOthers: finding<Elsewhere>({
    headline: 'The public record of {hostname} leads elsewhere',
    means: `The record is left from an earlier device, or somebody else wrote it${isAutomatic ? '; ExternalDNS changes only its own' : ''}.`,
    message: ({ hostname, seen, wanted }) =>
      `Public DNS leads ${hostname} to ${seen}, seen from this machine, and ${isAutomatic ? `ExternalDNS should keep ${wanted} there` : `it should be ${wanted}`}: the record is from another time or another hand.`,
    evidence,
    remedies: ({ hostname, wanted }) => (isAutomatic ? correctRecord(hostname) : [writeRecord(hostname, wanted)]),
  }),
  leadsIntoTailnet: finding<Elsewhere>({
    headline: 'The public record of {hostname} leads into the tailnet',
    means: 'A hostname with a public copy should lead there; into the tailnet, visitors from outside reach nothing.',
    message: ({ hostname, seen }) =>
      `Public DNS leads ${hostname} into the tailnet (${seen}), seen from this machine: visitors from outside reach nothing in place of the public copy.`,
    evidence,
    remedies: ({ hostname }) => [
      {
        title: `In Cloudflare, delete the record${ifThere('externalDns', ' and its TXT record of ExternalDNS')}, and point ${hostname} at ${pages} again.`,
        commands: [sh`dig +noall +answer TXT cname-${hostname}`],
        disturbs: 'Nobody who gets through now: tailnet clients ask the tailnet resolver.',
      },
    ],
  }),
  publicCopyMissing: finding<Amiss>({
    headline: 'Public DNS has no address for {hostname}',
    means: 'A hostname with a public copy should lead there, and public DNS has no address for it.',
    message: ({ hostname }) =>
      `Public DNS has no address for ${hostname}, seen from this machine: it should lead to ${pages}.`,
    evidence,
    remedies: ({ hostname }) => [
      {
        title: `In Cloudflare, under Workers & Pages, add ${hostname} to the project’s custom domains; that writes the record.`,
        commands: [sh`dig +noall +answer ${pages} A`],
        disturbs: 'Nothing that works now.',
      },
    ],
  }),
};

export const publicRecord = defineCheck({
  id: 'cloudflare-dns/has-the-right-record',
  title: 'Public DNS has the record that the cluster wants',
  why: `A record that is missing, or that is left from an earlier device, sends clients ${ifThere('tailnetResolver', 'without the tailnet’s resolver ')}nowhere.`,
  needs: [
    httproute.routesHostname,
    externalDns.ready,
    externalDns.annotationPrefix,
    externalDns.watchesRoutes,
    externalDns.routesYieldRecords,
    externalDns.targetIsTheDevice,
    externalDns.leavesSplitHorizonAlone,
    deviceName,
  ],
  reads: { ...requestReads, deployments: plain(deployments), answers },
  commands: [command],
  findings,
  judge(values, { inputs, find }) {
    const request = requestOf(values, inputs);
    const [own, zone] = values.answers;
    if (request === undefined || own === undefined) return skip(noRequest(inputs));
    if (!own.fact.ok) return unknown(own.fact.problem.message, own.fact.problem);
    const result = own.fact.value;
    const { hostname } = request;
    if (result.outcome === 'no-answer' || result.outcome === 'server-failure' || result.outcome === 'refused') {
      return unknown(
        `This machine’s resolver gives ${answerText(result)} for ${hostname}: what is public cannot be seen.`,
      );
    }
    const seen = { request, result, zone: zone?.fact };
    const targets = hasHandmadeRecords ? byHand(request) : published(request, values).map(({ target }) => target);
    if (targets.length > 0) return judgePublished(seen, [...new Set(targets)], find);
    if (hostname === partNames.splitHorizon.hostname) return judgePublicCopy(seen, find);
    return skip(`No record of ${hostname} is kept in public DNS by the cluster.`, []);
  },
});

/** What this machine's resolver says of the hostname, and of the name above it. */
interface Seen {
  request: Request;
  result: DnsResult;
  zone: { ok: true; value: DnsResult } | { ok: false } | undefined;
}

/** Where the machine itself asks the tailnet's resolver, public DNS does not show. */
const seesTailnet = ({ result, request: { addresses } }: Seen): boolean =>
  recordsIn(result).length > 0 &&
  aliasesIn(result).length === 0 &&
  recordsIn(result).every((one) => addresses.includes(one));

const onThisSide = ({ request: { hostname, addresses } }: Seen): Judgement =>
  skip(
    `This machine’s resolver answers ${hostname} with the Gateway’s ${addresses.join(', ')}, as the tailnet does: from here the public record cannot be seen.`,
    [],
  );

/** A resolver that does not even know the zone says nothing about a name in it. */
const zoneIsUnknown = ({ zone }: Seen): boolean => zone?.ok !== true || zone.value.outcome === 'no-such-name';

const neitherKnown = ({ request: { hostname } }: Seen): Judgement =>
  unknown(`This machine’s resolver knows neither ${hostname} nor ${above(hostname)}: what is public cannot be seen.`);

function judgePublished(all: Seen, targets: readonly string[], find: Find<typeof findings>): Judgement {
  const { request, result } = all;
  const { hostname } = request;
  const wanted = targets.join(hasHandmadeRecords ? ' or ' : ', ');
  const seen = [...aliasesIn(result), ...recordsIn(result)];
  if (targets.some((target) => seen.includes(target)))
    return pass(`Public DNS leads ${hostname} to ${wanted}, seen from this machine.`);
  if (seesTailnet(all)) return onThisSide(all);
  if (seen.length > 0) return find.recordOfOthers({ request, hostname, result, wanted, seen: seen.join(', ') });
  return zoneIsUnknown(all) ? neitherKnown(all) : find.recordMissing({ request, hostname, result, wanted });
}

function judgePublicCopy(all: Seen, find: Find<typeof findings>): Judgement {
  const { request, result } = all;
  const { hostname } = request;
  if (seesTailnet(all)) return onThisSide(all);
  const wanted = `the public copy at ${pages}`;
  const leak = [
    ...aliasesIn(result).filter((alias) => alias.endsWith('.ts.net')),
    ...recordsIn(result).filter(isTailnetAddress),
  ];
  if (leak.length > 0) return find.leadsIntoTailnet({ request, hostname, result, wanted, seen: leak.join(', ') });
  if (recordsIn(result).length > 0)
    return pass(`Public DNS leads ${hostname} to a public address (${answerText(result)}), seen from this machine.`);
  return zoneIsUnknown(all) ? neitherKnown(all) : find.publicCopyMissing({ request, hostname, result, wanted });
}
