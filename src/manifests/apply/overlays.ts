/** What Flux and Argo CD lay over a kustomization, read from their objects: what has another type than it should have is left out. */
import type { Overlay } from '../kustomize/build.ts';
import type { Manifest, Path } from '../manifest.ts';
import { fieldsOf, listOf, textOf, textsOf, type Fields } from '../fields.ts';

type Patch = NonNullable<Overlay['patches']>[number];
type Image = NonNullable<Overlay['images']>[number];

/** Source: fluxcd/pkg kustomize/kustomize_generator.go. */
export function fluxOverlay(manifest: Manifest, spec: Fields): Overlay {
  const metadata = fieldsOf(spec['commonMetadata']);
  return said({
    namespace: textOf(spec['targetNamespace']),
    namePrefix: textOf(spec['namePrefix']),
    nameSuffix: textOf(spec['nameSuffix']),
    components: [...textsOf(spec['components'])],
    patches: [
      ...listOf(spec['patches']).flatMap(patchOf),
      // Older than `patches`, and written as YAML instead of text, which JSON is, too.
      ...listOf(spec['patchesStrategicMerge']).map((patch) => ({ patch: JSON.stringify(patch) })),
      ...listOf(spec['patchesJson6902'])
        .map(fieldsOf)
        .flatMap(({ patch, target }) => patchOf({ patch: JSON.stringify(patch ?? []), target })),
    ],
    images: listOf(spec['images']).map((image) => ofTexts(image, ['name', 'newName', 'newTag', 'digest'])),
    commonMetadata:
      spec['commonMetadata'] === undefined
        ? undefined
        : { labels: textMapOf(metadata['labels']), annotations: textMapOf(metadata['annotations']) },
    ignoreMissingComponents: spec['ignoreMissingComponents'] === true,
    filesFromAnywhere: true,
    from: {
      file: manifest.file,
      place: ([field = '', ...rest]: Path) =>
        manifest.place(['spec', field === 'namespace' ? 'targetNamespace' : field, ...rest]),
    },
  });
}

/** Source: argo-cd, util/kustomize: it edits the kustomization before it is built. */
export function argoOverlay(manifest: Manifest, kustomize: Fields, at: Path): Overlay {
  const labels = textMapOf(kustomize['commonLabels']);
  const isWithoutSelectors = kustomize['labelWithoutSelector'] === true;
  return said({
    namespace: textOf(kustomize['namespace']),
    namePrefix: textOf(kustomize['namePrefix']),
    nameSuffix: textOf(kustomize['nameSuffix']),
    components: [...textsOf(kustomize['components'])],
    patches: listOf(kustomize['patches']).flatMap(patchOf),
    images: textsOf(kustomize['images']).map(imageOf),
    replicas: listOf(kustomize['replicas'])
      .map(fieldsOf)
      .map(({ name, count }) => ({ name: textOf(name), count: Number(count) }))
      .filter(({ count }) => Number.isInteger(count)),
    labels: isWithoutSelectors && Object.keys(labels).length > 0 ? [{ pairs: labels }] : [],
    commonLabels: isWithoutSelectors ? undefined : labels,
    commonAnnotations: textMapOf(kustomize['commonAnnotations']),
    from: { file: manifest.file, place: (path: Path) => manifest.place([...at, 'kustomize', ...path]) },
  });
}

type Loose = { [Key in keyof Overlay]: Overlay[Key] | undefined };

/** Without what says nothing. */
const said = (overlay: Loose): Overlay =>
  Object.fromEntries(
    Object.entries(overlay).filter(
      ([, value]) => Boolean(value) && !(typeof value === 'object' && Object.keys(value).length === 0),
    ),
  );

function ofTexts(value: unknown, fields: readonly string[]): Record<string, string> {
  const given = fieldsOf(value);
  return textMapOf(Object.fromEntries(fields.map((field) => [field, textOf(given[field])])));
}

function patchOf(value: unknown): readonly Patch[] {
  const { patch, target } = fieldsOf(value);
  if (typeof patch !== 'string') return [];
  const fields = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'];
  return [target === undefined ? { patch } : { patch, target: ofTexts(target, fields) }];
}

const textMapOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : [])),
  );

/** `old=new:tag`, `old:tag` or `old@digest`, as `kustomize edit set image` takes them. */
function imageOf(text: string): Image {
  const [name = '', newer = text] = text.includes('=') ? text.split('=', 2) : [text.replace(/@.*$|:[^/:]*$/, '')];
  const [, newName, newTag, digest] = /^(.*?)(?::([^/:@]+))?(?:@(.+))?$/.exec(newer) ?? [];
  return ofTexts({ name, newName, newTag, digest }, ['name', 'newName', 'newTag', 'digest']);
}
