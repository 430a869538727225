/** Prefixes and suffixes of names, and the fields that name what they change [kustomize 5.5, api/filters/nameref]. */
import { isObject } from '../../kinds/violation.ts';
import { isClusterScoped } from './cluster-scoped.ts';
import { changeField, type Slot } from './field-specs.ts';
import type { FieldSpec } from './fields.ts';
import type { NameReference } from './name-references.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import {
  calledBy,
  earlierIds,
  effectiveNamespace,
  firstId,
  idOf,
  isSelected,
  kindOf,
  nameOf,
  namespaceOf,
  remember,
  type Id,
  type Resource,
} from './resource.ts';

/** Their names say more than that they are theirs. */
const keepTheirNames: readonly { kind: string; group?: string }[] = [
  { kind: 'CustomResourceDefinition' },
  { kind: 'APIService', group: 'apiregistration.k8s.io' },
  { kind: 'Namespace' },
];

export function affix(set: ResourceSet, which: 'prefix' | 'suffix', text: string, specs: readonly FieldSpec[]): void {
  if (text === '') return;
  for (const resource of set.all) {
    const first = firstId(resource);
    if (keepTheirNames.some((kind) => isSelected(first, kind))) continue;
    for (const spec of specs.filter((one) => isSelected(first, one))) {
      if (spec.path === 'metadata/name') {
        (which === 'prefix' ? resource.prefixes : resource.suffixes).push(text);
        remember(resource);
      }
      changeField(resource.object, spec, (holder, key) => {
        const name = holder[key];
        if (typeof name === 'string') holder[key] = which === 'prefix' ? text + name : name + text;
      });
    }
  }
  set.renamed();
}

/** A field of a kind that names objects of another. */
interface Referrer {
  spec: FieldSpec;
  target: NameReference;
}

/** @param refuse Is told of each object whose field may mean more than one. */
export function followNames(
  set: ResourceSet,
  references: readonly NameReference[],
  refuse: (resource: Resource, why: string) => void,
): void {
  const byName = candidatesByName(set.all);
  if (byName.size === 0) return;
  const referrers = referrersByKind(references);
  for (const resource of set.all) {
    const first = firstId(resource);
    for (const { spec, target } of referrers.get(first.kind) ?? []) {
      if (!isSelected(first, spec)) continue;
      const { group: _group, version: _version, kind: _kind, ...anyKind } = spec;
      try {
        changeField(resource.object, anyKind, (holder, key) => {
          follow(holder, key, new Search(resource, spec, target, byName));
        });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refuse(resource, error.message);
      }
    }
  }
}

function referrersByKind(references: readonly NameReference[]): ReadonlyMap<string, readonly Referrer[]> {
  const byKind = new Map<string, Referrer[]>();
  for (const target of references) {
    for (const spec of target.fieldSpecs ?? []) {
      const kind = spec.kind ?? '';
      byKind.set(kind, [...(byKind.get(kind) ?? []), { spec, target }]);
    }
  }
  return byKind;
}

function candidatesByName(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const byName = new Map<string, Resource[]>();
  for (const resource of resources) {
    for (const name of new Set(resource.earlier.map((id) => id.name))) {
      const there = byName.get(name);
      if (there === undefined) byName.set(name, [resource]);
      else there.push(resource);
    }
  }
  return byName;
}

function follow(holder: Slot, key: string | number, search: Search): void {
  const value = holder[key];
  if (Array.isArray(value)) {
    value.forEach((_item, index) => {
      follow(value as unknown as Slot, index, search);
    });
  } else if (isObject(value)) {
    const name = value['name'];
    if (typeof name !== 'string') throw new Refused(`has no name at ${search.path}`);
    const { namespace } = value;
    const found = search.find(name, typeof namespace === 'string' ? namespace : undefined, true);
    if (found === undefined) return;
    const to = value as Slot;
    to['name'] = nameOf(found);
    if (namespaceOf(found) !== '') to['namespace'] = namespaceOf(found);
  } else if (typeof value === 'string') {
    const found = search.find(value, undefined, false);
    if (found !== undefined) holder[key] = nameOf(found);
  }
}

