/**
 * A fault of the demo cluster: a named, small change, the cause alone, for the controllers bring about what follows from it; with the
 * root cause that the runbooks must name. It is written by role (an app that is exposed, the Gateway's Service), never by somebody's names,
 * and a stack that lacks what it needs does not have it.
 */
import { logKey } from '../../packages/apiserver/reads/logs.ts';
import { strings } from '../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { Change } from '../../packages/apiserver/state/changes.ts';
import { hasPart } from '../../runbooks/stack-listeners.ts';
import type { Part, Stack } from '../../runbooks/stack-type.ts';
import { hasLabels } from '../formats/label-selector.ts';
import { managed } from './controllers/envoy-gateway/managed.ts';
import type { Scenario } from './scenario.ts';
import type { WorldChange } from './world.ts';

/** What a fault breaks: a stack's healthy cluster. */
export interface Healthy {
  stack: Stack;
  objects: readonly KubernetesObject[];
}

/** Somebody or something in the cluster by what it is there; undefined where the stack has no such thing. */
export type Role<T> = (healthy: Healthy) => T | undefined;

/** A connection that Envoy refused. */
interface Refused {
  ago: string;
  client: string;
  servername: string | null;
}

/** What makes a fault: objects that somebody changed, what happened outside the cluster, and how that is mended. */
interface Cause {
  changes?: readonly Change[];
  /** What is wrong where no object of the cluster tells: a JSON merge patch of `WorldFacts`. */
  world?: WorldChange;
  /** What somebody would do about that, out there; for `kubectl` cannot. */
  mend?: string;
}

interface About {
  id: string;
  /** What is wrong, as a statement. */
  title: string;
  /** Id of the component at fault. */
  component: string;
  /** Id of the runbook whose page is about this symptom. */
  runbook: string;
  /** Id of the finding that must come out as the root cause. */
  rootCause: `${string}/${string}#${string}`;
  /** How long ago it happened, such as `40m`: that old are its consequences. */
  since: string;
}

export interface Fault extends About {
  changes: readonly Change[];
  world: WorldChange;
  /** Connections that Envoy refused, for its access log. */
  refused: readonly Refused[];
  mend?: string;
}

/** A fault of any stack; undefined for one that lacks what it needs. */
export type FaultOf = (healthy: Healthy) => Fault | undefined;

type Roles = Readonly<Record<string, Role<unknown>>>;
type Cast<R extends Roles> = { readonly [K in keyof R]: NonNullable<ReturnType<R[K]>> };

interface Definition<R extends Roles> extends Omit<About, 'runbook'> {
  /** As a fault's; where it is about a part, that part, and the runbook that shows the symptom in a stack without it. */
  runbook: string | readonly [string, Part, string];
  /** What of the stack it is about. */
  needs: R;
  refused?: readonly Refused[];
  cause: (cast: Cast<R>, stack: Stack) => Cause;
}

/** @param definition Its `cause` gets what `needs` names. */
export const defineFault =
  <R extends Roles>({ needs, cause, runbook, refused = [], ...about }: Definition<R>): FaultOf =>
  (healthy) => {
    const cast = Object.entries(needs).map(([part, role]) => [part, role(healthy)] as const);
    if (cast.some(([, found]) => found === undefined)) return undefined;
    const { changes = [], world = {}, mend } = cause(Object.fromEntries(cast) as Cast<R>, healthy.stack);
    return {
      ...about,
      runbook: runbookOf(runbook, healthy.stack),
      changes,
      world,
      refused,
      ...(mend === undefined ? {} : { mend }),
    };
  };

const runbookOf = (runbook: string | readonly [string, Part, string], stack: Stack): string => {
  if (typeof runbook === 'string') return runbook;
  const [first, part, other] = runbook;
  return hasPart(stack, part) ? first : other;
};

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
    ({ kind, metadata }) => kind === 'Pod' && hasLabels(strings(metadata, 'labels'), managed),
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
