/** Manifests as a source: what they say of themselves as a runbook, and their objects as a cluster without status. */
import { Refusal } from '../formats/refusal.ts';
import { componentTitle, type ComponentId } from '../../runbooks/components.ts';
import { componentOf } from '../../runbooks/models/manifests.ts';
import type { LiveCluster } from '../cluster/connect.ts';
import { identityLines } from '../cluster/identity.ts';
import { kindsFromCrds } from '../kinds/definitions.ts';
import { firstOf, groupOf, type Kinds } from '../kinds/kind.ts';
import { kindsFromFiles } from '../kinds/node/definition-files.ts';
import { packagedKinds } from '../kinds/node/packaged.ts';
import { kindsOfServer } from '../kinds/served.ts';
import { readManifests, type Manifests } from '../manifests/files.ts';
import { judgeManifests, type Judged } from '../manifests/findings.ts';
import { manifestsRunbook } from '../manifests/runbook.ts';
import { manifestCluster } from '../manifests/source.ts';
import type { Source } from './source.ts';

interface Options {
  /** Where the definitions of what is installed are: a file, a folder, or `-` for standard input. */
  crds?: string | undefined;
  /** Whose kinds the manifests are held against; asked until this returns, and no longer. */
  cluster?: LiveCluster;
  signal?: AbortSignal | undefined;
}

/** @throws {Refusal} when a folder or a file cannot be read, or something in it is not YAML. */
export async function openManifests(places: readonly string[], options: Options = {}): Promise<Source> {
  const { cluster } = options;
  const all = await read(places);
  const { judged, notes } = await judge(all, options);
  const requests = cluster?.requests() ?? 0;
  const name = `the manifests in ${places.join(', ')}`;
  return {
    cluster: manifestCluster(all.manifests, {
      name:
        cluster === undefined
          ? name
          : `${name}, by ${notes.length === 0 ? `the kinds of ${cluster.context}` : `what ${cluster.context} tells of its kinds`}`,
      requests,
    }),
    // Nothing that is not yet in a cluster answers anywhere.
    probes: undefined,
    runbook: manifestsRunbook(all.manifests, judged, {
      componentOf,
      titleOf: (component) => componentTitle(component as ComponentId),
    }),
    ...(cluster === undefined ? {} : { identity: identityLines(cluster.identity) }),
    notes: [...all.notes, ...notes],
    close: () => Promise.resolve(),
  };
}

/**
 * What a cluster has tells of what is installed, and so do definitions that somebody gives, or keeps among the manifests; the packages tell
 * of some release.
 */
async function judge(
  all: Manifests,
  { crds, cluster, signal }: Options,
): Promise<{ judged: Judged; notes: readonly string[] }> {
  const objects = all.manifests.map(({ object }) => object);
  const given: readonly Kinds[] = crds === undefined ? [] : [await kindsFromFiles(crds)];
  const atHand = firstOf(...given, kindsFromCrds(objects, 'given'), packagedKinds);
  if (cluster === undefined) return { judged: await judgeManifests(all, atHand), notes: [] };
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
  const notes = problems().length === 0 ? [] : [...problems(), otherwise];
  return { judged: await judgeManifests(all, kinds), notes };
}

const otherwise = 'What the cluster does not tell of its kinds, others do: each message says of which release.';

async function read(places: readonly string[]): Promise<Manifests> {
  try {
    return await readManifests(places);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Refusal(
      'input',
      `${path ?? places.join(' or ')} cannot be read (${code}).`,
      'Name folders and files that hold manifests and that you may read.',
      { cause: error },
    );
  }
}
