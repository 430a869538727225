/** Client: whoever connects, seen from Envoy's access log. */
import { defineCheck, pass, refOf, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { follow, plain, type Answer, type LogRead } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { hostnameTakes } from '../../../src/formats/hostname.ts';
import { pods, topologyReads } from '../../models/reads.ts';
import { ifThere } from '../../parts.ts';
import { stack } from '#stack';
import { isManagedFor, tailnetGateways, type Topology } from '../../models/topology.ts';
import { isReady } from '../../models/pods.ts';
import { foreignName } from '../envoy/envoy.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Pod = KubeObject<'Pod'>;

const topology = {
  ...topologyReads,
  pods: plain(pods),
};

const envoyPods = (values: Topology & { pods: readonly Pod[] }): readonly Pod[] =>
  values.pods.filter(
    (pod) =>
      pod.spec?.containers.some(({ name }) => name === 'envoy') === true &&
      tailnetGateways(values).some(({ gateway }) => isManagedFor(pod, gateway)),
  );

const tailLines = 500;
/** What Envoy's access log says of a connection that no listener took. */
const refused = 'filter_chain_not_found';
const showLog = sh`kubectl logs -n ${stack.envoyGateway.namespace} -l gateway.envoyproxy.io/owning-gateway-name=${stack.gateway.name} -c envoy --tail=${tailLines}`;

const accessLogs = follow(
  topology,
  (values: Topology & { pods: Pod[] }): readonly LogRead[] =>
    envoyPods(values)
      .filter(isReady)
      .map(({ metadata }) => ({
        type: 'log',
        namespace: metadata.namespace ?? '',
        pod: metadata.name,
        container: 'envoy',
        tailLines,
        keep: { lines: refused, fields: ['start_time', 'requested_server_name', 'downstream_remote_address'] },
        why: 'connections that Envoy refused for want of a listener',
      })),
  {
    why: 'connections that Envoy refused for want of a listener',
    command: showLog,
    permission: 'pods/log',
    probes: false,
  },
);

interface Refusal {
  time: Date | undefined;
  servername: string | undefined;
  client: string | undefined;
}

/**
 * The connections that Envoy closed because no filter chain matched, from its access log.
 * [Envoy Gateway's default JSON format: NR with `filter_chain_not_found`; NR with a 404 is a route miss, another fault]
 */
function refusals(log: string): readonly Refusal[] {
  return log
    .split('\n')
    .filter((line) => line.includes(refused))
    .map((line) => {
      const entry = parseJson(line);
      const text = (key: string): string | undefined => {
        const value = entry[key];
        return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
      };
      const start = Date.parse(text('start_time') ?? '');
      return {
        time: Number.isNaN(start) ? undefined : new Date(start),
        servername: text('requested_server_name'),
        client: text('downstream_remote_address'),
      };
    });
}

function parseJson(line: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Connections that Envoy refused for one reason. */
interface Refused {
  pod: Pod;
  read: LogRead;
  connections: readonly Refusal[];
}

interface RefusedNames extends Refused {
  asked: readonly string[];
  /** The same, in words. */
  names: string;
  /** The hostnames that the listeners take. */
  taken: string;
}

/** `2 connections from 100.64.0.1, 100.64.0.2`. */
function counted({ connections }: Refused): string {
  const count = connections.length === 1 ? '1 connection' : `${connections.length} connections`;
  const clients = [...new Set(connections.flatMap(({ client }) => client?.replace(/:\d+$/, '') ?? []))];
  if (clients.length === 0) return count;
  const more = clients.length > 3 ? ` and ${clients.length - 3} more` : '';
  return `${count} from ${clients.slice(0, 3).join(', ')}${more}`;
}

const inLog = ({ pod }: Refused, observed: unknown, expected: string) =>
  [
    {
      object: refOf(pod),
      path: 'access log, requested_server_name with filter_chain_not_found',
      observed,
      expected,
    },
  ] as const;

const showRefusals = ({ read: { namespace, pod, container, tailLines } }: Refused): readonly Shell[] => [
  sh`kubectl logs -n ${namespace} ${pod} -c ${container} --tail=${tailLines} | grep filter_chain_not_found`,
];

const device = `${stack.device.name}.${stack.tailnet}`;

const findings = {
  nameless: finding<Refused>({
    headline: 'Clients of {pod} send no server name',
    means: 'A client connects by IP address, or does not send SNI, so Envoy cannot tell which certificate it wants.',
    message: (subject) =>
      `Envoy refused ${counted(subject)} without a server name: the client connects by IP address, or does not send SNI.`,
    evidence: (subject) => inLog(subject, null, `a name such as ${stack.app.hostname}`),
    commands: showRefusals,
    remedies: () => [
      {
        title: 'Let the client connect by hostname, not by the tailnet address.',
        commands: [sh`curl https://${stack.app.hostname}/`],
        disturbs: 'Nothing: the client alone changes.',
      },
      {
        title: 'Where it must connect to an address, tell it the name.',
        commands: [
          sh`curl --connect-to ::${device}:443 https://${stack.app.hostname}/`,
          sh`openssl s_client -connect ${device}:443 -servername ${stack.app.hostname} </dev/null`,
        ],
        disturbs: 'Nothing: the client alone changes.',
      },
    ],
  }),
  foreign: finding<RefusedNames>({
    headline: 'Clients ask for {names}, which no listener takes',
    means: `Envoy refuses a connection for a name that none of its listeners takes.${ifThere('wildcard', ' A wildcard takes neither the bare domain nor other domains.')}`,
    message: (subject) =>
      `Envoy refused ${counted(subject)} for ${subject.names}: no listener takes ${subject.asked.length === 1 ? 'this name' : 'these names'} (${subject.taken}).`,
    evidence: (subject) => inLog(subject, subject.asked, 'a name that a listener takes'),
    commands: showRefusals,
    remedies: () => [
      {
        title: 'Let the client use a name that a listener takes.',
        commands: [showHostnames],
        disturbs: 'Nothing: the client alone changes.',
      },
      {
        title: 'Add a listener for the name, with a certificate of its own.',
        commands: [showHostnames, sh`kubectl get certificate -A`],
        disturbs: 'Nothing: other listeners go on as they are.',
      },
    ],
  }),
};

const showHostnames = sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].hostname}'`;

