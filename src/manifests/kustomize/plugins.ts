/**
 * Generators and transformers that stand in files or texts of their own: those that kustomize brings are run; of others, which are programs, it
 * is told that they are not [kustomize 5.5, api/internal/plugins].
 */
import { z } from 'zod';
import { isObject } from '../../kinds/violation.ts';
import type { Path } from '../manifest.ts';
import { chartOfPlugin, inflate } from './charts.ts';
import { namespaceFor, note, type Build, type Target } from './build-state.ts';
import { defaultSpecs } from './default-specs.ts';
import { fieldSpec, kustomizationFields, type Generator } from './fields.ts';
import { absorb, generated } from './generators.ts';
import { setImage, setReplicas } from './images.ts';
import { setTexts } from './labels.ts';
import { affix } from './names.ts';
import { setNamespace } from './namespace.ts';
import { applyJsonEntry, applyMergeEntry, applyPatchEntry } from './patches.ts';
import { Missing, Refused } from './refused.ts';
import { applyReplacement } from './replacements.ts';
import type { ResourceSet } from './resource-set.ts';
import type { Fields } from './resource.ts';

const isBuiltIn = ({ apiVersion }: Fields): boolean => apiVersion === 'builtin';

const metadataOf = ({ metadata }: Fields): Fields => (isObject(metadata) ? metadata : {});

/** What a plugin's object says beside what it is called; of plugins kustomize reads past fields that it does not know. */
function settingsOf<T>(config: Fields, schema: z.ZodType<T>): T {
  const { apiVersion: _apiVersion, kind, metadata: _metadata, ...settings } = config;
  const parsed = schema.safeParse(settings);
  if (!parsed.success) throw new Refused(`has a ${String(kind)} of which kustomize does not know every field`);
  return parsed.data;
}

/** @param at Where the kustomization lists it. */
export async function runGenerator(
  build: Build,
  target: Target,
  set: ResourceSet,
  config: Fields,
  at: Path,
): Promise<void> {
  const kind = String(config['kind']);
  if (isBuiltIn(config) && (kind === 'ConfigMapGenerator' || kind === 'SecretGenerator')) {
    const of = kind === 'SecretGenerator' ? 'secretGenerator' : 'configMapGenerator';
    const settings = settingsOf(config, z.object(kustomizationFields.shape[of].unwrap().element.shape));
    const { name, namespace } = metadataOf(config);
    const named: Generator = {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof namespace === 'string' ? { namespace } : {}),
      ...settings,
    };
    absorb(set, await generated(build, target, kind === 'SecretGenerator' ? 'Secret' : 'ConfigMap', named, at));
    return;
  }
  if (isBuiltIn(config) && kind === 'HelmChartInflationGenerator')
    return inflate(build, target, set, chartOfPlugin(config, at));
  set.isOpen = true;
  const what = `the generator ${kind}`;
  build.makers.push({ what, namespace: namespaceFor(target) });
  note(build, target, at, `runs ${what}, which is a program of its own: left out`);
}

type Transformer = (config: Fields, set: ResourceSet, build: Build, target: Target) => Promise<void> | void;

const specs = z.array(z.object(fieldSpec.shape)).optional();
const texts = z.record(z.string(), z.string());
const { patches, patchesJson6902, images, replicas, replacements } = kustomizationFields.shape;

const transformers: Readonly<Record<string, Transformer>> = {
  NamespaceTransformer: (config, set) => {
    const { fieldSpecs, unsetOnly, setRoleBindingSubjects } = settingsOf(
      config,
      z.object({
        fieldSpecs: specs,
        unsetOnly: z.boolean().optional(),
        setRoleBindingSubjects: z.enum(['defaultOnly', 'allServiceAccounts', 'none']).optional(),
      }),
    );
    const { namespace } = metadataOf(config);
    if (typeof namespace !== 'string' || namespace === '') return;
    setNamespace(set, namespace, fieldSpecs ?? [], { subjects: setRoleBindingSubjects, unsetOnly });
  },
  LabelTransformer: (config, set) => {
    const { labels, fieldSpecs } = settingsOf(config, z.object({ labels: texts.optional(), fieldSpecs: specs }));
    setTexts(set, labels ?? {}, fieldSpecs ?? []);
  },
  AnnotationsTransformer: (config, set) => {
    const { annotations, fieldSpecs } = settingsOf(
      config,
      z.object({ annotations: texts.optional(), fieldSpecs: specs }),
    );
    setTexts(set, annotations ?? {}, fieldSpecs ?? []);
  },
  PrefixTransformer: (config, set) => affixes(config, set),
  SuffixTransformer: (config, set) => affixes(config, set),
  PrefixSuffixTransformer: (config, set) => affixes(config, set),
  ImageTagTransformer: (config, set) => {
    const { imageTag, fieldSpecs } = settingsOf(
      config,
      z.object({ imageTag: images.unwrap().element, fieldSpecs: specs }),
    );
    setImage(set, imageTag, fieldSpecs ?? []);
  },
  ReplicaCountTransformer: (config, set) => {
    const { replica, fieldSpecs } = settingsOf(
      config,
      z.object({ replica: replicas.unwrap().element, fieldSpecs: specs }),
    );
    if (!setReplicas(set, replica, fieldSpecs ?? defaultSpecs.replicas)) {
      throw new Missing(`scales ${replica.name ?? ''}, which is not there`);
    }
  },
  PatchTransformer: (config, set, build, target) =>
    applyPatchEntry(build, target, set, settingsOf(config, z.object(patches.unwrap().element.shape))),
  PatchJson6902Transformer: (config, set, build, target) => {
    const { jsonOp, ...entry } = config;
    const patch = settingsOf(
      { ...entry, ...(jsonOp === undefined ? {} : { patch: jsonOp }) },
      z.object(patchesJson6902.unwrap().element.shape),
    );
    return applyJsonEntry(build, target, set, patch);
  },
  PatchStrategicMergeTransformer: async (config, set, build, target) => {
    const { paths = [], patches: text } = settingsOf(
      config,
      z.object({ paths: z.array(z.string()).optional(), patches: z.string().optional() }),
    );
    for (const entry of [...paths, ...(text === undefined ? [] : [text])])
      await applyMergeEntry(build, target, set, entry);
  },
  ReplacementTransformer: async (config, set, build, target) => {
    const { replacements: entries } = settingsOf(config, z.object({ replacements: replacements.unwrap() }));
    for (const entry of entries) await applyReplacement(build, target, set, entry);
  },
};

function affixes(config: Fields, set: ResourceSet): void {
  const {
    prefix = '',
    suffix = '',
    fieldSpecs,
  } = settingsOf(config, z.object({ prefix: z.string().optional(), suffix: z.string().optional(), fieldSpecs: specs }));
  affix(set, 'prefix', prefix, fieldSpecs ?? []);
  affix(set, 'suffix', suffix, fieldSpecs ?? []);
}

export async function runTransformer(
  build: Build,
  target: Target,
  set: ResourceSet,
  config: Fields,
  at: Path,
): Promise<void> {
  const kind = String(config['kind']);
  const run = isBuiltIn(config) && Object.hasOwn(transformers, kind) ? transformers[kind] : undefined;
  if (run === undefined) note(build, target, at, `has the transformer ${kind}, which is not run`);
  else await run(config, set, build, target);
}
