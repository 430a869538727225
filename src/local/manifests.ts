/** Manifests as a source: what they say of themselves as a runbook, and their objects as a cluster without status. */
import { componentTitle, type ComponentId } from '../../runbooks/components.ts';
import { componentOf } from '../../runbooks/manifests.ts';
import { ManifestError, readManifests, type Manifests } from '../manifests/files.ts';
import { judgeManifests } from '../manifests/findings.ts';
import { manifestsRunbook } from '../manifests/runbook.ts';
import { manifestCluster } from '../manifests/source.ts';
import { InputError } from './errors.ts';
import type { Source } from './sources.ts';

/** @throws {InputError} when a folder or a file cannot be read, or something in it is not YAML. */
export async function openManifests(places: readonly string[]): Promise<Source> {
  const all = await read(places);
  return {
    cluster: manifestCluster(all.manifests, `the manifests in ${places.join(', ')}`),
    // Nothing that is not yet in a cluster answers anywhere.
    probes: undefined,
    runbook: manifestsRunbook(all.manifests, await judgeManifests(all), {
      componentOf,
      titleOf: (component) => componentTitle(component as ComponentId),
    }),
    notes: all.notes,
    close: () => Promise.resolve(),
  };
}

async function read(places: readonly string[]): Promise<Manifests> {
  try {
    return await readManifests(places);
  } catch (error) {
    if (error instanceof ManifestError) throw new InputError(error.message, error.hint, { cause: error });
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError(
      `${path ?? places.join(' or ')} cannot be read (${code}).`,
      'Name folders and files that hold manifests and that you may read.',
      { cause: error },
    );
  }
}
