/** Manifests as a source: what they say of themselves as a runbook, and their objects as a cluster without status. */
import { Refusal } from '../formats/refusal.ts';
import { componentTitle, type ComponentId } from '../../runbooks/components.ts';
import { componentOf, isOfStack, otherNames } from '../../runbooks/models/manifests.ts';
import type { LiveCluster } from '../cluster/connect.ts';
import { identityLines } from '../cluster/identity.ts';
import { kindsFromCrds } from '../kinds/definitions.ts';
import { firstOf, groupOf, type Kinds } from '../kinds/kind.ts';
import { kindsFromFiles } from '../kinds/node/definition-files.ts';
import { packagedKinds } from '../kinds/node/packaged.ts';
import { kindsOfServer } from '../kinds/served.ts';
import { render, type Rendered } from '../manifests/apply/render.ts';
import { notesText } from '../manifests/files/objects.ts';
import { treeOfFiles } from '../manifests/files/tree.ts';
import { standardInput, walk, type Walked } from '../manifests/files/walk.ts';
import { withoutHelm } from '../manifests/helm/charts.ts';
import { findHelm, type Helm } from '../manifests/helm/program.ts';
import { judgeManifests, type Judged } from '../manifests/findings.ts';
import { manifestsRunbook } from '../manifests/runbook.ts';
import { manifestCluster } from '../manifests/source.ts';
import type { Applied, ManifestObject } from '../manifests/manifest.ts';
import type { Part } from '../runbook/apart.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { Source } from './source.ts';

export interface ManifestOptions {
  /** What to leave out, as in `.gitignore`. */
  exclude?: readonly string[];
  /** What is piped in, where a place is `-`. */
  piped?: string;
  /** Where the definitions of what is installed are: a file, a folder, or `-` for standard input. */
  crds?: string | undefined;
  /** Whose kinds the manifests are held against; asked until this returns, and no longer. */
  cluster?: LiveCluster;
  signal?: AbortSignal | undefined;
  /** Who renders charts; the helm on the PATH where it is not said. */
  helm?: () => Promise<Helm | undefined>;
}

/**
 * What each cluster gets of some files and folders.
 *
 * @throws {Refusal} when a place is not there, or there is no manifest in any.
 */
export async function readPlaces(
  places: readonly string[],
  { exclude, piped, helm = once(() => findHelm()) }: ManifestOptions = {},
): Promise<{ walked: Walked; rendered: Rendered }> {
  const tree = treeOfFiles(piped === undefined ? {} : { [standardInput]: piped });
  const walked = await walk(tree, places, exclude);
  const { files, root, charts } = walked;
  const rendered = await render(tree, files, { places, root, charts, helm });
  const isEmpty =
    rendered.faults.length === 0 &&
    rendered.clusters.every(({ manifests, told }) => manifests.length + told.length === 0);
  if (isEmpty) throw nothingIn(places, walked, rendered);
  return { walked, rendered };
}

/** @throws {Refusal} when a place is not there, or there is no manifest in any. */
export async function openManifests(places: readonly string[], options: ManifestOptions = {}): Promise<Source> {
  const { cluster } = options;
  const { walked, rendered } = await readPlaces(places, options);
  const all = rendered.clusters.flatMap(({ manifests }) => manifests);
  const { kinds, notes } = await kindsFor(
    all.map(({ object }) => object),
    options,
  );
  const name = nameOf(places, cluster, notes);
  const requests = cluster?.requests() ?? 0;
  const clusters = rendered.clusters.length === 0 ? [nothing] : rendered.clusters;
  const parts = await Promise.all(
    clusters.map(async (applied, at): Promise<Part & { runbook: Runbook }> => {
      const judged = withoutExcluded(await judgeManifests(applied, kinds), walked);
      // What cannot be read is of no cluster: it is told with the first.
      const faults = rendered.faults.filter(({ file }) => at === 0 && !walked.isExcluded(file));
      return {
        name: applied.cluster ?? '',
        cluster: manifestCluster([...applied.manifests, ...applied.told], {
          ...{ name, requests },
          isStack: isOfStack(objectsOf(applied)),
        }),
        runbook: manifestsRunbook(applied.manifests, judged, faults, {
          componentOf,
          titleOf,
        }),
      };
    }),
  );
  const [first] = parts as [Part & { runbook: Runbook }];
  return {
    cluster: first.cluster,
    runbook: first.runbook,
    ...(parts.length > 1 ? { apart: parts } : {}),
    // Nothing that is not yet in a cluster answers anywhere.
    probes: undefined,
    ...(cluster === undefined ? {} : { identity: identityLines(cluster.identity) }),
    notes: [
      ...notesText([...walked.notes, ...rendered.notes]),
      ...notes,
      ...otherNames(all.map(({ object }) => object)),
    ],
    close: () => Promise.resolve(),
  };
}

