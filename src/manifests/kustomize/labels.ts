/** Labels and annotations that a kustomization gives to everything, to templates and to selectors. */
import { isObject } from '../../kinds/violation.ts';
import { metadataLabels, type Specs } from './default-specs.ts';
import { changeFields, type Slot } from './field-specs.ts';
import type { FieldSpec, Label } from './fields.ts';
import type { ResourceSet } from './resource-set.ts';

export function setTexts(set: ResourceSet, texts: Readonly<Record<string, string>>, specs: readonly FieldSpec[]): void {
  if (Object.keys(texts).length === 0) return;
  const change = (holder: Slot, key: string | number): void => {
    const there = holder[key];
    holder[key] = { ...(isObject(there) ? there : {}), ...texts };
  };
  for (const { object } of set.all) changeFields(object, specs, change, () => ({}));
}

/** Which fields an entry of `labels` changes. */
export function labelSpecs(label: Label, specs: Specs): readonly FieldSpec[] {
  const own = [...(label.fields ?? []), ...specs.labels];
  if (label.includeSelectors === true) return [...own, ...specs.commonLabels];
  return [...own, ...(label.includeTemplates === true ? specs.templateLabels : []), metadataLabels];
}
