/** Cloudflare DNS: what public DNS really answers, as this machine's own resolver tells it. */
import { defineCheck, fail, pass, refOf, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
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
import { stack } from '../../stack.ts';
import * as externalDns from '../external-dns/external-dns.ts';
import * as httproute from '../httproute/httproute.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

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

export const publicRecord = defineCheck({
  id: 'cloudflare-dns/has-the-right-record',
  title: 'Public DNS has the record that the cluster wants',
  why: 'A record that is missing, or that is left from an earlier device, sends clients without the tailnet’s resolver nowhere.',
  needs: [
    httproute.routesHostname,
    externalDns.ready,
    externalDns.annotationPrefix,
    externalDns.watchesRoutes,
    externalDns.routesYieldRecords,
    externalDns.targetIsTheDevice,
    externalDns.leavesSplitHorizonAlone,
    tailscaleProxy.deviceName,
  ],
  reads: { ...requestReads, deployments: plain(deployments), answers },
  commands: [command],
  judge(values, { inputs }) {
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
    const records = published(request, values);
    if (records.length > 0) return judgePublished(request, records, result, zone?.fact);
    if (hostname === stack.splitHorizon.hostname) return judgePublicCopy(request, result, zone?.fact);
    return skip(`No record of ${hostname} is kept in public DNS by the cluster.`, []);
  },
});

type ZoneFact = { ok: true; value: DnsResult } | { ok: false } | undefined;

/** Where the machine itself asks the tailnet's resolver, public DNS does not show. */
const seesTailnet = (result: DnsResult, { addresses }: Request): boolean =>
  recordsIn(result).length > 0 &&
  aliasesIn(result).length === 0 &&
  recordsIn(result).every((one) => addresses.includes(one));

const onThisSide = ({ hostname, addresses }: Request): Judgement =>
  skip(
    `This machine’s resolver answers ${hostname} with the Gateway’s ${addresses.join(', ')}, as the tailnet does: from here the public record cannot be seen.`,
    [],
  );

/** A resolver that does not even know the zone says nothing about a name in it. */
const zoneIsUnknown = (zone: ZoneFact): boolean => zone?.ok !== true || zone.value.outcome === 'no-such-name';

function judgePublished(request: Request, records: readonly DnsRecord[], result: DnsResult, zone: ZoneFact): Judgement {
  const { hostname, route } = request;
  const wanted = [...new Set(records.map(({ target }) => target))];
  const seen = [...aliasesIn(result), ...recordsIn(result)];
  if (wanted.some((target) => seen.includes(target))) {
    return pass(`Public DNS leads ${hostname} to ${wanted.join(', ')}, seen from this machine.`);
  }
  if (seesTailnet(result, request)) return onThisSide(request);
  const evidence = {
    object: refOf(route),
    path: `answer of this machine’s resolver to ${hostname} A`,
    observed: answerText(result),
    expected: wanted.join(', '),
  };
  if (seen.length === 0) {
    if (zoneIsUnknown(zone)) {
      return unknown(
        `This machine’s resolver knows neither ${hostname} nor ${above(hostname)}: what is public cannot be seen.`,
      );
    }
    return fail({
      message: `Public DNS has no record of ${hostname}, seen from this machine; ExternalDNS should keep one that leads to ${wanted.join(', ')}.`,
      evidence: [evidence],
      remedy: {
        title: 'ExternalDNS’s log says whether it tried, and what Cloudflare answered.',
        commands: [
          sh`kubectl logs -n ${stack.externalDns.namespace} deployment/${stack.externalDns.deployment} --tail=100`,
        ],
        disturbs: 'Nothing: reading only.',
      },
    });
  }
  return fail({
    message: `Public DNS leads ${hostname} to ${seen.join(', ')}, seen from this machine, and ExternalDNS should keep ${wanted.join(', ')} there: the record is from another time or another hand.`,
    evidence: [evidence],
    remedy: ownRecord(hostname),
  });
}

function judgePublicCopy(request: Request, result: DnsResult, zone: ZoneFact): Judgement {
  const { hostname, route } = request;
  const leak = [
    ...aliasesIn(result).filter((alias) => alias.endsWith('.ts.net')),
    ...recordsIn(result).filter(isTailnetAddress),
  ];
  if (seesTailnet(result, request)) return onThisSide(request);
  const evidence = {
    object: refOf(route),
    path: `answer of this machine’s resolver to ${hostname} A`,
    observed: answerText(result),
    expected: `the public copy at ${stack.splitHorizon.pages}`,
  };
  if (leak.length > 0) {
    return fail({
      message: `Public DNS leads ${hostname} into the tailnet (${leak.join(', ')}), seen from this machine: visitors from outside reach nothing in place of the public copy.`,
      evidence: [evidence],
      remedy: {
        title: `In Cloudflare, delete the record and its TXT record of ExternalDNS, and point ${hostname} at ${stack.splitHorizon.pages} again.`,
        commands: [sh`dig +noall +answer TXT cname-${hostname}`],
        disturbs: 'Nobody who gets through now: tailnet clients ask the tailnet resolver.',
      },
    });
  }
  if (recordsIn(result).length > 0) {
    return pass(`Public DNS leads ${hostname} to a public address (${answerText(result)}), seen from this machine.`);
  }
  if (zoneIsUnknown(zone)) {
    return unknown(
      `This machine’s resolver knows neither ${hostname} nor ${above(hostname)}: what is public cannot be seen.`,
    );
  }
  return fail({
    message: `Public DNS has no address for ${hostname}, seen from this machine: it should lead to ${stack.splitHorizon.pages}.`,
    evidence: [evidence],
    remedy: {
      title: `In Cloudflare, under Workers & Pages, add ${hostname} to the project’s custom domains; that writes the record.`,
      commands: [sh`dig +noall +answer ${stack.splitHorizon.pages} A`],
      disturbs: 'Nothing that works now.',
    },
  });
}

const ownRecord = (hostname: string) => ({
  title: `If the record’s TXT record names the owner ${stack.externalDns.owner}, ExternalDNS corrects it by itself within a minute: read its log. If not, ExternalDNS will not touch it: delete the record in Cloudflare, and it writes its own.`,
  commands: [
    sh`dig +noall +answer TXT cname-${hostname}`,
    sh`kubectl logs -n ${stack.externalDns.namespace} deployment/${stack.externalDns.deployment} --tail=100`,
  ],
  disturbs: 'Nothing that works now; resolvers keep the old record until its time to live is over.',
});
