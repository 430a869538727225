/** What a Kustomization of Flux, or the FluxInstance that makes the first of them, has applied. */
import { groupOf } from '../../kinds/kind.ts';
import type { Manifest } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { fieldsOf, specOf, textOf, type Fields } from '../fields.ts';
import { fluxOverlay } from './overlays.ts';
import { nothing, type Plan } from './plan.ts';
import type { Sources, Repository } from './repository.ts';

export const isFluxKustomization = ({ object: { apiVersion, kind } }: Pick<Manifest, 'object'>): boolean =>
  kind === 'Kustomization' && groupOf(apiVersion) === 'kustomize.toolkit.fluxcd.io';

export const isFluxInstance = ({ object: { apiVersion, kind } }: Pick<Manifest, 'object'>): boolean =>
  kind === 'FluxInstance' && groupOf(apiVersion) === 'fluxcd.controlplane.io';

export function fluxPlan(manifest: Manifest, repository: Repository, sources: Sources): Plan {
  const spec = specOf(manifest.object);
  if (isFluxInstance(manifest)) return instancePlan(manifest, fieldsOf(spec['sync']), repository);
  const by = `Flux Kustomization ${nameOf(manifest.object)}`;
  const source = fieldsOf(spec['sourceRef']);
  const [kind, name] = [textOf(source['kind']) ?? 'GitRepository', textOf(source['name']) ?? ''];
  const home = sources.ofFlux(kind, name);
  if (home === 'elsewhere') {
    const namespace = textOf(spec['targetNamespace']);
    return {
      ...nothing,
      makers: [{ what: by.replace('Flux ', ''), namespace }],
      notes: [
        {
          ...{ file: manifest.file, place: manifest.place(['spec', 'path']) },
          message: `has ${by} apply ${kind} ${name}, which is another repository: left out`,
        },
      ],
    };
  }
  const postBuild = spec['postBuild'];
  return {
    ...nothing,
    steps: [
      {
        by,
        manifest,
        path: ['spec', 'path'],
        folder: repository.at(sources.pathIn(kind, name, textOf(spec['path']) ?? '.', manifest.file)),
        isCertain: home === 'here',
        overlay: fluxOverlay(manifest, spec),
        files: 'generated',
        postBuild: postBuild === undefined || postBuild === null ? undefined : fieldsOf(postBuild),
        cluster: remoteOf(spec),
      },
    ],
  };
}

/** The Kustomization that the operator makes is called as the namespace is. */
function instancePlan(manifest: Manifest, sync: Fields, repository: Repository): Plan {
  const path = textOf(sync['path']);
  const url = textOf(sync['url']);
  if (path === undefined || url === undefined) return nothing;
  return {
    ...nothing,
    steps: [
      {
        by: `FluxInstance ${nameOf(manifest.object)}`,
        manifest,
        path: ['spec', 'sync', 'path'],
        folder: repository.at(path),
        isCertain: repository.isAt(url),
        overlay: { filesFromAnywhere: true },
        files: 'generated',
      },
    ],
  };
}

/** A cluster that is reached with a kubeconfig. */
function remoteOf(spec: Fields): string | undefined {
  const given = fieldsOf(spec['kubeConfig']);
  return textOf(fieldsOf(given['secretRef'])['name']) ?? textOf(fieldsOf(given['configMapRef'])['name']);
}
