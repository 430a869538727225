/**
 * A fault of the demo cluster: a named, small change, the cause alone, for the controllers bring about what follows from it; with the
 * root cause that the runbooks must name.
 */
import { z } from 'zod';
import { logKey } from '../../packages/apiserver/reads/logs.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { Change } from '../../packages/apiserver/state/changes.ts';
import type { Scenario } from './scenario.ts';

const changeSchema = z.object({
  op: z.enum(['create', 'merge', 'delete']),
  object: z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  }),
});

export const faultSchema = z.strictObject({
  /** What is wrong, as a statement. */
  title: z.string(),
  /** Id of the component at fault. */
  component: z.string(),
  /** Id of the runbook whose page is about this symptom. */
  runbook: z.string(),
  /** Id of the finding that must come out as the root cause. */
  rootCause: z.string().regex(/^[a-z-]+\/[a-z-]+#[a-z-]+$/),
  /** Connections that Envoy refused, for its access log. */
  refused: z
    .array(z.strictObject({ ago: z.string(), client: z.string(), servername: z.string().nullable() }))
    .default([]),
  /** How long ago it happened, such as `40m`: that old are its consequences. */
  since: z.string().regex(/^(\d+[dhms])+$/),
  /** What is wrong where no object of the cluster tells: a JSON merge patch of `WorldFacts`. */
  world: z.record(z.string(), z.unknown()).default({}),
  /** What somebody would do about that, out there; for `kubectl` cannot. */
  mend: z.string().optional(),
  changes: z.array(changeSchema).default([]),
});

export type Fault = z.infer<typeof faultSchema> & { id: string; changes: Change[] };

/** What a fault makes of the demo cluster: changed objects, the access log of connections that Envoy refused, and what is around. */
export function scenarioOfFault(
  { changes, refused, since, world }: Fault,
  objects: readonly KubernetesObject[],
): Scenario {
  if (refused.length === 0) return { changes, since, world };
  const lines = refused.map(({ ago, client, servername }) =>
    JSON.stringify({
      start_time: `{{ago ${ago}}}`,
      response_code: 0,
      response_flags: 'NR',
      response_code_details: 'filter_chain_not_found',
      requested_server_name: servername,
      downstream_remote_address: `${client}:51820`,
    }),
  );
  const envoys = objects.filter(
    ({ kind, metadata }) => kind === 'Pod' && isEnvoy((metadata['labels'] ?? {}) as Readonly<Record<string, string>>),
  );
  return {
    changes,
    since,
    world,
    logs: Object.fromEntries(
      envoys.map(({ metadata }) => [logKey(metadata.namespace ?? '', metadata.name, 'envoy'), `${lines.join('\n')}\n`]),
    ),
  };
}

const isEnvoy = (labels: Readonly<Record<string, string>>): boolean =>
  labels['app.kubernetes.io/managed-by'] === 'envoy-gateway' && labels['app.kubernetes.io/component'] === 'proxy';
