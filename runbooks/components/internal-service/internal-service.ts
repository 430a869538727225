/** Internal Service: the Gateway as pods reach it, without leaving the cluster. */
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { isNone, knownOr } from '../../../src/runbook/told.ts';
import {
  answersFor,
  envoyPods,
  internalService,
  namedServices,
  routedHostnames,
  selectedPods,
} from '../../models/in-cluster-names.ts';
import { jsonPatch } from '../../models/patches.ts';
import { corefile, httpRoutes, pods, topologyReads } from '../../models/reads.ts';
import { isNamed, type Topology } from '../../models/topology.ts';
import { stack } from '#stack';
import { partNames } from '../../parts.ts';
import * as envoy from '../envoy/envoy.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

export type Service = KubeObject<'Service'>;
export type Pod = KubeObject<'Pod'>;

export const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  pods: plain(pods),
  corefile: plain(corefile),
};

export type Values = Topology & {
  routes: readonly KubeObject<'HTTPRoute'>[];
  pods: readonly Pod[];
  corefile: KubeObject<'ConfigMap'> | undefined;
};

const { namespace, name } = partNames.internalService;
const showService = sh`kubectl get service -n ${namespace} ${name} -o wide`;
const none = 'Pods are not led to the Gateway: CoreDNS names no Service for it, and there is none.';
export const disturbs = 'Pods that call the hostnames; clients on the tailnet notice nothing.';

/** The Services that CoreDNS gives pods for the hostnames, as far as they exist; else the one that is meant for it. */
function inQuestion(values: Values): {
  found: readonly Service[];
  missing: readonly { namespace: string; name: string }[];
} {
  const named = namedByCoredns(values);
  const found = values.services.filter((service) => named.some((one) => isNamed(service, one)));
  const meant = isNone(found) ? internalService(values) : undefined;
  return {
    found: meant === undefined ? found : [meant],
    missing: named.filter((one) => !values.services.some((service) => isNamed(service, one))),
  };
}

const namedByCoredns = (values: Values): readonly { namespace: string; name: string }[] => {
  const data = values.corefile?.data ?? {};
  return namedServices(answersFor(parseCorefile(data['Corefile'] ?? ''), routedHostnames(values), data));
};

