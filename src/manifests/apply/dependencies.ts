/** Flux Kustomizations that wait for one that is nowhere: for ever. */
import type { FileNote } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { fieldsOf, listOf, specOf, textOf } from '../fields.ts';
import { isFluxKustomization } from './flux.ts';
import type { Followed } from './follow.ts';

/** @param isWhole Whether all of the repository is read: what a part of it lacks may stand elsewhere. */
export function dependencyFaults({ to }: Followed, isWhole: boolean): readonly FileNote[] {
  if (!isWhole) return [];
  const all = [...to.values()].flatMap(({ manifests }) => manifests).filter(isFluxKustomization);
  const names = new Set(all.map(({ object }) => nameOf(object)));
  const namespaces = new Set(all.map(({ object }) => object.metadata.namespace));
  return all.flatMap((manifest) =>
    listOf(specOf(manifest.object)['dependsOn']).flatMap((entry, index): readonly FileNote[] => {
      const { name, namespace } = fieldsOf(entry);
      const own = manifest.object.metadata.namespace;
      const home = textOf(namespace) ?? own;
      const wanted = `${home === undefined ? '' : `${home}/`}${textOf(name) ?? ''}`;
      // Flux's own installation makes one that is called as its namespace, and need not be in Git.
      if (textOf(name) === home) return [];
      // Where Git has none of a namespace's, they come from elsewhere.
      if (textOf(name) === undefined || wanted.includes('${') || names.has(wanted) || !namespaces.has(home)) return [];
      return [
        {
          file: manifest.file,
          place: manifest.place(['spec', 'dependsOn', index, 'name']),
          message: `has Flux Kustomization ${nameOf(manifest.object)} depend on ${wanted}, which is nowhere, so that it waits for ever`,
          hint: 'Correct the name, add the namespace in which it is, or take the dependency out.',
        },
      ];
    }),
  );
}
