/** `configurations`: files that tell which further fields names, labels, images and the like change [kustomize 5.5, builtinconfig]. */
import { z } from 'zod';
import { valuesOf } from '../files/documents.ts';
import { attempt, note, textOf, type Build, type Target } from './build-state.ts';
import { defaultSpecs, type Specs } from './default-specs.ts';
import { fieldSpec, type FieldSpec } from './fields.ts';
import { Refused } from './refused.ts';
import { isSelected } from './resource.ts';

const specs = z.array(fieldSpec).optional();
const text = z.string().optional();

const configuration = z.strictObject({
  namePrefix: specs,
  nameSuffix: specs,
  namespace: specs,
  commonLabels: specs,
  labels: specs,
  templateLabels: specs,
  commonAnnotations: specs,
  varReference: specs,
  images: specs,
  replicas: specs,
  nameReference: z.array(z.strictObject({ group: text, version: text, kind: text, fieldSpecs: specs })).optional(),
});

/** What a kustomization's configurations say. */
export async function specsOf(build: Build, target: Target): Promise<Partial<Specs>> {
  let found: Specs | undefined;
  for (const [index, named] of (target.fields.configurations ?? []).entries()) {
    await attempt(build, target, ['configurations', index], async () => {
      const parsed = configuration.safeParse(valuesOf(await textOf(build, target, named))?.[0] ?? {});
      if (!parsed.success)
        throw new Refused(`names the configuration ${named}, of which kustomize does not know every field`);
      found = addSpecs(found ?? noSpecs, withoutUndefined(parsed.data));
    });
  }
  for (const [index, named] of (target.fields.crds ?? []).entries()) {
    await attempt(build, target, ['crds', index], async () => {
      await textOf(build, target, named);
      note(build, target, ['crds', index], `names ${named}, whose references between objects are not followed`);
    });
  }
  return found ?? {};
}

const noSpecs = Object.fromEntries(Object.keys(defaultSpecs).map((name) => [name, []])) as unknown as Specs;

const withoutUndefined = (given: object): Partial<Specs> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** Both together, each field once. */
export function addSpecs(one: Specs, other: Partial<Specs>): Specs {
  if (one === other) return one;
  const names = Object.keys(other) as (keyof Specs)[];
  const added = names.map((name) => {
    const there = new Set<unknown>(one[name]);
    const more = (other[name] ?? []).filter((spec) => !there.has(spec));
    if (more.length === 0 || name === 'nameReference') return [name, [...one[name], ...more]];
    return [name, withoutGeneral([...one[name], ...more] as readonly FieldSpec[])];
  });
  return { ...one, ...(Object.fromEntries(added) as Partial<Specs>) };
}

/** A field that is named for some kinds is no longer changed in the others. */
function withoutGeneral(specs: readonly FieldSpec[]): readonly FieldSpec[] {
  return specs.filter((spec, index) => {
    const other = specs.find(
      (one, at) =>
        at !== index &&
        one.path === spec.path &&
        isSelected({ group: one.group ?? '', version: one.version ?? '', kind: one.kind ?? '' }, spec) &&
        // Of two that are the same, the first stays.
        (at < index ||
          !isSelected({ group: spec.group ?? '', version: spec.version ?? '', kind: spec.kind ?? '' }, one)),
    );
    if (other !== undefined && (other.create ?? false) !== (spec.create ?? false))
      throw new Refused(`has two configurations of ${spec.path ?? ''}, of which one makes the field and one does not`);
    return other === undefined;
  });
}
