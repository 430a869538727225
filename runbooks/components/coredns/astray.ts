/** What can be wrong with CoreDNS's answer to a hostname: findings, one for each way in which it leads pods nowhere. */
import type { Remedy } from '../../../src/runbook/check.ts';
import { finding, type Finding } from '../../../src/runbook/finding.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { inCorefile } from '../../models/corefile-rules.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as internal from '../internal-service/internal-service.ts';
import { loadsCorefile, rulesCanMatch } from './coredns.ts';
import { edit, fromGit, type ConfigMap } from './corefile.ts';
import type { Broken, BrokenKind } from './worth.ts';

/** A hostname that leads pods nowhere. */
interface Astray extends Broken {
  config: ConfigMap;
  hostname: string;
}

/** What explains a fault that is the Corefile's own. */
export const ofItsOwn = (): readonly string[] => [envoyGateway.kindsInstalled.id, loadsCorefile.id, rulesCanMatch.id];

/** What is alike in all of them. */
const about = {
  evidence: ({ config, written, wanted }: Astray) => [inCorefile(config, written, wanted)] as const,
  explainedBy: ofItsOwn,
};

const createService: Remedy = {
  title: 'Create the internal Service again from Git.',
  commands: [sh`kubectl apply -f infrastructure/gateway/internal-service.yaml`],
  disturbs: 'Nothing that works now.',
};

/** @param service `namespace/name` */
const lookAtResolver = (service: string): Remedy => {
  const [namespace = '', name = ''] = service.split('/');
  return {
    title: 'Find out why the resolver has no ready endpoint.',
    commands: [sh`kubectl describe service ${place({ namespace, name })}`, sh`kubectl get pods -n ${namespace}`],
    disturbs: 'Nothing: reading only.',
  };
};

const nameService = ({ wanted }: Astray): readonly [Remedy, ...Remedy[]] => [
  edit(`Name ${wanted} in the rule.`),
  fromGit,
];

const answerTheName = (): readonly [Remedy, ...Remedy[]] => [
  edit('Add “kubernetes cluster.local” to the server block.'),
  fromGit,
];

export const astray: Readonly<Record<BrokenKind, Finding<Astray>>> = {
  serviceMissing: finding<Astray>({
    headline: 'CoreDNS leads {hostname} to a Service that does not exist',
    means: 'The rule names a Service that is gone, and there is no other one that is meant for pods.',
    message: ({ hostname, to }) => `For pods, ${hostname} leads to Service ${to}, which does not exist.`,
    ...about,
    remedies: () => [createService, edit('Name a Service that exists in the rule.'), fromGit],
    // A Service that is gone is its own fault.
    explainedBy: () => [internal.exists.id],
  }),
  misspelt: finding<Astray>({
    headline: 'CoreDNS names a wrong Service for {hostname}',
    means: 'The rule names a Service that does not exist, while the one that is meant for pods is there.',
    message: ({ hostname, to }) => `For pods, ${hostname} leads to Service ${to}, which does not exist.`,
    ...about,
    remedies: nameService,
  }),
  notEnvoy: finding<Astray>({
    headline: 'CoreDNS leads {hostname} to a Service without Envoy',
    means: 'The rule names a Service of something else: what answers there is not the Gateway.',
    message: ({ hostname, to }) => `For pods, ${hostname} leads to Service ${to}, behind which there is no Envoy.`,
    ...about,
    remedies: nameService,
  }),
  staleAddress: finding<Astray>({
    headline: 'CoreDNS answers {hostname} with an address that nothing has',
    means:
      'An address stands in the Corefile as a literal, and the Service or Gateway that had it has another one now.',
    message: ({ hostname, to }) =>
      `For pods, ${hostname} is answered with ${to}, which is the address of no Service and no Gateway.`,
    ...about,
    remedies: () => [
      edit('Lead the hostname to the internal Service by a rewrite, which follows its address.'),
      edit('Write the address that the internal Service has now.'),
      fromGit,
    ],
  }),
  noAddress: finding<Astray>({
    headline: 'CoreDNS answers {hostname} without an address',
    means: 'A plugin knows the hostname and has no IPv4 address for it, so the answer is empty.',
    message: ({ hostname }) => `For pods, ${hostname} is answered without an address.`,
    ...about,
    remedies: ({ to }) => [edit(`Give the hostname an IPv4 address in the plugin ${to}.`), fromGit],
  }),
  resolverNotReady: finding<Astray>({
    headline: 'CoreDNS asks for {hostname} at a resolver that is not ready',
    means: 'CoreDNS passes the question to a resolver in the cluster that has no ready endpoint.',
    message: ({ hostname, to }) => `For pods, ${hostname} is asked of Service ${to}, which has no ready endpoint.`,
    ...about,
    remedies: ({ to }) => [
      edit('Name a resolver that answers.'),
      edit('Lead the hostname to the internal Service by a rewrite.'),
      lookAtResolver(to),
    ],
  }),
  resolverGone: finding<Astray>({
    headline: 'CoreDNS asks for {hostname} at an address that no Service has',
    means: 'CoreDNS passes the question to a ClusterIP: the Service that had it is gone, or has another one now.',
    message: ({ hostname, to }) => `For pods, ${hostname} is asked of ${to}, which is the ClusterIP of no Service.`,
    ...about,
    remedies: () => [
      edit('Write the ClusterIP that the resolver has now.'),
      edit('Lead the hostname to the internal Service by a rewrite.'),
      fromGit,
    ],
  }),
  forwardedAfterRewrite: finding<Astray>({
    headline: 'CoreDNS asks outside for the rewritten name of {hostname}',
    means:
      'The rule makes a name of the cluster, and the server block passes that on to servers that know no such name.',
    message: ({ hostname, to, written }) =>
      `For pods, ${hostname} is rewritten to ${to} and then asked by “${written}”, of servers that know no cluster.local: the plugin kubernetes does not stand in that server block.`,
    ...about,
    remedies: answerTheName,
  }),
  unansweredAfterRewrite: finding<Astray>({
    headline: 'CoreDNS does not answer the rewritten name of {hostname}',
    means: 'The rule makes a name of the cluster, and nothing in the server block answers such names.',
    message: ({ hostname, to }) =>
      `For pods, ${hostname} is rewritten to ${to}, which no plugin of that server block answers: the plugin kubernetes does not stand in it, or not for cluster.local.`,
    ...about,
    remedies: answerTheName,
  }),
  noServiceName: finding<Astray>({
    headline: 'CoreDNS rewrites {hostname} to the name of no Service',
    means: 'What the rule makes is no name that a Service has: those end in svc.cluster.local.',
    message: ({ hostname, to }) => `For pods, ${hostname} is rewritten to ${to}, which is not the name of a Service.`,
    ...about,
    remedies: nameService,
  }),
  takenByAnotherPlugin: finding<Astray>({
    headline: 'Another plugin takes the rewritten name of {hostname}',
    means: 'Plugins are asked in an order of their own: one that comes before kubernetes answers with an error.',
    message: ({ hostname, to, written }) =>
      `For pods, ${hostname} is rewritten to ${to}, and the plugin ${written} answers that with an error before kubernetes is asked.`,
    ...about,
    remedies: ({ written }) => [edit(`Let the plugin ${written} pass on the names that it does not have.`), fromGit],
  }),
};
