/** ExternalDNS: whether what the Gateway publishes is the device that the tailnet knows. */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { externalDnsOf, legacyPrefix } from '../../models/external-dns-options.ts';
import { annotatedTargets, recordType } from '../../models/external-dns-records.ts';
import { stack } from '#stack';
import { ingressOf, tailnetGateways, type ResolvedGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as managedService from '../managed-service/managed-service.ts';
import { deviceName } from '../tailscale-proxy/name.ts';

import { exposedRoutes, isOn, prefixesOf, reads, type Gateway } from './exposed.ts';
import { annotationPrefix } from './prefix.ts';

/** A Gateway with what its device is called, and what it tells ExternalDNS to publish. */
interface Target {
  gateway: Gateway;
  services: readonly KubeObject<'Service'>[];
  /** Names and addresses of the device. */
  hosts: readonly string[];
  addresses: readonly string[];
  /** What the annotation says. */
  targets: readonly string[];
  /** The annotation that is there, or the one that should be. */
  key: string;
}

const deviceOf = ({ hosts }: Target): string => hosts[0] ?? `${stack.device.name}.${stack.tailnet}`;

const annotate = (target: Target): Shell =>
  sh`kubectl annotate gateway ${place(target.gateway.metadata)} ${target.key}=${deviceOf(target)} --overwrite`;

const addressesOf = ({ gateway }: Target): string => {
  const published = (gateway.status?.addresses ?? []).map(({ value }) => `${recordType(value)} ${value}`);
  return published.length === 0 ? 'its addresses, and it has none' : `its addresses: ${published.join(', ')}`;
};

export const targetIsTheDevice = defineCheck({
  id: 'external-dns/target-is-the-device',
  title: 'The Gateway’s target annotation names the device that the tailnet knows',
  why: 'Records point where the annotation says. Without it the Gateway’s address is published, and goes stale with it.',
  needs: [
    envoyGateway.kindsInstalled,
    annotationPrefix,
    deviceName,
    managedService.isOfTailscalesClass,
    managedService.hasAddress,
  ],
  reads,
  commands: [
    sh`kubectl get gateway -A -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.metadata.annotations}{"\\n"}{end}'`,
    sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway -o jsonpath='{.items[*].status.loadBalancer.ingress[*].hostname}'`,
  ],
  findings: {
    untold: finding<Target>({
      headline: 'Gateway {gateway} has no target annotation',
      means: 'ExternalDNS then publishes the Gateway’s own addresses, which change when the device registers anew.',
      message: (target) =>
        `Gateway ${nameOf(target.gateway)} has no annotation ${target.key}, so ExternalDNS publishes ${addressesOf(target)}.`,
      evidence: (target) => [
        {
          object: refOf(target.gateway),
          path: 'metadata.annotations',
          observed: 'no target',
          expected: `${target.key}: ${deviceOf(target)}`,
        },
      ],
      remedies: (target) => [
        {
          title:
            'Annotate the Gateway with the device’s name. The annotation counts on the Gateway only, not on routes.',
          change: {
            object: refOf(target.gateway),
            path: `metadata.annotations["${target.key}"]`,
            to: deviceOf(target),
          },
          commands: [annotate(target)],
          disturbs: 'A records are replaced by CNAMEs; caches keep the old answer for its time to live.',
        },
      ],
      // That it has no address to publish is not what is wrong here.
      explainedBy: () => [envoyGateway.kindsInstalled.id, annotationPrefix.id],
    }),
    otherDevice: finding<Target & { wrong: readonly string[] }>({
      headline: 'Gateway {gateway} publishes a device that is not its own',
      means: 'Hostnames lead to a device that does not answer for them: the target annotation names another one.',
      message: ({ gateway, wrong, hosts }) =>
        `Gateway ${nameOf(gateway)} publishes ${wrong.join(', ')}, and its device is called ${hosts.join(', ')}: hostnames lead to a device that does not answer for it.`,
      evidence: (target) => [
        {
          object: refOf(target.gateway),
          path: `metadata.annotations["${target.key}"]`,
          observed: target.wrong.join(','),
          expected: deviceOf(target),
        },
        ...target.services.map((service) => ({
          object: refOf(service),
          path: 'status.loadBalancer.ingress[*].hostname',
          observed: target.hosts.join(', '),
          expected: 'the target of the Gateway',
        })),
      ],
      remedies: (target) => [
        {
          title: 'Write the device’s real name into the annotation, in Git.',
          change: {
            object: refOf(target.gateway),
            path: `metadata.annotations["${target.key}"]`,
            to: deviceOf(target),
          },
          commands: [annotate(target)],
          disturbs: 'Every record of this Gateway changes; caches keep the old answer for its time to live.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    const exposed = exposedRoutes(values, all);
    const found = tailnetGateways(values).filter((one) => exposed.some((route) => isOn(route, [one])));
    if (isNone(found)) return skip('No Gateway of the tailnet has a route that asks for a record.');
    const prefixes = [...new Set(all.flatMap(prefixesOf))];
    return eachOf(found, (one): Judgement => {
      const target = targetOf(one, prefixes);
      const { gateway, targets, hosts } = target;
      if (targets.length === 0) return find.untold(target);
      if (hosts.length === 0)
        return skip(`Gateway ${nameOf(gateway)} has no device name yet that its target could be compared with.`);
      const wrong = targets.filter((each) => isOther(each, target));
      if (wrong.length > 0) return find.otherDevice({ ...target, wrong });
      return pass(`Gateway ${nameOf(gateway)} publishes ${targets.join(', ')}.`);
    });
  },
});

function targetOf({ gateway, services }: ResolvedGateway, prefixes: readonly string[]): Target {
  const ingress = services.flatMap(ingressOf);
  const keys = prefixes.map((own) => `${own}target`);
  return {
    ...{ gateway, services },
    hosts: ingress.flatMap(({ hostname }) =>
      hostname === undefined ? [] : [hostname.toLowerCase().replace(/\.$/, '')],
    ),
    addresses: ingress.flatMap(({ ip }) => (ip === undefined ? [] : [ip])),
    targets: annotatedTargets(gateway, prefixes),
    key: keys.find((name) => gateway.metadata.annotations?.[name] !== undefined) ?? keys[0] ?? `${legacyPrefix}target`,
  };
}

const isOther = (target: string, { hosts, addresses }: Target): boolean =>
  recordType(target) === 'CNAME'
    ? // A name outside the tailnet may lead there by a record of its own.
      target.endsWith('.ts.net') && !hosts.includes(target)
    : addresses.length > 0 && !addresses.includes(target);
