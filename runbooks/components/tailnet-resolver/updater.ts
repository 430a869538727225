/**
 * Tailnet resolver, what keeps it current: the CronJob that copies the Gateway's address into its Corefile.
 *
 * While the address is still right, an updater that stands still is a warning; once it is wrong, it is the reason.
 */
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  warn,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, inItsWords } from '../../models/conditions.ts';
import { since, spanText } from '../../../src/formats/duration.ts';
import { routedHostnames } from '../../models/in-cluster-names.ts';
import { mergePatch } from '../../models/patches.ts';
import { cronJobs, deployments, httpRoutes, jobs, pods, resolverConfig, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import {
  gatewayHosts,
  jobsOf,
  leadsToGateway,
  periodOf,
  resolverAnswer,
  resolverOf,
  type Resolver,
  type ResolverValues,
} from '../../models/tailnet-resolver-objects.ts';
import { troubleOf } from '../../models/pods.ts';
import * as gateway from '../gateway/gateway.ts';
import * as managedService from '../managed-service/managed-service.ts';

type CronJob = KubeObject<'CronJob'>;
type Job = KubeObject<'Job'>;
type Pod = KubeObject<'Pod'>;

const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  deployments: plain(deployments),
  cronJobs: plain(cronJobs),
  config: plain(resolverConfig),
};

const { namespace, updater: cronJobName } = stack.tailnetResolver;
const showUpdater = sh`kubectl get cronjob,job,pod -n ${namespace}`;
const notInstalled = 'The tailnet resolver is not installed.';

/** Whether the address that the updater should keep current is right: undefined when the Corefile holds no such address. */
function isCurrent(
  values: ResolverValues & { routes: readonly KubeObject<'HTTPRoute'>[] },
  found: Resolver,
): boolean | undefined {
  const hosts = gatewayHosts(values);
  const told = routedHostnames(values)
    .map((hostname) => leadsToGateway(resolverAnswer(found, hostname, 'A'), hosts))
    .filter((one) => one !== undefined);
  return told.length === 0 ? undefined : told.every(Boolean);
}

/** Finds fault with the updater: a failure once the address is wrong, a warning as long as it is right. */
function finding(
  current: boolean | undefined,
  message: string,
  evidence: readonly [Evidence, ...Evidence[]],
  remedy: Remedy,
): Judgement {
  return current === false
    ? fail({ message: `${message} The resolver’s answer is already out of date.`, evidence, remedy })
    : warn({
        message: `${message} The address is right today, and goes wrong when the device registers anew.`,
        evidence,
        remedy,
      });
}

export const updaterIsScheduled = defineCheck({
  id: 'tailnet-resolver/updater-is-scheduled',
  title: 'The updater of the resolver’s address is scheduled',
  why: 'Nothing else notices that the Gateway has another tailnet address.',
  reads,
  commands: [sh`kubectl get cronjob -n ${namespace}`],
  judge(values, { now }) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const current = isCurrent(values, found);
    const cronJob = found.updater;
    if (cronJob === undefined) {
      if (current === undefined)
        return skip('No literal address stands in the Corefile that would have to be kept current.');
      const wanted = { namespace, name: cronJobName };
      return finding(
        current,
        `There is no CronJob ${namespace}/${cronJobName} to keep the resolver’s address current.`,
        [{ object: refTo('CronJob', wanted), path: 'metadata.name', observed: 'not found', expected: 'exists' }],
        {
          title: 'Create it again from Git.',
          commands: [sh`kubectl apply -k infrastructure/tailscale-dns`],
          disturbs: 'Nothing.',
        },
      );
    }
    const object = refOf(cronJob);
    const where = place(cronJob.metadata);
    if (cronJob.spec.suspend === true) {
      return finding(
        current,
        `CronJob ${nameOf(cronJob)} is suspended: nobody keeps the resolver’s address current.`,
        [{ object, path: 'spec.suspend', observed: true, expected: false }],
        {
          title: 'Resume it; it writes the address at its next turn.',
          commands: [mergePatch('cronjob', cronJob.metadata, { spec: { suspend: false } })],
          disturbs: 'Nothing.',
        },
      );
    }
    const period = periodOf(cronJob, now);
    const ago = since(cronJob.status?.lastScheduleTime, now);
    // While the answer is right, a few missed turns are nobody's trouble.
    const patience = current === false ? Math.max(3 * period, 15 * minute) : Math.max(3 * period, 7 * 24 * 60 * minute);
    if (ago === undefined || ago <= patience) {
      return pass(
        `CronJob ${nameOf(cronJob)} is scheduled “${cronJob.spec.schedule}”${ago === undefined ? '' : `, last ${spanText(ago)} ago`}.`,
      );
    }
    return finding(
      current,
      `CronJob ${nameOf(cronJob)} was last scheduled ${spanText(ago)} ago, though its schedule is “${cronJob.spec.schedule}”.`,
      [
        {
          object,
          path: 'status.lastScheduleTime',
          observed: cronJob.status?.lastScheduleTime,
          expected: `within ${spanText(patience)}`,
        },
      ],
      {
        title:
          'Its events say what keeps it from starting: too many missed starts, a quota, or a controller manager that stands still.',
        commands: [sh`kubectl describe cronjob ${where}`],
        disturbs: 'Nothing: reading only.',
      },
    );
  },
});

