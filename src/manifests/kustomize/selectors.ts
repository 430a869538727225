/** Which objects a patch's target, or that of a replacement, selects [kustomize 5.5, api/types/selector.go and api/resmap]. */
import { goRegExp } from '../../formats/go-regexp.ts';
import { parseSelector } from '../../formats/label-selector-text.ts';
import { meets } from '../../formats/label-selector.ts';
import type { Selector } from './fields.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import {
  effectiveNamespace,
  firstId,
  groupVersionOf,
  idOf,
  kindOf,
  nameOf,
  textsOf,
  type Resource,
} from './resource.ts';

type Test = (text: string) => boolean;

/** A pattern that is no more than a name. */
const isName = (pattern: string): boolean => /^[\w/-]+$/.test(pattern);

/** The objects of a set that a target selects, found by their name where it has one. */
export function selectedIn(set: ResourceSet, selector: Selector): readonly Resource[] {
  const { name = '' } = selector;
  return (isName(name) ? set.named(name) : set.all).filter(selectorTest(selector));
}

/** Whether a text is a pattern's, as a whole; everything is that of an empty one. */
function patternTest(pattern: string | undefined): Test {
  if (pattern === undefined || pattern === '') return () => true;
  if (isName(pattern)) return (text) => text === pattern;
  const compiled = goRegExp(`^(?:${pattern})$`);
  if ('refused' in compiled)
    throw new Refused(`has a target whose pattern ${pattern} cannot be read: ${compiled.refused}`);
  return (text) => compiled.test(text);
}

/** Whether the labels and annotations of an object are those that are asked for. */
export function labelTest(selector: Selector): (resource: Resource) => boolean {
  const tests = [
    { text: selector.labelSelector, field: 'labels' as const },
    { text: selector.annotationSelector, field: 'annotations' as const },
  ].flatMap(({ text, field }) => {
    if (text === undefined || text === '') return [];
    const requirements = parseSelector(text);
    if ('refused' in requirements) throw new Refused(`has a selector that cannot be read: ${requirements.refused}`);
    return [
      (resource: Resource): boolean =>
        requirements.every((requirement) => meets(requirement, textsOf(resource, field))),
    ];
  });
  return (resource) => tests.every((test) => test(resource));
}

/** An object is found by what it is called now, and by what its file calls it. */
function selectorTest(selector: Selector): (resource: Resource) => boolean {
  const [group, version, kind, name, namespace] = [
    patternTest(selector.group),
    patternTest(selector.version),
    patternTest(selector.kind),
    patternTest(selector.name),
    patternTest(selector.namespace),
  ];
  const labelled = labelTest(selector);
  return (resource) => {
    if (!kind(kindOf(resource))) return false;
    const groupVersion = groupVersionOf(resource.object['apiVersion']);
    if (!group(groupVersion.group) || !version(groupVersion.version)) return false;
    if (!name(nameOf(resource)) && !name(resource.earlier[0]?.name ?? nameOf(resource))) return false;
    return (
      (namespace(effectiveNamespace(firstId(resource))) || namespace(effectiveNamespace(idOf(resource)))) &&
      labelled(resource)
    );
  };
}
