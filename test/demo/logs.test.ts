import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { list, text } from '../../packages/apiserver/objects/fields.ts';
import { loadLogs } from '../../src/demo/node/logs.ts';
import { logKey } from '../../packages/apiserver/reads/logs.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';

const containers = loadObjects()
  .filter(({ kind }) => kind === 'Pod')
  .flatMap((pod) =>
    list(pod, 'spec', 'containers').map((container) =>
      logKey(pod.metadata.namespace ?? '', pod.metadata.name, text(container, 'name')),
    ),
  );

test.each(readdirSync(new URL('../../src/demo/logs/', import.meta.url)))(
  '%s is the log of a container of the demo',
  (file) => {
    expect(containers).toContain(file.replace(/(\.previous)?\.txt$/, ''));
  },
);

test('times in logs are relative to the demo’s clock, and a fault’s log takes the place of the demo’s', () => {
  const logs = loadLogs(new Date('2026-11-22T12:00:00Z'), { a_b_c: '{{ago 5m}} started' });
  expect(logs.get('a_b_c')).toBe('2026-11-22T11:55:00Z started');
  expect([...logs.values()].filter((log) => log.includes('{{'))).toEqual([]);
});
