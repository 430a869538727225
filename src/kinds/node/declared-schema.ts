/**
 * The schema of a kind: its fields, their types and what they mean, as `kubectl explain` would tell it.
 *
 * The packages of kubernetes-models carry no schema as data. They carry type declarations, which say which fields there are and
 * what for, and compiled validators, which judge values. Declarations are read here, a kind's own and those it refers to, when
 * the kind is first asked for: reading all of them takes seconds.
 */
import { readFile } from 'node:fs/promises';
import { parseDeclarations, type Declarations, type TypeNode } from './declarations.ts';
import { anything, type JsonSchema, type KindSchema } from '../schema.ts';
import { declarationFile, resolveImport } from './packages.ts';

const known = new Map<string, Promise<KindSchema | undefined>>();

/** The schema of a kind; undefined for one that no package knows. */
export function schemaOf(apiVersion: string, kind: string): Promise<KindSchema | undefined> {
  const key = `${apiVersion} ${kind}`;
  const found = known.get(key) ?? readKind(apiVersion, kind);
  known.set(key, found);
  return found;
}

const defs = '#/$defs/';

/** A named declaration in a file. */
interface Place {
  file: string;
  name: string;
}

async function readKind(apiVersion: string, kind: string): Promise<KindSchema | undefined> {
  const file = declarationFile(apiVersion, kind);
  if (file === undefined) return undefined;
  const name = `I${kind}`;
  const $defs: Record<string, JsonSchema> = {};
  const pending: Place[] = [];
  const refTo = (place: Place, id: string): JsonSchema => {
    if (!(id in $defs)) {
      $defs[id] = anything;
      pending.push(place);
      ids.set(`${place.file} ${place.name}`, id);
    }
    return { $ref: `${defs}${id}` };
  };
  const ids = new Map<string, string>();
  const root = await schemaFrom({ file, name }, refTo);
  // The package has declarations of parts, such as Listener, beside those of kinds.
  if (root?.properties?.['apiVersion']?.enum?.[0] !== apiVersion) return undefined;
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { file: inFile, name: wanted } = place;
    const found = await schemaFrom(place, refTo);
    if (found === undefined) throw new Error(`${inFile} does not declare ${wanted}, which ${kind} refers to.`);
    $defs[ids.get(`${inFile} ${wanted}`) ?? ''] = found;
  }
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    ...root,
    properties: root.properties,
    'x-kubernetes-group-version-kind': [{ group: group ?? '', version: version ?? '', kind }],
    $defs,
  };
}

const files = new Map<string, Promise<Declarations>>();

function declarationsIn(file: string): Promise<Declarations> {
  const found = files.get(file) ?? readFile(file, 'utf8').then((text) => parseDeclarations(text, file));
  files.set(file, found);
  return found;
}

type RefTo = (place: Place, id: string) => JsonSchema;

async function schemaFrom({ file, name }: Place, refTo: RefTo): Promise<JsonSchema | undefined> {
  const declarations = await declarationsIn(file);
  const declared = declarations.types.get(declarations.aliases.get(name) ?? name);
  if (declared === undefined) return undefined;
  const placeOf = (reference: string): Place => {
    const from = declarations.imports.get(reference);
    return { file: from === undefined ? file : resolveImport(from, file), name: reference };
  };
  // The long names are unique over all packages; without their leading `I` they are the names of the Go types.
  const idOf = (reference: string): string => declarations.ids.get(reference) ?? reference.slice(1);
  const own = toSchema(declared.type, (reference) => refTo(placeOf(reference), idOf(reference)));
  const bases = await Promise.all(declared.bases.map((base) => schemaFrom(placeOf(base), refTo)));
  const schema = bases.reduce<JsonSchema>((merged, base) => (base === undefined ? merged : extend(base, merged)), own);
  return declared.description === undefined ? schema : { ...schema, description: declared.description };
}

/** An interface with the fields of the one that it extends. */
const extend = (base: JsonSchema, own: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { ...base.properties, ...own.properties },
  required: [...new Set([...(base.required ?? []), ...(own.required ?? [])])],
});

/**
 * Fields whose numbers may have a fraction: limits in the schema of a CustomResourceDefinition, and no others of any kind. A declaration
 * does not tell; the packages' validators do.
 */
const fractions: ReadonlySet<string> = new Set(['maximum', 'minimum', 'multipleOf']);

function toSchema(type: TypeNode, ref: (name: string) => JsonSchema): JsonSchema {
  switch (type.is) {
    case 'any':
      return anything;
    case 'primitive':
      return { type: type.name === 'number' ? 'integer' : type.name };
    case 'literal':
      return { type: typeof type.value === 'number' ? 'integer' : 'string', enum: [type.value] };
    case 'array':
      return { type: 'array', items: toSchema(type.items, ref) };
    case 'map':
      return { type: 'object', additionalProperties: toSchema(type.values, ref) };
    case 'reference':
      return ref(type.name);
    case 'object': {
      // What has no field of its own holds whatever it likes: JSON, RawExtension, FieldsV1.
      if (type.fields.length === 0) return { type: 'object', ...anything };
      const required = type.fields.filter(({ optional }) => !optional).map((field) => field.name);
      return {
        type: 'object',
        properties: Object.fromEntries(
          type.fields.map((field) => {
            const schema = fractions.has(field.name) ? { type: 'number' as const } : toSchema(field.type, ref);
            return [
              field.name,
              field.description === undefined ? schema : { ...schema, description: field.description },
            ];
          }),
        ),
        ...(required.length === 0 ? {} : { required }),
      };
    }
    case 'union': {
      const values = type.of.flatMap((member) => (member.is === 'literal' ? [member.value] : []));
      if (values.length === type.of.length) {
        return { type: values.every((value) => typeof value === 'number') ? 'integer' : 'string', enum: values };
      }
      const objects = type.of.flatMap((member) => (member.is === 'object' ? [member] : []));
      if (objects.length === type.of.length) return toSchema(merge(objects), ref);
      const names = type.of.map((member) => (member.is === 'primitive' ? member.name : ''));
      return names.length === 2 && names.includes('string') && names.includes('number')
        ? { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }
        : { anyOf: type.of.map((member) => toSchema(member, ref)) };
    }
  }
}

/** Alternatives of an object as one: every field of any; required is what all of them require. */
function merge(objects: readonly Extract<TypeNode, { is: 'object' }>[]): TypeNode {
  const fields = new Map(objects.flatMap((object) => object.fields.map((field) => [field.name, field] as const)));
  const isOptional = (name: string): boolean =>
    !objects.every((object) => object.fields.some((field) => field.name === name && !field.optional));
  return {
    is: 'object',
    fields: [...fields.values()].map((field) => ({ ...field, optional: isOptional(field.name) })),
  };
}
