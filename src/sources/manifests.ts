/** Manifests as a source: what they say of themselves as a runbook, and their objects as a cluster without status. */
import { Refusal } from '../formats/refusal.ts';
import { componentTitle, type ComponentId } from '../../runbooks/components.ts';
import { componentOf } from '../../runbooks/models/manifests.ts';
import { kindsFromCrds } from '../kinds/definitions.ts';
import { firstOf, type Kinds } from '../kinds/kind.ts';
import { kindsFromFiles } from '../kinds/node/definition-files.ts';
import { packagedKinds } from '../kinds/node/packaged.ts';
import { readManifests, type Manifests } from '../manifests/files.ts';
import { judgeManifests, type Judged } from '../manifests/findings.ts';
import { manifestsRunbook } from '../manifests/runbook.ts';
import { manifestCluster } from '../manifests/source.ts';
import type { Source } from './source.ts';

/**
 * @param crds Where the definitions of what is installed are: a file, a folder, or `-` for standard input.
 * @throws {Refusal} when a folder or a file cannot be read, or something in it is not YAML.
 */
export async function openManifests(places: readonly string[], crds?: string): Promise<Source> {
  const all = await read(places);
  const judged = await judge(all, crds);
  return {
    cluster: manifestCluster(all.manifests, `the manifests in ${places.join(', ')}`),
    // Nothing that is not yet in a cluster answers anywhere.
    probes: undefined,
    runbook: manifestsRunbook(all.manifests, judged, {
      componentOf,
      titleOf: (component) => componentTitle(component as ComponentId),
    }),
    notes: all.notes,
    close: () => Promise.resolve(),
  };
}

/** Definitions that somebody gives, or keeps among the manifests, tell of what is installed; the packages of some release. */
async function judge(all: Manifests, crds: string | undefined): Promise<Judged> {
  const among = kindsFromCrds(
    all.manifests.map(({ object }) => object),
    'given',
  );
  const given: readonly Kinds[] = crds === undefined ? [] : [await kindsFromFiles(crds)];
  return await judgeManifests(all, firstOf(...given, among, packagedKinds));
}

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
