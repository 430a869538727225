/** What makes objects that no manifest shows: charts, and operators because of their own objects. */
import { groupOf, isBuiltIn } from '../../kinds/kind.ts';
import type { Manifest } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { isApplication, isApplicationSet } from './argo.ts';
import { fieldsOf, lastPart, specOf, textOf } from './fields.ts';
import { isFluxInstance, isFluxKustomization } from './flux.ts';
import type { Maker } from './plan.ts';

/** Groups of custom kinds because of which nobody makes anything that manifests name, or whose makings are told elsewhere. */
const makesNothing: ReadonlySet<string> = new Set([
  'cert-manager.io',
  'acme.cert-manager.io',
  'trust.cert-manager.io',
  'external-secrets.io',
  'gateway.networking.k8s.io',
  'gateway.envoyproxy.io',
  'cilium.io',
  'externaldns.k8s.io',
  'image.toolkit.fluxcd.io',
  'k8s.cni.cncf.io',
  'metallb.io',
  'notification.toolkit.fluxcd.io',
  'silence.github.com',
  'snapshot.storage.k8s.io',
  'source.extensions.fluxcd.io',
  'source.toolkit.fluxcd.io',
  'traefik.io',
]);

/** Kinds of which the same holds, in groups whose others do make something. */
const kindsOfNothing: ReadonlySet<string> = new Set([
  'argoproj.io/AppProject',
  'grafana.integreatly.org/GrafanaDashboard',
  'grafana.integreatly.org/GrafanaDatasource',
  'grafana.integreatly.org/GrafanaFolder',
  'monitoring.coreos.com/AlertmanagerConfig',
  'monitoring.coreos.com/PodMonitor',
  'monitoring.coreos.com/Probe',
  'monitoring.coreos.com/PrometheusRule',
  'monitoring.coreos.com/ScrapeConfig',
  'monitoring.coreos.com/ServiceMonitor',
  'operator.victoriametrics.com/VMPodScrape',
  'operator.victoriametrics.com/VMRule',
  'operator.victoriametrics.com/VMServiceScrape',
]);

/** Objects that are followed, wherever they lead. */
const isFollowed = (manifest: Manifest): boolean =>
  [isFluxKustomization, isFluxInstance, isApplication, isApplicationSet].some((is) => is(manifest));

/** @param manifests All that one cluster gets: a release's chart may stand in another of them. */
export function makersOf(manifests: readonly Manifest[]): readonly Maker[] {
  const charts = new Map(manifests.map((manifest) => [idOf(manifest), manifest]));
  return manifests.flatMap((manifest): readonly Maker[] => {
    const { object, file } = manifest;
    const { apiVersion, kind, metadata } = object;
    const group = groupOf(apiVersion);
    const common = { what: `${kind} ${nameOf(object)}`, file };
    const spec = specOf(manifest);
    if (kind === 'HelmRelease' || (kind === 'HelmChart' && group === 'helm.cattle.io')) {
      const chart = kind === 'HelmRelease' ? chartOf(manifest, charts) : textOf(spec['chart']);
      const namespace = textOf(spec['targetNamespace']) ?? textOf(metadata.namespace);
      return [{ ...common, namespace, place: manifest.place(['spec']), ...(chart === undefined ? {} : { chart }) }];
    }
    const isNone =
      isBuiltIn(group) || makesNothing.has(group) || kindsOfNothing.has(`${group}/${kind}`) || isFollowed(manifest);
    return isNone ? [] : [{ ...common, namespace: textOf(metadata.namespace), place: manifest.place([]) }];
  });
}

const idOf = ({ object: { kind, metadata } }: Manifest): string =>
  `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/** The chart's name: the release says it, or the last part of the address in the object that it refers to. */
function chartOf(release: Manifest, all: ReadonlyMap<string, Manifest>): string | undefined {
  const spec = specOf(release);
  const said = textOf(fieldsOf(fieldsOf(spec['chart'])['spec'])['chart']);
  if (said !== undefined) return lastPart(said);
  const reference = fieldsOf(spec['chartRef']);
  const name = textOf(reference['name']);
  if (name === undefined) return undefined;
  const namespace = textOf(reference['namespace']) ?? release.object.metadata.namespace ?? '';
  const found = all.get(`${textOf(reference['kind']) ?? ''} ${namespace}/${name}`);
  // Its own name, mostly, where the object is not at hand.
  if (found === undefined) return name;
  const { url, chart } = specOf(found);
  const address = textOf(chart) ?? textOf(url);
  return address === undefined ? undefined : lastPart(address);
}
