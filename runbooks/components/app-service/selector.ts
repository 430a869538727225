/** App Service: whether its selector takes pods, and if not, which ones it means. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { defineCheck, pass, refOf, refTo, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { anyOf, isNone } from '../../../src/runbook/told.ts';
import {
  selectorOf,
  whatFails,
  type Pod,
  type RoutedService,
  type Service,
  type Serving,
} from '../../models/backends.ts';
import { endingNamespace, namespaceEnding } from '../../models/namespaces.ts';
import { setField } from '../../models/patches.ts';
import { namespaces } from '../../models/reads.ts';
import { nameOf, namespaceOf } from '../../models/routes.ts';
import { isNamed } from '../../models/topology.ts';
import type { Workload } from '../../models/workloads.ts';
import { stack } from '#stack';
import * as appPod from '../app-pod/app-pod.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { disturbs, edit, selecting, show, showApps, type Served } from './services.ts';

type Labels = Readonly<Record<string, string>>;

/** What a Service that selects nothing most likely means. */
interface Meant {
  object: Workload | Pod;
  /** Those of its pods, or its own where it is one. */
  labels: Labels;
}

/** A Service that selects nothing, and what it means. */
type Astray = RoutedService & Meant;

const text = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, label]) => `${key}=${label}`)
    .join(',') || 'nothing';

const selectorText = ({ service }: RoutedService): string => text(selectorOf(service) ?? {});

/** Labels that the Service could select: under the keys that it asks for, where the pods have any of these. */
function fitting({ service, labels }: Astray): Labels {
  const shared = Object.keys(selectorOf(service) ?? {}).filter((key) => key in labels);
  return shared.length === 0 ? labels : Object.fromEntries(shared.map((key) => [key, labels[key] ?? '']));
}

const labelsPath = ({ object: { kind } }: Meant): string =>
  kind === 'Pod' ? 'metadata.labels' : 'spec.template.metadata.labels';

const labelsEvidence = (subject: Astray): Evidence => ({
  object: refOf(subject.object),
  path: labelsPath(subject),
  observed: subject.labels,
  expected: `labels that ${selectorText(subject)} selects`,
});

const podsOf = ({ object: { kind, metadata } }: Meant): string =>
  kind === 'Pod' ? `Pod ${metadata.name} carries` : `the pods of ${kind} ${metadata.name} carry`;

const nothingRuns = (subject: RoutedService): string =>
  `Nothing runs behind Service ${nameOf(subject.service)}: no pod carries ${selectorText(subject)}, and no Deployment, StatefulSet or DaemonSet makes one: ${whatFails(subject)}.`;

const showNothing = ({ service }: RoutedService) => [show(service), showApps(service)];

const findings = {
  otherLabels: finding<Astray>({
    headline: 'Service {service} selects labels that no pod carries',
    means: 'The app runs, and its pods carry other labels than those that the Service asks for.',
    message: (subject) =>
      `Service ${nameOf(subject.service)} selects ${selectorText(subject)}, which no pod carries; ${podsOf(subject)} ${text(fitting(subject))}: ${whatFails(subject)}.`,
    evidence: (subject) => [
      {
        object: refOf(subject.service),
        path: 'spec.selector',
        observed: selectorOf(subject.service),
        expected: text(fitting(subject)),
      },
      labelsEvidence(subject),
    ],
    commands: ({ service }) => [show(service)],
    remedies: (subject) => [
      {
        title: 'Let the Service select the labels that the pods carry.',
        ...setField(subject.service, 'spec.selector', fitting(subject)),
        disturbs,
      },
    ],
  }),
  unlabelled: finding<Astray>({
    headline: 'The pod behind Service {service} carries no labels',
    means: 'A Service finds pods by their labels alone, and the pod that it means has none.',
    message: (subject) =>
      `Service ${nameOf(subject.service)} selects ${selectorText(subject)}, and ${podsOf(subject)} no labels at all: ${whatFails(subject)}.`,
    evidence: (subject) => [labelsEvidence(subject)],
    commands: ({ service }) => [show(service)],
    remedies: (subject) => [
      {
        title: 'Give the pod the labels that the Service selects.',
        ...setField(subject.object, labelsPath(subject), selectorOf(subject.service)),
        disturbs,
      },
    ],
  }),
  namespaceEnding: namespaceEnding<RoutedService>({
    headline: 'Namespace {namespace} is being deleted with its app',
    means: 'Whatever was in the namespace goes with it, and nothing runs behind the Service any more.',
    takes: (subject) => `nothing runs behind Service ${nameOf(subject.service)} any more: ${whatFails(subject)}`,
    commands: showNothing,
  }),
  appMissing: finding<RoutedService>({
    headline: 'The app behind Service {service} does not exist',
    means: 'The app that Git deploys behind the Service is not in the cluster.',
    message: nothingRuns,
    evidence: () => [
      { object: refTo('Deployment', stack.app), path: 'metadata.name', observed: 'not found', expected: 'exists' },
    ],
    commands: showNothing,
    remedies: () => [
      {
        title: 'Create the app again from Git.',
        commands: [sh`kubectl apply -k apps/${stack.app.name}`],
        disturbs,
      },
    ],
  }),
  nothingRuns: finding<RoutedService>({
    headline: 'Nothing runs behind Service {service}',
    means: 'No pod carries the labels that the Service selects, and nothing in its namespace looks like the app.',
    message: nothingRuns,
    evidence: (subject) => [
      {
        object: refOf(subject.service),
        path: 'spec.selector',
        observed: selectorText(subject),
        expected: 'labels that pods carry',
      },
    ],
    commands: showNothing,
    remedies: ({ service }) => [
      { title: 'Create the app again from Git.', commands: [showApps(service)], disturbs },
      {
        title: 'Let the Service select what runs in its place.',
        commands: [showApps(service), edit(service)],
        disturbs,
      },
    ],
  }),
};

