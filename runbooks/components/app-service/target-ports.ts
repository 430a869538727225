/** App Service: whether the ports that it sends to are ports of its pods. */
import {
  defineCheck,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { whatFails, type RoutedService, type Service } from '../../models/backends.ts';
import { setField } from '../../models/patches.ts';
import { nameOf, namespaceOf } from '../../models/routes.ts';
import * as appPod from '../app-pod/app-pod.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { disturbs, edit, selecting, show, type Served } from './services.ts';

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

interface Port {
  name?: string;
  containerPort: number;
  protocol?: string;
}

interface Probe {
  httpGet?: { port: number | string };
  tcpSocket?: { port: number | string };
}

interface Containers {
  containers: readonly {
    ports?: readonly Port[];
    readinessProbe?: Probe;
    livenessProbe?: Probe;
    startupProbe?: Probe;
  }[];
  initContainers?: readonly { ports?: readonly Port[] }[];
}

/** Where a Service sends what comes in at one of its ports. */
interface Target extends RoutedService {
  port: number;
  /** Where the port stands in the Service’s list. */
  index: number;
  targetPort: number | string;
  /** What its pods run, or would. */
  specs: readonly Containers[];
  /** The ports that these declare. */
  declared: readonly Port[];
}

/** Each port that the pods declare, as sentences name it. */
const portTexts = ({ declared }: Target): readonly string[] => [
  ...new Set(declared.map(({ name, containerPort }) => (name ? `${name} (${containerPort})` : `${containerPort}`))),
];

const sentence = (subject: Target): string =>
  `Service ${nameOf(subject.service)} sends port ${subject.port} to ${subject.targetPort}, which no container of its pods declares (they declare ${portTexts(subject).join(', ')})`;

const evidence = (subject: Target): readonly [Evidence] => [
  {
    object: refOf(subject.service),
    path: `spec.ports[?(@.port==${subject.port})].targetPort`,
    observed: subject.targetPort,
    expected:
      subject.declared.length === 0
        ? 'a number, for no container names a port'
        : `one of ${portTexts(subject).join(', ')}`,
  },
];

const showService = ({ service }: Target) => [show(service)];

const chooseTarget = ({ service }: Target): Remedy => ({
  title: 'Let targetPort be the port on which the app listens.',
  commands: [edit(service)],
  disturbs,
});

/** Where the pods declare one port, that one is meant; among several the reader chooses. */
function correctTarget(subject: Target): Remedy {
  const [meant, ...others] = subject.declared;
  if (meant === undefined || others.some(({ containerPort }) => containerPort !== meant.containerPort))
    return chooseTarget(subject);
  const to = meant.name ?? meant.containerPort;
  return {
    title: `Let targetPort be ${to}, where the app listens.`,
    ...setField(subject.service, `spec.ports[${subject.index}].targetPort`, to),
    disturbs,
  };
}

const findings = {
  noSuchName: finding<Target>({
    headline: 'No pod of Service {service} has a port named {targetPort}',
    means: 'The Service sends to a port by a name that no container of its pods gives one, so there is no endpoint.',
    message: (subject) => {
      const there = portTexts(subject).join(', ');
      return `Service ${nameOf(subject.service)} sends port ${subject.port} to the port named ${subject.targetPort}, which no container of its pods has${there === '' ? '' : ` (there is ${there})`}: ${whatFails(subject)}.`;
    },
    evidence,
    commands: showService,
    remedies: (subject) => [correctTarget(subject)],
  }),
  elsewhere: finding<Target>({
    headline: 'Service {service} sends to {targetPort}, where no pod answers',
    means: 'No container declares the port, and the probes prove that the app answers at another.',
    message: (subject) => `${sentence(subject)}, while their probes answer elsewhere: ${whatFails(subject)}.`,
    evidence,
    commands: showService,
    remedies: (subject) => [correctTarget(subject)],
  }),
  undeclared: finding<Target>({
    headline: 'Service {service} sends to {targetPort}, which no pod declares',
    means: 'The containers declare other ports. An app may listen at one that it does not declare, and no probe tells.',
    outcome: 'warned',
    message: (subject) => `Suspected, not proven: ${sentence(subject)}.`,
    evidence,
    commands: showService,
    remedies: (subject) => [
      chooseTarget(subject),
      {
        title: `If the app does listen at ${subject.targetPort}, declare the port in its container.`,
        commands: [sh`kubectl get deployment,statefulset,daemonset -n ${namespaceOf(subject.service)} -o wide`],
        disturbs: 'Nothing that works now, once its new pods are ready.',
      },
    ],
  }),
};

export const targetPortsExist = defineCheck({
  id: 'app-service/target-ports-exist',
  title: 'Every routed Service sends to a port that its pods have',
  why: 'A named port that no container has gives no endpoint; a number that nothing listens on refuses every connection.',
  needs: [envoyGateway.kindsInstalled],
  reads: appPod.reads,
  commands: [
    sh`kubectl get service -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,TARGETS:'.spec.ports[*].targetPort'`,
    sh`kubectl get pods -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,PORTS:'.spec.containers[*].ports'`,
  ],
  findings,
  judge(values, { inputs, find }) {
    const all = selecting(values, inputs);
    if (all.length === 0) return skip(appPod.noServices);
    const found = all.flatMap(targetsOf).flatMap((target) => judgeTarget(target, find) ?? []);
    return found.length > 0 ? found : pass('Every port that a routed Service sends to is one that its pods have.');
  },
});

/** Where a Service sends the requests of its routes; nowhere that could be judged when it has no pods, or is without an address. */
function targetsOf({ routed, serving }: Served): readonly Target[] {
  const { pods } = serving;
  const specs: readonly Containers[] = [
    ...pods.map(({ spec }) => spec),
    ...(pods.length > 0 ? [] : serving.workloads.map(({ spec }) => spec?.template.spec)),
  ].filter((spec) => spec !== undefined);
  if (specs.length === 0 || routed.service.spec?.clusterIP === 'None') return [];
  const declared = specs.flatMap(({ containers, initContainers = [] }) =>
    [...containers, ...initContainers].flatMap(({ ports = [] }) => ports),
  );
  const isRouted = ({ port }: ServicePort): boolean => routed.backends.some((backend) => backend.port === port);
  return [...(routed.service.spec?.ports ?? []).entries()]
    .filter(([, one]) => isRouted(one))
    .map(([index, { port, targetPort = port }]) => ({ ...routed, port, index, targetPort, specs, declared }));
}

/**
 * A container may listen on a port that it does not declare: only where all declare theirs is another number suspect, and only a probe
 * proves where the app answers.
 */
function judgeTarget(target: Target, find: Find<typeof findings>): Judgement | undefined {
  const { targetPort, specs, declared } = target;
  if (typeof targetPort === 'string' && !/^\d+$/.test(targetPort))
    return declared.some(({ name }) => name === targetPort) ? undefined : find.noSuchName(target);
  const number = Number(targetPort);
  if (!allDeclare(specs) || declared.some(({ containerPort }) => containerPort === number)) return undefined;
  const probed = specs.flatMap(probedPorts);
  if (probed.some((at) => Number(at) === number)) return undefined;
  const isProven = probed.some((at) => declared.some(({ name, containerPort }) => at === name || at === containerPort));
  return isProven ? find.elsewhere(target) : find.undeclared(target);
}

const allDeclare = (specs: readonly Containers[]): boolean =>
  specs.every(({ containers }) => containers.every(({ ports = [] }) => ports.length > 0));

const probedPorts = ({ containers }: Containers): readonly (number | string)[] =>
  containers
    .flatMap(({ readinessProbe, livenessProbe, startupProbe }) => [readinessProbe, livenessProbe, startupProbe])
    .flatMap((probe) => probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? []);
