/** Names, tags and digests of images, and how many replicas there are. */
import { goRegExp } from '../../formats/go-regexp.ts';
import { isObject } from '../../kinds/violation.ts';
import { applies, changeField, changeFields, type Slot } from './field-specs.ts';
import type { FieldSpec, Image } from './fields.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import { earlierIds, idOf, type Resource } from './resource.ts';

export function setImage(set: ResourceSet, image: Image, specs: readonly FieldSpec[]): void {
  const pattern = goRegExp(
    `^${image.name ?? ''}(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$`,
  );
  if ('refused' in pattern) return;
  const change = (holder: Slot, key: string | number): void => {
    const value = holder[key];
    if (typeof value === 'string' && pattern.test(value)) holder[key] = changed(value, image);
  };
  for (const { object } of set.all) {
    // Custom resources too hold containers, wherever they like.
    if (object['kind'] !== 'CustomResourceDefinition') inContainers(object, change);
    changeFields(object, specs, change);
  }
}

function inContainers(value: unknown, change: (holder: Slot, key: string) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) inContainers(item, change);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    inContainers(inner, change);
    if ((name !== 'containers' && name !== 'initContainers') || !Array.isArray(inner)) continue;
    for (const item of inner as readonly unknown[]) if (isObject(item)) change(item, 'image');
  }
}

/** A new tag or digest takes the place of both. */
function changed(value: string, { newName, newTag = '', digest = '', tagSuffix = '' }: Image): string {
  const was = partsOf(value);
  const name = newName === undefined || newName === '' ? was.name : newName;
  const version =
    newTag !== '' || digest !== ''
      ? { tag: newTag, digest }
      : tagSuffix !== ''
        ? { tag: was.tag + tagSuffix, digest: '' }
        : was;
  return `${name}${version.tag === '' ? '' : `:${version.tag}`}${version.digest === '' ? '' : `@${version.digest}`}`;
}

function partsOf(image: string): { name: string; tag: string; digest: string } {
  const [tagged = '', digest = ''] = image.split('@', 2);
  const colon = tagged.indexOf(':', Math.max(tagged.indexOf('/'), 0));
  return colon === -1
    ? { name: tagged, tag: '', digest }
    : { name: tagged.slice(0, colon), tag: tagged.slice(colon + 1), digest };
}

/** @returns whether there is something of that name that has replicas. */
export function setReplicas(
  set: ResourceSet,
  { name = '', count = 0 }: { name?: string | undefined; count?: number | undefined },
  specs: readonly FieldSpec[],
): boolean {
  let found = false;
  const isCalled = (resource: Resource): boolean =>
    [...earlierIds(resource), idOf(resource)].some((id) => id.name === name);
  for (const resource of set.all.filter(isCalled)) {
    for (const spec of specs) {
      if (!applies(spec, resource.object)) continue;
      found = true;
      changeField(
        resource.object,
        spec,
        (holder, key) => {
          if (typeof holder[key] === 'object' && holder[key] !== null)
            throw new Refused(`finds no number at ${spec.path ?? ''}`);
          holder[key] = count;
        },
        () => 0,
      );
    }
  }
  return found;
}