export const selectsPods = defineCheck({
  id: 'app-service/selects-pods',
  title: 'Every routed Service selects pods',
  why: 'A selector that matches no pod leaves the Service without endpoints, and Envoy answers 503.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...appPod.reads, namespaces: raw(namespaces) },
  commands: [
    sh`kubectl get service -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,SELECTOR:.spec.selector`,
    sh`kubectl get pods -A --show-labels`,
  ],
  findings,
  judge(values, { inputs, find }) {
    const all = selecting(values, inputs);
    if (all.length === 0) return skip(appPod.noServices);
    // A cluster that keeps no slices of its apps' Services says nothing about what stands behind them.
    const tellsSlices = (): boolean => all.some(({ serving }) => serving.slices.length > 0);
    const workloads = allOf(values.deployments, values.statefulSets, values.daemonSets);
    return all.map((one): Judgement => {
      if (
        anyOf(
          () => !isNone(one.serving.pods),
          () => one.serving.workloads.length > 0,
        )
      )
        return judgeSelected(one);
      const namespace = endingNamespace(namespaceOf(one.routed.service), values.namespaces);
      return namespace === undefined
        ? judgeUnselected(one, neighboursOf(one.routed.service, workloads, values.pods), tellsSlices, find)
        : find.namespaceEnding({ ...one.routed, namespace });
    });
  },
});

const judgeSelected = ({ routed: { service }, serving }: Served): Judgement =>
  serving.pods.length > 0
    ? pass(`Service ${nameOf(service)} selects ${serving.pods.length} of its namespace’s pods.`)
    : skip(
        `Service ${nameOf(service)} would select the pods of ${serving.workloads.map(withKind).join(', ')}, which has none.`,
      );

const withKind = (workload: Workload): string => `${workload.kind} ${nameOf(workload)}`;

function judgeUnselected(
  { routed, serving }: Served,
  near: Neighbours,
  tellsSlices: () => boolean,
  find: Find<typeof findings>,
): Judgement {
  const { service } = routed;
  if (!provesNothing(serving, near)) return pass(`Service ${nameOf(service)} has ${serving.ready} ready endpoints.`);
  const meant = meantBy(service, near);
  if (meant !== undefined) {
    const isLabelled = Object.keys(meant.labels).length > 0;
    return isLabelled ? find.otherLabels({ ...routed, ...meant }) : find.unlabelled({ ...routed, ...meant });
  }
  if (!tellsSlices()) return skip(`Nothing tells what stands behind Service ${nameOf(service)}.`);
  return isNamed(service, stack.app) ? find.appMissing(routed) : find.nothingRuns(routed);
}

/** What else is in the namespace of a Service. */
interface Neighbours {
  workloads: readonly Workload[];
  pods: readonly Pod[];
}

const neighboursOf = (service: Service, workloads: readonly Workload[], pods: readonly Pod[]): Neighbours => ({
  workloads: workloads.filter((workload) => namespaceOf(workload) === namespaceOf(service)),
  pods: pods.filter((pod) => namespaceOf(pod) === namespaceOf(service)),
});

/** Endpoints that nobody tells the pods of are somebody else's word; endpoints whose pods are there can be compared. */
function provesNothing({ ready, slices }: Serving, { pods }: Neighbours): boolean {
  const targets = slices.flatMap((slice) => slice.endpoints ?? []).map(({ targetRef }) => targetRef?.name);
  return ready === 0 || pods.some((pod) => targets.includes(pod.metadata.name));
}

/** What a Service that selects nothing most likely means: of its name, sharing a label, or the only one there. */
function meantBy(service: Service, { workloads, pods }: Neighbours): Meant | undefined {
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
