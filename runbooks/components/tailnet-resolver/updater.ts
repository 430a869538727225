/**
 * Tailnet resolver, what keeps it current: the CronJob that copies the Gateway's address into its Corefile.
 *
 * While the address is still right, an updater that stands still is a warning; once it is wrong, it is the reason.
 */
import { since, spanText } from '../../../src/formats/duration.ts';
import { defineCheck, nameOf, pass, refOf, skip } from '../../../src/runbook/check.ts';
import { finding, type FoundOutcome } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { routedHostnames } from '../../models/in-cluster-names.ts';
import { onDemand } from '../../models/on-demand.ts';
import { mergePatch } from '../../models/patches.ts';
import {
  gatewayHosts,
  leadsToGateway,
  periodOf,
  resolverAnswer,
  type Resolver,
} from '../../models/tailnet-resolver-objects.ts';
import { absent, routedReads as reads, updater, whereInstalled, type RoutedValues } from './resolver.ts';

type CronJob = KubeObject<'CronJob'>;

/** What an updater that stands still does to the answer. */
export interface Kept {
  /** Whether the address that it keeps is right; undefined where the Corefile holds none that could be compared. */
  readonly isCurrent: boolean | undefined;
}

const isCurrent = (values: RoutedValues, found: Resolver): boolean | undefined => {
  const hosts = gatewayHosts(values);
  const told = routedHostnames(values)
    .map((hostname) => leadsToGateway(resolverAnswer(found, hostname, 'A'), hosts))
    .filter((one) => one !== undefined);
  return told.length === 0 ? undefined : told.every(Boolean);
};

/** Looked up where it is asked for: an updater that runs keeps the answer, whatever that is. */
export const keptBy = (values: RoutedValues, found: Resolver): Kept => {
  const current = onDemand(() => isCurrent(values, found));
  return {
    get isCurrent() {
      return current();
    },
  };
};

/** A failure once the address is wrong, a warning as long as it is not. */
export const outcomeOf = ({ isCurrent }: Kept): FoundOutcome => (isCurrent === false ? 'failed' : 'warned');

/** The last sentence of what is found of the updater. */
export function consequence({ isCurrent }: Kept): string {
  if (isCurrent === undefined) return 'No address in the Corefile can be compared with the Gateway’s.';
  return isCurrent
    ? 'The address is right today, and goes wrong when the device registers anew.'
    : 'The resolver’s answer is already out of date.';
}

export const minute = 60_000;

interface Idle extends Kept {
  cronJob: CronJob;
  /** Since it was last started, and how long that may be, in milliseconds. */
  ago: number;
  patience: number;
}

export const updaterIsScheduled = defineCheck({
  id: 'tailnet-resolver/updater-is-scheduled',
  title: 'The updater of the resolver’s address is scheduled',
  why: 'Nothing else notices that the Gateway has another tailnet address.',
  reads,
  commands: [sh`kubectl get cronjob -n ${updater.namespace}`],
  findings: {
    missing: finding<Kept>({
      headline: 'The tailnet resolver has no updater',
      means: 'The Corefile holds an address as a literal, and no CronJob beside it keeps that current.',
      outcome: outcomeOf,
      message: (kept) =>
        `There is no CronJob ${updater.namespace}/${updater.name} to keep the resolver’s address current. ${consequence(kept)}`,
      evidence: () => [absent('CronJob', updater)],
      remedies: () => [
        {
          title: 'Create it again from Git.',
          commands: [sh`kubectl apply -k infrastructure/tailscale-dns`],
          disturbs: 'Nothing.',
        },
      ],
    }),
    suspended: finding<Kept & { cronJob: CronJob }>({
      headline: 'CronJob {cronJob} is suspended',
      means: 'Somebody has stopped the updater, and it does not run until it is resumed.',
      outcome: outcomeOf,
      message: (kept) =>
        `CronJob ${nameOf(kept.cronJob)} is suspended: nobody keeps the resolver’s address current. ${consequence(kept)}`,
      evidence: ({ cronJob }) => [{ object: refOf(cronJob), path: 'spec.suspend', observed: true, expected: false }],
      remedies: ({ cronJob }) => [
        {
          title: 'Resume it; it writes the address at its next turn.',
          change: { object: refOf(cronJob), path: 'spec.suspend', to: false },
          commands: [mergePatch('cronjob', cronJob.metadata, { spec: { suspend: false } })],
          disturbs: 'Nothing.',
        },
      ],
    }),
    notStarted: finding<Idle>({
      headline: 'CronJob {cronJob} misses its schedule',
      means: 'Several turns have passed since the updater was last started.',
      outcome: outcomeOf,
      message: (idle) =>
        `CronJob ${nameOf(idle.cronJob)} was last scheduled ${spanText(idle.ago)} ago, though its schedule is “${idle.cronJob.spec.schedule}”. ${consequence(idle)}`,
      evidence: ({ cronJob, patience }) => [
        {
          object: refOf(cronJob),
          path: 'status.lastScheduleTime',
          observed: cronJob.status?.lastScheduleTime,
          expected: `within ${spanText(patience)}`,
        },
      ],
      remedies: ({ cronJob }) => [
        {
          title:
            'Read its events: they say what keeps it from starting, such as too many missed starts, a quota, or a controller manager that stands still.',
          commands: [sh`kubectl describe cronjob ${place(cronJob.metadata)}`],
          disturbs: 'Nothing: reading only.',
        },
      ],
    }),
  },
  judge: (values, { now, find }) =>
    whereInstalled(values, (found) => {
      const kept = keptBy(values, found);
      const { updater: cronJob } = found;
      if (cronJob === undefined) {
        return kept.isCurrent === undefined
          ? skip('No literal address stands in the Corefile that would have to be kept current.')
          : find.missing(kept);
      }
      if (cronJob.spec.suspend === true) return find.suspended({ ...kept, cronJob });
      const ago = since(cronJob.status?.lastScheduleTime, now);
      const patience = ago === undefined ? undefined : endedPatience(cronJob, ago, kept, now);
      if (ago !== undefined && patience !== undefined) return find.notStarted({ ...kept, cronJob, ago, patience });
      return pass(
        `CronJob ${nameOf(cronJob)} is scheduled “${cronJob.spec.schedule}”${ago === undefined ? '' : `, last ${spanText(ago)} ago`}.`,
      );
    }),
});

/** How long the updater may rest, where it has rested longer; while the answer is right, a few missed turns are nobody's trouble. */
function endedPatience(cronJob: CronJob, ago: number, kept: Kept, now: Date): number | undefined {
  const leastEver = 15 * minute;
  if (ago <= leastEver) return undefined;
  const least = kept.isCurrent === false ? leastEver : 7 * 24 * 60 * minute;
  if (ago <= least) return undefined;
  const patience = Math.max(3 * periodOf(cronJob, now), least);
  return ago > patience ? patience : undefined;
}
