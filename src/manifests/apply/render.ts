/** Interim. */
import { objectsOf } from '../files/objects.ts';
import type { Tree } from '../files/tree.ts';
import type { Applied, FileNote } from '../manifest.ts';
export interface Rendered {
  clusters: readonly Applied[];
  notes: readonly FileNote[];
  faults: readonly FileNote[];
}
export async function render(
  tree: Tree,
  files: readonly string[],
  _options: { places: readonly string[]; root: string },
): Promise<Rendered> {
  const read = (await Promise.all(files.map((file) => tree.documents(file)))).filter((one) => one !== undefined);
  const objects = read.flatMap(({ documents }) => documents.map(objectsOf));
  return {
    clusters: [{ cluster: undefined, manifests: objects.flatMap(({ manifests }) => manifests), makers: [] }],
    notes: objects.flatMap(({ notes }) => notes),
    faults: [
      ...read.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
      ...objects.flatMap(({ faults }) => faults),
    ],
  };
}
