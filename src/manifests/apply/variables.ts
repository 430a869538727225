/** The variables that a Flux Kustomization has filled in: those that it says, and those of ConfigMaps and Secrets that are in Git. */
import type { Variable } from '../../formats/envsubst.ts';
import type { ManifestObject } from '../manifest.ts';
import { fieldsOf, listOf, textOf, type Fields } from '../fields.ts';
import type { VariableOf } from './substitution.ts';

/** A ConfigMap or a Secret of the cluster. */
export type ConfigOf = (kind: string, namespace: string, name: string) => ManifestObject | undefined;

/** @returns undefined where nothing is filled, for there is no variable; or the name that Flux refuses. */
export function variablesOf(
  postBuild: Fields,
  namespace: string,
  configOf: ConfigOf,
): { variableOf: VariableOf } | { refused: string } | undefined {
  const variables = new Map<string, Variable>();
  // What is made by hand, by an operator, or is in another repository.
  let isAnyAbsent = false;
  for (const reference of listOf(postBuild['substituteFrom']).map(fieldsOf)) {
    const kind = textOf(reference['kind']) ?? '';
    const object = configOf(kind, namespace, textOf(reference['name']) ?? '') as Fields | undefined;
    if (object === undefined) isAnyAbsent = true;
    else for (const [key, value] of dataOf(kind, object)) variables.set(key, value);
  }
  for (const [key, value] of textsIn(postBuild['substitute'])) {
    variables.set(key, oneLine(value));
  }
  const refused = [...variables.keys()].find((key) => !/^[_a-z][_a-z0-9]*$/i.test(key));
  if (refused !== undefined) return { refused };
  if (variables.size === 0 && !isAnyAbsent && postBuild['substituteStrategy'] !== 'Always') return undefined;
  return {
    variableOf: (name) => variables.get(name) ?? (isAnyAbsent ? { hidden: 'whether it is set' } : { value: '' }),
  };
}

/** Flux takes line breaks out of values. */
const oneLine = (value: string): Variable =>
  value.startsWith('ENC[') ? { hidden: 'its value' } : { value: value.replaceAll('\n', '') };

function dataOf(kind: string, object: Fields): readonly (readonly [string, Variable])[] {
  const texts = (field: string): readonly (readonly [string, string])[] => textsIn(object[field]);
  if (kind !== 'Secret') return texts('data').map(([key, value]) => [key, oneLine(value)]);
  const isEncoded = (value: string): boolean => !value.startsWith('ENC[');
  return [
    ...texts('data').map(([key, value]): readonly [string, Variable] => [
      key,
      oneLine(isEncoded(value) ? Buffer.from(value, 'base64').toString('utf8') : value),
    ]),
    ...texts('stringData').map(([key, value]) => [key, oneLine(value)] as const),
  ];
}

/** The values of a map; a number is written without quotes by whoever forgets that the API server refuses it. */
const textsIn = (value: unknown): readonly (readonly [string, string])[] =>
  Object.entries(fieldsOf(value)).flatMap(([key, one]) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? [[key, String(one)] as const] : [],
  );
