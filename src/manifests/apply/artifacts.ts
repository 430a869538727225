/** Artifacts of Flux: copies of folders of the repository, from which a Kustomization takes its path. */
import { groupOf } from '../../kinds/kind.ts';
import type { Manifest } from '../manifest.ts';
import { fieldsOf, listOf, specOf, textOf } from '../fields.ts';

/**
 * The path in the repository of a path in an artifact; undefined where none of its copies tells.
 *
 * Source: fluxcd/source-watcher, ArtifactGenerator v1beta1: `from: "@alias/apps/production/**"`, `to: "@artifact/production/"`.
 *
 * @param file Where the path is asked for: of two clusters' generators, that which stands nearer is meant.
 */
export function pathOfArtifact(
  manifests: readonly Manifest[],
  name: string,
  path: string,
  file: string,
): string | undefined {
  const wanted = segmentsOf(path);
  const generators = manifests
    .filter(({ object }) => groupOf(object.apiVersion) === 'source.extensions.fluxcd.io')
    .sort((one, other) => sharedStart(other.file, file) - sharedStart(one.file, file));
  for (const generator of generators) {
    const artifact = listOf(specOf(generator.object)['artifacts'])
      .map(fieldsOf)
      .find((one) => one['name'] === name);
    for (const { from, to } of listOf(artifact?.['copy']).map(fieldsOf)) {
      const target = segmentsOf((textOf(to) ?? '').replace(/^@artifact/, ''));
      // Its first segment is the alias of the source; a pattern is at its end.
      const source = segmentsOf((textOf(from) ?? '').replace(/\/\*+$/, '')).slice(1);
      if (target.every((segment, index) => wanted[index] === segment))
        return [...source, ...wanted.slice(target.length)].join('/');
    }
  }
  return undefined;
}

const segmentsOf = (path: string): readonly string[] =>
  path.split('/').filter((segment) => segment !== '' && segment !== '.');

function sharedStart(one: string, other: string): number {
  const [segments, others] = [one.split('/'), other.split('/')];
  const differs = segments.findIndex((segment, index) => segment !== others[index]);
  return differs === -1 ? segments.length : differs;
}
