/** Tailnet resolver: what it really answers, asked over the tailnet. Its Corefile says what it should. */
import { defineCheck, pass, refTo, skip, unknown, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { follow, type Answer, type DnsRead, type DnsResult, type Inputs } from '../../../src/runbook/read.ts';
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
import { stack } from '#stack';
import { partNames } from '../../parts.ts';
import { isForTailscale, isNamed } from '../../models/topology.ts';
import * as httproute from '../httproute/httproute.ts';
import * as managedService from '../managed-service/managed-service.ts';
import { tailnetAddress } from '../tailscale-proxy/tailscale-proxy.ts';
import { restart, runUpdater, showCorefile, updater } from './resolver.ts';
import * as resolver from './tailnet-resolver.ts';

/** The Service that is DNS on the tailnet: the stack's own, or one of Tailscale's class that takes UDP at port 53. */
export const resolverService = (services: readonly Service[]): Service | undefined =>
  services.find((service) => isNamed(service, partNames.tailnetResolver)) ??
  services.find(
    (service) =>
      isForTailscale(service) && service.spec?.ports?.some(({ port, protocol }) => protocol === 'UDP' && port === 53),
  );

/** What the resolver's objects say of it: what is wrong there explains a wrong answer, or none. */
export const resolverIsRight = [
  resolver.loadsCorefile,
  resolver.ready,
  resolver.isExposed,
  resolver.proxyForwards,
  resolver.hasEndpoints,
  resolver.updaterIsScheduled,
  resolver.updaterSucceeds,
  resolver.holdsAddress,
  resolver.keepsEveryType,
  resolver.reloads,
] as const;

const asked = `${partNames.tailnetResolver.device}.${stack.tailnet}`;
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

/** One question and its answer. */
interface Asked extends Request {
  read: DnsRead;
  result: DnsResult;
  /** What was asked for: `AAAA`. */
  record: string;
}

const inAnswer = ({ read, record, hostname, result }: Asked, expected: string): Evidence => ({
  object: refTo('ConfigMap', partNames.tailnetResolver),
  path: `answer of ${serverOf(read)} to ${hostname} ${record}, seen from this machine`,
  observed: answerText(result),
  expected,
});

const serverOf = ({ server }: DnsRead): string => (server === 'system' ? 'this machine' : server.host);

const findings = {
  wrongAddress: finding<Asked>({
    headline: 'The tailnet resolver does not lead {hostname} to the Gateway',
    means: 'Asked over the tailnet, the resolver gives another address than the Gateway’s, or none.',
    message: ({ hostname, addresses, result }) =>
      `The tailnet resolver answers ${hostname} with ${answerText(result)}, and the Gateway is at ${addresses.join(', ')}: tailnet clients go elsewhere or nowhere.`,
    evidence: (asked) => [inAnswer(asked, asked.addresses.join(' or '))],
    remedies: () => [
      {
        title: 'If its Corefile has the right address, it runs with an older one: restart it.',
        commands: [showCorefile, restart],
        disturbs: 'Tailnet DNS for the domain, for a few seconds.',
      },
      {
        title: 'If its Corefile has another address, let the updater write the right one.',
        commands: [runUpdater(updater)],
        disturbs: 'Nothing: the resolver reloads its Corefile while it answers.',
      },
    ],
  }),
  foreignRecord: finding<Asked>({
    headline: 'The tailnet resolver answers {hostname} with a foreign {record}',
    means: 'Asked for another record type, the resolver gives what is not the Gateway’s: most often from public DNS.',
    message: ({ hostname, record, result }) =>
      `The tailnet resolver answers ${hostname} ${record} with ${answerText(result)}, which is not the Gateway: clients may prefer it, and end up at the public site.`,
    evidence: (asked) => [inAnswer(asked, 'no record')],
    remedies: ({ record }) => [
      {
        title: `Answer ${record} questions for these names with an empty answer, by a template of their own.`,
        commands: [sh`kubectl edit configmap ${place(partNames.tailnetResolver)}`],
        disturbs: 'Nothing: CoreDNS loads the change while it answers.',
      },
    ],
  }),
};

export const answersWithGateway = defineCheck({
  id: 'tailnet-resolver/answers-with-the-gateway',
  title: 'The tailnet resolver’s answer is the Gateway’s address, and nothing else',
  why: 'Tailnet clients go where this answer sends them; an answer of another type can lead them to the public site.',
  needs: [httproute.routesHostname, managedService.hasAddress, ...resolverIsRight],
  reads: { ...requestReads, answers },
  commands,
  findings,
  judge(values, { inputs, find }) {
    const request = requestOf(values, inputs);
    if (request === undefined) return skip(noRequest(inputs));
    if (values.answers.length === 0) return skip('No resolver of the cluster has an address on the tailnet.');
    if (request.addresses.length === 0) return skip('The Gateway has no address that the answer could be.');
    if (isOffTailnet(values.answers, request)) return unknown(offTailnet(request));
    const judged = values.answers
      .filter(({ read }) => read.name === request.hostname)
      .map((answer) => judgeAnswer(answer, request, find));
    const wrong = judged.filter(({ outcome }) => outcome !== 'passed');
    // Three questions to a resolver that does not answer are one reason.
    if (wrong[0]?.outcome === 'unknown') return wrong[0];
    return wrong.length > 0 ? wrong : judged.slice(0, 1);
  },
});

function judgeAnswer({ read, fact }: Answer<DnsRead>, request: Request, find: Find<typeof findings>): Judgement {
  if (!fact.ok) return unknown(fact.problem.message, fact.problem);
  const { value: result } = fact;
  if (result.outcome === 'no-answer') {
    return unknown(
      `The tailnet resolver ${serverOf(read)} did not answer this machine (${result.reason}): this machine may not be on the tailnet (tailscale status tells), or nobody serves DNS there.`,
    );
  }
  const asked = { ...request, read, result, record: read.record };
  const records = recordsIn(result);
  const isRight =
    records.every((record) => request.addresses.includes(record)) && (read.record !== 'A' || records.length > 0);
  if (isRight)
    return pass(`The tailnet resolver answers ${request.hostname} with ${answerText(result)}, seen from this machine.`);
  return read.record === 'A' ? find.wrongAddress(asked) : find.foreignRecord(asked);
}
