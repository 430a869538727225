/** The Applications that an ApplicationSet makes of what stands in the repository. */
import { hasLabels } from '../../formats/label-selector.ts';
import { isObject } from '../../kinds/violation.ts';
import type { Tree } from '../files/tree.ts';
import type { FileNote, Maker, Manifest, Path } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { fieldsOf, listOf, specOf, textOf, type Fields } from '../fields.ts';
import { foldersOf, filesLike, parametersOfFile, parametersOfFolder } from './git-generator.ts';
import type { Sources, Repository } from './repository.ts';
import { flattened, rendered, type Parameters } from './templates.ts';

export interface GeneratedApplications {
  applications: readonly Manifest[];
  makers: readonly Maker[];
  notes: readonly FileNote[];
}

/** What a generator brings; undefined where only a cluster or another service can tell. */
type Elements = readonly Element[] | undefined;
interface Element {
  parameters: Parameters;
  /** A generator's own template, which is laid over that of the set. */
  template: Fields;
}

interface Reading {
  tree: Tree;
  repository: Repository;
  sources: Sources;
  isGo: boolean;
}

export async function applicationsOf(set: Manifest, given: Omit<Reading, 'isGo'>): Promise<GeneratedApplications> {
  const spec = specOf(set.object);
  const what = `ApplicationSet ${nameOf(set.object)}`;
  const reading: Reading = { ...given, isGo: spec['goTemplate'] === true };
  const applications: Manifest[] = [];
  const makers: Maker[] = [];
  const notes: FileNote[] = [];
  for (const [index, generator] of listOf(spec['generators']).entries()) {
    const elements = await elementsOf(fieldsOf(generator), reading, {});
    if (elements === undefined) {
      const place = set.place(['spec', 'generators', index]);
      const names = Object.keys(fieldsOf(generator)).join(', ');
      makers.push({ what, namespace: undefined });
      notes.push({
        file: set.file,
        place,
        message: `has ${what} make Applications with a generator (${names}) that only a cluster or a service can answer: left out`,
      });
      continue;
    }
    applications.push(...elements.map((element) => applicationOf(set, spec, element, reading.isGo)));
  }
  const patch = textOf(spec['templatePatch']);
  if (patch !== undefined && /^\s*(?:sources?|destination):/m.test(patch)) {
    notes.push({
      file: set.file,
      place: set.place(['spec', 'templatePatch']),
      message: `has a templatePatch in ${what}, which only Argo CD applies: left out`,
    });
  }
  return { applications, makers, notes };
}

function applicationOf(set: Manifest, spec: Fields, { parameters, template }: Element, isGo: boolean): Manifest {
  const whole = fieldsOf(rendered(overlaid(fieldsOf(spec['template']), template), parameters, isGo));
  const metadata = fieldsOf(whole['metadata']);
  const { apiVersion } = set.object;
  const { namespace } = set.object.metadata;
  const own = { ...metadata, name: textOf(metadata['name']) ?? '', ...(namespace === undefined ? {} : { namespace }) };
  const object = { apiVersion, kind: 'Application', metadata: own, spec: whole['spec'] };
  return { ...set, object, place: (path: Path) => set.place(['spec', 'template', ...path]) };
}

