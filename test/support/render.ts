/** Small repositories for a test, written where nobody keeps anything, and what each cluster gets of them. */
import { join } from 'node:path';
import { treeOfFiles } from '../../src/manifests/files/tree.ts';
import { render, type Rendered } from '../../src/manifests/apply/render.ts';
import { noteText, type Applied, type FileNote } from '../../src/manifests/manifest.ts';
import { writeFolder } from './manifests.ts';

export interface Seen {
  /** `kind namespace/name`, sorted. */
  objects: readonly string[];
  applied: Applied;
}

export interface SeenTree {
  rendered: Rendered;
  /** By the name of the cluster, `only` where there is one. */
  clusters: Readonly<Record<string, Seen>>;
  /** Sentences with paths as the test wrote them. */
  notes: readonly string[];
  faults: readonly string[];
}

/** @param places What a person named, below the repository's root; without any, all of it. */
export async function renderFiles(
  files: Readonly<Record<string, string>>,
  places: readonly string[] = [''],
): Promise<SeenTree> {
  const root = writeFolder(files);
  const named = places.map((place) => join(root, place));
  const walked = Object.keys(files)
    .filter((file) => /\.(?:ya?ml|json)$/.test(file) && !file.startsWith('.'))
    .map((file) => join(root, file))
    .filter((file) => named.some((place) => file.startsWith(place)))
    .sort();
  const rendered = await render(treeOfFiles(), walked, { places: named, root });
  const said = (notes: readonly FileNote[]): readonly string[] =>
    notes.map((note) => noteText(note).replaceAll(`${root}/`, '').replaceAll(root, '.'));
  const clusters = rendered.clusters.map((applied): readonly [string, Seen] => {
    const objects = applied.manifests.map(
      ({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
    );
    return [applied.cluster ?? 'only', { objects: objects.sort(), applied }];
  });
  return {
    rendered,
    clusters: Object.fromEntries(clusters),
    notes: said(rendered.notes),
    faults: said(rendered.faults),
  };
}

/** The object of a kind and a name in the only cluster. */
export function objectIn(
  seen: SeenTree,
  kind: string,
  name: string,
  cluster = 'only',
): Readonly<Record<string, unknown>> {
  const found = seen.clusters[cluster]?.applied.manifests.find(
    ({ object }) => object.kind === kind && object.metadata.name === name,
  );
  if (found === undefined) throw new Error(`There is no ${kind} ${name} in ${cluster}.`);
  return found.object as unknown as Readonly<Record<string, unknown>>;
}

export const config = (name: string, data: Readonly<Record<string, string>> = {}, namespace?: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

export const kustomization = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });

export const flux = (name: string, spec: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...spec },
  });

export const application = (name: string, spec: Readonly<Record<string, unknown>>, kind = 'Application'): string =>
  JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'argocd' },
    spec,
  });
