/** Tailnet resolver: what it really answers, asked over the tailnet. Its Corefile says what it should. */
import { defineCheck, fail, pass, refTo, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import { follow, type DnsRead, type DnsResult, type Inputs } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { answerText, recordsIn } from '../../models/dns-results.ts';
import {
  isOffTailnet,
  noRequest,
  offTailnet,
  proofOfTailnet,
  requestOf,
  requestReads,
  type Request,
  type RequestValues,
  type Service,
} from '../../models/request.ts';
import { stack } from '../../stack.ts';
import { isForTailscale, isNamed } from '../../models/topology.ts';
import * as httproute from '../httproute/httproute.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as resolver from './tailnet-resolver.ts';
import * as resolverOnTailnet from './service.ts';
import * as updater from './updater.ts';
import { tailnetAddress } from '../tailscale-proxy/tailscale-proxy.ts';

/** The Service that is DNS on the tailnet: the stack's own, or one of Tailscale's class that takes UDP at port 53. */
export const resolverService = (services: readonly Service[]): Service | undefined =>
  services.find((service) => isNamed(service, stack.tailnetResolver)) ??
  services.find(
    (service) =>
      isForTailscale(service) && service.spec?.ports?.some(({ port, protocol }) => protocol === 'UDP' && port === 53),
  );

/** What the resolver's objects say of it: what is wrong there explains a wrong answer, or none. */
export const resolverIsRight = [
  resolver.loadsCorefile,
  resolver.ready,
  resolverOnTailnet.isExposed,
  resolverOnTailnet.proxyForwards,
  resolverOnTailnet.hasEndpoints,
  updater.updaterIsScheduled,
  updater.updaterSucceeds,
  resolver.holdsAddress,
  resolver.keepsEveryType,
  resolver.reloads,
] as const;

const asked = `${stack.tailnetResolver.device}.${stack.tailnet}`;
const command = sh`dig +noall +answer @${asked} ${stack.app.hostname} A`;
const commands = [
  command,
  sh`dig +noall +answer @${asked} ${stack.app.hostname} AAAA`,
  sh`dig +noall +answer @${asked} ${stack.app.hostname} HTTPS`,
];

const answers = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly DnsRead[] => {
    const request = requestOf(values, inputs);
    const service = resolverService(values.services);
    const host = service === undefined ? undefined : tailnetAddress(service);
    if (request === undefined || host === undefined) return [];
    const questions = (['A', 'AAAA', 'HTTPS'] as const).map((record): DnsRead => ({
      type: 'dns',
      name: request.hostname,
      record,
      server: { host, port: 53 },
      why: 'what tailnet clients are told of the hostname',
    }));
    return [...questions, ...proofOfTailnet(request)];
  },
  { why: 'what tailnet clients are told of the hostname', command, probes: true },
);

export const answersWithGateway = defineCheck({
  id: 'tailnet-resolver/answers-with-the-gateway',
  title: 'The tailnet resolver’s answer is the Gateway’s address, and nothing else',
  why: 'Tailnet clients go where this answer sends them; an answer of another type can lead them to the public site.',
  needs: [httproute.routesHostname, managedService.hasAddress, ...resolverIsRight],
  reads: { ...requestReads, answers },
  commands,
  judge(values, { inputs }) {
    const request = requestOf(values, inputs);
    if (request === undefined) return skip(noRequest(inputs));
    if (values.answers.length === 0) return skip('No resolver of the cluster has an address on the tailnet.');
    if (request.addresses.length === 0) return skip('The Gateway has no address that the answer could be.');
    if (isOffTailnet(values.answers, request)) return unknown(offTailnet(request));
    const own = values.answers.filter(({ read }) => read.name === request.hostname);
    const judged = own.map(({ read, fact }): Judgement => {
      if (!fact.ok) return unknown(fact.problem.message, fact.problem);
      return judge(read, fact.value, request);
    });
    const findings = judged.filter(({ outcome }) => outcome !== 'passed');
    const [first] = findings;
    // Three questions to a resolver that does not answer are one reason.
    if (first?.outcome === 'unknown') return first;
    return findings.length > 0 ? findings : judged.slice(0, 1);
  },
});

function judge(read: DnsRead, result: DnsResult, { hostname, addresses }: Request): Judgement {
  const server = read.server === 'system' ? 'this machine' : read.server.host;
  if (result.outcome === 'no-answer') {
    return unknown(
      `The tailnet resolver ${server} did not answer this machine (${result.reason}): this machine may not be on the tailnet (tailscale status tells), or nobody serves DNS there.`,
    );
  }
  const records = recordsIn(result);
  const foreign = records.filter((record) => !addresses.includes(record));
  if (read.record === 'A' ? records.length > 0 && foreign.length === 0 : foreign.length === 0) {
    return pass(`The tailnet resolver answers ${hostname} with ${answerText(result)}, seen from this machine.`);
  }
  const evidence = {
    object: refTo('ConfigMap', stack.tailnetResolver),
    path: `answer of ${server} to ${hostname} ${read.record}, seen from this machine`,
    observed: answerText(result),
  };
  if (read.record !== 'A') {
    return fail({
      message: `The tailnet resolver answers ${hostname} ${read.record} with ${answerText(result)}, which is not the Gateway: clients may prefer it, and end up at the public site.`,
      evidence: [{ ...evidence, expected: 'no record' }],
      remedy: {
        title: `Answer ${read.record} questions for these names with an empty answer, by a template of their own.`,
        commands: [sh`kubectl edit configmap ${place(stack.tailnetResolver)}`],
        disturbs: 'Nothing: CoreDNS loads the change while it answers.',
      },
    });
  }
  return fail({
    message: `The tailnet resolver answers ${hostname} with ${answerText(result)}, and the Gateway is at ${addresses.join(', ')}: tailnet clients go elsewhere or nowhere.`,
    evidence: [{ ...evidence, expected: addresses.join(' or ') }],
    remedy: {
      title:
        'If its Corefile has the right address, it runs with an older one: restart it. If not, let the updater write it.',
      commands: [
        sh`kubectl get configmap ${place(stack.tailnetResolver)} -o jsonpath='{.data.Corefile}'`,
        sh`kubectl rollout restart deployment ${place(stack.tailnetResolver)}`,
      ],
      disturbs: 'Tailnet DNS for the domain, for a few seconds.',
    },
  });
}