/** Maps are joined, anything else of the second stands in place of the first's. */
function overlaid(under: Fields, over: Fields): Fields {
  const joined = Object.entries(over).map(([key, value]) => {
    const before = under[key];
    return [key, isObject(before) && isObject(value) ? overlaid(before, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(joined) };
}

/** @param outer The parameters of the generator with which this one is multiplied. */
async function elementsOf(generator: Fields, reading: Reading, outer: Parameters): Promise<Elements> {
  const filled = Object.keys(outer).length === 0 ? generator : fieldsOf(rendered(generator, outer, reading.isGo));
  const found = await unselected(filled, reading);
  const labels = fieldsOf(fieldsOf(filled['selector'])['matchLabels']) as Readonly<Record<string, string>>;
  return found?.filter(({ parameters }) => {
    const flat = Object.entries(flattened(parameters)).map(([key, value]) => [key, String(value)] as const);
    return hasLabels(Object.fromEntries(flat), labels);
  });
}

async function unselected(generator: Fields, reading: Reading): Promise<Elements> {
  const { list, git, matrix, merge } = generator;
  if (isObject(list) && Array.isArray(list['elements'])) {
    return withTemplate(
      list,
      list['elements'].map((element) => fieldsOf(element)),
    );
  }
  if (isObject(git)) return gitElements(git, reading);
  if (isObject(matrix)) return matrixElements(matrix, reading);
  if (isObject(merge)) return mergeElements(merge, reading);
  return undefined;
}

const withTemplate = (generator: Fields, all: readonly Parameters[]): Elements =>
  all.map((parameters) => ({ parameters, template: fieldsOf(generator['template']) }));

async function gitElements(git: Fields, { tree, repository, sources, isGo }: Reading): Promise<Elements> {
  if (sources.ofArgo(textOf(git['repoURL']) ?? '') === 'elsewhere') return undefined;
  const prefix = textOf(git['pathParamPrefix']);
  const asked = (field: unknown): Asked => {
    const items = listOf(field).map(fieldsOf);
    const paths = (excluded: boolean): readonly string[] =>
      items
        .filter(({ exclude }) => (exclude === true) === excluded)
        .map(({ path }) => textOf(path))
        .filter((path) => path !== undefined);
    return { taken: paths(false), excluded: paths(true) };
  };
  const found =
    git['directories'] !== undefined
      ? (await foldersOf(tree, repository, asked(git['directories']))).map((path) =>
          parametersOfFolder(path, isGo, prefix),
        )
      : await Promise.all(
          (await filesLike(tree, repository, asked(git['files']))).map((path) =>
            parametersOfFile(tree, repository, path, isGo, prefix),
          ),
        ).then((all) => all.flat());
  const values = fieldsOf(git['values']);
  const withValues = found.map((one) =>
    Object.keys(values).length === 0 ? one : { ...one, values: rendered(values, one, isGo) },
  );
  return withTemplate(git, withValues);
}

/** Patterns of paths. */
interface Asked {
  taken: readonly string[];
  excluded: readonly string[];
}

/** Each of the first with each of the second, which may use what the first brings. */
async function matrixElements(matrix: Fields, reading: Reading): Promise<Elements> {
  const [one, other] = listOf(matrix['generators']).map(fieldsOf);
  const first = one && (await elementsOf(one, reading, {}));
  if (first === undefined || other === undefined) return undefined;
  const all: Element[] = [];
  for (const element of first) {
    const second = await elementsOf(other, reading, element.parameters);
    if (second === undefined) return undefined;
    const own = fieldsOf(matrix['template']);
    all.push(
      ...second.map(({ parameters, template }) => ({
        parameters: overlaid(element.parameters, parameters),
        template: overlaid(overlaid(own, element.template), template),
      })),
    );
  }
  return all;
}

/** Those of the first, each with what later ones say of the same keys. */
async function mergeElements(merge: Fields, reading: Reading): Promise<Elements> {
  const [base, ...others] = await Promise.all(
    listOf(merge['generators']).map((generator) => elementsOf(fieldsOf(generator), reading, {})),
  );
  if (base === undefined || others.includes(undefined)) return undefined;
  const keys = listOf(merge['mergeKeys']).map(String);
  const keyOf = ({ parameters }: Element): string => {
    const flat = flattened(parameters);
    return JSON.stringify(keys.map((key) => flat[key]));
  };
  return base.map((element) =>
    others
      .flatMap((some) => some ?? [])
      .filter((other) => keyOf(other) === keyOf(element))
      .reduce(
        (under, over) => ({ parameters: overlaid(under.parameters, over.parameters), template: over.template }),
        element,
      ),
  );
}
