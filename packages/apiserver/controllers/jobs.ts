/** CronJobs and Jobs: runs at their times, and pods until one succeeds or enough have failed [Kubernetes 1.36]. */
import { parseCron } from '../../../src/formats/cron.ts';
import { at, fieldsOf, list, number, strings, text } from '../objects/fields.ts';
import { timestamp, type StoredObject } from '../objects/object.ts';
import { controlledBy, type Condition } from './cluster.ts';
import { kinds, type Cluster } from './cluster.ts';
import { warn } from './complaints.ts';
import { count, createPod, isActive, podsByOwner, standing } from './pods.ts';

export function jobs(cluster: Cluster): void {
  for (const cron of standing(cluster, kinds.CronJob)) keepSchedule(cluster, cron);
  const podsOf = podsByOwner(cluster);
  for (const job of standing(cluster, kinds.Job)) keepJob(cluster, job, podsOf(job));
}

const minute = 60_000;

function keepSchedule(cluster: Cluster, cron: StoredObject): void {
  const own = cluster.owned(kinds.Job, cron);
  const active = own.filter((job) => !isFinished(job));
  const due = lastDue(cluster, cron);
  const isHeld =
    at(cron, 'spec', 'suspend') === true || (text(cron, 'spec', 'concurrencyPolicy') === 'Forbid' && active.length > 0);
  let scheduled = text(cron, 'status', 'lastScheduleTime');
  if (due !== undefined && !isHeld) {
    scheduled = timestamp(due);
    const job = createJob(cluster, cron, `${cron.metadata.name}-${Math.floor(due.getTime() / minute)}`);
    active.push(job);
    cluster.event(cron, 'cronjob-controller', 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
  }
  prune(cluster, own, 'Complete', number(cron, 'spec', 'successfulJobsHistoryLimit'), 3, cron);
  prune(cluster, own, 'Failed', number(cron, 'spec', 'failedJobsHistoryLimit'), 1, cron);
  const succeeded = [
    text(cron, 'status', 'lastSuccessfulTime'),
    ...own.filter((job) => hasCondition(job, 'Complete')).map((job) => text(job, 'status', 'completionTime')),
  ]
    .sort()
    .at(-1);
  cluster.setStatus(cron, {
    active:
      active.length === 0
        ? undefined
        : active.map(({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } }) => {
            const known = list(cron, 'status', 'active').find((entry) => text(entry, 'uid') === uid);
            return known ?? { apiVersion, kind, namespace, name, uid, resourceVersion };
          }),
    ...(scheduled === '' ? {} : { lastScheduleTime: scheduled }),
    ...(succeeded === undefined || succeeded === '' ? {} : { lastSuccessfulTime: succeeded }),
  });
}

/** The last time at which a run was due and was not made: counted from when the controller first saw the CronJob. */
function lastDue(cluster: Cluster, cron: StoredObject): Date | undefined {
  const key = `cron ${cron.metadata.uid}`;
  const seen = cluster.memory.get(key);
  const now = cluster.now.getTime();
  // A time that is still to come was seen before the clock was set back, to where a scenario begins.
  const from = typeof seen === 'number' ? Math.min(seen, now) : now;
  if (seen !== from) cluster.memory.set(key, from);
  const [written, zone] = [text(cron, 'spec', 'schedule'), text(cron, 'spec', 'timeZone')];
  const schedule = parseCron(written, zone === '' ? undefined : zone);
  if ('refused' in schedule) {
    const message = `unparseable schedule: ${JSON.stringify(written)} : ${schedule.refused}`;
    warn(cluster, cron, 'cronjob-controller', 'UnparseableSchedule', message);
    return undefined;
  }
  const due = schedule.lastWithin(new Date(from), new Date(now));
  if (due !== undefined) cluster.memory.set(key, due.getTime());
  return due;
}

function createJob(cluster: Cluster, cron: StoredObject, name: string): StoredObject {
  const template = at(cron, 'spec', 'jobTemplate');
  return cluster.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace: cron.metadata.namespace ?? '',
      name,
      labels: strings(template, 'metadata', 'labels'),
      ownerReferences: [controlledBy(cron)],
    },
    spec: { ...fieldsOf(template, 'spec') },
  });
}

