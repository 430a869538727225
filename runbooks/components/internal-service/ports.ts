/** Internal Service, its ports: Envoy does not listen on the ports of the Gateway's listeners, but on ports of its own. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { envoyPods, selectedPods } from '../../models/in-cluster-names.ts';
import { jsonPatch, mergePatch, pointer } from '../../models/patches.ts';
import { isManagedFor, tailnetGateways, topologyOf, type ResolvedGateway } from '../../models/topology.ts';
import { partNames } from '../../parts.ts';
import { disturbs, eachService, exists, reads, selectsEnvoy, type Pod, type Service } from './internal-service.ts';

const { namespace, name } = partNames.internalService;

/**
 * The port on which Envoy listens for a listener's port. What Envoy Gateway wrote into the managed Service tells; without one,
 * its rule does: ports below 1024 are shifted by 10000. [Envoy Gateway 1.6 to 1.9]
 */
function envoyPort(gateway: ResolvedGateway, port: number): number | string {
  const managed = gateway.services
    .flatMap(({ spec }) => spec?.ports ?? [])
    .find((candidate) => candidate.port === port);
  if (managed?.targetPort !== undefined) return managed.targetPort;
  if (port >= 1024) return port;
  const isKept = gateway.envoyProxy?.spec.provider?.kubernetes?.useListenerPortAsContainerPort === true;
  return isKept ? port : port + 10_000;
}

/** A port of the Service that leads elsewhere than to Envoy's. */
interface WrongTarget {
  service: Service;
  gateway: ResolvedGateway;
  index: number;
  port: number;
  /** What it leads to, and should. */
  target: number | string;
  wanted: number | string;
}

const targetEvidence = ({
  service,
  gateway,
  port,
  target,
  wanted,
}: WrongTarget): readonly [Evidence, ...Evidence[]] => [
  {
    object: refOf(service),
    path: `spec.ports[?(@.port==${port})].targetPort`,
    observed: target,
    expected: wanted,
  },
  ...gateway.services.map((managed) => ({
    object: refOf(managed),
    path: 'spec.ports[*].targetPort',
    observed: wanted,
    expected: 'the same in the internal Service',
  })),
];

const setTarget = ({ service, index, wanted }: WrongTarget): readonly [Remedy] => {
  const path = `spec.ports[${index}].targetPort`;
  return [
    {
      title: `Set targetPort to ${wanted}.`,
      change: { object: refOf(service), path, to: wanted },
      commands: [jsonPatch('service', service.metadata, { op: 'add', path: pointer(path), value: wanted })],
      disturbs,
    },
  ];
};

/** The ports that a Service has, and one more; with more than one, each needs a name. */
const withPort = ({ spec }: Service, port: number, targetPort: number | string): readonly unknown[] => [
  ...(spec?.ports ?? []).map((own) => ({ name: `port-${own.port}`, ...own })),
  { name: `https-${port}`, protocol: 'TCP', port, targetPort },
];

const findings = {
  portMissing: finding<{ service: Service; gateway: ResolvedGateway; port: number }>({
    headline: 'Service {service} has no port {port}',
    means: 'Pods connect to the port of the Gateway’s listener, and the Service does not have that one.',
    message: ({ service, port }) =>
      `Service ${nameOf(service)} has no port ${port}, on which pods connect for https (it has ${portsOf(service).join(', ') || 'none'}).`,
    evidence: ({ service, port }) => [
      { object: refOf(service), path: 'spec.ports[*].port', observed: portsOf(service), expected: port },
    ],
    remedies: ({ service, gateway, port }) => {
      const ports = withPort(service, port, envoyPort(gateway, port));
      return [
        {
          title: 'Give it the listener’s port.',
          change: { object: refOf(service), path: 'spec.ports', to: ports },
          commands: [mergePatch('service', service.metadata, { spec: { ports } })],
          disturbs,
        },
      ];
    },
  }),
  wrongTarget: finding<WrongTarget>({
    headline: 'Service {service} leads to port {target}, where nothing listens',
    means: 'The Service leads to a port in the pod on which Envoy does not listen, so connections are refused.',
    message: ({ service, port, target, wanted }) =>
      `Service ${nameOf(service)} leads port ${port} to ${target} in the pod, and Envoy listens on ${wanted}: connections are refused.`,
    evidence: targetEvidence,
    remedies: setTarget,
  }),
  unknownTarget: finding<WrongTarget>({
    headline: 'Service {service} leads to port {target}, which no pod has',
    means: 'The Service names a port that no container of the pods behind it has, so it leads nowhere.',
    message: ({ service, port, target, wanted }) =>
      `Service ${nameOf(service)} leads port ${port} to the port named ${target}, which no pod behind it has: Envoy listens on ${wanted}.`,
    evidence: targetEvidence,
    remedies: setTarget,
  }),
};

