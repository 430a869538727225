/** `replacements`: the value of a field of one object put into fields of others [kustomize 5.5, api/filters/replacement]. */
import { z } from 'zod';
import { valuesOf } from '../files/documents.ts';
import { textOf, type Build, type Target } from './build-state.ts';
import { fieldAt, fieldsAt, splitPath, type Field } from './field-paths.ts';
import { replacement as replacementFields, type FieldOptions, type Replacement } from './fields.ts';
import { Missing, Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import { copyOf, earlierIds, effectiveNamespace, idOf, isSelected, type Id, type Resource } from './resource.ts';
import { labelTest } from './selectors.ts';

type Selecting = NonNullable<NonNullable<Replacement['targets']>[number]['select']>;

export async function applyReplacement(
  build: Build,
  target: Target,
  set: ResourceSet,
  entry: Replacement,
): Promise<void> {
  for (const replacement of await replacementsOf(build, target, entry)) {
    const { targets } = replacement;
    if (targets === undefined) throw new Refused('has a replacement without targets');
    const value = sourceValue(set, replacement);
    for (const one of targets) {
      const { select, reject = [], fieldPaths = [], options } = one;
      if (select === undefined) throw new Refused('has a replacement with a target that selects nothing');
      const selected = set.all.filter(targetTest(select, reject));
      const paths = fieldPaths.length === 0 ? [defaultPath] : fieldPaths;
      for (const resource of selected) for (const path of paths) replaceIn(resource, path, value, options);
    }
  }
  set.renamed();
}

const defaultPath = 'metadata.name';

async function replacementsOf(build: Build, target: Target, entry: Replacement): Promise<readonly Replacement[]> {
  const { path, source, targets } = entry;
  if (path === undefined || path === '') return [entry];
  if (source !== undefined || targets !== undefined)
    throw new Refused('has a replacement with both a path and fields of its own');
  const [value] = valuesOf(await textOf(build, target, path)) ?? [];
  const parsed = z.array(replacementFields).safeParse(Array.isArray(value) ? value : [value]);
  if (!parsed.success)
    throw new Refused(`names the replacements ${path}, of which kustomize does not know every field`);
  return parsed.data;
}

function sourceValue(set: ResourceSet, { source, sourceValue: given }: Replacement): unknown {
  if (given !== undefined && source === undefined) return given;
  if (source === undefined) throw new Refused('has a replacement without a source');
  const found = set.all.filter((resource) => idsOf(resource).some((id) => isMeant(id, source)));
  const [resource, another] = found;
  const called = [source.kind, source.name].filter((word) => word !== undefined).join(' ');
  if (resource === undefined) throw new Missing(`has a replacement from ${called}, which is not there`);
  if (another !== undefined) throw new Refused(`has a replacement from ${called}, of which there are more than one`);
  const path = source.fieldPath === undefined || source.fieldPath === '' ? defaultPath : source.fieldPath;
  const field = fieldAt(resource.object, splitPath(path));
  const value = field?.holder[field.key];
  if (isNothing(value)) {
    throw new Refused(`has a replacement from ${path} of ${called}, which is not there`);
  }
  const { delimiter = '', index = 0 } = source.options ?? {};
  if (delimiter === '') return value;
  if (typeof value === 'object')
    throw new Refused(`has a replacement that splits ${path} of ${called}, which is no text`);
  const part = asText(value).split(delimiter)[index];
  if (part === undefined)
    throw new Refused(`has a replacement from part ${index} of ${path} of ${called}, which has fewer`);
  return part;
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** What it is called now, and what it was called before. */
const idsOf = (resource: Resource): readonly Id[] => [idOf(resource), ...earlierIds(resource)];

const isMeant = (id: Id, wanted: Selecting): boolean =>
  isSelected(id, wanted) &&
  [undefined, '', id.name].includes(wanted.name) &&
  (wanted.namespace === undefined ||
    wanted.namespace === '' ||
    effectiveNamespace({ ...id, namespace: wanted.namespace }) === effectiveNamespace(id));

function targetTest(select: Selecting, reject: readonly Selecting[]): (resource: Resource) => boolean {
  const labelled = labelTest(select);
  const rejectedByLabels = reject
    .filter((one) => (one.labelSelector ?? '') !== '' || (one.annotationSelector ?? '') !== '')
    .map(labelTest);
  const rejectedByName = reject.filter((one) =>
    [one.group, one.version, one.kind, one.name, one.namespace].some((part) => part !== undefined && part !== ''),
  );
  return (resource) => {
    const ids = idsOf(resource);
    return (
      ids.some((id) => isMeant(id, select)) &&
      labelled(resource) &&
      !rejectedByLabels.some((test) => test(resource)) &&
      !rejectedByName.some((one) => ids.some((id) => isMeant(id, one)))
    );
  };
}

function replaceIn(resource: Resource, path: string, value: unknown, options: FieldOptions | undefined): void {
  const make =
    options?.create === true
      ? (): unknown => (typeof value === 'object' ? (Array.isArray(value) ? [] : {}) : '')
      : undefined;
  const fields = fieldsAt(resource.object, splitPath(path), make);
  if (fields.length === 0)
    throw new Refused(
      `has a replacement for ${path} of ${String(resource.object['kind'])} ${idOf(resource).name}, which is not there`,
    );
  for (const field of fields) replaceField(field, value, options, make !== undefined);
}

function replaceField(
  { holder, key, isNew }: Field,
  value: unknown,
  options: FieldOptions | undefined,
  creates: boolean,
): void {
  const there = holder[key];
  const { delimiter = '', index = 0 } = options ?? {};
  let next = copyOf(value);
  if (delimiter !== '') {
    if (typeof there === 'object' && there !== null) throw new Refused('has a replacement that splits what is no text');
    const parts = asText(there).split(delimiter);
    if (index < 0) parts.unshift(asText(value));
    else if (index >= parts.length) parts.push(asText(value));
    else parts[index] = asText(value);
    next = parts.join(delimiter);
  }
  // A field keeps its type, whatever the value's is.
  holder[key] = isNew && creates ? next : asTypeOf(there, next);
}

function asTypeOf(there: unknown, value: unknown): unknown {
  if (typeof value === 'object' || (typeof there === 'object' && there !== null)) return value;
  if (typeof there === 'string') return asText(value);
  const [read] = valuesOf(asText(value)) ?? [];
  if (there !== null && there !== undefined && typeof read !== typeof there)
    throw new Refused(`has a replacement that puts ${typeof read} into a field that has a ${typeof there}`);
  return read;
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
