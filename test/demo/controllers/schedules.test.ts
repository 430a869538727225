/** What the demo's controllers read in notations of others: a CronJob's schedule, a selector's expressions, a pod's claims. */
import { describe, expect, it } from 'vitest';
import { toScale } from '../../../packages/apiserver/resources/scale.ts';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { controllers } from '../../../src/demo/controllers/index.ts';
import { settle } from '../../../packages/apiserver/controllers/loop.ts';
import { list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import { bringAbout } from '../../../src/demo/node/scenario.ts';
import { create, live, remove, type Living } from './support.ts';

const template = (labels: object = { app: 'x' }) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'x', image: 'example.com/x:1' }], restartPolicy: 'Never' },
});

describe('a CronJob', () => {
  /** When it was last scheduled, after time has passed; and what was said about it. */
  function scheduled(schedule: string, from: string, until: string, timeZone?: string) {
    const [start, end] = [new Date(from), new Date(until)];
    const cron = create('batch/v1', 'CronJob', 'default/x', {
      spec: { schedule, timeZone, jobTemplate: { spec: { template: template() } } },
    });
    const { state, cluster } = bringAbout({ changes: [] }, { now: start, objects: [cron.object] });
    state.at(end, () => settle(cluster, controllers));
    const events = state.list(kinds.Event, 'default').filter((event) => text(event, 'involvedObject', 'name') === 'x');
    return {
      at: text(state.get(kinds.CronJob, 'default', 'x'), 'status', 'lastScheduleTime'),
      said: events.map((event) => `${text(event, 'reason')} ${text(event, 'message')}`),
    };
  }

  it.each([
    // 22 November 2026 is a Sunday.
    ['0 9 * * MON-FRI', '2026-11-22T08:00:00Z', '2026-11-22T10:00:00Z', ''],
    ['0 9 * * MON-FRI', '2026-11-24T08:00:00Z', '2026-11-24T10:00:00Z', '2026-11-24T09:00:00Z'],
    ['0 9 * * 0', '2026-11-22T08:00:00Z', '2026-11-22T10:00:00Z', '2026-11-22T09:00:00Z'],
    ['@hourly', '2026-11-22T08:30:00Z', '2026-11-22T10:30:00Z', '2026-11-22T10:00:00Z'],
    ['@every 90m', '2026-11-22T08:00:00Z', '2026-11-22T12:00:00Z', '2026-11-22T11:00:00Z'],
    ['0 0 1 * 1', '2026-11-22T12:00:00Z', '2026-11-23T12:00:00Z', '2026-11-23T00:00:00Z'],
    ['0 0 ? * ?', '2026-11-22T12:00:00Z', '2026-11-23T12:00:00Z', '2026-11-23T00:00:00Z'],
  ])('“%s”, from %s until %s', (schedule, from, until, expected) => {
    expect(scheduled(schedule, from, until).at).toBe(expected);
  });

  it('keeps the time of its zone', () => {
    const { at } = scheduled('0 9 * * *', '2026-11-24T00:00:00Z', '2026-11-24T12:00:00Z', 'Asia/Kolkata');
    expect(at).toBe('2026-11-24T03:30:00Z');
  });

  it.each(['nonsense * * * *', '0 0 * * 7', '@hourlyish'])('that says “%s” never runs, and hears why', (schedule) => {
    const { at, said } = scheduled(schedule, '2026-11-22T00:00:00Z', '2026-11-25T00:00:00Z');
    expect(at).toBe('');
    expect(said).toEqual([expect.stringContaining(`UnparseableSchedule unparseable schedule: "${schedule}" : `)]);
  });
});

it('a Deployment that selects by expressions has its pods, and its scale says by what', () => {
  const { state, after, get } = live();
  const selector = { matchExpressions: [{ key: 'tier', operator: 'In', values: ['web', 'api'] }] };
  after(
    create('apps/v1', 'Deployment', 'default/x', {
      spec: { replicas: 1, selector, template: template({ tier: 'web' }) },
    }),
  );
  expect(get(kinds.Deployment, 'default/x').status).toMatchObject({ readyReplicas: 1 });
  expect(toScale(get(kinds.Deployment, 'default/x'))).toMatchObject({ status: { selector: 'tier in (api,web)' } });
  const [set] = state.list(kinds.ReplicaSet, 'default');
  expect(set).toMatchObject({ spec: { selector } });
});

describe('a pod that cannot be scheduled', () => {
  const messages = ({ after, get }: Living, ...changes: readonly Change[]): readonly string[] => {
    after(...changes);
    return list(get(kinds.Pod, 'default/x'), 'status', 'conditions').map((one) => text(one, 'message'));
  };
  const claims = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'gone' } }] };
  const pod = (spec: object) => create('v1', 'Pod', 'default/x', { spec: { ...template().spec, ...spec } });

  it('is told which claim is missing', () => {
    expect(messages(live(), pod(claims))).toEqual(['0/1 nodes are available: persistentvolumeclaim "gone" not found.']);
  });

  it.each([
    ['nothing else', {}],
    ['a claim that is missing', claims],
  ])('for want of a node is told so, with %s', (_title, spec) => {
    const living = live();
    const nodes = living.state.list(kinds.Node).map(({ metadata }) => remove('v1', 'Node', metadata.name));
    expect(messages(living, ...nodes, pod(spec))).toEqual(['no nodes available to schedule pods']);
  });
});
