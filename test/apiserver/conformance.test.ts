/**
 * The API server against what a real one (v1.36) answers, request by request, over HTTPS: status, media type, and the names, types
 * and order of what is in the body; the words where an API server's are fixed. The cases stand beside this file, by subject.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stack } from '#stack';
import { createUser, type PolicyRule } from '../../packages/apiserver/access/rbac.ts';
import { start, type Started } from '../../packages/apiserver/node/start.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { customResourceDefinitions } from '../../src/demo/custom-resources.ts';
import { ask, shape, type Asking } from './support.ts';

interface Case {
  /** What is asked, in words. */
  what: string;
  /** Method and path. */
  request: string;
  as?: Asking['as'];
  accept?: string;
  /** The content type of the body, where it is not JSON. */
  type?: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  status: number;
  /** The media type of the answer, where it is not JSON. */
  media?: string;
  /** Names and types in order; of every event, where it is a watch. */
  shape?: string | readonly string[];
  /** How deep the shape goes. */
  depth?: number;
  /** The whole body, where it is no JSON. */
  text?: string;
  /** What the body says, at least. */
  says?: unknown;
  /** Of a Status that tells of a failure: its words, and what stands beside them. */
  message?: string;
  reason?: string;
  details?: object;
}

const folder = new URL('./conformance/', import.meta.url);

const gatewayApi = (kind: string, name: string): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind,
  metadata: { namespace: 'tailscale', name },
  spec: {},
  status: {},
});

const objects: readonly KubernetesObject[] = [
  gatewayApi('Gateway', 'tailscale-gateway'),
  gatewayApi('HTTPRoute', 'one'),
  gatewayApi('HTTPRoute', 'two'),
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'docs', name: 'docs' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'docs' } },
      template: {
        metadata: { labels: { app: 'docs' } },
        spec: { containers: [{ name: 'main', image: 'docs' }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'crew', name: 'a', labels: { app: 'web' } },
    spec: { nodeName: 'legion', containers: [{ name: 'main', image: 'web' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'crew', name: 'b', labels: { app: 'web' } },
    spec: { nodeName: 'legion', containers: ['main', 'side'].map((name) => ({ name, image: 'web' })) },
  },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'lost', name: 'c' },
    spec: { nodeName: 'bare', containers: [{ name: 'main', image: 'web' }] },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'crew', name: 'one' }, data: { a: '1' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'crew', name: 'two' }, data: { a: '2' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'crew', name: 'robot' } },
];

const log = '2026-01-02T03:04:05Z one\n2026-01-02T03:05:05Z two\n2026-01-02T03:06:05Z three\n';

const readerRules: readonly PolicyRule[] = [
  { verbs: ['get', 'list', 'watch'], apiGroups: ['gateway.networking.k8s.io'], resources: ['gateways'] },
  { verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/log'] },
];

let running: Started;
beforeAll(async () => {
  running = await start({
    objects: [...customResourceDefinitions(stack), ...objects],
    users: [createUser('reader', [], readerRules), createUser('nobody', [])],
    now: new Date('2026-01-02T03:07:05Z'),
    logs: new Map([['crew_a_main', log]]),
  });
});
afterAll(() => running.close());

for (const file of readdirSync(folder).sort()) {
  describe(file.replace('.yaml', ''), () => {
    const cases = parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Case[];
    test.each(cases)('$what: $request', async (wanted) => {
      const [method = '', path = ''] = wanted.request.split(' ');
      const { as, accept, type, headers, body } = wanted;
      const given = { method, as, accept, type, headers, body };
      const present = Object.entries(given).filter(([, value]) => value !== undefined);
      const answer = await ask(running, path, Object.fromEntries(present));
      expect(answer.status).toBe(wanted.status);
      expect(answer.type).toBe(wanted.media ?? 'application/json');
      if (wanted.text !== undefined) expect(answer.text).toBe(wanted.text);
      if (wanted.says !== undefined) expect(answer.json).toMatchObject(wanted.says as object);
      if (wanted.message !== undefined) {
        expect(answer.json).toEqual(failure(wanted));
        expect(Object.keys(answer.json as object)).toEqual(Object.keys(failure(wanted)));
      }
      if (typeof wanted.shape === 'string') expect(shape(answer.json, wanted.depth)).toBe(wanted.shape);
      else if (wanted.shape !== undefined) {
        const events = answer.text.trim().split('\n');
        expect(events.map((line) => shape(JSON.parse(line), wanted.depth))).toEqual(wanted.shape);
      }
    });
  });
}

const failure = ({ status, message, reason, details }: Case): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason === undefined ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code: status,
});