const minute = 60_000;

export const updaterSucceeds = defineCheck({
  id: 'tailnet-resolver/updater-succeeds',
  title: 'The updater’s last run succeeded',
  why: 'A run that fails leaves the old address in place, and says so only in its own log.',
  needs: [updaterIsScheduled, managedService.hasAddress, gateway.agreesWithService],
  reads: { ...reads, jobs: plain(jobs), pods: raw(pods) },
  commands: [showUpdater],
  judge(values, { now }) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const cronJob = found.updater;
    if (cronJob === undefined) return skip('There is no updater.');
    const runs = jobsOf(cronJob, values.jobs);
    const told = runs.flatMap((job) => {
      const state = stateOf(job, values.pods);
      return state.kind === 'running' ? [] : [{ job, state }];
    });
    const [last] = told;
    if (last === undefined) {
      return (
        judgeTimes(cronJob, isCurrent(values, found), now) ??
        skip(`No run of CronJob ${nameOf(cronJob)} is left that could tell.`)
      );
    }
    if (last.state.kind === 'succeeded' || isSucceededSince(cronJob, last.job)) {
      return pass(`The last run of CronJob ${nameOf(cronJob)} succeeded.`);
    }
    const { text, evidence, remedy } = last.state;
    return finding(
      isCurrent(values, found),
      `The last run of CronJob ${nameOf(cronJob)} failed: ${text}`,
      [
        {
          object: refOf(cronJob),
          path: 'status.lastSuccessfulTime',
          observed: cronJob.status?.lastSuccessfulTime ?? 'never',
          expected: 'the last run',
        },
        ...evidence,
      ],
      remedy,
    );
  },
});

