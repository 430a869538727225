/** Tailnet resolver, its Service on the tailnet: the address that the tailnet's DNS settings name. [Tailscale Operator 1.92] */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import { mergePatch } from '../../models/patches.ts';
import { ingressHosts, isForTailscale } from '../../models/topology.ts';
import { stack } from '#stack';
import { partNames } from '../../parts.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import { absent, reads, whereInstalled } from './resolver.ts';

type Service = KubeObject<'Service'>;

const { namespace, name } = partNames.tailnetResolver;
const showService = sh`kubectl get service -n ${namespace} ${name}`;
const fromGit = sh`kubectl apply -f infrastructure/tailscale-dns/service.yaml`;

const readLog = (title: string): Remedy => ({
  title,
  commands: [sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l app=operator --tail=200`],
  disturbs: 'Nothing: reading only.',
});

const findings = {
  missing: finding<{ wanted: { namespace: string; name: string } }>({
    headline: 'There is no Service {wanted} for the tailnet resolver',
    means: 'Other objects of the resolver are there, and no Service puts it on the tailnet.',
    message: ({ wanted }) =>
      `There is no Service ${wanted.namespace}/${wanted.name} to put the resolver on the tailnet.`,
    evidence: ({ wanted }) => [absent('Service', wanted)],
    remedies: () => [
      {
        title:
          'Create it again from Git; then look whether its address is still the one in the tailnet’s DNS settings.',
        commands: [fromGit, showService],
        disturbs: 'Nothing that works now.',
      },
    ],
    explainedBy: () => [],
  }),
  wrongType: finding<{ service: Service }>({
    headline: 'Service {service} is not a LoadBalancer',
    means: 'It asks for a name on the tailnet, and the Tailscale Operator looks at LoadBalancers of its class.',
    message: ({ service }) =>
      `Service ${nameOf(service)} is of type ${service.spec?.type ?? 'ClusterIP'}, so the Tailscale Operator leaves it alone.`,
    evidence: ({ service }) => [
      { object: refOf(service), path: 'spec.type', observed: service.spec?.type, expected: 'LoadBalancer' },
    ],
    remedies: ({ service }) => [
      {
        title: 'Make it a LoadBalancer of Tailscale’s class, in Git too.',
        commands: [
          mergePatch('service', service.metadata, {
            spec: { type: 'LoadBalancer', loadBalancerClass: stack.loadBalancerClass },
          }),
        ],
        disturbs:
          'Nothing that works now. The new device may get another address: correct it in the tailnet’s DNS settings.',
      },
    ],
    explainedBy: () => [],
  }),
  wrongClass: finding<{ service: Service }>({
    headline: 'Service {service} is not of Tailscale’s class',
    means: 'A LoadBalancer without class, or of another, is for somebody else to take up.',
    message: ({ service }) =>
      `Service ${nameOf(service)} is a LoadBalancer ${classOf(service)}, so the Tailscale Operator leaves it alone.`,
    evidence: ({ service }) => [
      {
        object: refOf(service),
        path: 'spec.loadBalancerClass',
        observed: service.spec?.loadBalancerClass,
        expected: stack.loadBalancerClass,
      },
    ],
    remedies: ({ service }) => [
      {
        title: 'Delete it and create it from Git: a Service’s class cannot be changed.',
        change: { object: refOf(service), path: 'spec.loadBalancerClass', to: stack.loadBalancerClass },
        commands: [sh`kubectl delete service ${place(service.metadata)}`, fromGit],
        disturbs:
          'Name resolution of the domain on the tailnet. The new device may get another address: correct it in the tailnet’s DNS settings.',
      },
    ],
    explainedBy: () => [],
  }),
  proxyFailed: finding<{ service: Service; found: Condition }>({
    headline: 'The Tailscale Operator could not expose Service {service}',
    means: 'The operator tried to make a tailnet device of the Service, and something was refused.',
    message: ({ service, found }) =>
      `The Tailscale Operator could not expose Service ${nameOf(service)}: ${found.reason ?? found.status}.`,
    quote: ({ found }) => saidIn(found, 'the Tailscale Operator, in the Service’s status'),
    evidence: ({ service, found }) => [conditionEvidence(service, proxyReady, found, 'True')],
    remedies: () => [readLog('Read the operator’s log: it says what Tailscale refuses.')],
  }),
  noAddress: finding<{ service: Service }>({
    headline: 'Service {service} has no tailnet address',
    means: 'The operator is to make a tailnet device of the Service, and has not written where it can be reached.',
    message: ({ service }) =>
      `Service ${nameOf(service)} has no tailnet address: the Tailscale Operator has not written one.`,
    evidence: ({ service }) => [
      {
        object: refOf(service),
        path: 'status.loadBalancer.ingress',
        observed: [],
        expected: 'a tailnet IP and hostname',
      },
    ],
    remedies: () => [readLog('Read the operator’s log: it says what Tailscale refuses, or what it waits for.')],
  }),
};

export const isExposed = defineCheck({
  id: 'tailnet-resolver/is-on-the-tailnet',
  title: 'The resolver’s Service has a tailnet address',
  why: 'That address is the nameserver in the tailnet’s DNS settings; without it every question for the domain times out.',
  needs: [tailscaleOperator.ready],
  reads,
  commands: [showService],
  findings,
  judge: (values, { find }) =>
    whereInstalled(values, ({ service }) => {
      if (service === undefined) return find.missing({ wanted: { namespace, name } });
      if (isForTailscale(service) || isAnnotated(service, 'expose', 'true')) return judgeAddress(service, find);
      if (service.spec?.type === 'LoadBalancer') return find.wrongClass({ service });
      // One that is not meant for the tailnet, such as one that pods are forwarded to, asks for no name there.
      return isAnnotated(service, 'hostname')
        ? find.wrongType({ service })
        : skip(`Service ${nameOf(service)} is not meant to be on the tailnet by itself.`);
    }),
});

const isAnnotated = ({ metadata }: Service, key: string, wanted?: string): boolean => {
  const value = metadata.annotations?.[`tailscale.com/${key}`];
  return wanted === undefined ? value !== undefined : value === wanted;
};

const classOf = ({ spec }: Service): string =>
  spec?.loadBalancerClass === undefined ? 'without class' : `of class ${spec.loadBalancerClass}`;

const proxyReady = 'TailscaleProxyReady';

function judgeAddress(service: Service, find: Find<typeof findings>): Judgement {
  const found = condition(service.status?.conditions, proxyReady);
  if (found?.status === 'False') return find.proxyFailed({ service, found });
  const hosts = ingressHosts(service);
  return hosts.length === 0 ? find.noAddress({ service }) : pass(`The resolver is reached at ${hosts.join(' and ')}.`);
}
