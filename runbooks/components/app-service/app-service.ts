/** App Service: from the route to the app's pods, by selector and port. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { defineCheck, fail, pass, refOf, refTo, skip, warn, type Judgement } from '../../../src/runbook/check.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import {
  selectorOf,
  whatFails,
  type Pod,
  type RoutedService,
  type Service,
  type Serving,
} from '../../models/backends.ts';
import { mergePatch } from '../../models/patches.ts';
import { namespaces } from '../../models/reads.ts';
import { nameOf, namespaceOf } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import { isNamed } from '../../models/topology.ts';
import type { Workload } from '../../models/workloads.ts';
import * as appPod from '../app-pod/app-pod.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

const { reads, routed, noServices } = appPod;

const disturbs = 'Nothing that works now.';
const show = (service: Service): Shell => sh`kubectl get service,endpointslice -n ${namespaceOf(service)} -o wide`;
const edit = (service: Service): Shell => sh`kubectl edit service -n ${namespaceOf(service)} ${service.metadata.name}`;

export const selectsPods = defineCheck({
  id: 'app-service/selects-pods',
  title: 'Every routed Service selects pods',
  why: 'A selector that matches no pod leaves the Service without endpoints, and Envoy answers 503.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [
    sh`kubectl get service -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,SELECTOR:.spec.selector`,
    sh`kubectl get pods -A --show-labels`,
  ],
  judge(values, { inputs }) {
    const all = routed(values, inputs).filter(({ routed: { service } }) => selectorOf(service) !== undefined);
    if (all.length === 0) return skip(noServices);
    const tellsSlices = all.some(({ serving }) => serving.slices.length > 0);
    const workloads = [...values.deployments, ...values.statefulSets, ...values.daemonSets];
    return all.map(({ routed: found, serving }): Judgement => {
      const { service } = found;
      const name = nameOf(service);
      if (serving.pods.length > 0)
        return pass(`Service ${name} selects ${serving.pods.length} of its namespace’s pods.`);
      if (serving.workloads.length > 0) {
        return skip(
          `Service ${name} would select the pods of ${serving.workloads.map(describe).join(', ')}, which has none.`,
        );
      }
      const namespace = values.namespaces.ok
        ? values.namespaces.value.find(({ metadata }) => metadata.name === namespaceOf(service))
        : undefined;
      if (namespace?.metadata.deletionTimestamp !== undefined || namespace?.status?.phase === 'Terminating') {
        return fail({
          ...nothing(found),
          evidence: [{ object: refOf(namespace), path: 'status.phase', observed: 'Terminating', expected: 'Active' }],
        });
      }
      const near = workloads.filter((workload) => namespaceOf(workload) === namespaceOf(service));
      const neighbours = values.pods.filter((pod) => namespaceOf(pod) === namespaceOf(service));
      // Endpoints that nobody tells the pods of are somebody else's word; endpoints whose pods are there can be compared.
      const targets = serving.slices.flatMap((slice) => slice.endpoints ?? []).map(({ targetRef }) => targetRef?.name);
      const isProven = serving.ready === 0 || neighbours.some((pod) => targets.includes(pod.metadata.name));
      if (!isProven) return pass(`Service ${name} has ${serving.ready} ready endpoints.`);
      const meant = meantBy(service, near, neighbours);
      if (meant !== undefined) return judgeSelector(found, meant);
      // A cluster that keeps no slices of its apps' Services says nothing about what stands behind them.
      if (serving.slices.length === 0 && !tellsSlices) return skip(`Nothing tells what stands behind Service ${name}.`);
      return fail(nothing(found));
    });
  },
});

const describe = (workload: Workload): string => `${workload.kind} ${nameOf(workload)}`;

interface Meant {
  object: Workload | Pod;
  labels: Readonly<Record<string, string>>;
}

/** What a Service that selects nothing most likely means: of its name, sharing a label, or the only one there. */
function meantBy(service: Service, workloads: readonly Workload[], pods: readonly Pod[]): Meant | undefined {
  const selector = selectorOf(service) ?? {};
  const candidates: Meant[] = [
    ...workloads.map((object) => ({ object, labels: object.spec?.template.metadata?.labels ?? {} })),
    ...(workloads.length > 0 ? [] : pods.map((object) => ({ object, labels: object.metadata.labels ?? {} }))),
  ];
  const name = service.metadata.name;
  const near = (wanted: string, found: string | undefined): boolean =>
    found !== undefined && (found === wanted || likeliest(wanted, [found]) !== undefined);
  return (
    candidates.find(({ object }) => object.metadata.name === name) ??
    candidates.find(({ labels }) => Object.entries(selector).some(([key, wanted]) => labels[key] === wanted)) ??
    candidates.find(({ labels }) =>
      Object.entries(selector).some(
        ([key, wanted]) => near(wanted, labels[key]) || Object.values(labels).includes(wanted),
      ),
    ) ??
    (candidates.length === 1 ? candidates[0] : undefined)
  );
}

