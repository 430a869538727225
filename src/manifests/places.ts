/** Objects that stand twice, those that stand nowhere, and those in a namespace that is nowhere. */
import { dirname } from 'node:path';
import { closest } from '../formats/closest-name.ts';
import type { Finding } from './finding.ts';
import type { Manifest, ManifestObject } from './manifest.ts';
import { idOf, isNamespaced, nameOf, namespacesOf } from './scope.ts';
import { placeholder } from './untold.ts';

/** @param strange Objects of kinds that nobody knows here: whether those have namespaces, nobody knows. */
export function judgePlaces(manifests: readonly Manifest[], strange: readonly Manifest[]): readonly Finding[] {
  const told = manifests.filter(({ object: { metadata } }) =>
    [metadata.name, metadata.namespace].every((name) => placeholder(name) === undefined),
  );
  const strangers = new Set(strange);
  const declared = namespacesOf(manifests);
  // Where nothing names a namespace, whoever applies it all gives it.
  const placed = new Set(told.filter(({ object }) => object.metadata.namespace !== undefined).map(sourceOf));
  const isLeft = (manifest: Manifest): boolean =>
    isNamespaced(manifest.object) &&
    manifest.object.metadata.namespace === undefined &&
    !strangers.has(manifest) &&
    placed.has(sourceOf(manifest));
  return [
    ...Map.groupBy(told, ({ object }) => idOf(object))
      .values()
      .flatMap(judgeRepeated),
    ...told.filter(isLeft).map(withoutNamespace),
    ...told.flatMap((manifest) => judgeNamespace(manifest, declared)),
  ];
}

/** What is applied together: the kustomization that an object is built of, else its folder. */
const sourceOf = ({ builtFrom, file }: Manifest): string => builtFrom ?? dirname(file);

const placeText = ({ file, place }: Manifest): string => `${file}:${place([]).line}`;

/** Without what Flux and kustomize write on whatever they apply, so that all that they share is the same. */
function essence({ metadata: { name, namespace }, ...rest }: ManifestObject): string {
  return JSON.stringify({ ...rest, name, namespace });
}

/** One finding for all that are one object; the last of them, by file, is the one that it is about. */
function judgeRepeated(alike: readonly Manifest[]): readonly Finding[] {
  const inOrder = alike.toSorted((one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : 0));
  const last = inOrder.at(-1);
  if (last === undefined || inOrder.length < 2 || last.object.metadata.name === '') return [];
  const same = new Set(inOrder.map(({ object }) => essence(object))).size === 1;
  const places = [...new Set(inOrder.map(placeText))];
  // Who differ in labels alone, and are of one place, are one manifest that several apply.
  if (same && places.length === 1) return [];
  const times = inOrder.length === 2 ? 'twice' : `${inOrder.length} times`;
  const shown =
    places.length > 3 ? `${places.slice(0, 2).join(', in ')} and ${places.length - 2} more` : places.join(' and in ');
  const of = `${last.object.kind} ${nameOf(last.object)}`;
  const message =
    places.length === 1
      ? `${of} is applied ${times}, and differently, of one manifest: ${shown}.`
      : `${of} stands ${times}${same ? '' : ', and differently'}: in ${shown}.`;
  return [
    {
      manifest: last,
      outcome: same ? 'warned' : 'failed',
      what: 'standsTwice',
      place: last.place([]),
      path: 'metadata.name',
      observed: shown,
      expected: 'one manifest',
      message,
      advice: same
        ? 'Keep one of them.'
        : 'Keep one of them: which of them the cluster gets depends on the order in which they are applied.',
    },
  ];
}

const withoutNamespace = (manifest: Manifest): Finding => ({
  manifest,
  outcome: 'warned',
  what: 'noNamespace',
  place: manifest.place(['metadata']),
  path: 'metadata.namespace',
  observed: null,
  expected: 'a namespace',
  message: `${manifest.object.kind} ${manifest.object.metadata.name} names no namespace, so it lands in that of whoever applies it.`,
  advice: 'Name its namespace, in the manifest or in the kustomization.',
});

function judgeNamespace(manifest: Manifest, declared: ReadonlySet<string>): readonly Finding[] {
  const { object } = manifest;
  const { namespace } = object.metadata;
  const meant = namespace === undefined || declared.has(namespace) ? undefined : closest(namespace, declared)[0];
  if (meant === undefined) return [];
  return [
    {
      manifest,
      outcome: 'failed',
      what: 'strayNamespace',
      place: manifest.place(['metadata', 'namespace']),
      path: 'metadata.namespace',
      observed: namespace,
      expected: meant,
      message: `${object.kind} ${nameOf(object)} is in a namespace that no manifest declares; there is ${meant}.`,
      advice: `Write ${meant}, or declare the Namespace ${namespace ?? ''}.`,
    },
  ];
}
