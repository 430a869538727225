/**
 * Label selectors (equality and set-based) and field selectors, as `kubectl -l` and `--field-selector` take them.
 */
import { parseSelector } from '../../../src/formats/label-selector-text.ts';
import { meets } from '../../../src/formats/label-selector.ts';
import { strings, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import type { Resource } from '../resources/resources.ts';
import { badRequest } from '../http/statuses.ts';

export type Matcher = (object: StoredObject) => boolean;

/** @throws StatusError 400 when the selector cannot be parsed. */
export function labelSelector(selector: string): Matcher {
  const parsed = parseSelector(selector);
  if ('refused' in parsed) throw badRequest(parsed.refused);
  return ({ metadata }) => {
    const labels = strings(metadata, 'labels');
    return parsed.every((requirement) => meets(requirement, labels));
  };
}

/** @throws StatusError 400 when a field is not one that the kind can be selected by. */
export function fieldSelector(selector: string, resource: Resource): Matcher {
  const selectable = [
    'metadata.name',
    ...(resource.namespaced ? ['metadata.namespace'] : []),
    ...resource.selectableFields,
  ];
  const tests = selector
    .split(',')
    .filter((requirement) => requirement.trim() !== '')
    .map((requirement): Matcher => {
      const [, field = '', operator = '', value = ''] = /^([^=!]+)(!=|==?)(.*)$/.exec(requirement.trim()) ?? [];
      if (operator === '') throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`);
      if (!selectable.includes(field)) throw badRequest(unselectable(field, resource));
      return (object) => (fieldValue(object, field) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

/** Kinds with fields of their own to select by say it in another way than the rest. */
const unselectable = (field: string, { custom, selectableFields }: Resource): string =>
  custom || selectableFields.length > 0
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

/** A field that a boolean's zero value hides reads as that zero value; events.k8s.io has names of its own for an Event's. */
function fieldValue(object: StoredObject, field: string): string {
  if (field === 'source') return text(object, 'source', 'component') || text(object, 'reportingComponent');
  const stored = field
    .replace(/^regarding\./, 'involvedObject.')
    .replace(/^reportingController$/, 'reportingComponent');
  const value = text(object, ...stored.split('.'));
  return value === '' && (field === 'spec.unschedulable' || field === 'spec.hostNetwork') ? 'false' : value;
}

/** The name that a request asks for by field selector; authorization treats it like a name in the path. */
export const selectedName = (selector: string): string => /(?:^|,)metadata\.name==?([^,]+)/.exec(selector)?.[1] ?? '';
