/** Which releases manifests install, so that nothing is held against the schema of another release without a word. */
import { parseImage, parseVersion, type ImageVersion } from '../formats/image-version.ts';
import type { Release } from '../kinds/kind.ts';
import { podSpecs } from '../kinds/relations.ts';
import { fieldsOf, lastPart, listOf, specOf, textOf, valueAt } from './fields.ts';
import type { InstalledChart, Manifest, ManifestObject } from './manifest.ts';
import { nameOf } from './scope.ts';

/** A release that something in the manifests installs. */
export interface Installed {
  version: ImageVersion;
  /** `v1.2.0`, as it is written there. */
  text: string;
  /** What installs it: `HelmRelease external-secrets/external-secrets`. */
  by: string;
}

interface Project {
  /** As releases of its schemas are called. */
  name: string;
  /** Charts whose version is that of the project. */
  charts: readonly string[];
  /** The image that has the project's version. */
  images: readonly string[];
}

const projects: readonly Project[] = [
  { name: 'cert-manager', charts: ['cert-manager'], images: ['quay.io/jetstack/cert-manager-controller'] },
  {
    name: 'External Secrets',
    charts: ['external-secrets'],
    images: ['ghcr.io/external-secrets/external-secrets', 'oci.external-secrets.io/external-secrets/external-secrets'],
  },
  { name: 'Envoy Gateway', charts: ['gateway-helm', 'envoy-gateway'], images: ['docker.io/envoyproxy/gateway'] },
  { name: 'Cilium', charts: ['cilium'], images: ['quay.io/cilium/operator-generic', 'quay.io/cilium/operator'] },
  { name: 'Tailscale Operator', charts: ['tailscale-operator'], images: ['docker.io/tailscale/k8s-operator'] },
];

/** By the name of the project; of several releases of one the first. A chart tells it before an image does. */
export function installedBy(
  manifests: readonly Manifest[],
  charts: readonly InstalledChart[],
): ReadonlyMap<string, Installed> {
  const found = new Map<string, Installed>();
  const add = (by: string, all: readonly Named[]): void => {
    for (const { name, text } of all) {
      const version = parseVersion(text);
      if (version !== undefined && !found.has(name)) found.set(name, { version, by, text: withV(text) });
    }
  };
  for (const { by, chart, version } of charts) add(by, ofChart(chart, version));
  for (const { object } of manifests)
    add(`${object.kind} ${nameOf(object)}`, [...registryOf(object), ...imagesOf(object)]);
  return found;
}

const withV = (text: string): string => (text.startsWith('v') ? text : `v${text}`);

interface Named {
  name: string;
  text: string;
}

const ofChart = (chart: string | undefined, version: string | undefined): readonly Named[] =>
  projects
    .filter(({ charts }) => chart !== undefined && version !== undefined && charts.includes(chart))
    .map(({ name }) => ({ name, text: version ?? '' }));

/** A chart in a registry, whose version is told where that is named. */
function registryOf(object: ManifestObject): readonly Named[] {
  const { url, ref } = specOf(object);
  return object.kind === 'OCIRepository' ? ofChart(lastPart(textOf(url) ?? ''), textOf(fieldsOf(ref)['tag'])) : [];
}

function imagesOf(object: ManifestObject): readonly Named[] {
  const path = podSpecs[object.kind];
  const containers = path === undefined ? undefined : valueAt(object, [...path.split('.'), 'containers']);
  return listOf(containers).flatMap((container) => {
    const image = textOf(fieldsOf(container)['image']);
    if (image === undefined) return [];
    const { name: repository, tag } = parseImage(image);
    return projects
      .filter(({ images }) => images.some((one) => one === repository || one === `docker.io/${repository}`))
      .map(({ name }) => ({ name, text: tag ?? '' }));
  });
}

/** Whether what is installed has the schema of a release: for sure, for sure another one, or as far as anybody can tell. */
export function standing(
  { name, installed }: Release,
  all: ReadonlyMap<string, Installed>,
): { is: 'installed' | 'open' } | { is: 'other'; found: Installed } {
  if (installed) return { is: 'installed' };
  const [, project = '', release = '', andLater] = /^(.+?) (v\d[\w.+-]*)( and later)?/.exec(name) ?? [];
  const found = all.get(project);
  const known = parseVersion(release);
  if (found === undefined || known === undefined) return { is: 'open' };
  const { version } = found;
  const isLater = version.major > known.major || (version.major === known.major && version.minor > known.minor);
  const isSame = version.major === known.major && version.minor === known.minor;
  return isSame || (isLater && andLater !== undefined) ? { is: 'installed' } : { is: 'other', found };
}
