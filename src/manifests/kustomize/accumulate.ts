/** Gathers what a kustomization and those that it lists hold, in kustomize's order [5.5, api/internal/target/kusttarget.go]. */
import { isObject } from '../../kinds/violation.ts';
import { valuesOf } from '../files/documents.ts';
import { isBelow, pathIn } from '../files/paths.ts';
import { objectsOf } from '../files/objects.ts';
import type { Path } from '../manifest.ts';
import { attempt, fileOf, isRemote, namespaceFor, note, type Build, type Target } from './build-state.ts';
import { defaultSpecs, type Specs } from './default-specs.ts';
import type { Variable } from './fields.ts';
import { absorb, generated } from './generators.ts';
import { readTarget } from './kustomization.ts';
import { chartsOf, inflate } from './charts.ts';
import { readDefinitions } from './openapi.ts';
import { runGenerator, runTransformer } from './plugins.ts';
import { resourcesIn } from './read.ts';
import { Refused } from './refused.ts';
import { ResourceSet } from './resource-set.ts';
import { resourceOf, type Fields } from './resource.ts';
import { addSpecs, specsOf } from './configurations.ts';
import { transform } from './transform.ts';
import { bindVariables } from './variables.ts';

export interface Accumulated {
  set: ResourceSet;
  specs: Specs;
  variables: readonly Variable[];
}

export const nothing = (): Accumulated => ({ set: new ResourceSet(), specs: defaultSpecs, variables: [] });

/** @param into What a component adds to, and changes; empty for a kustomization. */
export async function accumulate(
  build: Build,
  target: Target,
  into: Accumulated,
  roots: readonly string[],
): Promise<void> {
  const { fields } = target;
  const inside = [...roots, target.folder];
  await attempt(build, target, ['openapi'], () => readDefinitions(build, target));
  await prefetch(build, target);
  for (const [index, named] of (fields.resources ?? []).entries()) {
    await attempt(build, target, ['resources', index], () =>
      addResource(build, target, into, named, ['resources', index], inside),
    );
  }
  const own = await specsOf(build, target);
  await attempt(build, target, ['configurations'], () => {
    into.specs = addSpecs(into.specs, own);
  });
  await generate(build, target, into, inside);
  for (const [index, named] of (fields.components ?? []).entries()) {
    await attempt(build, target, ['components', index], () =>
      addFolder(build, target, into, named, ['components', index], inside, 'Component'),
    );
  }
  await transform(build, target, into.set, into.specs);
  await eachPlugin(build, target, 'transformers', inside, (config, at) =>
    runTransformer(build, target, into.set, config, at),
  );
  (fields.validators ?? []).forEach((_validator, index) => {
    note(build, target, ['validators', index], 'has a validator, which is not run');
  });
  await attempt(build, target, ['vars'], () => {
    into.variables = bindVariables(into.set, into.variables, fields.vars ?? []);
  });
}

/** Files are read side by side, and gone through one by one. */
async function prefetch(build: Build, { folder, fields }: Target): Promise<void> {
  const local = (fields.resources ?? []).filter((named) => named !== '' && !isRemote(named));
  await Promise.all(
    local.filter((named) => /\.(ya?ml|json)$/.test(named)).map((named) => build.tree.documents(pathIn(folder, named))),
  );
}

async function addResource(
  build: Build,
  target: Target,
  into: Accumulated,
  named: string,
  at: Path,
  roots: readonly string[],
): Promise<void> {
  if (named === '') throw new Refused('has a resource without a path');
  if (isRemote(named) && (await build.tree.text(pathIn(target.folder, named))) === undefined) {
    addMaker(build, target, into, `the resources of ${named}`, at);
    return;
  }
  const path = pathIn(target.folder, named);
  const read = await resourcesIn(build.tree, path);
  if (read === undefined) return addFolder(build, target, into, named, at, roots, 'Kustomization');
  const file = fileOf(build, target, named);
  build.files.add(file);
  if (read.fault !== undefined) build.faults.push(read.fault);
  for (const document of read.documents) {
    const { content, place } = document;
    if (Object.keys(content).length === 0) continue;
    if (typeof content['kind'] !== 'string') {
      build.faults.push({ file, place: place([]), message: 'is listed as a resource and has an object without kind' });
      continue;
    }
    const { manifests, notes, faults } = objectsOf(document);
    build.notes.push(...notes);
    build.faults.push(...faults);
    for (const manifest of manifests) {
      const { kind, metadata } = manifest.object;
      if (metadata.name === '' && !kind.endsWith('List')) {
        build.faults.push({
          file,
          place: manifest.place([]),
          message: `is listed as a resource and has a ${kind} without a name`,
        });
      } else await attempt(build, target, at, () => into.set.add(resourceOf(manifest)));
    }
  }
}

