/** What a kustomization changes of the objects that it gathered, in kustomize's order [5.5, kusttarget_configplugin.go]. */
import type { Path } from '../manifest.ts';
import { attempt, note, type Build, type Target } from './build-state.ts';
import type { Specs } from './default-specs.ts';
import { setImage, setReplicas } from './images.ts';
import { labelSpecs, setTexts } from './labels.ts';
import { affix } from './names.ts';
import { setNamespace } from './namespace.ts';
import { applyJsonEntry, applyMergeEntry, applyPatchEntry } from './patches.ts';
import { Missing } from './refused.ts';
import { applyReplacement } from './replacements.ts';
import type { ResourceSet } from './resource-set.ts';

/** One change: which field asks for it, and what it does. */
interface Change {
  at: Path;
  make: () => Promise<void> | void;
}

export async function transform(build: Build, target: Target, set: ResourceSet, specs: Specs): Promise<void> {
  for (const { at, make } of changesOf(build, target, set, specs)) {
    await attempt(build, target, at, async () => {
      try {
        await make();
      } catch (error) {
        // What is not there may be what a chart makes.
        if (!(error instanceof Missing) || !set.isOpen) throw error;
        note(build, target, at, `${error.message}: it may be among what is left out`);
      }
    });
  }
}

function changesOf(build: Build, target: Target, set: ResourceSet, specs: Specs): readonly Change[] {
  const { fields } = target;
  const { namespace = '', namePrefix = '', nameSuffix = '', commonLabels = {}, commonAnnotations = {} } = fields;
  return [
    ...each('patchesStrategicMerge', fields.patchesStrategicMerge, (entry) =>
      applyMergeEntry(build, target, set, entry),
    ),
    ...each('patches', fields.patches, (entry) => applyPatchEntry(build, target, set, entry)),
    { at: ['namespace'], make: () => (namespace === '' ? undefined : setNamespace(set, namespace, specs.namespace)) },
    { at: ['namePrefix'], make: () => affix(set, 'prefix', namePrefix, specs.namePrefix) },
    { at: ['nameSuffix'], make: () => affix(set, 'suffix', nameSuffix, specs.nameSuffix) },
    ...each('labels', fields.labels, (label) => setTexts(set, label.pairs ?? {}, labelSpecs(label, specs))),
    { at: ['commonLabels'], make: () => setTexts(set, commonLabels, specs.commonLabels) },
    { at: ['commonAnnotations'], make: () => setTexts(set, commonAnnotations, specs.commonAnnotations) },
    ...each('patchesJson6902', fields.patchesJson6902, (entry) => applyJsonEntry(build, target, set, entry)),
    ...each('replicas', fields.replicas, (entry) => {
      if (!setReplicas(set, entry, specs.replicas)) throw new Missing(`scales ${entry.name ?? ''}, which is not there`);
    }),
    ...each('images', fields.images, (image) => setImage(set, image, specs.images)),
    ...each('replacements', fields.replacements, (entry) => applyReplacement(build, target, set, entry)),
  ];
}

const each = <T>(
  field: string,
  entries: readonly T[] | undefined,
  make: (entry: T) => Promise<void> | void,
): readonly Change[] => (entries ?? []).map((entry, index) => ({ at: [field, index], make: () => make(entry) }));