function judgeSelector(found: RoutedService, { object, labels }: Meant): Judgement {
  const { service } = found;
  const selector = selectorOf(service) ?? {};
  // Compare only what the selector speaks of, where the labels speak of it too.
  const shared = Object.keys(selector).filter((key) => labels[key] !== undefined);
  const expected = shared.length === 0 ? labels : Object.fromEntries(shared.map((key) => [key, labels[key]]));
  const patch = {
    spec: {
      selector: {
        ...Object.fromEntries(Object.keys(selector).map((key) => [key, labels[key] ?? null])),
        ...(shared.length === 0 ? labels : {}),
      },
    },
  };
  return fail({
    message: `Service ${nameOf(service)} selects ${text(selector)}, which no pod carries; the pods of ${object.kind} ${object.metadata.name} carry ${text(expected)}: ${whatFails(found)}.`,
    evidence: [
      { object: refOf(service), path: 'spec.selector', observed: selector, expected: text(expected) },
      {
        object: refOf(object),
        path: object.kind === 'Pod' ? 'metadata.labels' : 'spec.template.metadata.labels',
        observed: labels,
        expected: `labels that ${text(selector)} selects`,
      },
    ],
    commands: [show(service)],
    remedy: {
      title: 'Let the Service select the labels that the pods carry, in its manifest and in the cluster.',
      commands: [mergePatch('service', service.metadata, patch)],
      disturbs,
    },
  });
}

const text = (labels: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(labels)
    .map(([key, label]) => `${key}=${label}`)
    .join(',') || 'nothing';

/** No pod and nothing that makes one: of the stack's own app the name of what is missing is known. */
function nothing(found: RoutedService): Parameters<typeof fail>[0] {
  const { service } = found;
  const selector = text(selectorOf(service) ?? {});
  return {
    message: `Nothing runs behind Service ${nameOf(service)}: no pod carries ${selector}, and no Deployment, StatefulSet or DaemonSet makes one: ${whatFails(found)}.`,
    evidence: [
      isNamed(service, stack.app)
        ? { object: refTo('Deployment', stack.app), path: 'metadata.name', observed: 'not found', expected: 'exists' }
        : { object: refOf(service), path: 'spec.selector', observed: selector, expected: 'labels that pods carry' },
    ],
    commands: [show(service), sh`kubectl get deployment,statefulset,daemonset,pod -n ${namespaceOf(service)}`],
    remedy: {
      title: 'Create the app again from Git, or let the Service select what runs in its place.',
      commands: [sh`kubectl get deployment,statefulset,daemonset,pod -n ${namespaceOf(service)} --show-labels`],
      disturbs,
    },
  };
}

export const targetPortsExist = defineCheck({
  id: 'app-service/target-ports-exist',
  title: 'Every routed Service sends to a port that its pods have',
  why: 'A named port that no container has gives no endpoint; a number that nothing listens on refuses every connection.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [
    sh`kubectl get service -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,TARGETS:'.spec.ports[*].targetPort'`,
    sh`kubectl get pods -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,PORTS:'.spec.containers[*].ports'`,
  ],
  judge(values, { inputs }) {
    const all = routed(values, inputs).filter(({ routed: { service } }) => selectorOf(service) !== undefined);
    if (all.length === 0) return skip(noServices);
    const findings = all.flatMap(({ routed: found, serving }) => judgeTargets(found, serving));
    return findings.length > 0
      ? findings
      : pass('Every port that a routed Service sends to is one that its pods have.');
  },
});

interface Ports {
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
    ports?: readonly Ports[];
    readinessProbe?: Probe;
    livenessProbe?: Probe;
    startupProbe?: Probe;
  }[];
  initContainers?: readonly { ports?: readonly Ports[] }[];
}

