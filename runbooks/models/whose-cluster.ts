/**
 * Whether the cluster that was asked is the stack file's at all. One that has Gateways, and not the stack's, is most likely another: that
 * is to be said once and first, for whatever is found after it follows from it. It is told from what a run has read, with no request of its own.
 */
import { likeliest } from '../../src/formats/closest-name.ts';
import { MalformedField, NeedsCluster } from '../../src/runbook/fact.ts';
import { identityOf } from '../../src/runbook/keep.ts';
import type { KindName } from '../../src/runbook/kinds.ts';
import type { Report } from '../../src/runbook/report.ts';
import type { GatheredFact, Run } from '../../src/runbook/run.ts';
import { shorten } from '../../src/runbook/words.ts';
import { stack } from '#stack';
import { isStackGateway } from './topology.ts';

type Notice = NonNullable<Report['notice']>;

/** Somebody's clusters, a snapshot of one included; the demo is made from the stack file, and manifests are no cluster. */
const sources: readonly Report['cluster']['source'][] = ['live', 'snapshot'];

/** Where what is said is read: flags are a run's in a terminal, and the start's on a page. */
export type Face = 'terminal' | 'page';

/** A run whose report says first that the cluster is not the stack file's, where it seems so. */
export function withNotice<R extends Pick<Run, 'report' | 'facts'>>(done: R, face: Face = 'page'): R {
  const { version, cluster, ...rest } = done.report;
  const notice = noticeOf(cluster.source, done.facts, face);
  return notice === undefined ? done : { ...done, report: { version, cluster, notice, ...rest } };
}

/**
 * What to know before the findings: that the stack's Gateway is not there, which ones are, and what to do.
 *
 * @returns nothing where the Gateway is there, where Gateways were not read or not wholly, and where the cluster has none but is the stack's
 * by its GatewayClass, or may be: that the Gateway is gone is then a finding.
 */
export function noticeOf(
  source: Report['cluster']['source'],
  facts: readonly GatheredFact[],
  face: Face = 'page',
): Notice | undefined {
  // What stands in manifests cannot be looked at as a whole list.
  if (!sources.includes(source)) return undefined;
  const gateways = listed(facts, 'Gateway');
  if (gateways === undefined) return undefined;
  if (gateways.some(isStackGateway)) return undefined;
  const classes = listed(facts, 'GatewayClass');
  const hasClass = classes?.some(({ name }) => name === stack.gatewayClass.name);
  if (gateways.length === 0 && hasClass !== false) return undefined;
  const { first, meant } = inOrder(gateways);
  const has = first.length === 0 ? 'and no other' : `it has ${shortList(first)}`;
  // With the stack's class it may be the stack's cluster, which has lost its Gateway.
  const instead = hasClass === true ? `create ${fullName(stack.gateway)} again` : 'ask another cluster';
  return {
    message: `This cluster has no Gateway ${fullName(stack.gateway)}${first.length === 0 ? ',' : ';'} ${has}: ${advice(first, meant, face)}, or ${instead}.`,
    wanted: { namespace: stack.gateway.namespace, name: stack.gateway.name },
    gateways: first
      .slice(0, mostNamed)
      .map(({ namespace, name }) => ({ namespace: shorten(namespace), name: shorten(name) })),
    more: Math.max(0, first.length - mostNamed),
  };
}

/** The Gateway that somebody most likely means who asks a cluster which lacks the stack's; nothing where several may be meant. */
export function meantGateway(facts: readonly GatheredFact[]): { namespace: string; name: string } | undefined {
  const meant = inOrder(listed(facts, 'Gateway') ?? []).meant;
  return meant && { namespace: meant.namespace, name: meant.name };
}

/**
 * What to say to somebody who has named a Gateway that is not there: which ones are, and which may be meant.
 *
 * @returns nothing where it is there, or Gateways were not read, or not all of them are known.
 */
