/** Workloads: what their pods' states are in words, and which of them are theirs. */
import { describe, expect, it } from 'vitest';
import { isReady, troubleOf, troubleRemedy } from '../../runbooks/models/pods.ts';
import { judgeWorkload, podsOf, replicas, workloadFindings, type Workload } from '../../runbooks/models/workloads.ts';
import { bind } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { problem, value } from '../../src/runbook/fact.ts';

type Pod = KubeObject<'Pod'>;

const pod = (status: unknown, metadata: Partial<Pod['metadata']> = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'a', name: 'p', labels: { app: 'x' }, ...metadata },
    status,
  }) as Pod;

const container = (state: unknown, some: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'main',
  image: 'registry/x:1',
  ready: false,
  restartCount: 0,
  state,
  ...some,
});

const of = (state: unknown, some?: Record<string, unknown>): Pod =>
  pod({ phase: 'Running', containerStatuses: [container(state, some)] });

describe('troubleOf', () => {
  it.each([
    {
      name: 'cannot be scheduled',
      of: pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] }),
      text: 'cannot be scheduled: 0/1 nodes are available',
      command: 'kubectl describe pod -n a p',
    },
    {
      name: 'cannot be scheduled, for a reason only',
      of: pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      text: 'cannot be scheduled (SchedulingGated)',
      command: 'kubectl describe pod -n a p',
    },
    {
      name: 'crashes',
      of: of(
        { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
        { restartCount: 9, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      ),
      text: 'is in CrashLoopBackOff, container main, last exit code 137 (OOMKilled), 9 restarts',
      command: 'kubectl logs -n a p -c main --previous --tail=50',
    },
    {
      name: 'crashed once',
      of: of(
        { waiting: { reason: 'CrashLoopBackOff' } },
        { restartCount: 1, lastState: { terminated: { exitCode: 1 } } },
      ),
      text: 'is in CrashLoopBackOff, container main, last exit code 1, 1 restart',
      command: 'kubectl logs -n a p -c main --previous --tail=50',
    },
    ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'].map((reason) => ({
      name: reason,
      of: of({ waiting: { reason, message: 'not found' } }),
      text: `is in ${reason}, container main: not found`,
      command: 'kubectl describe pod -n a p',
    })),
    {
      name: 'CreateContainerConfigError',
      of: of({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } }),
      text: 'is in CreateContainerConfigError, container main: secret "x" not found',
      command: 'kubectl',
    },
    {
      name: 'is being created',
      of: of({ waiting: { reason: 'ContainerCreating' } }),
      text: 'is waiting (ContainerCreating)',
      command: 'kubectl describe pod -n a p',
    },
    {
      name: 'runs and is not ready',
      of: of({ running: { startedAt: '2026-11-22T12:00:00Z' } }),
      text: 'has a container main that runs but is not ready',
      command: 'kubectl logs -n a p -c main --tail=50',
    },
    {
      name: 'an init container crashes, while the others wait for it',
      of: pod({
        phase: 'Pending',
        initContainerStatuses: [
          container({ waiting: { reason: 'CrashLoopBackOff' } }, { name: 'init', restartCount: 3 }),
        ],
        containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
      }),
      text: 'is in CrashLoopBackOff, container init, 3 restarts',
      command: 'kubectl logs -n a p -c init --previous --tail=50',
    },
    {
      name: 'init containers are done and the main one is at fault',
      of: pod({
        initContainerStatuses: [
          container({ terminated: { exitCode: 0, reason: 'Completed' } }, { name: 'init', ready: true }),
        ],
        containerStatuses: [container({ waiting: { reason: 'ImagePullBackOff' } })],
      }),
      text: 'is in ImagePullBackOff, container main',
      command: 'kubectl describe pod -n a p',
    },
    {
      name: 'a sidecar is at fault and the first container is not',
      of: pod({
        containerStatuses: [container({ running: {} }, { ready: true }), container({ running: {} }, { name: 'side' })],
      }),
      text: 'has a container side that runs but is not ready',
      command: 'kubectl logs -n a p -c side --tail=50',
    },
    {
      name: 'was evicted',
      of: pod({ phase: 'Failed', reason: 'Evicted' }),
      text: 'is Failed and not ready (Evicted)',
      command: 'kubectl describe pod -n a p',
    },
    {
      name: 'has no status yet',
      of: pod(undefined),
      text: 'is without status and not ready',
      command: 'kubectl describe pod -n a p',
    },
  ])('a pod that $name', ({ of: found, text, command }) => {
    const trouble = troubleOf(found);
    expect(trouble.text + (trouble.quote === undefined ? '' : `: ${trouble.quote.text}`)).toBe(text);
    expect(trouble.path).toMatch(/^status\./);
    const remedy = troubleRemedy(found, trouble, 'Nothing.');
    expect(remedy.commands[0]?.text).toContain(command);
    expect(remedy.title).toMatch(/\.$/);
  });

  it('a pod whose container has ended is not said to run', () => {
    expect(troubleOf(of({ terminated: { exitCode: 1, reason: 'Error' } }, { restartCount: 1 })).text).not.toContain(
      'runs',
    );
  });

  it('a pod whose init container is at work is not said to fail its readiness probe', () => {
    const busy = pod({ initContainerStatuses: [container({ running: {} }, { name: 'init' })] });
    expect(troubleRemedy(busy, troubleOf(busy), '').title).not.toContain('readiness');
  });
});

