/** Tailnet resolver, how the runs of its updater end: one that fails leaves the old address in place. */
import { spanText } from '../../../src/formats/duration.ts';
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import { finding, type Quote } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, saidIn, type Condition } from '../../models/conditions.ts';
import { troubleOf, troubleRemedy, type Pod } from '../../models/pods.ts';
import { jobs, pods } from '../../models/reads.ts';
import { jobsOf, periodOf } from '../../models/tailnet-resolver-objects.ts';
import { stack } from '#stack';
import * as gateway from '../gateway/gateway.ts';
import * as managedService from '../managed-service/managed-service.ts';
import { routedReads, runUpdater, updater, whereInstalled } from './resolver.ts';
import { consequence, keptBy, minute, outcomeOf, updaterIsScheduled, type Kept } from './updater.ts';

type CronJob = KubeObject<'CronJob'>;
type Job = KubeObject<'Job'>;

/** A run that has ended badly, or will not end. */
interface BadRun {
  job: Job;
  /** Its condition Failed. */
  failed: Condition | undefined;
  pod: Pod | undefined;
}

type Subject = Kept & BadRun & { cronJob: CronJob };

const disturbs = 'Nothing: a run writes the address that the Gateway has.';

/** What is alike in all that can be wrong with a run. */
const aboutRun = {
  outcome: outcomeOf,
  message: (subject: Subject) =>
    [
      `The last run of CronJob ${nameOf(subject.cronJob)} failed: ${endOf(subject)}.`,
      ...(subject.pod === undefined ? [] : [`Pod ${subject.pod.metadata.name} ${podText(subject.pod)}.`]),
      consequence(subject),
    ].join(' '),
  quote: ({ pod, failed }: Subject): Quote | undefined =>
    (pod && saidByPod(pod)) ?? saidIn(failed, 'the Job controller, in the Job’s condition Failed'),
  evidence: ({ cronJob, job, failed, pod }: Subject) =>
    [
      {
        object: refOf(cronJob),
        path: 'status.lastSuccessfulTime',
        observed: cronJob.status?.lastSuccessfulTime ?? 'never',
        expected: 'the last run',
      },
      {
        object: refOf(job),
        path: conditionPath('Failed'),
        observed:
          failed === undefined
            ? 'its pod does not start'
            : `${failed.status}${failed.reason ? ` (${failed.reason})` : ''}`,
        expected: 'no such condition',
      },
      ...(pod === undefined ? [] : [podEvidence(pod)]),
    ] as const,
};

/** A way that gives the updater the Roles that it runs with. */
function giveRoles(cronJob: CronJob): Remedy {
  const namespace = cronJob.metadata.namespace ?? 'default';
  const account = cronJob.spec.jobTemplate.spec?.template.spec?.serviceAccountName ?? 'default';
  const as = sh`--as=${`system:serviceaccount:${namespace}:${account}`}`;
  return {
    title:
      'Give its ServiceAccount its Roles again from Git, and let it run: most often it may not read the Gateway or change the ConfigMap.',
    commands: [
      sh`kubectl auth can-i get gateways.gateway.networking.k8s.io -n ${stack.gateway.namespace} ${as}`,
      sh`kubectl auth can-i update configmaps -n ${namespace} ${as}`,
      sh`kubectl apply -f infrastructure/tailscale-dns/rbac.yaml`,
      runUpdater(cronJob.metadata),
    ],
    disturbs,
  };
}

export const updaterSucceeds = defineCheck({
  id: 'tailnet-resolver/updater-succeeds',
  title: 'The updater’s last run succeeded',
  why: 'A run that fails leaves the old address in place, and says so only in its own log.',
  needs: [updaterIsScheduled, managedService.hasAddress, gateway.agreesWithService],
  reads: { ...routedReads, jobs: plain(jobs), pods: raw(pods) },
  commands: [sh`kubectl get cronjob,job,pod -n ${updater.namespace}`],
  findings: {
    runFailed: finding<Subject>({
      headline: 'The last run of CronJob {cronJob} failed',
      means: 'The updater started and ended with an error: most often its ServiceAccount lacks a right.',
      ...aboutRun,
      remedies: ({ cronJob, job }) => [
        giveRoles(cronJob),
        {
          title: 'Read its log: it says what else is in the way.',
          commands: [sh`kubectl logs -n ${job.metadata.namespace ?? 'default'} job/${job.metadata.name}`],
          disturbs: 'Nothing: reading only.',
        },
      ],
    }),
    runCannotStart: finding<Subject & { pod: Pod }>({
      headline: 'The last run of CronJob {cronJob} cannot start',
      means:
        'The kubelet cannot start the updater’s container: its image cannot be pulled, or what it refers to is not there.',
      ...aboutRun,
      remedies: ({ pod }) => [troubleRemedy(pod, troubleOf(pod), disturbs)],
    }),
    noneSucceeds: finding<Kept & { cronJob: CronJob; behind: number }>({
      headline: 'No run of CronJob {cronJob} succeeds',
      means: 'The updater is started on schedule and has not succeeded for several turns; its runs are cleared away.',
      outcome: outcomeOf,
      message: (subject) =>
        `CronJob ${nameOf(subject.cronJob)} starts its runs, and none succeeded for ${spanText(subject.behind)}; no finished run is left that says why. ${consequence(subject)}`,
      evidence: ({ cronJob }) => [
        {
          object: refOf(cronJob),
          path: 'status.lastSuccessfulTime',
          observed: cronJob.status?.lastSuccessfulTime,
          expected: `about ${cronJob.status?.lastScheduleTime}`,
        },
      ],
      remedies: ({ cronJob }) => [
        giveRoles(cronJob),
        {
          title: 'Start a run by hand and read its log: it says what is in the way.',
          commands: [
            runUpdater(cronJob.metadata),
            sh`kubectl logs -n ${cronJob.metadata.namespace ?? 'default'} -l batch.kubernetes.io/job-name --tail=20 --prefix`,
          ],
          disturbs,
        },
      ],
    }),
  },
  judge: (values, { now, find }) =>
    whereInstalled(values, (found) => {
      const { updater: cronJob } = found;
      if (cronJob === undefined) return skip('There is no updater.');
      const subject = () => ({ cronJob, ...keptBy(values, found) });
      const last = lastRun(cronJob, values);
      if (last === undefined) {
        const behind = turnsBehind(cronJob, now);
        return behind === undefined
          ? skip(`No run of CronJob ${nameOf(cronJob)} is left that could tell.`)
          : find.noneSucceeds({ ...subject(), behind });
      }
      if (last === 'succeeded') return pass(`The last run of CronJob ${nameOf(cronJob)} succeeded.`);
      const { pod } = last;
      return pod !== undefined && cannotStart(pod)
        ? find.runCannotStart({ ...subject(), ...last, pod })
        : find.runFailed({ ...subject(), ...last });
    }),
});