const objectsOf = ({ manifests }: Applied): readonly ManifestObject[] => manifests.map(({ object }) => object);

/** Whose manifests a check is about; what is of no component in particular is of some app, or of the cluster around it. */
const titleOf = (component: string): string =>
  component === 'app-pod' ? 'apps and all else' : componentTitle(component as ComponentId);

const nothing: Applied = { cluster: undefined, manifests: [], makers: [], charts: [], told: [] };

/** The same answer each time. */
function once<T>(ask: () => T): () => T {
  let kept: { answer: T } | undefined;
  return () => (kept ??= { answer: ask() }).answer;
}

function nameOf(places: readonly string[], cluster: LiveCluster | undefined, notes: readonly string[]): string {
  const name = `the manifests in ${places.join(', ')}`;
  if (cluster === undefined) return name;
  return `${name}, by ${notes.length === 0 ? `the kinds of ${cluster.context}` : `what ${cluster.context} tells of its kinds`}`;
}

function nothingIn(places: readonly string[], { charts, notes }: Walked, rendered: Rendered): Refusal {
  const where = places.join(' or ');
  const told = notesText([...notes, ...rendered.notes]).slice(0, 5);
  const isWithoutHelm = rendered.notes.some(({ message }) => message.includes(withoutHelm));
  if (isWithoutHelm) {
    return new Refusal(
      'input',
      `There is no manifest in ${where}, only ${charts.length === 1 ? 'a Helm chart' : 'Helm charts'}, and no helm on the PATH that renders ${charts.length === 1 ? 'it' : 'them'}.`,
      `Install helm, and run this again; or render it yourself: helm template ${charts[0] ?? 'CHART'} | … run --manifests -`,
    );
  }
  return new Refusal(
    'input',
    `There is no manifest in ${where}.`,
    [...told, 'Name files, or folders that hold YAML or JSON files, with Kubernetes objects, or Helm charts.'].join(
      ' ',
    ),
  );
}

/** Whoever leaves a file out wants to hear nothing of it, though others may list it. */
const withoutExcluded = (judged: Judged, { isExcluded }: Walked): Judged => ({
  ...judged,
  findings: judged.findings.filter(({ manifest }) => !isExcluded(manifest.file)),
});

/**
 * What a cluster has told of what is installed, and so do definitions that somebody gives, or keeps among the manifests; the packages tell
 * of some release.
 */
async function kindsFor(
  objects: readonly ManifestObject[],
  { crds, cluster, signal }: ManifestOptions,
): Promise<{ kinds: Kinds; notes: readonly string[] }> {
  const given: readonly Kinds[] = crds === undefined ? [] : [await kindsFromFiles(crds)];
  const atHand = firstOf(...given, kindsFromCrds(objects, 'given'), packagedKinds);
  if (cluster === undefined) return { kinds: atHand, notes: [] };
  const { served } = cluster;
  const groups = new Set(objects.map(({ apiVersion }) => groupOf(apiVersion)));
  const { kinds, problems } = kindsOfServer(
    {
      definitions: (wanted) => served.definitions(wanted, signal),
      apiVersions: () => served.apiVersions(signal),
      openApi: (apiVersion) => served.openApi(apiVersion, signal),
      version: () => cluster.version(signal),
    },
    groups,
    atHand,
  );
  // All at once: judging goes from one to the next.
  await Promise.all(objects.map(({ apiVersion, kind }) => kinds.find(apiVersion, kind)));
  return { kinds, notes: problems().length === 0 ? [] : [...problems(), otherwise] };
}

const otherwise = 'What the cluster does not tell of its kinds, others do: each message says of which release.';