export const sendsServerName = defineCheck({
  id: 'client/sends-a-server-name',
  title: 'No client was refused for a missing or foreign server name in the last hour',
  why: 'Envoy chooses the certificate by the name in the TLS handshake; a client that connects by IP sends none.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...topology, accessLogs },
  commands: [sh`${showLog} | grep filter_chain_not_found`],
  findings,
  judge: (values, { now, find }) =>
    values.accessLogs.length === 0
      ? skip('No Envoy is ready whose access log could tell.')
      : values.accessLogs.flatMap((log) => judgeLog(log, values, now, find)),
});

function judgeLog(
  { read, fact }: Answer<LogRead>,
  values: Topology & { pods: readonly Pod[] },
  now: Date,
  find: Find<typeof findings>,
): Judgement | readonly Judgement[] {
  if (!fact.ok) return unknown(fact.problem.message, fact.problem);
  const pod = envoyPods(values).find(
    ({ metadata }) => metadata.name === read.pod && metadata.namespace === read.namespace,
  );
  const recent = refusals(fact.value).filter((one) => one.servername !== foreignName && isRecent(one, now));
  if (recent.length === 0 || pod === undefined)
    return pass(`The last ${read.tailLines} lines of ${read.pod} show no connection refused in the past hour.`);
  const judged = judgeRefusals(recent, tlsHostnames(values), { pod, read }, find);
  return judged.length > 0
    ? judged
    : pass('Connections that were refused in the past hour asked for names that a listener takes now.');
}

const hour = 3_600_000;

/** One without a time may have been a moment ago. */
const isRecent = ({ time }: Refusal, now: Date): boolean => time === undefined || now.getTime() - time.getTime() < hour;

type Hostname = string | undefined;

/** Only listeners that speak TLS look at the name; an HTTP listener that redirects takes none of these connections. */
const tlsHostnames = (values: Topology): readonly Hostname[] =>
  tailnetGateways(values).flatMap(({ gateway }) =>
    gateway.spec.listeners
      .filter(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS')
      .map(({ hostname }) => hostname),
  );

function judgeRefusals(
  recent: readonly Refusal[],
  hostnames: readonly Hostname[],
  where: Omit<Refused, 'connections'>,
  find: Find<typeof findings>,
): readonly Judgement[] {
  const isTaken = ({ servername }: Refusal): boolean =>
    hostnames.some((hostname) => hostnameTakes(hostname, servername ?? ''));
  const left = recent.filter((one) => !isTaken(one));
  const nameless = left.filter(({ servername }) => servername === undefined);
  const foreign = left.filter(({ servername }) => servername !== undefined);
  const asked = [...new Set(foreign.flatMap(({ servername }) => servername ?? []))];
  const taken = hostnames.map((hostname) => hostname ?? 'any').join(', ');
  return [
    ...(nameless.length === 0 ? [] : [find.nameless({ ...where, connections: nameless })]),
    ...(foreign.length === 0
      ? []
      : [find.foreign({ ...where, connections: foreign, asked, names: asked.join(', '), taken })]),
  ];
}