/** The object that a field of another may mean. */
class Search {
  readonly path: string;
  readonly #referrer: Resource;
  readonly #target: NameReference;
  readonly #byName: ReadonlyMap<string, readonly Resource[]>;

  constructor(
    referrer: Resource,
    spec: FieldSpec,
    target: NameReference,
    byName: ReadonlyMap<string, readonly Resource[]>,
  ) {
    this.#referrer = referrer;
    this.path = spec.path ?? '';
    this.#target = target;
    this.#byName = byName;
  }

  find(name: string, namespace: string | undefined, withNamespace: boolean): Resource | undefined {
    const role = this.path.endsWith('roleRef/name') ? roleOf(this.#referrer) : undefined;
    const candidates = (this.#byName.get(name) ?? []).filter((resource) => {
      const earlier = earlierIds(resource);
      return (
        earlier.some((id) => isSelected(id, this.#target)) &&
        (role === undefined || earlier.some((id) => isSelected(id, role))) &&
        isNear(this.#referrer, resource)
      );
    });
    return this.#oneOf(namespace === undefined ? candidates : inNamespace(candidates, namespace), withNamespace);
  }

  #oneOf(all: readonly Resource[], withNamespace: boolean): Resource | undefined {
    if (all.length <= 1) return all[0];
    let candidates = all.filter((one) => sameAffixes(one, this.#referrer, true));
    if (candidates.length > 1) candidates = candidates.filter((one) => sameAffixes(one, this.#referrer, false));
    const [first] = candidates;
    const differ = (one: Resource): boolean =>
      first !== undefined &&
      (nameOf(one) !== nameOf(first) || (withNamespace && namespaceOf(one) !== namespaceOf(first)));
    if (candidates.some(differ)) {
      const ids = candidates.map((one) => calledBy(idOf(one))).join(', ');
      throw new Refused(`names at ${this.path} what may be any of ${ids}`);
    }
    return first;
  }
}

function roleOf({ object }: Resource): Pick<Id, 'group' | 'kind'> | undefined {
  const role = object['roleRef'];
  if (!isObject(role) || typeof role['apiGroup'] !== 'string' || typeof role['kind'] !== 'string') return undefined;
  return { group: role['apiGroup'], kind: role['kind'] };
}

/** Those whose file gives them the namespace; where there is none, those that are in it now. */
function inNamespace(candidates: readonly Resource[], namespace: string): readonly Resource[] {
  const were = candidates.filter((one) => effectiveNamespace(firstId(one)) === namespace);
  return were.length > 0 ? were : candidates.filter((one) => effectiveNamespace(idOf(one)) === namespace);
}

/** Whether an object may be named by another, as far as their namespaces tell. */
function isNear(referrer: Resource, resource: Resource): boolean {
  const [from, to] = [idOf(referrer), idOf(resource)];
  if (isClusterScoped(from) || isClusterScoped(to)) return true;
  if (effectiveNamespace(from) === effectiveNamespace(to)) return true;
  return kindOf(resource) === 'ServiceAccount' && accountNamespaces(referrer).has(namespaceOf(resource));
}

function accountNamespaces({ object }: Resource): ReadonlySet<unknown> {
  const subjects = object['kind'] === 'RoleBinding' && Array.isArray(object['subjects']) ? object['subjects'] : [];
  return new Set(
    (subjects as readonly unknown[]).flatMap((subject) =>
      isObject(subject) && subject['kind'] === 'ServiceAccount' ? [subject['namespace']] : [],
    ),
  );
}

/** Whether the same kustomizations named both, the last ones at least. */
const sameAffixes = (one: Resource, other: Resource, orNone: boolean): boolean =>
  (['prefixes', 'suffixes'] as const).every(
    (which) => (orNone && (one[which].length === 0 || other[which].length === 0)) || sameEnd(one[which], other[which]),
  );

function sameEnd(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  if (length === 0) return one.length === other.length;
  return one.slice(-length).every((text, index) => text === other.slice(-length)[index]);
}
