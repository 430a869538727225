/** Client: whoever connects, seen from Envoy's access log. */
import { defineCheck, fail, pass, refOf, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { follow, plain, type LogRead } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { hostnameTakes } from '../../../src/formats/hostname.ts';
import { pods, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
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
export function refusals(log: string): readonly Refusal[] {
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

const hour = 3_600_000;

export const sendsServerName = defineCheck({
  id: 'client/sends-a-server-name',
  title: 'No client was refused for a missing or foreign server name in the last hour',
  why: 'Envoy chooses the certificate by the name in the TLS handshake; a client that connects by IP sends none.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...topology, accessLogs },
  commands: [sh`${showLog} | grep filter_chain_not_found`],
  judge(values, { now }) {
    if (values.accessLogs.length === 0) return skip('No Envoy is ready whose access log could tell.');
    const pods = envoyPods(values);
    return values.accessLogs.flatMap(({ read, fact }): readonly Judgement[] => {
      if (!fact.ok) return [unknown(fact.problem.message, fact.problem)];
      const pod = pods.find(({ metadata }) => metadata.name === read.pod && metadata.namespace === read.namespace);
      const recent = refusals(fact.value)
        .filter(({ servername }) => servername !== foreignName)
        .filter(({ time }) => time === undefined || now.getTime() - time.getTime() < hour);
      if (recent.length === 0 || pod === undefined) {
        return [pass(`The last ${read.tailLines} lines of ${read.pod} show no connection refused in the past hour.`)];
      }
      return judgeRefusals(values, pod, recent, read);
    });
  },
});

function judgeRefusals(values: Topology, pod: Pod, recent: readonly Refusal[], read: LogRead): readonly Judgement[] {
  const show = sh`kubectl logs -n ${read.namespace} ${read.pod} -c ${read.container} --tail=${read.tailLines} | grep filter_chain_not_found`;
  const from = (some: readonly Refusal[]): string => {
    const clients = [
      ...new Set(some.map(({ client }) => client?.replace(/:\d+$/, '')).filter((client) => client !== undefined)),
    ];
    return clients.length === 0
      ? ''
      : ` from ${clients.slice(0, 3).join(', ')}${clients.length > 3 ? ` and ${clients.length - 3} more` : ''}`;
  };
  const count = (some: readonly Refusal[]): string =>
    some.length === 1 ? '1 connection' : `${some.length} connections`;
  // Only listeners that speak TLS look at the name; an HTTP listener that redirects takes none of these connections.
  const listeners = tailnetGateways(values).flatMap(({ gateway }) =>
    gateway.spec.listeners
      .filter(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS')
      .map((listener) => listener.hostname),
  );
  const nameless = listeners.includes(undefined) ? [] : recent.filter(({ servername }) => servername === undefined);
  const findings: Judgement[] = [];
  if (nameless.length > 0) {
    findings.push(
      fail({
        message: `Envoy refused ${count(nameless)}${from(nameless)} without a server name: the client connects by IP address, or does not send SNI.`,
        evidence: [
          {
            object: refOf(pod),
            path: 'access log, requested_server_name with filter_chain_not_found',
            observed: null,
            expected: `a name such as ${stack.app.hostname}`,
          },
        ],
        commands: [show],
        remedy: {
          title:
            'Let the client connect by hostname, not by the tailnet address; where it must use an address, tell it the name.',
          commands: [
            sh`curl https://${stack.app.hostname}/`,
            sh`curl --connect-to ::${stack.device.name}.${stack.tailnet}:443 https://${stack.app.hostname}/`,
            sh`openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -servername ${stack.app.hostname} </dev/null`,
          ],
          disturbs: 'Nothing: the client alone changes.',
        },
      }),
    );
  }
  const foreign = recent.filter(
    ({ servername }) => servername !== undefined && !listeners.some((hostname) => hostnameTakes(hostname, servername)),
  );
  const names = [...new Set(foreign.map(({ servername }) => servername))];
  if (foreign.length > 0) {
    findings.push(
      fail({
        message: `Envoy refused ${count(foreign)}${from(foreign)} for ${names.join(', ')}: no listener takes ${names.length > 1 ? 'these names' : 'this name'} (${listeners.map((hostname) => hostname ?? 'any').join(', ')}).`,
        evidence: [
          {
            object: refOf(pod),
            path: 'access log, requested_server_name with filter_chain_not_found',
            observed: names,
            expected: 'a name that a listener takes',
          },
        ],
        commands: [show],
        remedy: {
          title:
            'Use a name that a listener takes, or add a listener with its certificate. A wildcard takes neither the bare domain nor foreign domains.',
          commands: [sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].hostname}'`],
          disturbs: 'Nothing: reading only.',
        },
      }),
    );
  }
  return findings.length > 0
    ? findings
    : [pass('Connections that were refused in the past hour asked for names that a listener takes now.')];
}
