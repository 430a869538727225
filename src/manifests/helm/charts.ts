/** Charts that are in the tree, as they are rendered by the helm that is installed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Values } from '../../formats/helm-values.ts';
import type { ReleaseOptions } from '../charts/release.ts';
import type { Tree } from '../files/tree.ts';
import type { FileNote, Manifest } from '../manifest.ts';
import { readOutput } from './output.ts';
import type { Helm } from './program.ts';
import { stage } from './staged.ts';

export interface ChartRequest {
  /** The chart's folder, in the tree. */
  folder: string;
  name: string;
  namespace: string | undefined;
  values: Values;
  /** What stands in place of the chart's own values. */
  defaults?: Values | undefined;
  options: ReleaseOptions;
}

export type Rendering =
  { manifests: readonly Manifest[]; faults: readonly FileNote[]; version: string; asksCluster: boolean } | NotRendered;

/** Why there is nothing, as a clause; whether it is helm that refuses what it was told. */
export interface NotRendered {
  untold: string;
  isRefused?: boolean;
}

export interface Charts {
  render: (request: ChartRequest) => Promise<Rendering>;
  /** The folders of charts that somebody installs, rendered or not. */
  claimed: ReadonlySet<string>;
  /** Has a chart count as installed by somebody. */
  claim: (folder: string) => void;
}

/** @param bounds Nothing outside of these folders is given to helm. */
export function chartsIn(tree: Tree, bounds: readonly string[], helm: () => Promise<Helm | undefined>): Charts {
  const rendered = new Map<string, Promise<Rendering>>();
  const claimed = new Set<string>();
  return {
    claimed,
    claim: (folder) => claimed.add(folder),
    render: (request) => {
      claimed.add(request.folder);
      const key = JSON.stringify(request);
      const before = rendered.get(key);
      if (before !== undefined) return before;
      const now = renderChart(request, tree, bounds, helm);
      rendered.set(key, now);
      return now;
    },
  };
}

export const withoutHelm = 'with helm on the PATH it would be rendered and judged';

async function renderChart(
  request: ChartRequest,
  tree: Tree,
  bounds: readonly string[],
  find: () => Promise<Helm | undefined>,
): Promise<Rendering> {
  const unfit = unfitOf(request);
  if (unfit !== undefined) return { untold: unfit };
  const helm = await find();
  if (helm === undefined) return { untold: withoutHelm };
  const folder = await mkdtemp(join(tmpdir(), 'runbook-chart-'));
  try {
    const chart = join(folder, 'chart');
    const staged = await stage(request.folder, chart, { bounds, defaults: request.defaults });
    if ('refused' in staged) return { untold: staged.refused };
    const values = join(folder, 'values.json');
    await writeFile(values, JSON.stringify(request.values));
    const ran = await helm.run(argumentsOf(request, chart, values, staged.hasOpenSchema));
    if (!ran.ok) {
      const words = ran.why.replaceAll(`${folder}/`, '');
      return { untold: `helm ${helm.version} says: ${words}`, isRefused: !staged.asksCluster && isRefusal(words) };
    }
    const { manifests, faults } = await readOutput(ran.text, request.folder, tree);
    const builtBy =
      Object.keys(request.values).length > 0 || request.defaults !== undefined ? 'helm with values' : 'helm';
    return {
      manifests: manifests.map((manifest) => ({ ...manifest, builtFrom: request.folder, builtBy })),
      ...{ faults, version: helm.version, asksCluster: staged.asksCluster },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is passed as an argument is a name and nothing else; helm refuses the same. */
function unfitOf({ name, namespace, options }: ChartRequest): string | undefined {
  const isName = (text: string): boolean => /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(text);
  if (!isName(name) || name.length > 53) return `no release can be called ${JSON.stringify(name)}`;
  if (namespace !== undefined && !isName(namespace)) return `no namespace can be called ${JSON.stringify(namespace)}`;
  const unfit = [...(options.apiVersions ?? []), options.kubeVersion ?? 'v1'].find((one) => !/^\w[\w./+-]*$/.test(one));
  return unfit === undefined ? undefined : `there is no version ${JSON.stringify(unfit)}`;
}

const argumentsOf = (
  { name, namespace, options }: ChartRequest,
  chart: string,
  values: string,
  hasOpenSchema: boolean,
): readonly string[] => [
  ...['template', name, chart, '--values', values, '--skip-tests'],
  ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ...(options.crds ? ['--include-crds'] : []),
  ...(options.hooks === false ? ['--no-hooks'] : []),
  ...(options.apiVersions ?? []).flatMap((version) => ['--api-versions', version]),
  ...(options.kubeVersion === undefined ? [] : ['--kube-version', options.kubeVersion]),
  // A validator would fetch what the schema refers to.
  ...(hasOpenSchema ? ['--skip-schema-validation'] : []),
];

/** What any helm says of this chart with these values, wherever it runs. */
const isRefusal = (why: string): boolean =>
  /^(?:parse error|template:|execution error|values don't meet|YAML parse error|[\w.-]+: ?values don't meet)/.test(why);