/** Without a run to look at: turns that came and went since the last success, which the CronJob itself remembers. */
function judgeTimes(cronJob: CronJob, current: boolean | undefined, now: Date): Judgement | undefined {
  const { lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {};
  const behind = Date.parse(lastScheduleTime ?? '') - Date.parse(lastSuccessfulTime ?? '');
  if (!(behind > Math.max(3 * periodOf(cronJob, now), 15 * minute))) return undefined;
  return finding(
    current,
    `CronJob ${nameOf(cronJob)} starts its runs, and none succeeded for ${spanText(behind)}; no finished run is left that says why.`,
    [
      {
        object: refOf(cronJob),
        path: 'status.lastSuccessfulTime',
        observed: lastSuccessfulTime,
        expected: `about ${lastScheduleTime}`,
      },
    ],
    {
      title: 'Start a run by hand and read its log: most often its ServiceAccount may not do what it has to.',
      commands: [
        sh`kubectl create job -n ${cronJob.metadata.namespace ?? 'default'} --from=cronjob/${cronJob.metadata.name} update-$(date +%s)`,
        sh`kubectl logs -n ${cronJob.metadata.namespace ?? 'default'} -l batch.kubernetes.io/job-name --tail=20 --prefix`,
      ],
      disturbs: 'Nothing: the run writes the address that the Gateway has.',
    },
  );
}

/** A run that was cleared away may have succeeded after the last one that is still there. */
const isSucceededSince = ({ status }: CronJob, { metadata, status: run }: Job): boolean => {
  const success = Date.parse(status?.lastSuccessfulTime ?? '');
  return success > Date.parse(run?.startTime ?? metadata.creationTimestamp ?? '');
};

type State =
  | { kind: 'running' }
  | { kind: 'succeeded' }
  | { kind: 'failed'; text: string; evidence: readonly Evidence[]; remedy: Remedy };

function stateOf(job: Job, pods: Fact<Pod[]>): State {
  const own = (pods.ok ? pods.value : []).filter(
    ({ metadata }) =>
      metadata.namespace === job.metadata.namespace &&
      (metadata.labels?.['batch.kubernetes.io/job-name'] === job.metadata.name ||
        metadata.labels?.['job-name'] === job.metadata.name ||
        metadata.ownerReferences?.some(({ kind, name }) => kind === 'Job' && name === job.metadata.name) === true),
  );
  if (condition(job.status?.conditions, 'Complete')?.status === 'True' || (job.status?.succeeded ?? 0) > 0)
    return { kind: 'succeeded' };
  const failed = condition(job.status?.conditions, 'Failed');
  const pod = own.find(({ status }) => status?.phase !== 'Succeeded');
  const waits =
    pod?.status?.containerStatuses?.some(({ state }) => /BackOff|Err|Invalid/.test(state?.waiting?.reason ?? '')) ===
    true;
  if (failed?.status !== 'True' && !waits) return { kind: 'running' };
  const namespace = job.metadata.namespace ?? 'default';
  const where = sh`-n ${namespace}`;
  const account = `system:serviceaccount:${namespace}:${job.spec?.template.spec?.serviceAccountName ?? 'default'}`;
  const log = sh`kubectl logs ${where} job/${job.metadata.name}`;
  const owner = job.metadata.ownerReferences?.find(({ kind }) => kind === 'CronJob');
  const ended = pod?.status?.containerStatuses?.find(({ state }) => state?.terminated !== undefined)?.state?.terminated;
  const why =
    pod === undefined
      ? ''
      : ended === undefined
        ? `Pod ${pod.metadata.name} ${troubleOf(pod).text}.`
        : `Pod ${pod.metadata.name} ended with exit code ${ended.exitCode}${ended.reason === undefined ? '' : ` (${ended.reason})`}${ended.message === undefined ? '' : `: ${ended.message.trim().replace(/\.$/, '')}`}.`;
  return {
    kind: 'failed',
    text: [
      failed === undefined
        ? `Job ${job.metadata.name} does not end.`
        : `${failed.reason ?? 'Failed'}.${inItsWords(failed)}`,
      why,
    ]
      .filter((part) => part !== '')
      .join(' '),
    evidence: [
      {
        object: refOf(job),
        path: conditionPath('Failed'),
        observed:
          failed === undefined
            ? 'its pod does not start'
            : `${failed.status}${failed.reason ? ` (${failed.reason})` : ''}`,
        expected: 'no such condition',
      },
      ...(pod === undefined
        ? []
        : [
            {
              object: refOf(pod),
              path: 'status',
              observed: ended === undefined ? troubleOf(pod).text : `exit code ${ended.exitCode}`,
              expected: 'Succeeded',
            },
          ]),
    ],
    remedy: {
      title:
        'Its log says why: most often its ServiceAccount may not read the Gateway or change the ConfigMap, or its image cannot be pulled. Give it its Roles again from Git, and let it run.',
      commands: [
        log,
        sh`kubectl auth can-i get gateways.gateway.networking.k8s.io -n ${stack.gateway.namespace} --as=${account}`,
        sh`kubectl auth can-i update configmaps ${where} --as=${account}`,
        sh`kubectl apply -f infrastructure/tailscale-dns/rbac.yaml`,
        ...(owner === undefined
          ? []
          : [sh`kubectl create job ${where} --from=cronjob/${owner.name} update-$(date +%s)`]),
      ],
      disturbs: 'Nothing: a run writes the address that the Gateway has.',
    },
  };
}
