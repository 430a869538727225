/** What an Application of Argo CD has applied. */
import { matchesGlob } from '../../formats/glob.ts';
import { groupOf } from '../../kinds/kind.ts';
import type { Manifest, Path } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { fieldsOf, specOf, textOf, type Fields } from '../fields.ts';
import { ofArgoSource, sourcesIn } from '../charts/argo-releases.ts';
import { chartText } from '../charts/release.ts';
import { argoOverlay } from './overlays.ts';
import { joined, nothing, type Plan, type Step } from './plan.ts';
import type { Sources, Repository } from './repository.ts';

const isArgo = (kind: string, { object }: Pick<Manifest, 'object'>): boolean =>
  object.kind === kind && groupOf(object.apiVersion) === 'argoproj.io';

export const isApplication = (manifest: Pick<Manifest, 'object'>): boolean => isArgo('Application', manifest);
export const isApplicationSet = (manifest: Pick<Manifest, 'object'>): boolean => isArgo('ApplicationSet', manifest);

export function applicationPlan(manifest: Manifest, repository: Repository, sources: Sources): Plan {
  return joined(sourcesIn(manifest).map(({ source, at }) => sourcePlan(manifest, source, at, repository, sources)));
}

function sourcePlan(manifest: Manifest, source: Fields, at: Path, repository: Repository, sources: Sources): Plan {
  const destination = fieldsOf(specOf(manifest.object)['destination']);
  const namespace = textOf(destination['namespace']);
  const what = `Application ${nameOf(manifest.object)}`;
  const release = ofArgoSource(manifest, source, at);
  const made: Plan = { ...nothing, makers: [{ what, namespace, of: chartText(release) }] };
  const path = textOf(source['path']);
  const url = textOf(source['repoURL']) ?? '';
  if (textOf(source['chart']) !== undefined) return made;
  // Values for another source.
  if (path === undefined) return nothing;
  const left = (message: string): Plan => ({
    ...made,
    makers: [{ what, namespace }],
    notes: [{ file: manifest.file, place: manifest.place([...at, 'path']), message }],
  });
  if (path.includes('{{') || url.includes('{{'))
    return left(`has ${what} apply ${path}, which only Argo CD can tell: left out`);
  // A registry holds charts, whose path is a formality.
  if (url.startsWith('oci://')) return made;
  const home = sources.ofArgo(url);
  if (home === 'elsewhere') return left(`has ${what} apply ${path} of ${url}, which is another repository: left out`);
  return { ...nothing, steps: [stepOf(manifest, what, source, [...at, 'path'], path, home === 'here', repository)] };
}

function stepOf(
  manifest: Manifest,
  what: string,
  source: Fields,
  at: Path,
  path: string,
  isCertain: boolean,
  repository: Repository,
): Step {
  const destination = fieldsOf(specOf(manifest.object)['destination']);
  const { recurse, include, exclude, ...others } = fieldsOf(source['directory']);
  const isSaid =
    [recurse, include, exclude].some((one) => one !== undefined && one !== false) || Object.keys(others).length > 0;
  const isAs = (pattern: unknown, file: string): boolean =>
    matchesGlob(file, String(pattern), { acrossSlashes: true, braces: true });
  return {
    by: what,
    manifest,
    path: at,
    folder: repository.at(path),
    isCertain,
    overlay: argoOverlay(manifest, fieldsOf(source['kustomize']), at.slice(0, -1)),
    files: {
      recurse: recurse === true,
      evenWithKustomization: isSaid,
      takes: (file) =>
        (textOf(include) === undefined || isAs(include, file)) &&
        (textOf(exclude) === undefined || !isAs(exclude, file)),
    },
    isByPlugin: source['plugin'] !== undefined,
    release: ofArgoSource(manifest, source, at.slice(0, -1)),
    otherwiseIn: textOf(destination['namespace']),
    cluster: remoteOf(destination),
  };
}

/** Where Argo CD applies to: nothing for the cluster in which it runs itself. */
function remoteOf(destination: Fields): string | undefined {
  const name = textOf(destination['name']);
  const server = textOf(destination['server']);
  const said = name ?? server?.replace(/^https?:\/\//, '');
  const isOwn =
    said === undefined || said === 'in-cluster' || said.startsWith('kubernetes.default.svc') || said.includes('{{');
  return isOwn ? undefined : said;
}
