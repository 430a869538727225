/**
 * What is said of a reference that leads nowhere, whatever names whatever: findings for each way in which it goes astray. A check says how its
 * reference is spoken of, and lays on top what is peculiar to it.
 */
import type { Reference } from '../../src/kinds/references.ts';
import { pathOf } from '../../src/kinds/violation.ts';
import { refOf, type Evidence, type ObjectRef, type Remedy } from '../../src/runbook/check.ts';
import { finding, type Finding } from '../../src/runbook/finding.ts';
import { apiVersion, kinds, type KindName, type KubeObject } from '../../src/runbook/kinds.ts';
import { setField } from './patches.ts';
import { fieldOf, holderOf, type Named } from './references.ts';

/** A reference that leads nowhere. */
export interface Astray {
  /** Who names. */
  by: KubeObject;
  reference: Reference;
  /** What is named, and is not there. */
  wanted: { namespace?: string; name: string };
  /** What could be named instead, where that is worth telling. */
  beside: readonly Named[];
}

/** One of which it can be told what it means. */
export interface Misled extends Astray {
  meant: Named;
}

/** How a check speaks of its references; `X` is what its subjects have beside. */
export interface Spoken<X> {
  /** Between who names and what is named: `sends requests to`. */
  verb: string;
  /** What correcting the reference interrupts. */
  disturbs: string;
  /** What follows, to close the sentence: `Envoy answers 500`. */
  follows?: (subject: Astray & X) => string | undefined;
  /** Which of the check's needs explain it; all of them when left out. */
  explainedBy?: (subject: Astray & X) => readonly string[];
}

/** What a check says itself: what each is called and means, and what differs from what is alike. */
type Own<S> = Pick<Finding<S>, 'headline' | 'means'> & Partial<Omit<Finding<S>, 'headline' | 'means'>>;

/** The subject of what is found about a reference. */
export const astray = <X>(by: KubeObject, reference: Reference, beside: readonly Named[], more: X): Astray & X => ({
  ...{ by, reference, beside, ...more },
  wanted: { ...(reference.namespace === '' ? {} : { namespace: reference.namespace }), name: reference.name },
});

const placeOf = ({ namespace, name }: { namespace?: string; name: string }): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** What the reference names, as sentences do: `Service docs/web`. */
export const wantedText = ({ reference, wanted }: Astray): string => `${reference.kind} ${placeOf(wanted)}`;

/** An object as sentences name it beside that reference: with its kind where the reference may be of several. */
function nameBeside({ reference: { kind: named, relation } }: Astray, { kind, metadata }: Named): string {
  const usual = typeof relation.to === 'string' ? relation.to : relation.to.otherwise;
  return kind === named && (usual === undefined || kind === usual) ? placeOf(metadata) : `${kind} ${placeOf(metadata)}`;
}

const byText = ({ by }: Astray): string => `${by.kind} ${placeOf(by.metadata)}`;

/** What could be named instead: ` (there is docs/web)`; empty where that is nothing. */
export function thereIs(subject: Astray, there = subject.beside): string {
  const names = there.map((one) => nameBeside(subject, one)).join(', ');
  return names === '' ? '' : ` (there is ${names})`;
}

/** What was left out, where that is why the reference leads elsewhere: `; without a kind it means an Issuer`. */
function leftOut({ by, reference, meant }: Misled): string {
  const holder = valueAt(by, reference.path.slice(0, -1));
  const { namespace, to } = reference.relation;
  if (meant.kind !== reference.kind && typeof to !== 'string' && holder[to.field] === undefined)
    return `; without a ${to.field} it means ${article(reference.kind)}`;
  const isElsewhere = (meant.metadata.namespace ?? '') !== reference.namespace;
  return isElsewhere && namespace !== undefined && holder[namespace] === undefined
    ? `; without a namespace it means one in ${reference.namespace}`
    : '';
}

const sentence = (verb: string, subject: Astray, hint: string, follows: string | undefined): string =>
  `${byText(subject)} ${verb} ${wantedText(subject)}, which does not exist${hint}${follows === undefined ? '' : `: ${follows}`}.`;

/** What stands in a field of the reference, and what a field that is left out means. */
function inField({ by, reference }: Astray, field: string, means: string, expected: string): Evidence {
  const holder = valueAt(by, reference.path.slice(0, -1));
  const observed = holder[field] ?? `left out, which means ${means}`;
  return { object: refOf(by), path: fieldOf(reference, field), observed, expected };
}

/** Where a reference may lead into another namespace, its name alone says too little. */
const inName = ({ by, reference, wanted }: Astray, expected: string): Evidence => ({
  object: refOf(by),
  path: pathOf(reference.path),
  observed: reference.relation.namespace === undefined ? wanted.name : placeOf(wanted),
  expected,
});

