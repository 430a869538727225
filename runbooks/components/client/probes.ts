/** Client: how a device of the tailnet resolves the hostname, asked where such a device asks, at MagicDNS. */
import { defineCheck, pass, refOf, skip, unknown, type Evidence } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { follow, type Answer, type DnsRead, type DnsResult, type Inputs } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { aliasesIn, answerText, recordsIn } from '../../models/dns-results.ts';
import {
  isOffTailnet,
  magicDns,
  noRequest,
  offTailnet,
  proofOfTailnet,
  requestOf,
  requestReads,
  type Request,
  type RequestValues,
  type Service,
} from '../../models/request.ts';
import { stack } from '#stack';
import * as cilium from '../cilium/cilium.ts';
import * as httproute from '../httproute/httproute.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as resolver from '../tailnet-resolver/probes.ts';
import { tailnetAddress } from '../tailscale-proxy/tailscale-proxy.ts';

const command = sh`dig +noall +answer @${magicDns.host} ${stack.app.hostname} A`;

const answer = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly DnsRead[] => {
    const request = requestOf(values, inputs);
    if (request === undefined) return [];
    return [
      {
        type: 'dns',
        name: request.hostname,
        record: 'A',
        server: magicDns,
        why: 'whom the tailnet’s DNS settings ask for the domain',
      },
      ...proofOfTailnet(request),
    ];
  },
  { why: 'whom the tailnet’s DNS settings ask for the domain', command, probes: true },
);

/** An answer of MagicDNS that is not the Gateway's address, and the resolver that would have given it. */
interface Misled {
  request: Request;
  result: DnsResult;
  service: Service;
  /** The resolver's address on the tailnet. */
  host: string;
  hostname: string;
  domain: string;
}

const evidence = ({ request, result, service }: Misled): readonly [Evidence] => [
  {
    object: refOf(service),
    path: `answer of MagicDNS (${magicDns.host}) to ${request.hostname} A, seen from this machine`,
    observed: answerText(result),
    expected: request.addresses.join(' or '),
  },
];

const askBoth = ({ hostname, host }: Misled): readonly Shell[] => [
  sh`dig +noall +answer @${magicDns.host} ${hostname} A`,
  sh`dig +noall +answer @${host} ${hostname} A`,
];

const domainOf = (hostname: string): string =>
  hostname.endsWith(`.${stack.domain}`) ? stack.domain : hostname.slice(hostname.indexOf('.') + 1);

export const asksTailnetResolver = defineCheck({
  id: 'client/asks-the-tailnet-resolver',
  title: 'MagicDNS is set to lead devices on the tailnet to the Gateway',
  why: 'Devices ask MagicDNS, and the tailnet’s DNS settings decide whom that asks: without an entry for the domain, public DNS.',
  needs: [
    httproute.routesHostname,
    managedService.hasAddress,
    cilium.replacesIt,
    cilium.hostNamespaceOnly,
    cilium.agentsRestarted,
    cilium.noKubeProxy,
    ...resolver.resolverIsRight,
    resolver.answersWithGateway,
  ],
  reads: { ...requestReads, answer },
  commands: [command],
  findings: {
    nameserverSilent: finding<Misled>({
      headline: 'MagicDNS gets no answer for {hostname}',
      means:
        'MagicDNS asks a nameserver for the domain that does not answer it: it is not the resolver’s address, or devices may not reach it.',
      message: ({ hostname, domain }) =>
        `MagicDNS fails to answer ${hostname}, seen from this machine: the nameserver that it asks for ${domain} does not answer it.`,
      evidence,
      commands: askBoth,
      remedies: ({ host }) => [
        {
          title: `In Tailscale’s admin console, under DNS, make the nameserver the resolver’s address ${host}.`,
          commands: [sh`tailscale dns status`],
          disturbs: 'Nothing: devices take the setting over within seconds.',
        },
        {
          title: `In the tailnet’s policy, let devices reach ${host} at port 53.`,
          commands: [sh`nc -vz -w 5 ${host} 53`],
          disturbs: 'Nothing that works now.',
        },
      ],
    }),
    resolverNotAsked: finding<Misled>({
      headline: 'MagicDNS does not ask the tailnet resolver for {domain}',
      means:
        'The tailnet’s DNS settings have no entry for the domain, so devices get what public DNS has. The tailnet’s policy, too, has to let them reach the resolver at port 53.',
      message: ({ request, result, domain }) =>
        `MagicDNS answers ${request.hostname} with ${answerText(result)} in place of the Gateway’s ${request.addresses.join(', ')}: the tailnet’s DNS settings do not ask the tailnet resolver for ${domain}.`,
      evidence,
      commands: askBoth,
      remedies: ({ hostname, host, domain }) => [
        {
          title: `In Tailscale’s admin console, under DNS, add the nameserver ${host}, restricted to the domain ${domain} (split DNS).`,
          commands: [sh`tailscale dns status`, sh`tailscale dns query ${hostname}`],
          disturbs: 'Nothing: devices take the setting over within seconds.',
        },
      ],
    }),
  },
  judge(values, { inputs, find }) {
    const request = requestOf(values, inputs);
    const [asked] = values.answer;
    if (request === undefined || asked === undefined) return skip(noRequest(inputs));
    if (request.addresses.length === 0) return skip('The Gateway has no address that the answer could be.');
    if (!asked.fact.ok) return unknown(asked.fact.problem.message, asked.fact.problem);
    const result = asked.fact.value;
    const unseen = whyUnseen(result, values.answer, request);
    if (unseen !== undefined) return unknown(unseen);
    const { hostname } = request;
    if (leadsToGateway(result, request))
      return pass(`MagicDNS leads to the Gateway, seen from this machine: ${hostname} is ${answerText(result)}.`);
    const service = resolver.resolverService(values.services);
    const host = service === undefined ? undefined : tailnetAddress(service);
    if (service === undefined || host === undefined) return skip(noResolver(result, request));
    const subject = { request, result, service, host, hostname, domain: domainOf(hostname) };
    return result.outcome === 'server-failure' ? find.nameserverSilent(subject) : find.resolverNotAsked(subject);
  },
});

/** Why what this machine sees is not what a device on the tailnet sees. */
function whyUnseen(result: DnsResult, answers: readonly Answer<DnsRead>[], request: Request): string | undefined {
  if (result.outcome === 'no-answer')
    return `MagicDNS (${magicDns.host}) does not answer this machine (${result.reason}): it is not on the tailnet, so what it sees is not what a tailnet client sees.`;
  return isOffTailnet(answers, request) ? offTailnet(request) : undefined;
}

function leadsToGateway(result: DnsResult, { addresses }: Request): boolean {
  const records = recordsIn(result);
  return records.length > 0 && records.every((record) => addresses.includes(record));
}

/** What MagicDNS does where the cluster has no resolver that it could ask. */
const noResolver = (result: DnsResult, { hostname, devices }: Request): string =>
  aliasesIn(result).some((alias) => devices.includes(alias))
    ? `MagicDNS knows ${hostname} as an alias for the device only, and the cluster has no resolver that would answer with its address.`
    : `MagicDNS answers ${hostname} with ${answerText(result)}, and the cluster has no resolver that it could be told to ask.`;