/** How the last run ended of which that can be told. One that was cleared away may have succeeded since. */
function lastRun(
  cronJob: CronJob,
  values: { jobs: readonly Job[]; pods: Fact<Pod[]> },
): BadRun | 'succeeded' | undefined {
  for (const job of jobsOf(cronJob, values.jobs)) {
    if (hasSucceeded(job)) return 'succeeded';
    const bad = badRun(job, values.pods);
    if (bad !== undefined) return isSucceededSince(cronJob, job) ? 'succeeded' : bad;
  }
  return undefined;
}

const hasSucceeded = ({ status }: Job): boolean =>
  condition(status?.conditions, 'Complete')?.status === 'True' || (status?.succeeded ?? 0) > 0;

const isSucceededSince = ({ status }: CronJob, { metadata, status: run }: Job): boolean =>
  Date.parse(status?.lastSuccessfulTime ?? '') > Date.parse(run?.startTime ?? metadata.creationTimestamp ?? '');

/** Nothing where a run may still end well. */
function badRun(job: Job, pods: Fact<Pod[]>): BadRun | undefined {
  const failed = condition(job.status?.conditions, 'Failed');
  const pod = (pods.ok ? pods.value : []).find((one) => isOf(one, job) && one.status?.phase !== 'Succeeded');
  const isStuck = pod?.status?.containerStatuses?.some(({ state }) =>
    /BackOff|Err|Invalid/.test(state?.waiting?.reason ?? ''),
  );
  return failed?.status === 'True' || isStuck === true ? { job, failed, pod } : undefined;
}

const isOf = ({ metadata }: Pod, job: Job): boolean =>
  metadata.namespace === job.metadata.namespace &&
  (metadata.labels?.['batch.kubernetes.io/job-name'] === job.metadata.name ||
    metadata.labels?.['job-name'] === job.metadata.name ||
    metadata.ownerReferences?.some(({ kind, name }) => kind === 'Job' && name === job.metadata.name) === true);

/** For how long turns came and went without success, as the CronJob itself remembers; undefined where that is not long. */
function turnsBehind(cronJob: CronJob, now: Date): number | undefined {
  const { lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {};
  const behind = Date.parse(lastScheduleTime ?? '') - Date.parse(lastSuccessfulTime ?? '');
  return behind > 15 * minute && behind > 3 * periodOf(cronJob, now) ? behind : undefined;
}

const cannotStart = (pod: Pod): boolean =>
  exitOf(pod) === undefined && ['imageMissing', 'notConfigured'].includes(troubleOf(pod).kind);

/** How a run ended, without its full stop. */
const endOf = ({ job, failed }: BadRun): string =>
  failed === undefined ? `Job ${job.metadata.name} does not end` : (failed.reason ?? 'Failed');

const exitOf = ({ status }: Pod) =>
  status?.containerStatuses?.find(({ state }) => state?.terminated !== undefined)?.state?.terminated;

function podText(pod: Pod): string {
  const exit = exitOf(pod);
  if (exit === undefined) return troubleOf(pod).text;
  return `ended with exit code ${exit.exitCode}${exit.reason === undefined ? '' : ` (${exit.reason})`}`;
}

const podEvidence = (pod: Pod): Evidence => {
  const exit = exitOf(pod);
  const observed = exit === undefined ? troubleOf(pod).text : `exit code ${exit.exitCode}`;
  return { object: refOf(pod), path: 'status', observed, expected: 'Succeeded' };
};

function saidByPod(pod: Pod): Quote | undefined {
  const said = exitOf(pod)?.message?.trim() ?? '';
  return said === '' ? troubleOf(pod).quote : { text: said, by: 'the updater, in its termination message' };
}
