/** What a Kustomization of Flux, or the FluxInstance that makes the first of them, has applied. */
import { groupOf } from '../../kinds/kind.ts';
import type { Overlay } from '../kustomize/build.ts';
import type { Manifest } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { fieldsOf, listOf, specOf, textOf, textsOf, type Fields } from './fields.ts';
import { nothing, type Plan, type Sources } from './plan.ts';
import type { Repository } from './repository.ts';

export const isFluxKustomization = ({ object: { apiVersion, kind } }: Pick<Manifest, 'object'>): boolean =>
  kind === 'Kustomization' && groupOf(apiVersion) === 'kustomize.toolkit.fluxcd.io';

export const isFluxInstance = ({ object: { apiVersion, kind } }: Pick<Manifest, 'object'>): boolean =>
  kind === 'FluxInstance' && groupOf(apiVersion) === 'fluxcd.controlplane.io';

export function fluxPlan(manifest: Manifest, repository: Repository, sources: Sources): Plan {
  const spec = specOf(manifest);
  if (isFluxInstance(manifest)) return instancePlan(manifest, fieldsOf(spec['sync']), repository);
  const by = `Flux Kustomization ${nameOf(manifest.object)}`;
  const source = fieldsOf(spec['sourceRef']);
  const [kind, name] = [textOf(source['kind']) ?? 'GitRepository', textOf(source['name']) ?? ''];
  const home = sources.ofFlux(kind, name);
  const common = { file: manifest.file, place: manifest.place(['spec', 'path']) };
  if (home === 'elsewhere') {
    const namespace = textOf(spec['targetNamespace']);
    return {
      ...nothing,
      makers: [{ what: by.replace('Flux ', ''), namespace, ...common }],
      notes: [
        {
          ...common,
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
        overlay: overlayOf(spec),
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
        overlay: {},
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

function overlayOf(spec: Fields): Overlay {
  const patches = [
    ...listOf(spec['patches']).map(fieldsOf),
    // Older than `patches`, and written as YAML instead of text, which JSON is, too.
    ...listOf(spec['patchesStrategicMerge']).map((patch) => ({ patch: JSON.stringify(patch) })),
    ...listOf(spec['patchesJson6902'])
      .map(fieldsOf)
      .map(({ patch, target }) => ({ patch: JSON.stringify(patch ?? []), target })),
  ];
  const overlay = {
    namespace: textOf(spec['targetNamespace']),
    namePrefix: textOf(spec['namePrefix']),
    nameSuffix: textOf(spec['nameSuffix']),
    components: textsOf(spec['components']),
    patches,
    images: listOf(spec['images']).map(fieldsOf),
    commonMetadata: spec['commonMetadata'] === undefined ? undefined : fieldsOf(spec['commonMetadata']),
  };
  return Object.fromEntries(
    Object.entries(overlay).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}