function judgeTargets(found: RoutedService, { pods, workloads }: Serving): readonly Judgement[] {
  const { service, backends } = found;
  const specs: readonly Containers[] = [
    ...pods.map(({ spec }) => spec),
    ...(pods.length > 0 ? [] : workloads.map(({ spec }) => spec?.template.spec)),
  ].filter((spec) => spec !== undefined);
  const asked = new Set(backends.map(({ port }) => port));
  const routedPorts = (service.spec?.ports ?? []).filter(({ port }) => asked.has(port));
  if (specs.length === 0 || service.spec?.clusterIP === 'None') return [];
  const declared = specs.flatMap(({ containers, initContainers = [] }) =>
    [...containers, ...initContainers].flatMap(({ ports = [] }) => ports),
  );
  return routedPorts.flatMap(({ port, targetPort = port }): readonly Judgement[] => {
    const names = [
      ...new Set(declared.map(({ name, containerPort }) => (name ? `${name} (${containerPort})` : `${containerPort}`))),
    ];
    const finding = {
      evidence: [
        {
          object: refOf(service),
          path: `spec.ports[?(@.port==${port})].targetPort`,
          observed: targetPort,
          expected: names.length === 0 ? 'a number, for no container names a port' : `one of ${names.join(', ')}`,
        },
      ],
      commands: [show(service)],
      remedy: { title: 'Let targetPort be the port on which the app listens.', commands: [edit(service)], disturbs },
    } as const;
    if (typeof targetPort === 'string' && !/^\d+$/.test(targetPort)) {
      if (declared.some(({ name }) => name === targetPort)) return [];
      return [
        fail({
          ...finding,
          message: `Service ${nameOf(service)} sends port ${port} to the port named ${targetPort}, which no container of its pods has${names.length === 0 ? '' : ` (there is ${names.join(', ')})`}: ${whatFails(found)}.`,
        }),
      ];
    }
    // A container may listen on a port that it does not declare: only where all declare theirs is another number suspect,
    // and only a probe proves where the app answers.
    const number = Number(targetPort);
    const allDeclare = specs.every(({ containers }) => containers.every(({ ports = [] }) => ports.length > 0));
    if (!allDeclare || declared.some(({ containerPort }) => containerPort === number)) return [];
    const probed = specs.flatMap(({ containers }) =>
      containers.flatMap(({ readinessProbe, livenessProbe, startupProbe }) =>
        [readinessProbe, livenessProbe, startupProbe].flatMap(
          (probe) => probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? [],
        ),
      ),
    );
    const isProven = probed.some((at) =>
      declared.some(({ name, containerPort }) => at === name || at === containerPort),
    );
    if (probed.some((at) => Number(at) === number)) return [];
    const says = `Service ${nameOf(service)} sends port ${port} to ${number}, which no container of its pods declares (they declare ${names.join(', ')})`;
    return [
      isProven
        ? fail({ ...finding, message: `${says}, while their probes answer elsewhere: ${whatFails(found)}.` })
        : warn({ ...finding, message: `Suspected, not proven: ${says}.` }),
    ];
  });
}

export const hasEndpoints = defineCheck({
  id: 'app-service/has-ready-endpoints',
  title: 'Every routed Service has a ready endpoint',
  why: 'This is the symptom: Envoy answers 503 while there is nobody to send a request to.',
  needs: [envoyGateway.kindsInstalled, selectsPods, targetPortsExist, appPod.ready],
  reads,
  commands: [sh`kubectl get endpointslice -A`],
  judge(values, { inputs }) {
    const all = routed(values, inputs).filter(({ routed: { service } }) => service.spec?.type !== 'ExternalName');
    if (all.length === 0) return skip(noServices);
    return all.map(({ routed: found, serving }): Judgement => {
      const { service } = found;
      if (serving.answers) {
        return pass(
          serving.slices.length === 0
            ? `Nothing says that Service ${nameOf(service)} is without endpoints.`
            : `Service ${nameOf(service)} has ${serving.ready} ready endpoint${serving.ready === 1 ? '' : 's'}.`,
        );
      }
      const [slice] = serving.slices;
      const byHand = selectorOf(service) === undefined && slice !== undefined;
      return fail({
        message: byHand
          ? `Service ${nameOf(service)} has no selector, and none of the endpoints written for it is ready: ${whatFails(found)}.`
          : `Service ${nameOf(service)} has no ready endpoint: ${whatFails(found)}.`,
        evidence: [
          {
            object: refOf(byHand ? slice : service),
            path: byHand ? 'endpoints' : 'its EndpointSlices',
            observed: `${serving.ready} ready`,
            expected: 'at least 1 ready',
          },
        ],
        commands: [
          sh`kubectl get endpointslice -n ${namespaceOf(service)} -l kubernetes.io/service-name=${service.metadata.name} -o yaml`,
        ],
        remedy: {
          title: byHand
            ? 'Write an address into the EndpointSlice at which the app answers.'
            : 'Look at the pods that the Service selects, and at the controller manager that writes its endpoints.',
          commands: [show(service), sh`kubectl get pods -n ${namespaceOf(service)} --show-labels`],
          disturbs,
        },
      });
    });
  },
});
