/** Folders of manifests for a test: written where nobody keeps anything, and judged as the terminal judges them. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runbooks } from '../../runbooks/index.ts';
import { render, type Rendered } from '../../src/manifests/apply/render.ts';
import { treeOfFiles } from '../../src/manifests/files/tree.ts';
import { walk } from '../../src/manifests/files/walk.ts';
import type { Helm } from '../../src/manifests/helm/program.ts';
import type { Manifest } from '../../src/manifests/manifest.ts';
import { openManifests } from '../../src/sources/manifests.ts';
import type { Report } from '../../src/runbook/report.ts';
import { runParts } from '../../src/runbook/apart.ts';
import { partsOf } from '../../src/sources/source.ts';
import type { Runbook } from '../../src/runbook/runbook.ts';

/** Writes files, by path, into a folder, a new one unless one is named; returns the folder. */
export function writeFolder(
  files: Readonly<Record<string, string>>,
  folder = mkdtempSync(join(tmpdir(), 'manifests-test-')),
): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** What stands in some folders, as it would be applied. */
export async function readFolders(places: readonly string[]): Promise<readonly Manifest[]> {
  const { clusters } = await renderFolders(places);
  return clusters.flatMap(({ manifests }) => manifests);
}

/** What each cluster gets of some folders. */
export async function renderFolders(
  places: readonly string[],
  helm?: () => Promise<Helm | undefined>,
): Promise<Rendered> {
  const tree = treeOfFiles();
  const { files, root, charts } = await walk(tree, places);
  return render(tree, files, { places, root, charts, ...(helm === undefined ? {} : { helm }) });
}

export async function judgeFolders(
  folders: readonly string[],
  named: readonly Runbook[] = runbooks,
): Promise<{ report: Report; notes: readonly string[] }> {
  const source = await openManifests(folders);
  const { report } = await runParts(partsOf(source), named, {});
  return { report, notes: source.notes ?? [] };
}
