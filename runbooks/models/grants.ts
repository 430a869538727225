/**
 * Whether a reference may lead into another namespace: only as far as a ReferenceGrant there says so. One judge and one set of words for all
 * relations that are marked so. [Gateway API 1.0 to 1.4]
 */
import type { Reference } from '../../src/kinds/references.ts';
import { refOf, refTo, type Remedy } from '../../src/runbook/check.ts';
import { finding, type Finding } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { sh, type Shell } from '../../src/runbook/shell.ts';
import { setField } from './patches.ts';
import { fieldOf, groupOf } from './references.ts';
import { nameOf, namespaceOf } from './routes.ts';

export type Grant = KubeObject<'ReferenceGrant'>;
type From = Grant['spec']['from'][number];
type To = Grant['spec']['to'][number];

/** A reference into another namespace; `X` is what its check has to add. */
export type Abroad<X = object> = {
  by: KubeObject;
  reference: Pick<Reference, 'group' | 'kind' | 'namespace' | 'name' | 'path' | 'relation'>;
} & X;

/** One that a ReferenceGrant is about, without permitting it. */
type Misgranted<X> = Abroad<X> & { grant: Grant };

/** Whether a reference needs a ReferenceGrant. */
export const isAbroad = ({ by, reference }: Abroad): boolean =>
  reference.relation.granted === true && reference.namespace !== namespaceOf(by);

/** What a ReferenceGrant has to say. */
const wanted = ({ by, reference: { kind, name } }: Abroad): Grant['spec'] => ({
  from: [{ group: groupOf(by.kind), kind: by.kind, namespace: namespaceOf(by) }],
  to: [{ group: groupOf(kind), kind, name }],
});

const isFrom = ({ group, kind, namespace }: From, { by }: Abroad): boolean =>
  group === groupOf(by.kind) && kind === by.kind && namespace === namespaceOf(by);

/** A grant that names no object means them all. */
const isTo = (to: To, { reference: { kind, name } }: Abroad): boolean =>
  to.group === groupOf(kind) && to.kind === kind && (to.name === undefined || to.name === name);

const comesFrom = ({ spec }: Grant, abroad: Abroad): boolean => spec.from.some((from) => isFrom(from, abroad));
const leadsThere = ({ spec }: Grant, abroad: Abroad): boolean => spec.to.some((to) => isTo(to, abroad));

/**
 * Whether any of some grants permits a reference. Where none does, `grant` is the one that was meant to: one that gets half of it right, else
 * one for other objects of the same namespace.
 */
export function permissionFor(abroad: Abroad, all: readonly Grant[]): { permitted: boolean; grant: Grant | undefined } {
  const there = all.filter((grant) => namespaceOf(grant) === abroad.reference.namespace);
  const permitting = there.find((grant) => comesFrom(grant, abroad) && leadsThere(grant, abroad));
  if (permitting !== undefined) return { permitted: true, grant: permitting };
  const half = there.find((grant) => comesFrom(grant, abroad) || leadsThere(grant, abroad));
  const home = namespaceOf(abroad.by);
  return {
    permitted: false,
    grant: half ?? there.find(({ spec }) => spec.from.some(({ namespace }) => namespace === home)),
  };
}

/** Lets objects of one kind and namespace use one object, and nothing else. */
export function createGrant(abroad: Abroad): Shell {
  const { namespace, name } = abroad.reference;
  const { apiVersion, kind, ...metadata } = refTo('ReferenceGrant', {
    namespace,
    name: `${namespaceOf(abroad.by)}-to-${name}`,
  });
  return sh`echo ${JSON.stringify({ apiVersion, kind, metadata, spec: wanted(abroad) })} | kubectl create -f -`;
}

/** All that a grant names in `from` may use all that it names in `to`: only where one side is nothing else does it let nobody else in. */
const mayBeWidened = ({ grant: { spec }, ...abroad }: Misgranted<object>): boolean =>
  spec.from.every((from) => isFrom(from, abroad)) || spec.to.every((to) => isTo(to, abroad) && to.name !== undefined);

/** How a check speaks of its references. */
export interface Spoken<X> {
  /** What the reference does, without its full stop: `HTTPRoute a/b sends requests to Service c/d in another namespace`. */
  takes: (subject: Abroad<X>) => string;
  /** What follows from it, to close the sentence. */
  follows?: (subject: Abroad<X>) => string;
  /** What the grant interrupts. */
  disturbs: string;
  /** The way without any grant. */
  moveBeside: (subject: Abroad<X>) => Remedy;
  explainedBy?: (subject: Abroad<X>) => readonly string[];
}

type Own<S> = Pick<Finding<S>, 'headline' | 'means'>;

/** The findings about references that are not permitted. */
export function grantFindings<X = object>({ takes, follows, disturbs, moveBeside, explainedBy }: Spoken<X>) {
  const explained = explainedBy === undefined ? {} : { explainedBy };
  const sentence = (subject: Abroad<X>, why: string): string =>
    `${takes(subject)}, and ${why}${follows === undefined ? '' : `: ${follows(subject)}`}.`;
  const users = ({ by, reference }: Abroad<X>): string =>
    `${by.kind}s of ${namespaceOf(by)} use ${reference.kind} ${reference.name}`;
  const inReference = (subject: Abroad<X>) => ({
    object: refOf(subject.by),
    path: fieldOf(subject.reference, 'namespace'),
    observed: subject.reference.namespace,
    expected: `a ReferenceGrant in ${subject.reference.namespace} that lets ${users(subject)}`,
  });
  const create = (subject: Abroad<X>): Remedy => ({
    title: `Create a ReferenceGrant in namespace ${subject.reference.namespace} that lets ${users(subject)}.`,
    commands: [createGrant(subject)],
    disturbs,
  });
  // What the grant says already may serve others: it keeps that.
  const widen = (subject: Misgranted<X>): Remedy => {
    const { from, to } = wanted(subject);
    const { spec } = subject.grant;
    return {
      title: 'Let the ReferenceGrant permit it too.',
      ...setField(subject.grant, 'spec', {
        from: comesFrom(subject.grant, subject) ? spec.from : [...spec.from, ...from],
        to: leadsThere(subject.grant, subject) ? spec.to : [...spec.to, ...to],
      }),
      disturbs,
    };
  };
  return {
    noGrant: (own: Own<Abroad<X>>): Finding<Abroad<X>> =>
      finding<Abroad<X>>({
        ...explained,
        message: (subject) => sentence(subject, `no ReferenceGrant in ${subject.reference.namespace} permits it`),
        evidence: (subject) => [inReference(subject)],
        remedies: (subject) => [create(subject), moveBeside(subject)],
        ...own,
      }),
    wrongGrant: (own: Own<Misgranted<X>>): Finding<Misgranted<X>> =>
      finding<Misgranted<X>>({
        ...explained,
        message: (subject) => sentence(subject, `ReferenceGrant ${nameOf(subject.grant)} does not permit it`),
        evidence: (subject) => {
          const part = comesFrom(subject.grant, subject) ? 'to' : 'from';
          const { grant } = subject;
          return [
            { object: refOf(grant), path: `spec.${part}`, observed: grant.spec[part], expected: wanted(subject)[part] },
            inReference(subject),
          ];
        },
        remedies: (subject) => {
          const others = [create(subject), moveBeside(subject)] as const;
          return mayBeWidened(subject) ? [widen(subject), ...others] : others;
        },
        ...own,
      }),
  };
}
