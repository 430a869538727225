/**
 * `openapi.path`: definitions of kinds that a kustomization brings, by which strategic merge patches merge their lists [kustomize 5.5,
 * kyaml/openapi]. kustomize takes those that it comes upon first.
 */
import { isObject } from '../../kinds/violation.ts';
import { valuesOf } from '../files/documents.ts';
import { textOf, type Build, type Target } from './build-state.ts';
import type { MergeType } from './merge-keys.ts';
import { Refused } from './refused.ts';

type Schema = Readonly<Record<string, unknown>>;

export async function readDefinitions(build: Build, target: Target): Promise<void> {
  const { path } = target.fields.openapi ?? {};
  if (path === undefined || build.types !== undefined) return;
  const [document] = valuesOf(await textOf(build, target, path)) ?? [];
  const definitions = isObject(document) ? document['definitions'] : undefined;
  if (!isObject(definitions)) throw new Refused(`names the definitions ${path}, which hold none`);
  build.types = typesOf(definitions);
}

/** The types of kinds, by `version kind`. */
function typesOf(definitions: Schema): ReadonlyMap<string, MergeType> {
  const types = new Map<string, MergeType>();
  for (const schema of Object.values(definitions)) {
    const kinds = isObject(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
    for (const one of Array.isArray(kinds) ? (kinds as readonly unknown[]) : []) {
      if (!isObject(one) || !isObject(schema)) continue;
      const { group, version, kind } = one;
      const apiVersion = typeof group === 'string' && group !== '' ? `${group}/${String(version)}` : String(version);
      types.set(`${apiVersion} ${String(kind)}`, typeOf(schema, definitions));
    }
  }
  return types;
}

/** Types are made as they are asked for: definitions name each other in circles. */
function typeOf(given: Schema, definitions: Schema): MergeType {
  const schema = resolved(given, definitions);
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const others = schema['additionalProperties'];
  return {
    keys: keysOf(schema),
    get items() {
      return isObject(schema['items']) ? typeOf(schema['items'], definitions) : undefined;
    },
    field: (name) => {
      const field = Object.hasOwn(properties, name) ? properties[name] : others;
      return isObject(field) ? typeOf(field, definitions) : undefined;
    },
  };
}

function resolved(given: Schema, definitions: Schema): Schema {
  const name = typeof given['$ref'] === 'string' ? given['$ref'].replace('#/definitions/', '') : undefined;
  const found = name === undefined ? undefined : definitions[name];
  // What is said beside the reference, such as the keys of a list, counts too.
  return isObject(found) ? { ...found, ...given, $ref: undefined } : given;
}

function keysOf(schema: Schema): readonly string[] | undefined {
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'];
  if (Array.isArray(keys)) return keys.map(String);
  const key = schema['x-kubernetes-patch-merge-key'];
  return typeof key === 'string' ? [key] : [];
}
