/**
 * The structure of a kind as JSON Schema with the extensions of Kubernetes: what a CustomResourceDefinition holds as `openAPIV3Schema`,
 * and what a server publishes as OpenAPI.
 *
 * Source: k8s.io/apiextensions-apiserver 0.36, pkg/apis/apiextensions/v1 (JSONSchemaProps).
 */
export interface JsonSchema {
  description?: string;
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  format?: string;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  /** A boolean, where there is nothing to say of the values. */
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  enum?: readonly unknown[];
  default?: unknown;
  nullable?: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  allOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  not?: JsonSchema;
  $ref?: string;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: readonly string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-validations'?: readonly Rule[];
  'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/** A rule in CEL, at the place in the structure that `self` is. */
export interface Rule {
  rule: string;
  message?: string;
  /** CEL that gives the message; `message` is said where it gives none. */
  messageExpression?: string;
  reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** A path below the rule's place, such as `.spec.name`: where its violation stands. */
  fieldPath?: string;
  /** Whether a rule about `oldSelf` is asked of new objects, too. */
  optionalOldSelf?: boolean;
}

/** The schema of a kind; `$ref` leads into `$defs`, by the last part of its path. */
export interface KindSchema extends JsonSchema {
  properties: Readonly<Record<string, JsonSchema>>;
  $defs: Readonly<Record<string, JsonSchema>>;
}

export const anything: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

/** What a reference leads to. */
export const nameOf = ($ref: string): string => $ref.slice($ref.lastIndexOf('/') + 1);

/** What a schema says once its reference is followed. OpenAPI wraps one in `allOf`, to say more beside it. */
export function dereference(schema: JsonSchema, root: Pick<KindSchema, '$defs'>): JsonSchema {
  let here = schema;
  for (let steps = 0; steps < 32; steps++) {
    const [only] = here.allOf ?? [];
    const $ref = here.$ref ?? (here.allOf?.length === 1 ? only?.$ref : undefined);
    if ($ref === undefined) return here;
    const { $ref: _own, allOf: _all, ...beside } = here;
    here = { ...(root.$defs[nameOf($ref)] ?? anything), ...beside };
  }
  return anything;
}

/** The schema of the values that stand under any name. */
export const valuesOf = ({ additionalProperties }: JsonSchema): JsonSchema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined;

/** The schema of a field; undefined for one that is not there. */
export function fieldOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : valuesOf(schema);
}

/** The schema of what stands at a place; undefined where the structure ends before it. */
export function schemaAt(steps: readonly (string | number)[], root: KindSchema): JsonSchema | undefined {
  let here: JsonSchema | undefined = root;
  for (const step of steps) {
    const schema: JsonSchema = dereference(here, root);
    here = typeof step === 'number' ? schema.items : fieldOf(schema, step);
    if (here === undefined) return undefined;
  }
  return dereference(here, root);
}
