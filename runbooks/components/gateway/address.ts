/** Gateway: whether its address is its Service’s. */
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';

import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { ingressHosts } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';

import { by, eachGateway, showGateway, type Gateway } from './gateways.ts';
import { restart } from '../envoy-gateway/remedies.ts';
import { exists, reconciled } from './existence.ts';

interface Disagreement {
  gateway: Gateway;
  service: KubeObject<'Service'>;
  /** What the Service has for addresses. */
  hosts: readonly string[];
}

const ofService = ({ service, hosts }: Disagreement): Evidence => ({
  object: refOf(service),
  path: 'status.loadBalancer.ingress',
  observed: hosts,
  expected: 'the same as the Gateway’s addresses',
});

const readAgain: Remedy = {
  ...restart,
  title: 'Restart Envoy Gateway: it reads the Service again and programs the Gateway.',
};

export const agreesWithService = defineCheck({
  id: 'gateway/agrees-with-its-service',
  title: 'The Gateway’s status agrees with its Service’s',
  why: 'Envoy Gateway sometimes misses the moment when the Service gets its address, and goes on saying that there is none.',
  needs: [
    envoyGateway.kindsInstalled,
    envoyGateway.ready,
    exists,
    gatewayclass.exists,
    gatewayclass.accepted,
    reconciled,
  ],
  reads: topologyReads,
  commands: [
    sh`${showGateway} -o jsonpath='{.status.addresses}'`,
    sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway`,
  ],
  findings: {
    addressMissed: finding<Disagreement & { found: Condition }>({
      headline: 'Gateway {gateway} misses the address of its Service',
      means: 'The Service has its address, and Envoy Gateway did not notice: it goes on saying that there is none.',
      message: ({ gateway, service, hosts }) =>
        `Gateway ${nameOf(gateway)} says that it has no address, while its Service ${service.metadata.name} has ${hosts.join(' and ')}: Envoy Gateway missed it.`,
      quote: ({ found }) => saidIn(found, by),
      evidence: (subject) => [
        conditionEvidence(subject.gateway, 'Programmed', subject.found, 'True (Programmed)'),
        ofService(subject),
      ],
      remedies: () => [readAgain],
    }),
    addressDiffers: finding<Disagreement & { addresses: readonly string[] }>({
      headline: 'Gateway {gateway} publishes an address that is not its Service’s',
      means: 'The Service has another address by now, and the Gateway still publishes the old one.',
      message: ({ gateway, service, hosts, addresses }) =>
        `Gateway ${nameOf(gateway)} publishes ${addresses.join(', ')}, while its Service ${service.metadata.name} has ${hosts.join(' and ')}.`,
      evidence: (subject) => [
        {
          object: refOf(subject.gateway),
          path: 'status.addresses[*].value',
          observed: subject.addresses,
          expected: subject.hosts,
        },
        ofService(subject),
      ],
      remedies: () => [readAgain],
    }),
  },
  judge: (values, { find }) =>
    eachGateway(values, ({ gateway, services }) => {
      const hosts = services.flatMap(ingressHosts);
      const [service] = services;
      if (service === undefined || hosts.length === 0)
        return skip('The Service has no address that the Gateway could disagree with.');
      const found = condition(gateway.status?.conditions, 'Programmed');
      const addresses = (gateway.status?.addresses ?? []).map((address) => address.value);
      if (found?.status === 'False' && found.reason === 'AddressNotAssigned')
        return find.addressMissed({ gateway, service, hosts, found });
      if (addresses.length > 0 && !addresses.some((address) => hosts.includes(address)))
        return find.addressDiffers({ gateway, service, hosts, addresses });
      return pass(`Gateway ${nameOf(gateway)} and Service ${service.metadata.name} name the same address.`);
    }),
});
