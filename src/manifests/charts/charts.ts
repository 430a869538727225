/**
 * The objects that charts make of values that stand in Git, as far as a check reads them. A release whose values come from elsewhere too makes
 * nothing here, for nobody can tell what they change.
 */
import { parseVersion } from '../../formats/image-version.ts';
import { textOf, valueAt, type Fields } from '../fields.ts';
import type { Manifest } from '../manifest.ts';
import { configOfChart, envoyGatewayChart } from './envoy-gateway.ts';
import { tell, type Means, type Part, type Standing } from './layers.ts';
import type { Release } from './release.ts';
import { argumentsOf, charts, valuesRead, type Chart } from './table.ts';

/** What charts make that stands in Git by its values: every field that is not here, only a cluster can tell. */
export async function chartObjects(releases: readonly Release[], means: Means): Promise<readonly Manifest[]> {
  const made = releases.map(async (release): Promise<readonly Manifest[]> => {
    const known = charts.filter(({ name, notFrom }) => name === release.chart && notFrom?.test(release.from) !== true);
    const isEnvoyGateway = release.chart === envoyGatewayChart;
    if (known.length === 0 && !isEnvoyGateway) return [];
    const told = await tell(release.layers, means);
    if ('untold' in told) return [];
    return [
      ...known.map((chart) => deploymentOf(chart, release, told.values, told.parts)),
      ...(isEnvoyGateway ? [configOfChart(release, told.values, told.parts)] : []),
    ];
  });
  return (await Promise.all(made)).flat();
}

/** The release of a chart that is at 1.x; undefined where it is a range, or not told. */
const minorOf = ({ version }: Release): number | undefined => {
  const parsed = version === undefined ? undefined : parseVersion(version);
  return parsed?.major === 1 ? parsed.minor : undefined;
};

/** As every chart names its objects: by the release where that has the chart's name in it. */
const fullName = (chart: Chart, { name }: Release, values: Fields): string =>
  textOf(values['fullnameOverride']) ?? (name.includes(chart.name) ? name : `${name}-${chart.name}`);

function deploymentOf(chart: Chart, release: Release, values: Fields, parts: readonly Part[]): Manifest {
  const { namespace } = release;
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
              args: [...argumentsOf(chart, values, minorOf(release))],
              ...(Array.isArray(values['env']) ? { env: values['env'] } : {}),
            },
          ],
        },
      },
    },
  };
  const at = standingOf(chart, release, parts);
  return { object, file: at.file, place: () => at.place([]) };
}

/** Where somebody edits it: the strongest layer that says what the chart is read for. */
function standingOf(chart: Chart, { at, path }: Release, parts: readonly Part[]): Standing {
  const saying = parts.findLast(({ values }) => valuesRead(chart).some((read) => valueAt(values, read) !== undefined));
  return saying?.at ?? { file: at.file, place: () => at.place(path) };
}