const deployment = (spec: object, status: object = {}): Workload =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'a', name: 'x' },
    spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
    status,
  }) as unknown as Workload;

describe('podsOf', () => {
  const workload = deployment({});
  it('takes the pods of the selector and namespace, completed ones left out', () => {
    const mine = pod({ phase: 'Running' });
    const others = [
      pod({}, { namespace: 'b' }),
      pod({}, { labels: { app: 'y' } }),
      pod({}, { labels: undefined }),
      pod({ phase: 'Succeeded' }),
    ];
    expect(podsOf(workload, [mine, ...others])).toEqual([mine]);
  });

  it.each<[string, readonly string[], number]>([
    ['In', ['x', 'y'], 1],
    ['NotIn', ['x'], 0],
    ['Exists', [], 1],
    ['Like', ['x'], 0],
  ])('takes those that an expression takes: %s %j', (operator, values, count) => {
    const selector = { matchExpressions: [{ key: 'app', operator, values: [...values] }] };
    expect(podsOf(deployment({ selector }), [pod({})])).toHaveLength(count);
  });
});

describe('replicas', () => {
  it('of a Deployment: one, when it does not say', () => {
    expect(replicas(deployment({}))).toEqual({ desired: 1, available: 0, path: 'status.availableReplicas' });
  });
});

describe('isReady', () => {
  it('is the condition, and nothing else', () => {
    expect(isReady(pod({ conditions: [{ type: 'Ready', status: 'True' }] }))).toBe(true);
    expect(isReady(pod({ conditions: [{ type: 'Ready', status: 'False' }] }))).toBe(false);
    expect(isReady(pod({ conditions: [{ type: 'ContainersReady', status: 'True' }] }))).toBe(false);
    expect(isReady(pod(undefined))).toBe(false);
  });
});

describe('judgeWorkload', () => {
  const crashing = of({ waiting: { reason: 'CrashLoopBackOff' } });
  const find = bind('a/x', workloadFindings({ name: 'X', disturbs: 'It restarts.' }));

  it.each([
    ['all available', deployment({ replicas: 2 }, { availableReplicas: 2 }), 'passed'],
    ['more than asked for', deployment({ replicas: 1 }, { availableReplicas: 2 }), 'passed'],
    ['some', deployment({ replicas: 3 }, { availableReplicas: 1 }), 'warned'],
    ['none', deployment({ replicas: 3 }), 'failed'],
    ['scaled to zero', deployment({ replicas: 0 }), 'failed'],
    ['scaled to zero, still ending', deployment({ replicas: 0 }, { availableReplicas: 1 }), 'failed'],
  ] as const)('%s', (_name, workload, outcome) => {
    expect(judgeWorkload(workload, value([crashing]), find, {}).outcome).toBe(outcome);
  });

  it('names the pods that are not ready, the first in words', () => {
    const second = pod({ phase: 'Pending' }, { name: 'q' });
    const well = pod({ conditions: [{ type: 'Ready', status: 'True' }] }, { name: 'r' });
    const judged = judgeWorkload(deployment({ replicas: 3 }), value([crashing, second, well]), find, {});
    expect(judged).toMatchObject({
      message: 'Deployment a/x has 0 of 3 replicas available. Pod p is in CrashLoopBackOff, container main.',
      finding: 'a/x#crash-loop',
      headline: 'X starts and ends again',
      remedies: [{ disturbs: 'It restarts.' }],
    });
    expect('evidence' in judged ? judged.evidence.map(({ object }) => object.name) : []).toEqual(['x', 'p', 'q']);
  });

  it('does without the pods when they may not be read', () => {
    const judged = judgeWorkload(deployment({}), problem('forbidden', 'May not.'), find, {});
    expect(judged).toMatchObject({ outcome: 'failed', message: 'Deployment a/x has 0 of 1 replicas available.' });
    expect('remedies' in judged ? judged.remedies[0]?.commands.map(({ text }) => text) : []).toContain(
      'kubectl describe -n a deployment/x',
    );
  });
});