const portsOf = ({ spec }: Service): readonly number[] => (spec?.ports ?? []).map(({ port }) => port);

export const portReachesEnvoy = defineCheck({
  id: 'internal-service/port-reaches-envoy',
  title: 'The internal Service leads to the port on which Envoy listens',
  why: 'Envoy runs unprivileged: its listener for port 443 is on 10443 in the pod, and nothing listens on 443.',
  needs: [exists, selectsEnvoy],
  reads,
  commands: [
    sh`kubectl get service -n ${namespace} ${name} -o jsonpath='{.spec.ports}'`,
    sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway -o jsonpath='{.items[*].spec.ports}'`,
  ],
  findings,
  judge: (values, { find }) =>
    eachService(values, (service) => {
      const envoys = envoyPods({ ...topologyOf(values), pods: selectedPods(service, values.pods) });
      const managed = values.gateways.filter((gateway) => envoys.some((pod) => isManagedFor(pod, gateway)));
      const behind = tailnetGateways({ ...topologyOf(values), gateways: managed });
      return behind.length === 0
        ? skip(`Service ${nameOf(service)} selects no Envoy whose ports could be compared.`)
        : behind.flatMap((gateway) => judgePorts(service, gateway, envoys, find));
    }),
});

function judgePorts(
  service: Service,
  gateway: ResolvedGateway,
  envoys: readonly Pod[],
  find: Find<typeof findings>,
): Judgement | readonly Judgement[] {
  const { listeners } = gateway.gateway.spec;
  const https = listeners.filter(({ protocol }) => protocol === 'HTTPS').map(({ port }) => port);
  const [port] = https;
  if (port !== undefined && !portsOf(service).some((own) => https.includes(own)))
    return find.portMissing({ service, gateway, port });
  const resolve = resolverOfPorts(envoys);
  const wrong = targetsOf(service, gateway).flatMap((subject) => {
    const [has, wants] = [resolve(subject.target), resolve(subject.wanted)];
    // A name that the pods do not explain says nothing where they list no ports at all.
    if (has === undefined) return listsPorts(envoys) ? find.unknownTarget(subject) : [];
    return wants !== undefined && has !== wants ? find.wrongTarget(subject) : [];
  });
  return wrong.length > 0 ? wrong : pass(`Service ${nameOf(service)} leads to Envoy’s own ports.`);
}

/** The Service's ports for which the Gateway has listeners, with what each leads to and should. */
const targetsOf = (service: Service, gateway: ResolvedGateway): readonly WrongTarget[] =>
  (service.spec?.ports ?? [])
    .map(({ port, targetPort = port }, index) => ({
      ...{ service, gateway, index, port },
      target: targetPort,
      wanted: envoyPort(gateway, port),
    }))
    .filter(({ port }) => gateway.gateway.spec.listeners.some((listener) => listener.port === port));

const containerPorts = (pods: readonly Pod[]) =>
  pods.flatMap(({ spec }) => spec?.containers.flatMap(({ ports = [] }) => ports) ?? []);

const listsPorts = (pods: readonly Pod[]): boolean => containerPorts(pods).length > 0;

/** Finds the number of a port that is given by its name. */
const resolverOfPorts =
  (pods: readonly Pod[]) =>
  (port: number | string): number | undefined =>
    typeof port === 'number' ? port : containerPorts(pods).find(({ name }) => name === port)?.containerPort;