export const exists = defineCheck({
  id: 'internal-service/exists',
  title: 'The Service that CoreDNS gives pods exists',
  why: 'CoreDNS answers with its ClusterIP; without it the hostnames do not exist for pods.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showService],
  findings: {
    missing: finding<{ service: { namespace: string; name: string } }>({
      headline: 'There is no Service {service}, which CoreDNS gives pods',
      means: 'CoreDNS leads the hostnames to a Service that is not there, nor is another one that is meant for pods.',
      message: ({ service }) =>
        `CoreDNS gives pods Service ${service.namespace}/${service.name} for the routed hostnames, and it does not exist: they get NXDOMAIN.`,
      evidence: ({ service }) => [
        { object: refTo('Service', service), path: 'metadata.name', observed: 'not found', expected: 'exists' },
      ],
      remedies: () => [
        {
          title: 'Create it again from Git.',
          commands: [sh`kubectl apply -f infrastructure/gateway/internal-service.yaml`],
          disturbs: 'Nothing that works now.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const own = values.services.filter((service) => isNamed(service, partNames.internalService));
    const { found, missing } = isNone(own)
      ? inQuestion(values)
      : knownOr({ found: own, missing: [] }, () => inQuestion(values));
    if (found.length > 0) return pass(`Service ${found.map(nameOf).join(', ')} exists.`);
    return missing.length === 0 ? skip(none) : missing.map((service) => find.missing({ service }));
  },
});

/** Judges each Service by itself, if there is one. */
export function eachService(
  values: Values,
  judge: (service: Service) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  const { found } = inQuestion(values);
  if (found.length === 0) return skip(none);
  return found.flatMap((service) =>
    service.spec?.type === 'ExternalName'
      ? skip(`Service ${nameOf(service)} is only a name for another one.`)
      : judge(service),
  );
}

/** A Service, and an Envoy that it should select. */
interface Selecting {
  service: Service;
  envoy: Pod;
}

/** A Service that selects pods of something else. */
interface SelectingOthers extends Selecting {
  others: readonly Pod[];
}

/** The labels by which Envoy Gateway says whose Envoy a pod is. */
const owningLabels = ({ metadata }: Pod): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(metadata.labels ?? {}).filter(([key]) => key.startsWith('gateway.envoyproxy.io/owning-gateway')),
  );

const selectorEvidence = ({ service, envoy }: Selecting): Evidence => ({
  object: refOf(service),
  path: 'spec.selector',
  observed: service.spec?.selector,
  expected: owningLabels(envoy),
});

/** Whatever it selects by now is replaced: a label that is left would go on shutting Envoy out. */
const selectEnvoy = ({ service, envoy }: Selecting): readonly [Remedy] => [
  {
    title: 'Select Envoy by the labels that Envoy Gateway gives it.',
    change: { object: refOf(service), path: 'spec.selector', to: owningLabels(envoy) },
    commands: [
      jsonPatch('service', service.metadata, { op: 'replace', path: '/spec/selector', value: owningLabels(envoy) }),
    ],
    disturbs,
  },
];

/** The labels of a selector that no Envoy has, as `key=value`; all of them where each has its Envoy, and no Envoy has all. */
function wrongLabels(service: Service, envoys: readonly Pod[]): string {
  const all = Object.entries(service.spec?.selector ?? {});
  const wrong = all.filter(([key, value]) => !envoys.some(({ metadata }) => metadata.labels?.[key] === value));
  return (wrong.length > 0 ? wrong : all).map((pair) => pair.join('=')).join(', ');
}

const names = (pods: readonly Pod[]): string => pods.map(({ metadata }) => metadata.name).join(', ');

const notOfAGateway = ({ others }: SelectingOthers): string =>
  `${names(others)}, which ${others.length === 1 ? 'is' : 'are'} not Envoy of a Gateway on the tailnet`;

const othersEvidence = (subject: SelectingOthers): readonly [Evidence, ...Evidence[]] => [
  selectorEvidence(subject),
  ...subject.others.slice(0, 1).map((other) => ({
    object: refOf(other),
    path: 'metadata.labels',
    observed: other.metadata.labels,
    expected: 'not selected',
  })),
];

const selection = {
  otherNamespace: finding<Selecting>({
    headline: 'Service {service} is in another namespace than Envoy',
    means: 'Envoy runs in one namespace and the Service stands in another, so it cannot select it.',
    message: ({ service, envoy }) =>
      `Service ${nameOf(service)} selects no Envoy: Envoy runs in ${envoy.metadata.namespace ?? ''}, and a Service selects pods of its own namespace only.`,
    evidence: ({ service, envoy }) => [
      {
        object: refOf(service),
        path: 'metadata.namespace',
        observed: service.metadata.namespace,
        expected: envoy.metadata.namespace,
      },
    ],
    remedies: ({ service, envoy }) => [
      {
        title: 'Create the Service in Envoy’s namespace, and let CoreDNS name it there.',
        change: { object: refOf(service), path: 'metadata.namespace', to: envoy.metadata.namespace },
        commands: [sh`kubectl get service ${place(service.metadata)} -o yaml`],
        disturbs,
      },
    ],
  }),
  nothing: finding<Selecting & { labels: string }>({
    headline: 'Service {service} selects no pod',
    means: 'No Envoy has all the labels of the selector: a Gateway was renamed, say, or a label is misspelt.',
    message: ({ service, labels }) => `Service ${nameOf(service)} selects no pod: no Envoy is labelled ${labels}.`,
    evidence: ({ labels, ...subject }) => [
      selectorEvidence(subject),
      {
        object: refOf(subject.envoy),
        path: 'metadata.labels',
        observed: subject.envoy.metadata.labels,
        expected: labels,
      },
    ],
    remedies: selectEnvoy,
  }),
  others: finding<SelectingOthers>({
    headline: 'Service {service} selects other pods than Envoy',
    means: 'All pods that the selector takes are of something else, so no connection arrives at the Gateway.',
    message: (subject) =>
      `Service ${nameOf(subject.service)} selects ${notOfAGateway(subject)}: no connection arrives.`,
    evidence: othersEvidence,
    remedies: selectEnvoy,
  }),
  othersToo: finding<SelectingOthers>({
    headline: 'Service {service} selects more than Envoy',
    means: 'The selector takes Envoy and other pods too: connections go to either, by chance.',
    message: (subject) =>
      `Service ${nameOf(subject.service)} also selects ${notOfAGateway(subject)}: some connections end there.`,
    evidence: othersEvidence,
    remedies: selectEnvoy,
  }),
};

export const selectsEnvoy = defineCheck({
  id: 'internal-service/selects-envoy',
  title: 'The internal Service selects the Gateway’s Envoy, and nothing else',
  why: 'A Service selects by labels, in its own namespace only; one label that differs selects nothing.',
  needs: [exists, envoy.ready],
  reads,
  commands: [
    showService,
    sh`kubectl get pod -n ${stack.envoyGateway.namespace} -l app.kubernetes.io/managed-by=envoy-gateway --show-labels`,
  ],
  findings: selection,
  judge: (values, { find }) =>
    eachService(values, (service) =>
      Object.keys(service.spec?.selector ?? {}).length === 0
        ? skip(`Service ${nameOf(service)} has no selector: its endpoints are written by hand.`)
        : judgeSelection(service, values, find),
    ),
});

function judgeSelection(service: Service, values: Values, find: Find<typeof selection>): Judgement {
  const envoys = envoyPods(values);
  const [envoy] = envoys;
  if (envoy === undefined) return skip('No Envoy runs that it could select.');
  const selected = selectedPods(service, values.pods);
  const others = selected.filter((pod) => !envoys.includes(pod));
  if (selected.length === 0) {
    return envoys.some((pod) => pod.metadata.namespace === service.metadata.namespace)
      ? find.nothing({ service, envoy, labels: wrongLabels(service, envoys) })
      : find.otherNamespace({ service, envoy });
  }
  if (others.length === 0) return pass(`Service ${nameOf(service)} selects ${names(selected)}.`);
  return others.length === selected.length
    ? find.others({ service, envoy, others })
    : find.othersToo({ service, envoy, others });
}