function addMaker(build: Build, target: Target, into: Accumulated, what: string, at: Path): void {
  build.makers.push({ what, namespace: namespaceFor(target) });
  note(build, target, at, `takes ${what.replace(/^the resources of /, '')}, which is not in these files: left out`);
  into.set.isOpen = true;
}

async function addFolder(
  build: Build,
  target: Target,
  into: Accumulated,
  named: string,
  at: Path,
  roots: readonly string[],
  wanted: 'Component' | 'Kustomization',
): Promise<void> {
  if (isRemote(named)) return addMaker(build, target, into, `the resources of ${named}`, at);
  const folder = pathIn(target.folder, named);
  if ((await build.tree.folder(folder)) === undefined) throw new Refused(`lists ${named}, which is not there`);
  if (roots.some((root) => isBelow(root, folder))) {
    throw new Refused(`lists ${named}, which is, or holds, a folder that is being built`);
  }
  const { namespace } = target.fields;
  const around = [...target.around, ...(namespace === undefined || namespace === '' ? [] : [namespace])];
  const inner = await readTarget(build, folder, around);
  if (inner === undefined) throw new Refused(`lists the folder ${named}, which has no kustomization`);
  const { kind = 'Kustomization' } = inner.fields;
  if ((kind === 'Component') !== (wanted === 'Component')) {
    throw new Refused(
      wanted === 'Component'
        ? `lists ${named} among its components, which is none`
        : `lists ${named} among its resources, which is a component`,
    );
  }
  if (wanted === 'Component') return accumulate(build, inner, into, roots);
  const own = nothing();
  await accumulate(build, inner, own, roots);
  into.set.isOpen ||= own.set.isOpen;
  into.specs = addSpecs(into.specs, own.specs);
  const twice = own.variables.find(({ name }) => into.variables.some((variable) => variable.name === name));
  if (twice !== undefined) throw new Refused(`lists ${named}, which has the variable ${twice.name} a second time`);
  into.variables = [...into.variables, ...own.variables];
  for (const resource of own.set.all) await attempt(build, target, at, () => into.set.add(resource));
}

async function generate(build: Build, target: Target, into: Accumulated, roots: readonly string[]): Promise<void> {
  const { fields } = target;
  for (const field of ['configMapGenerator', 'secretGenerator'] as const) {
    for (const [index, generator] of (fields[field] ?? []).entries()) {
      const at = [field, index];
      await attempt(build, target, at, async () => {
        const kind = field === 'secretGenerator' ? 'Secret' : 'ConfigMap';
        const resource = await generated(build, target, kind, generator, at);
        absorb(into.set, resource);
      });
    }
  }
  for (const chart of chartsOf(fields))
    await attempt(build, target, chart.at, () => inflate(build, target, into.set, chart));
  await eachPlugin(build, target, 'generators', roots, (config, at) =>
    runGenerator(build, target, into.set, config, at),
  );
}

/** Plugins stand in the list itself, in files, or in folders. */
async function eachPlugin(
  build: Build,
  target: Target,
  field: 'generators' | 'transformers',
  roots: readonly string[],
  run: (config: Fields, at: Path) => Promise<void>,
): Promise<void> {
  for (const [index, entry] of (target.fields[field] ?? []).entries()) {
    const at = [field, index];
    await attempt(build, target, at, async () => {
      const inline = (valuesOf(entry) ?? []).filter((value) => isObject(value));
      const listed = nothing();
      if (inline.length === 0) await addResource(build, target, listed, entry, at, roots);
      for (const config of [...inline, ...listed.set.all.map(({ object }) => object)]) await run(config, at);
    });
  }
}
