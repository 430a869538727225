/** Client: how a device of the tailnet resolves the hostname, asked where such a device asks, at MagicDNS. */
import { defineCheck, fail, pass, refOf, skip, unknown } from '../../../src/runbook/check.ts';
import { follow, type DnsRead, type Inputs } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { aliasesIn, answerText, recordsIn } from '../../models/dns-results.ts';
import {
  isOffTailnet,
  magicDns,
  noRequest,
  offTailnet,
  proofOfTailnet,
  requestOf,
  requestReads,
  type RequestValues,
} from '../../models/request.ts';
import { stack } from '../../stack.ts';
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
  judge(values, { inputs }) {
    const request = requestOf(values, inputs);
    const [asked] = values.answer;
    if (request === undefined || asked === undefined) return skip(noRequest(inputs));
    if (request.addresses.length === 0) return skip('The Gateway has no address that the answer could be.');
    if (!asked.fact.ok) return unknown(asked.fact.problem.message, asked.fact.problem);
    const { hostname, addresses, devices } = request;
    const result = asked.fact.value;
    if (result.outcome === 'no-answer') {
      return unknown(
        `MagicDNS (${magicDns.host}) does not answer this machine (${result.reason}): it is not on the tailnet, so what it sees is not what a tailnet client sees.`,
      );
    }
    if (isOffTailnet(values.answer, request)) return unknown(offTailnet(request));
    const records = recordsIn(result);
    if (records.length > 0 && records.every((record) => addresses.includes(record))) {
      return pass(`MagicDNS leads to the Gateway, seen from this machine: ${hostname} is ${answerText(result)}.`);
    }
    const service = resolver.resolverService(values.services);
    const host = service === undefined ? undefined : tailnetAddress(service);
    if (service === undefined || host === undefined) {
      const isAlias = aliasesIn(result).some((alias) => devices.includes(alias));
      return skip(
        isAlias
          ? `MagicDNS knows ${hostname} as an alias for the device only, and the cluster has no resolver that would answer with its address.`
          : `MagicDNS answers ${hostname} with ${answerText(result)}, and the cluster has no resolver that it could be told to ask.`,
      );
    }
    const path = `answer of MagicDNS (${magicDns.host}) to ${hostname} A, seen from this machine`;
    if (result.outcome === 'server-failure') {
      return fail({
        message: `MagicDNS fails to answer ${hostname}, seen from this machine: the nameserver that it asks for ${domainOf(hostname)} does not answer it.`,
        evidence: [{ object: refOf(service), path, observed: answerText(result), expected: addresses.join(' or ') }],
        commands: [
          sh`dig +noall +answer @${magicDns.host} ${hostname} A`,
          sh`dig +noall +answer @${host} ${hostname} A`,
        ],
        remedy: {
          title: `Compare the nameserver in Tailscale’s admin console, under DNS, with the resolver’s address ${host}, and see whether the tailnet’s policy lets devices reach it at port 53.`,
          commands: [sh`tailscale dns status`, sh`nc -vz -w 5 ${host} 53`],
          disturbs: 'Nothing: reading only.',
        },
      });
    }
    return fail({
      message: `MagicDNS answers ${hostname} with ${answerText(result)} in place of the Gateway’s ${addresses.join(', ')}: the tailnet’s DNS settings do not ask the tailnet resolver for ${domainOf(hostname)}.`,
      evidence: [
        {
          object: refOf(service),
          path,
          observed: answerText(result),
          expected: addresses.join(' or '),
        },
      ],
      commands: [sh`dig +noall +answer @${magicDns.host} ${hostname} A`, sh`dig +noall +answer @${host} ${hostname} A`],
      remedy: {
        title: `In Tailscale’s admin console, under DNS, add the nameserver ${host}, restricted to the domain ${domainOf(hostname)} (split DNS). The tailnet’s policy has to let devices reach it at port 53.`,
        commands: [sh`tailscale dns status`, sh`tailscale dns query ${hostname}`],
        disturbs: 'Nothing: devices take the setting over within seconds.',
      },
    });
  },
});

const domainOf = (hostname: string): string =>
  hostname.endsWith(`.${stack.domain}`) ? stack.domain : hostname.slice(hostname.indexOf('.') + 1);
