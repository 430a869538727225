/**
 * One judge for references that lead nowhere: where a reference leads, by the relation that it is of and the objects that are at hand, and if
 * it leads nowhere, what it most likely means. Pure. What is said of it stands in `astray.ts`.
 */
import { likeliest } from '../../src/formats/closest-name.ts';
import { follow, leadsTo, type Reference } from '../../src/kinds/references.ts';
import type { Relation } from '../../src/kinds/relations.ts';
import { pathOf } from '../../src/kinds/violation.ts';
import { kinds, type KindName, type KubeObject } from '../../src/runbook/kinds.ts';

/** What may be named: an object, or what stands for one that is never read. */
export interface Named {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Among what a reference is looked up. */
export interface Among<T extends Named> {
  /** Kinds that whoever follows the reference takes. */
  takes: readonly [KindName | 'Secret', ...(KindName | 'Secret')[]];
  /** Everything of these kinds that there is. */
  there: readonly T[];
  /** What a right name may mean that was given a wrong kind or namespace; all that is there when left out. */
  namesakes?: readonly T[];
  /** What a misspelt name may mean; all that is there when left out. */
  near?: readonly T[];
  /** What is meant by any other name, where it is the only one; nothing when left out. */
  spare?: readonly T[];
  /** Whether the name is known to be the right one, so that its object is what is missing. */
  isRight?: boolean;
}

/** Where a reference leads. */
export type Lead<T extends Named> =
  | { to: 'object'; object: T }
  /** Of a kind or group that nobody takes there; `meant` is what it would lead to in the right group. */
  | { to: 'foreign'; meant: T | undefined }
  | { to: 'otherKind' | 'otherNamespace' | 'otherName'; meant: T }
  | { to: 'nothing' };

/** The API group of a kind that runbooks read; that of a Secret and its like for any other. */
export const groupOf = (kind: string): string => (kind in kinds ? kinds[kind as KindName].group : '');

/** Whether a reference is of one of some kinds, and in its group. */
export const isOf = ({ kind, group }: Reference, takes: readonly string[]): boolean =>
  takes.includes(kind) && (group === undefined || group === groupOf(kind));

/** Where a reference leads; where to nothing that is there, what it most likely means. */
export function leadOf<T extends Named>(reference: Reference, among: Among<T>): Lead<T> {
  if (!isOf(reference, among.takes)) return { to: 'foreign', meant: meantAbroad(reference, among) };
  const object = among.there.find((one) => leadsTo(reference, one));
  if (object !== undefined) return { to: 'object', object };
  // What else may be meant is looked up where it leads nowhere.
  const { there, namesakes = there, near = there, spare = [], isRight = false } = among;
  const namesake = namesakes.find(({ metadata }) => metadata.name === reference.name);
  if (namesake !== undefined)
    return { to: namesake.kind === reference.kind ? 'otherNamespace' : 'otherKind', meant: namesake };
  const meant = isRight ? undefined : (misspelt(reference, near) ?? only(spare));
  return meant === undefined ? { to: 'nothing' } : { to: 'otherName', meant };
}

/** What a reference of the right kind would mean if its group were right, too. */
function meantAbroad<T extends Named>(reference: Reference, among: Among<T>): T | undefined {
  const { group: _group, ...rest } = reference;
  if (!isOf({ ...rest, group: undefined }, among.takes)) return undefined;
  const lead = leadOf({ ...rest, group: undefined }, among);
  return lead.to === 'object' ? lead.object : meantBy(lead);
}

function misspelt<T extends Named>({ name }: Reference, near: readonly T[]): T | undefined {
  const typo = likeliest(
    name,
    near.map(({ metadata }) => metadata.name),
  );
  return typo === undefined ? undefined : near.find(({ metadata }) => metadata.name === typo);
}

const only = <T>(all: readonly T[]): T | undefined => (all.length === 1 ? all[0] : undefined);

/** What a reference that leads nowhere most likely means. */
export const meantBy = <T extends Named>(lead: Lead<T>): T | undefined => ('meant' in lead ? lead.meant : undefined);

/** Of some objects, those that a relation could name: all where it gives a namespace, else those of the object's own and those without any. */
export const withinReach = <T extends Named>(
  by: KubeObject,
  { namespace }: Relation,
  all: readonly T[],
): readonly T[] =>
  namespace === undefined
    ? all.filter(
        ({ metadata }) =>
          metadata.namespace === undefined || metadata.namespace === (by.metadata.namespace ?? 'default'),
      )
    : all;

/** What stands where the reference is written: the place of the name without the name. */
export const holderOf = ({ path, relation }: Reference): string =>
  pathOf(relation.name === '' ? path : path.slice(0, -1));

/** A field beside the name, or the name, as a path. */
export const fieldOf = (reference: Reference, field: string): string => `${holderOf(reference)}.${field}`;

/** A Secret, as what names it knows it. */
export const secretNamed = ({ namespace, name }: { namespace: string; name: string }): Named => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } },
});

/** A Secret, which is never read, as what fills it tells of it. */
export interface Written<W extends KubeObject> extends Named {
  writer: W;
}

/** The Secrets that are filled because some objects ask for it. */
export const writtenBy = <W extends KubeObject>(writers: readonly W[], relation: Relation): readonly Written<W>[] =>
  writers.flatMap((writer) => follow(writer, relation).map((written) => ({ ...secretNamed(written), writer })));
