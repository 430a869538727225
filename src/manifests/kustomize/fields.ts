/**
 * What a kustomization file may say, field by field [kustomize 5.5, api/types]. kustomize refuses unknown fields and values of another
 * type; a field without a value is as if it were not there.
 */
import { z } from 'zod';

const text = z.string();
const texts = z.array(text);
const textMap = z.record(text, text);
/** Settings that this renderer hands on, or has no use for. */
const anything = z.record(text, z.unknown());

const selector = z.strictObject({
  group: text.optional(),
  version: text.optional(),
  kind: text.optional(),
  name: text.optional(),
  namespace: text.optional(),
  labelSelector: text.optional(),
  annotationSelector: text.optional(),
});

export const fieldSpec = z.strictObject({
  group: text.optional(),
  version: text.optional(),
  kind: text.optional(),
  path: text.optional(),
  create: z.boolean().optional(),
});

const patch = z.strictObject({
  path: text.optional(),
  patch: text.optional(),
  target: selector.optional(),
  options: z.record(text, z.boolean()).optional(),
});

const image = z.strictObject({
  name: text.optional(),
  newName: text.optional(),
  newTag: text.optional(),
  tagSuffix: text.optional(),
  digest: text.optional(),
});

const generatorOptions = z.strictObject({
  labels: textMap.optional(),
  annotations: textMap.optional(),
  disableNameSuffixHash: z.boolean().optional(),
  immutable: z.boolean().optional(),
});

const configMap = z.strictObject({
  name: text.optional(),
  namespace: text.optional(),
  behavior: text.optional(),
  literals: texts.optional(),
  files: texts.optional(),
  envs: texts.optional(),
  env: text.optional(),
  options: generatorOptions.optional(),
});

const label = z.strictObject({
  pairs: textMap.optional(),
  includeSelectors: z.boolean().optional(),
  includeTemplates: z.boolean().optional(),
  includeVolumeClaimTemplates: z.boolean().optional(),
  fields: z.array(fieldSpec).optional(),
});

const fieldOptions = z.strictObject({
  delimiter: text.optional(),
  index: z.int().optional(),
  encoding: text.optional(),
  create: z.boolean().optional(),
});

export const replacement = z.strictObject({
  path: text.optional(),
  sourceValue: text.optional(),
  source: z
    .strictObject({
      group: text.optional(),
      version: text.optional(),
      kind: text.optional(),
      name: text.optional(),
      namespace: text.optional(),
      fieldPath: text.optional(),
      options: fieldOptions.optional(),
    })
    .optional(),
  targets: z
    .array(
      z.strictObject({
        select: selector.optional(),
        reject: z.array(selector).optional(),
        fieldPaths: texts.optional(),
        options: fieldOptions.optional(),
      }),
    )
    .optional(),
});

const variable = z.strictObject({
  name: text,
  objref: z.strictObject({
    apiVersion: text.optional(),
    group: text.optional(),
    version: text.optional(),
    kind: text.optional(),
    name: text.optional(),
    namespace: text.optional(),
  }),
  fieldref: z.strictObject({ fieldPath: text.optional() }).optional(),
});

/** The fields of a kustomization file. */
export const kustomizationFields = z.strictObject({
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: anything.optional(),
  openapi: textMap.optional(),
  namePrefix: text.optional(),
  nameSuffix: text.optional(),
  namespace: text.optional(),
  commonLabels: textMap.optional(),
  labels: z.array(label).optional(),
  commonAnnotations: textMap.optional(),
  patchesStrategicMerge: texts.optional(),
  patchesJson6902: z.array(patch).optional(),
  patches: z.array(patch).optional(),
  images: z.array(image).optional(),
  imageTags: z.array(image).optional(),
  replacements: z.array(replacement).optional(),
  replicas: z.array(z.strictObject({ name: text.optional(), count: z.int().optional() })).optional(),
  vars: z.array(variable).optional(),
  sortOptions: anything.optional(),
  resources: texts.optional(),
  components: texts.optional(),
  crds: texts.optional(),
  bases: texts.optional(),
  configMapGenerator: z.array(configMap).optional(),
  secretGenerator: z.array(configMap.extend({ type: text.optional() })).optional(),
  helmGlobals: anything.optional(),
  helmCharts: z.array(anything).optional(),
  helmChartInflationGenerator: z.array(anything).optional(),
  generatorOptions: generatorOptions.optional(),
  configurations: texts.optional(),
  generators: texts.optional(),
  transformers: texts.optional(),
  validators: texts.optional(),
  buildMetadata: texts.optional(),
});

export type Kustomization = z.infer<typeof kustomizationFields>;
export type Patch = z.infer<typeof patch>;
export type Image = z.infer<typeof image>;
export type Label = z.infer<typeof label>;
export type Selector = z.infer<typeof selector>;
export type GeneratorOptions = z.infer<typeof generatorOptions>;
export type Generator = z.infer<typeof configMap> & { type?: string | undefined };
export type Replacement = z.infer<typeof replacement>;
export type FieldOptions = z.infer<typeof fieldOptions>;
export type Variable = z.infer<typeof variable>;
/** A field of objects of some kind: steps with `/` between them, of which `\/` is none; lists on the way are gone through. */
export type FieldSpec = z.infer<typeof fieldSpec>;
