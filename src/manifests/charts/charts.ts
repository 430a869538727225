/**
 * The objects that charts make of values that stand in Git, as far as a check reads them: a HelmRelease of Flux and an Application of Argo CD
 * are read as Helm would. A release whose values come from elsewhere too makes nothing here, for nobody can tell what they change.
 */
import { textOf, valueAt, type Fields } from '../fields.ts';
import type { Manifest } from '../manifest.ts';
import { releasesIn, type Release } from './releases.ts';
import { argumentsOf, charts, type Chart } from './table.ts';

/** What charts make that stands in Git by its values: every field that is not here, only a cluster can tell. */
export const chartObjects = (manifests: readonly Manifest[]): readonly Manifest[] =>
  manifests.flatMap(releasesIn(manifests)).flatMap((release) => {
    const { values } = release;
    if (values === undefined) return [];
    return charts
      .filter(({ name, notFrom }) => name === release.chart && notFrom?.test(release.from) !== true)
      .map((chart) => deploymentOf(chart, release, values));
  });

/** As every chart names its objects: by the release where that has the chart's name in it. */
const fullName = (chart: Chart, { name }: Release, values: Fields): string =>
  textOf(values['fullnameOverride']) ?? (name.includes(chart.name) ? name : `${name}-${chart.name}`);

function deploymentOf(chart: Chart, release: Release, values: Fields): Manifest {
  const { manifest, namespace, path } = release;
  const { container, image, labels } = chart.makes;
  const [registry, tag] = ['repository', 'tag'].map((field) => textOf(valueAt(values, ['image', field])));
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: fullName(chart, release, values), ...(namespace === undefined ? {} : { namespace }), labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: container,
              image: `${registry ?? image}${tag === undefined ? '' : `:${tag}`}`,
              args: [...argumentsOf(chart, values)],
              ...(Array.isArray(values['env']) ? { env: values['env'] } : {}),
            },
          ],
        },
      },
    },
  };
  return { object, file: manifest.file, place: () => manifest.place(path) };
}