const expectedName = (subject: Misled): string => {
  const { reference, meant } = subject;
  return reference.relation.namespace === undefined && meant.kind === reference.kind
    ? meant.metadata.name
    : nameBeside(subject, meant);
};

function valueAt(object: unknown, path: readonly (string | number)[]): Readonly<Record<string, unknown>> {
  return path.reduce<unknown>((here, step) => (here as Record<string | number, unknown>)[step], object) as Readonly<
    Record<string, unknown>
  >;
}

/** Writes into the reference what is meant: the one field that differs, or all of it. */
export function nameMeant({ by, reference, meant }: Misled): Pick<Remedy, 'title' | 'change' | 'commands'> {
  const { relation, path, kind, namespace, name } = reference;
  const home = meant.metadata.namespace ?? namespace;
  const whole = `name ${meant.kind} ${placeOf(meant.metadata)}`;
  const kindField = typeof relation.to === 'string' ? undefined : relation.to.field;
  const wrong = [
    { field: kindField, is: kind, to: meant.kind, how: `say that it means ${article(meant.kind)}` },
    { field: relation.namespace, is: namespace, to: home, how: `name the ${meant.kind}’s namespace, ${home}` },
    { field: relation.name, is: name, to: meant.metadata.name, how: whole },
  ].flatMap(({ field, is, ...more }) => (field === undefined || is === more.to ? [] : [{ field, ...more }]));
  const [first, ...others] = wrong;
  const titled = (how: string): string => `Let the ${by.kind} ${how}.`;
  if (relation.name === '') return { title: titled(whole), ...setField(by, pathOf(path), meant.metadata.name) };
  if (first !== undefined && others.length === 0)
    return { title: titled(first.how), ...setField(by, fieldOf(reference, first.field), first.to) };
  const fields = Object.fromEntries(wrong.map(({ field, to }) => [field, to]));
  const written = { ...valueAt(by, path.slice(0, -1)), ...fields };
  return { title: titled(whole), ...setField(by, holderOf(reference), written) };
}

/** The findings about references that are alike in how they are spoken of. */
export function astrayFindings<X = object>({ verb, disturbs, follows, explainedBy }: Spoken<X>) {
  const explained = explainedBy === undefined ? {} : { explainedBy };
  const aboutMeant = {
    ...explained,
    message: (subject: Misled & X) =>
      sentence(verb, subject, `${leftOut(subject)}${thereIs(subject, [subject.meant])}`, follows?.(subject)),
    remedies: (subject: Misled & X): readonly [Remedy, ...Remedy[]] => [{ ...nameMeant(subject), disturbs }],
  };
  return {
    /** The name is right, and the kind or what is left out for it is not. */
    otherKind: (own: Own<Misled & X>): Finding<Misled & X> =>
      finding<Misled & X>({
        ...aboutMeant,
        evidence: (subject) => [inField(subject, 'kind', subject.reference.kind, subject.meant.kind)],
        ...own,
      }),
    /** The name is right, and the namespace or what is left out for it is not. */
    otherNamespace: (own: Own<Misled & X>): Finding<Misled & X> =>
      finding<Misled & X>({
        ...aboutMeant,
        evidence: (subject) => [
          inField(subject, 'namespace', subject.reference.namespace, subject.meant.metadata.namespace ?? ''),
        ],
        ...own,
      }),
    otherName: (own: Own<Misled & X>): Finding<Misled & X> =>
      finding<Misled & X>({
        ...aboutMeant,
        evidence: (subject) => [inName(subject, expectedName(subject))],
        ...own,
      }),
    /** What is named is what is missing. */
    missing: (own: Own<Astray & X> & Pick<Finding<Astray & X>, 'remedies'>): Finding<Astray & X> =>
      finding<Astray & X>({
        ...explained,
        message: (subject) => sentence(verb, subject, thereIs(subject), follows?.(subject)),
        evidence: (subject) => [
          { object: refToWanted(subject), path: 'metadata.name', observed: 'not found', expected: 'exists' },
          inName(subject, `${article(subject.reference.kind)} that exists`),
        ],
        ...own,
      }),
    /** The reference is what is wrong, and nothing tells what it means. */
    unknownName: (own: Own<Astray & X> & Pick<Finding<Astray & X>, 'remedies'>): Finding<Astray & X> =>
      finding<Astray & X>({
        ...explained,
        message: (subject) => sentence(verb, subject, thereIs(subject), follows?.(subject)),
        evidence: (subject) => [inName(subject, `${article(subject.reference.kind)} that exists`)],
        ...own,
      }),
  };
}

const article = (kind: string): string => `${/^(?:[AEIO])/.test(kind) ? 'an' : 'a'} ${kind}`;

function refToWanted({ reference: { kind, group }, wanted }: Astray): ObjectRef {
  const version = kind in kinds ? apiVersion(kind as KindName) : [group, 'v1'].filter(Boolean).join('/');
  return { apiVersion: version, kind, ...wanted };
}
