/** What copies the Gateway's address into the tailnet resolver: a CronJob, what it may do, and its last run. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Named, Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { ago, confined, created, type Labels, named, ownedBy, unprivileged } from './build/basics.ts';
import { runningPod, statusOf } from './build/pods.ts';

const rbac = 'rbac.authorization.k8s.io';

/** The script of the stack: it reads the Gateway's status and replaces one line of a Corefile. */
const script = ({ gateway }: Stack, { namespace, name }: Named): string =>
  `address=$(kubectl get gateway ${gateway.name} -n ${gateway.namespace} \\
  -o 'jsonpath={range .status.addresses[?(@.type=="IPAddress")]}{.value}{"\\n"}{end}' |
  grep -E '^100\\.[0-9]+\\.[0-9]+\\.[0-9]+$' | head -n 1)
# A Gateway without an address is no reason to forget the last good one.
if [ -z "$address" ]; then
  echo 'Gateway ${gateway.namespace}/${gateway.name} has no tailnet address in its status; Corefile left as it is' >&2
  exit 1
fi
kubectl get configmap ${name} -n ${namespace} -o yaml > /tmp/current.yaml
sed -E "s/ IN A 100\\.[0-9.]+/ IN A $address/" /tmp/current.yaml > /tmp/wanted.yaml
if cmp -s /tmp/current.yaml /tmp/wanted.yaml; then
  echo "unchanged: $address"
else
  # Carries the resourceVersion that was read: an edit made meanwhile is refused, not overwritten.
  kubectl replace -f /tmp/wanted.yaml
  echo "now: $address"
fi
`;

const podSpec = (stack: Stack): Fields => ({
  serviceAccountName: partOf(stack, 'tailnetResolver').updater,
  restartPolicy: 'Never',
  securityContext: unprivileged(65532),
  containers: [
    {
      name: 'updater',
      image: 'docker.io/alpine/kubectl:1.36.2@sha256:01d138ce994b684abc62d9cfdff44de42a4c8996dcc12626dd0193afc3fb5a95',
      command: ['/bin/sh', '-euc'],
      args: [script(stack, partOf(stack, 'tailnetResolver'))],
      env: [{ name: 'HOME', value: '/tmp' }],
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
      securityContext: confined,
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    },
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }],
});

const started = '2m55s';
const ended = '2m50s';

const cronJob = (stack: Stack): KubernetesObject => {
  const { namespace, updater: name } = partOf(stack, 'tailnetResolver');
  const labels = named(name);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace, labels },
    spec: {
      schedule: '*/5 * * * *',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 120,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          backoffLimit: 1,
          activeDeadlineSeconds: 60,
          template: { metadata: { labels }, spec: podSpec(stack) },
        },
      },
      suspend: false,
    },
    status: { lastScheduleTime: ago(started), lastSuccessfulTime: ago(ended) },
  };
};

/** The last run, the only one that the CronJob keeps. */
function lastRun(stack: Stack, owner: KubernetesObject): readonly KubernetesObject[] {
  const { namespace, updater } = partOf(stack, 'tailnetResolver');
  const name = `${updater}-29923552`;
  const labels: Labels = { ...named(updater), 'batch.kubernetes.io/job-name': name, 'job-name': name };
  const template = { metadata: { labels }, spec: podSpec(stack) };
  const done = (type: string): Fields => ({
    type,
    status: 'True',
    lastProbeTime: ago(ended),
    lastTransitionTime: ago(ended),
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  });
  const job: KubernetesObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, ...created(started), labels, ownerReferences: [ownedBy(owner)] },
    spec: {
      parallelism: 1,
      completions: 1,
      completionMode: 'NonIndexed',
      suspend: false,
      backoffLimit: 1,
      activeDeadlineSeconds: 60,
      template,
      selector: { matchLabels: { 'batch.kubernetes.io/job-name': name } },
    },
    status: {
      startTime: ago(started),
      completionTime: ago(ended),
      succeeded: 1,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      conditions: [done('SuccessCriteriaMet'), done('Complete')],
    },
  };
  const pod = runningPod(stack.node, job, template, { name: `${name}-tl6hv`, ip: '10.0.0.201', started });
  return [job, { ...pod, status: { ...(pod['status'] as Fields), ...succeeded(stack) } }];
}

/** How the run's pod ended. */
function succeeded(stack: Stack): Fields {
  const is = (type: string, status: string, at: string, reason?: string): Fields => ({
    type,
    status,
    lastTransitionTime: ago(at),
    ...(reason === undefined ? {} : { reason }),
  });
  const [container] = podSpec(stack)['containers'] as readonly Fields[];
  return {
    phase: 'Succeeded',
    conditions: [
      is('PodReadyToStartContainers', 'False', ended),
      is('Initialized', 'True', started, 'PodCompleted'),
      is('Ready', 'False', ended, 'PodCompleted'),
      is('ContainersReady', 'False', ended, 'PodCompleted'),
      is('PodScheduled', 'True', started),
    ],
    containerStatuses: [
      {
        ...statusOf(container),
        ready: false,
        started: false,
        state: {
          terminated: { exitCode: 0, reason: 'Completed', startedAt: ago(started), finishedAt: ago(ended) },
        },
      },
    ],
  };
}

/** What the CronJob's controller has said lately. */
const event = (owner: KubernetesObject, id: string, at: string, reason: string, message: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${owner.metadata.name}.${id}`, namespace: owner.metadata.namespace ?? '', ...created(at) },
  involvedObject: {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    namespace: owner.metadata.namespace,
  },
  type: 'Normal',
  reason,
  message,
  count: 1,
  firstTimestamp: ago(at),
  lastTimestamp: ago(at),
  source: { component: 'cronjob-controller' },
  reportingComponent: 'cronjob-controller',
  reportingInstance: '',
});

/** One right in one namespace: a Role, and its binding to the updater's ServiceAccount. */
function right(stack: Stack, namespace: string, rule: Fields) {
  const { namespace: home, updater: name } = partOf(stack, 'tailnetResolver');
  const made = (kind: string, content: Fields): KubernetesObject => ({
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: { name, namespace },
    ...content,
  });
  return [
    made('Role', { rules: [rule] }),
    made('RoleBinding', {
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: home }],
    }),
  ];
}

export function updater(stack: Stack): readonly KubernetesObject[] {
  const { namespace, name, updater: own } = partOf(stack, 'tailnetResolver');
  const cron = cronJob(stack);
  const [job, pod] = lastRun(stack, cron);
  const run = job?.metadata.name ?? '';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: own, namespace } },
    ...right(stack, namespace, {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [name],
      verbs: ['get', 'update'],
    }),
    ...right(stack, stack.gateway.namespace, {
      apiGroups: ['gateway.networking.k8s.io'],
      resources: ['gateways'],
      resourceNames: [stack.gateway.name],
      verbs: ['get'],
    }),
    cron,
    ...[job, pod].filter((object) => object !== undefined),
    event(cron, '10ca10772ca7c5c4', started, 'SuccessfulCreate', `Created job ${run}`),
    event(cron, '4d0935d034b1e011', ended, 'SawCompletedJob', `Saw completed job: ${run}, condition: Complete`),
  ];
}
