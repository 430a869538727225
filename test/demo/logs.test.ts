/** Logs: each belongs to a container that there is, and knows no fixed times. */
import { expect, it, test } from 'vitest';
import { stack } from '#stack';
import { logKey } from '../../packages/apiserver/reads/logs.ts';
import { list, text } from '../../packages/apiserver/objects/fields.ts';
import { homelabOf } from '../../src/demo/homelab.ts';
import { loadLogs } from '../../src/demo/node/logs.ts';

const { objects, logs } = homelabOf(stack);

const containers = objects
  .filter(({ kind }) => kind === 'Pod')
  .flatMap((pod) =>
    list(pod, 'spec', 'containers').map((container) =>
      logKey(pod.metadata.namespace ?? '', pod.metadata.name, text(container, 'name')),
    ),
  );

test.each([...logs])('%s is a container of the demo, and its log does not grow old', (key, log) => {
  expect(containers).toContain(key);
  expect(log).not.toMatch(/\d{4}-\d\d-\d\dT/);
  expect(log).toMatch(/\S/);
});

it('replaces logs, and resolves times', () => {
  const logs = loadLogs(new Date('2026-11-22T12:00:00Z'), { a_b_c: '{{ago 5m}} started' });
  expect(logs.get('a_b_c')).toBe('2026-11-22T11:55:00Z started');
  expect([...logs.values()].filter((log) => log.includes('{{'))).toEqual([]);
});
