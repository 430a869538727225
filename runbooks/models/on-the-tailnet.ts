/**
 * Whether what this machine sees is what a device on the tailnet sees. Some networks answer every address and every DNS question
 * themselves, and others refuse Tailscale's addresses: seen from there, a healthy cluster looks broken.
 */
import { addressVersion } from '../../src/formats/cidr.ts';
import { unknown, type Judgement } from '../../src/runbook/check.ts';
import { follow, type Answer, type DnsRead } from '../../src/runbook/read.ts';
import { sh } from '../../src/runbook/shell.ts';
import { exposedServices } from '../components/tailscale-proxy/tailscale-proxy.ts';
import { topologyReads } from './reads.ts';
import { isAddress, magicDns } from './request.ts';
import { stack } from '#stack';
import { ingressHosts, type Topology } from './topology.ts';

/** Asks MagicDNS for a device that only this tailnet knows. */
export const proof = follow(
  topologyReads,
  (values: Topology): readonly DnsRead[] => {
    const hosts = exposedServices(values).flatMap(ingressHosts);
    const device = hosts.find((host) => !isAddress(host));
    if (device === undefined) return [];
    return [
      {
        type: 'dns',
        name: device.toLowerCase().replace(/\.$/, ''),
        record: hosts.some((host) => addressVersion(host) === 4) || !hosts.some(isAddress) ? 'A' : 'AAAA',
        server: magicDns,
        why: 'whether this machine is on the tailnet',
      },
    ];
  },
  {
    why: 'whether this machine is on the tailnet',
    command: sh`dig +short @${magicDns.host} ${stack.device.name}.${stack.tailnet}`,
    probes: true,
  },
);

/**
 * A failure that was seen from a machine which is not proven to be on the tailnet is no failure of the stack: it is unknown.
 * Where nothing could be asked as a proof, what was seen counts.
 */
export function seenFromTailnet(
  answers: readonly Answer<DnsRead>[],
  values: Topology,
  judgement: Judgement,
): Judgement {
  if ((judgement.outcome !== 'failed' && judgement.outcome !== 'warned') || answers.length === 0) return judgement;
  const hosts = exposedServices(values).flatMap(ingressHosts);
  const isProven = answers.some(
    ({ fact }) =>
      fact.ok && fact.value.outcome === 'answered' && fact.value.records.some((record) => hosts.includes(record)),
  );
  if (isProven) return judgement;
  return unknown(
    `${judgement.message} That is what this machine sees, and it is not on the tailnet: MagicDNS (${magicDns.host}) does not know ${answers[0]?.read.name ?? 'the device'} here.`,
  );
}
