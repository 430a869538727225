/**
 * Charts that another chart brings with it, as where somebody keeps a Chart.yaml that names one dependency and a values.yaml for it: each is
 * installed as a release of its own would be, with the values that stand under its name.
 */
import { join } from 'node:path';
import { fieldsOf, listOf, textOf } from '../fields.ts';
import type { Tree } from '../files/tree.ts';
import type { Layer } from './layers.ts';
import type { Release } from './release.ts';

/** @param folder The chart's, in the tree. */
export async function dependenciesOf(folder: string, release: Release, tree: Tree): Promise<readonly Release[]> {
  const { documents = [] } = (await tree.documents(join(folder, 'Chart.yaml'))) ?? {};
  const own: Layer = {
    type: 'file',
    file: { named: 'values.yaml', path: join(folder, 'values.yaml'), isOptional: true },
  };
  return listOf(documents[0]?.content['dependencies'])
    .map(fieldsOf)
    .flatMap(({ name, alias, version, repository }): readonly Release[] => {
      const chart = textOf(name);
      if (chart === undefined) return [];
      const { inTree: _inTree, ...rest } = release;
      const key = textOf(alias) ?? chart;
      return [
        {
          ...rest,
          ...{ chart, version: textOf(version), from: textOf(repository) ?? '' },
          layers: [{ type: 'under', key, layers: [own, ...release.layers] }],
        },
      ];
    });
}
