/**
 * Label selectors (equality and set-based) and field selectors, as `kubectl -l` and `--field-selector` take them.
 */
import { strings, text } from '../fields.ts';
import type { StoredObject } from '../objects.ts';
import { groupVersion, type Resource } from '../resources.ts';
import { badRequest } from './statuses.ts';

export type Matcher = (object: StoredObject) => boolean;

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const labelName = '(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?';
const labelValue = '[A-Za-z0-9_.-]*';

const forms: readonly (readonly [RegExp, (key: string, value: string) => LabelTest])[] = [
  [new RegExp(`^(${labelName})\\s*==?\\s*(${labelValue})$`), (key, value) => (labels) => labels[key] === value],
  [new RegExp(`^(${labelName})\\s*!=\\s*(${labelValue})$`), (key, value) => (labels) => labels[key] !== value],
  [
    new RegExp(`^(${labelName})\\s+in\\s+\\(([^()]*)\\)$`),
    (key, values) => (labels) => labels[key] !== undefined && members(values).has(labels[key]),
  ],
  [
    new RegExp(`^(${labelName})\\s+notin\\s+\\(([^()]*)\\)$`),
    (key, values) => (labels) => labels[key] === undefined || !members(values).has(labels[key]),
  ],
  [new RegExp(`^!\\s*(${labelName})$`), (key) => (labels) => labels[key] === undefined],
  [new RegExp(`^(${labelName})$`), (key) => (labels) => labels[key] !== undefined],
];

const members = (values: string): ReadonlySet<string> => new Set(values.split(',').map((value) => value.trim()));

/** @throws StatusError 400 when the selector cannot be parsed. */
export function labelSelector(selector: string): Matcher {
  // Commas separate requirements, except between the parentheses of a set.
  const requirements = selector.split(/,(?![^(]*\))/).map((requirement) => requirement.trim());
  const tests = requirements.filter((requirement) => requirement !== '').map(parseRequirement);
  return ({ metadata }) => tests.every((test) => test(strings(metadata, 'labels')));
}

function parseRequirement(requirement: string): LabelTest {
  for (const [pattern, test] of forms) {
    const match = pattern.exec(requirement);
    if (match !== null) return test(match[1] ?? '', match[2] ?? '');
  }
  throw badRequest(`unable to parse requirement: found '${requirement}', expected a label requirement`);
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
      if (!selectable.includes(field)) {
        const gvr = `${groupVersion(resource.group, resource.versions[0])}, Resource=${resource.plural}`;
        throw badRequest(
          `Unable to find "${gvr}" that match label selector "", field selector "${selector}": field label not supported: ${field}`,
        );
      }
      return (object) => (fieldValue(object, field) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

/** A field that a boolean's zero value hides reads as that zero value. */
function fieldValue(object: StoredObject, field: string): string {
  if (field === 'source') return text(object, 'source', 'component') || text(object, 'reportingComponent');
  const value = text(object, ...field.split('.'));
  return value === '' && (field === 'spec.unschedulable' || field === 'spec.hostNetwork') ? 'false' : value;
}

/** The name that a request asks for by field selector; authorization treats it like a name in the path. */
export const selectedName = (selector: string): string => /(?:^|,)metadata\.name==?([^,]+)/.exec(selector)?.[1] ?? '';
