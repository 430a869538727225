/** `vars`, the elder of replacements: `$(NAME)` in some fields stands for a field of an object [kustomize 5.5, api/filters/refvar]. */
import { isObject } from '../../kinds/violation.ts';
import { changeFields, stepsOf, type Slot } from './field-specs.ts';
import type { FieldSpec, Variable } from './fields.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import { earlierIds, effectiveNamespace, groupVersionOf, idOf, type Id, type Resource } from './resource.ts';

/** Finds whose field each variable reads, while the objects are called as the kustomization calls them. */
export function bindVariables(
  set: ResourceSet,
  before: readonly Variable[],
  variables: readonly Variable[],
): readonly Variable[] {
  for (const variable of variables) {
    if (before.some(({ name }) => name === variable.name))
      throw new Refused(`has the variable ${variable.name} a second time`);
    const wanted = idOfVariable(variable);
    const found = set.all.filter((resource) =>
      [...earlierIds(resource), idOf(resource)].some((id) => isMeant(id, wanted)),
    );
    if (found.length > 1)
      throw new Refused(`has the variable ${variable.name}, which may read any of ${found.length} objects`);
    found[0]?.variables.push(variable.name);
  }
  return [...before, ...variables];
}

function idOfVariable({ objref }: Variable): Id {
  const { apiVersion, group = '', version = '', kind = '', name = '', namespace = '' } = objref;
  return { ...(apiVersion === undefined ? { group, version } : groupVersionOf(apiVersion)), kind, name, namespace };
}

const isMeant = (id: Id, wanted: Id): boolean =>
  id.group === wanted.group &&
  id.version === wanted.version &&
  id.kind === wanted.kind &&
  id.name === wanted.name &&
  (wanted.namespace === '' || effectiveNamespace(id) === effectiveNamespace(wanted));

export function fillVariables(set: ResourceSet, variables: readonly Variable[], specs: readonly FieldSpec[]): void {
  if (variables.length === 0) return;
  const values = new Map(variables.map((variable) => [variable.name, valueOf(set, variable)]));
  const change = (holder: Slot, key: string | number): void => {
    const value = holder[key];
    if (typeof value === 'string') holder[key] = filled(value, values);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (typeof inner === 'string') (value as Slot)[name] = filled(inner, values);
      }
    }
  };
  for (const { object } of set.all) changeFields(object, specs, change);
}

function valueOf(set: ResourceSet, { name, fieldref }: Variable): unknown {
  const resource = set.all.find(({ variables }) => variables.includes(name));
  if (resource === undefined) throw new Refused(`has the variable ${name}, whose object is not there`);
  const path = fieldref?.fieldPath ?? 'metadata.name';
  const value = fieldAt(resource, path === '' ? 'metadata.name' : path);
  if (value === undefined) throw new Refused(`has the variable ${name}, whose field ${path} is not there`);
  return value;
}

/** Items of a list are named by their index, as a step or behind one. */
function fieldAt({ object }: Resource, path: string): unknown {
  let value: unknown = object;
  for (const step of stepsOf(path.replace(/\[(\d+)\]/g, '.$1'), '.')) {
    value = Array.isArray(value) ? value[Number(step)] : isObject(value) ? value[step] : undefined;
  }
  return value;
}

/** `$$` is one dollar. A field that is nothing but a variable gets its value as it is. */
function filled(text: string, values: ReadonlyMap<string, unknown>): unknown {
  const whole = /^\$\(([^)]*)\)$/.exec(text);
  if (whole !== null && isScalar(values.get(whole[1] ?? ''))) return values.get(whole[1] ?? '');
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (found, name: string | undefined) => {
    if (name === undefined) return '$';
    const value = values.get(name);
    return isScalar(value) ? String(value) : found;
  });
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