export function gatewayIsAbsent(facts: readonly GatheredFact[]): { message: string; hint: string } | undefined {
  const gateways = listed(facts, 'Gateway');
  if (gateways === undefined || gateways.some(isStackGateway)) return undefined;
  const { first, meant } = inOrder(gateways);
  return {
    message: `There is no Gateway ${fullName(stack.gateway)} here; ${first.length === 0 ? 'there is no Gateway at all' : `there is ${shortList(first)}`}.`,
    hint:
      first.length === 0
        ? 'Leave --gateway out, or ask another cluster.'
        : `Name ${meant === undefined ? 'the one that is meant' : 'it'}: --gateway ${meant === undefined ? 'NAMESPACE/NAME' : fullName(meant)}`,
  };
}

function shortList(gateways: readonly Listed[]): string {
  const shown = gateways.slice(0, mostNamed).map(fullName);
  const more = gateways.length - shown.length;
  return inSentence.format(more > 0 ? [...shown, `${more} more`] : shown);
}

/** `a, b and c`. */
const inSentence = new Intl.ListFormat('en-GB');

/** How many Gateways a sentence names. */
const mostNamed = 5;

interface Listed {
  namespace: string;
  name: string;
  /** What it names as its class, where that can be read. */
  className: string | undefined;
}

/** Every object of a kind in the cluster; nothing where the list was not read, or one of them has no name that can be read. */
function listed(facts: readonly GatheredFact[], kind: KindName): readonly Listed[] | undefined {
  const whole = facts.find(
    ({ read }) =>
      read.type === 'list' &&
      read.kind === kind &&
      read.namespace === undefined &&
      read.labels === undefined &&
      read.fields === undefined,
  )?.fact;
  if (whole?.ok !== true || !Array.isArray(whole.value)) return undefined;
  const items = whole.value;
  const found = known(() => Array.from<unknown>(items).map(listedAs));
  const named = found?.filter((one) => one !== undefined);
  return named?.length === found?.length ? named : undefined;
}

function listedAs(object: unknown): Listed | undefined {
  const identity = identityOf(object);
  return identity && { namespace: identity.namespace ?? '', name: identity.name, className: classNameOf(object) };
}

/** Of manifests that hold none of a kind, no list is whole. */
function known<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof NeedsCluster) return undefined;
    throw error;
  }
}

function classNameOf(object: unknown): string | undefined {
  try {
    return (object as { spec?: { gatewayClassName?: string } }).spec?.gatewayClassName;
  } catch (error) {
    if (error instanceof MalformedField) return undefined;
    throw error;
  }
}

/** Gateways, the likeliest first; and the one that is meant, where it is plain: by a near name, as the only one of the class, or as the only one. */
function inOrder(gateways: readonly Listed[]): { first: readonly Listed[]; meant: Listed | undefined } {
  const ofClass = gateways.filter(({ className }) => className === stack.gatewayClass.name);
  const others = gateways.filter((one) => !ofClass.includes(one));
  const meant = nearest(gateways) ?? only(ofClass) ?? only(gateways);
  return {
    first: [...new Set([...(meant === undefined ? [] : [meant]), ...ofClass, ...others])],
    meant,
  };
}

const only = <T>(some: readonly T[]): T | undefined => (some.length === 1 ? some[0] : undefined);

/** The one with the stack's name in another namespace, or with nearly its name. */
function nearest(gateways: readonly Listed[]): Listed | undefined {
  const namesake = only(gateways.filter(({ name }) => name === stack.gateway.name));
  if (namesake !== undefined) return namesake;
  const whole = likeliest(fullName(stack.gateway), gateways.map(fullName));
  if (whole !== undefined) return gateways.find((one) => fullName(one) === whole);
  const name = likeliest(
    stack.gateway.name,
    gateways.map((one) => one.name),
  );
  return only(gateways.filter((one) => one.name === name));
}

function advice(gateways: readonly Listed[], meant: Listed | undefined, face: Face): string {
  if (gateways.length === 0) return 'give the names of this cluster in runbooks/stack.ts';
  const way = face === 'page' ? 'start the handbook' : 'run';
  return meant === undefined
    ? `${way} with --gateway NAMESPACE/NAME for the one that is meant, or name it in runbooks/stack.ts`
    : `${way} with --gateway ${fullName(meant)}, or name it in runbooks/stack.ts`;
}

const fullName = ({ namespace, name }: { namespace: string; name: string }): string =>
  `${shorten(namespace)}/${shorten(name)}`;