const hasCondition = (job: StoredObject, type: string): boolean =>
  list(job, 'status', 'conditions').some((entry) => text(entry, 'type') === type && text(entry, 'status') === 'True');

const isFinished = (job: StoredObject): boolean => hasCondition(job, 'Complete') || hasCondition(job, 'Failed');

function prune(
  cluster: Cluster,
  own: readonly StoredObject[],
  type: string,
  limit: number,
  usual: number,
  cron: StoredObject,
): void {
  const field = type === 'Complete' ? 'successfulJobsHistoryLimit' : 'failedJobsHistoryLimit';
  const keep = at(cron, 'spec', field) === undefined ? usual : limit;
  const done = own
    .filter((job) => hasCondition(job, type))
    .sort((a, b) => text(b, 'status', 'startTime').localeCompare(text(a, 'status', 'startTime')));
  for (const job of done.slice(keep)) cluster.remove(job);
}

function keepJob(cluster: Cluster, given: StoredObject, pods: readonly StoredObject[]): void {
  if (isFinished(given)) return;
  const job = labelled(cluster, given);
  const failed = pods.filter((pod) => text(pod, 'status', 'phase') === 'Failed').length;
  const succeeded = pods.filter((pod) => text(pod, 'status', 'phase') === 'Succeeded').length;
  const active = pods.filter(isActive).length;
  const backoffLimit = at(job, 'spec', 'backoffLimit') === undefined ? 6 : number(job, 'spec', 'backoffLimit');
  const wanted = number(job, 'spec', 'completions') || 1;
  const counts = {
    startTime: text(job, 'status', 'startTime') || cluster.timestamp,
    succeeded: count(succeeded),
    failed: count(failed),
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
  };
  if (succeeded >= wanted) {
    const done: Pick<Condition, 'reason' | 'message'> = {
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
    };
    cluster.setStatus(job, {
      ...counts,
      active: undefined,
      completionTime: cluster.timestamp,
      conditions: finished(cluster, job, 'SuccessCriteriaMet', 'Complete', done),
    });
    cluster.event(job, 'job-controller', 'Normal', 'Completed', 'Job completed');
    return;
  }
  if (failed > backoffLimit) {
    const done = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
    cluster.setStatus(job, {
      ...counts,
      active: undefined,
      conditions: finished(cluster, job, 'FailureTarget', 'Failed', done),
    });
    cluster.event(job, 'job-controller', 'Warning', done.reason, done.message);
    return;
  }
  if (active === 0) {
    const name = `${job.metadata.name}-${cluster.suffix(`${job.metadata.uid} ${pods.length}`)}`;
    createPod(cluster, job, name);
    cluster.event(job, 'job-controller', 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
  }
  cluster.setStatus(job, { ...counts, active: 1 });
}

/** What the API server and the controller add to a Job: a selector of its own, and labels to match. */
function labelled(cluster: Cluster, job: StoredObject): StoredObject {
  if (at(job, 'spec', 'selector') !== undefined) return job;
  const labels = {
    'batch.kubernetes.io/controller-uid': job.metadata.uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': job.metadata.uid,
    'job-name': job.metadata.name,
  };
  const template = at(job, 'spec', 'template');
  return cluster.replace({
    ...job,
    metadata: { ...job.metadata, labels: { ...strings(job, 'metadata', 'labels'), ...labels } },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      ...fieldsOf(job, 'spec'),
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': job.metadata.uid } },
      template: {
        ...fieldsOf(template),
        metadata: {
          ...fieldsOf(template, 'metadata'),
          labels: { ...strings(template, 'metadata', 'labels'), ...labels },
        },
      },
    },
  });
}

/** A Job's conditions say twice that it is over: that it is to be, and that it is [KEP 3329]. */
const finished = (
  cluster: Cluster,
  job: StoredObject,
  first: string,
  second: string,
  why: Pick<Condition, 'reason' | 'message'>,
): readonly unknown[] =>
  cluster
    .conditions(
      list(job, 'status', 'conditions'),
      { type: first, status: 'True', ...why },
      { type: second, status: 'True', ...why },
    )
    .map((entry) => ({ ...fieldsOf(entry), lastProbeTime: text(entry, 'lastTransitionTime') }));
