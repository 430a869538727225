/** What makes objects that no manifest shows: charts, and operators because of their own objects. */
import { groupOf, isBuiltIn } from '../../kinds/kind.ts';
import type { Maker, Manifest } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { isApplication, isApplicationSet } from './argo.ts';
import { chartText } from '../charts/release.ts';
import { releasesIn } from '../charts/releases.ts';
import { textOf } from '../fields.ts';
import { isFluxInstance, isFluxKustomization } from './flux.ts';

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

const isFollowed = (manifest: Manifest): boolean =>
  [isFluxKustomization, isFluxInstance, isApplication, isApplicationSet].some((is) => is(manifest));

/**
 * @param manifests All that one cluster gets.
 * @param rendered Who installs a chart of which all is among the manifests.
 */
export function makersOf(manifests: readonly Manifest[], rendered: ReadonlySet<string> = new Set()): readonly Maker[] {
  const releasesOf = releasesIn(manifests);
  return manifests.flatMap((manifest): readonly Maker[] => {
    const { apiVersion, kind, metadata } = manifest.object;
    const group = groupOf(apiVersion);
    const what = `${kind} ${nameOf(manifest.object)}`;
    // Wherever it leads, what it makes is told there.
    if (isFollowed(manifest) || rendered.has(what)) return [];
    const releases = releasesOf(manifest);
    if (releases.length > 0)
      return releases.map((release) => ({ what, namespace: release.namespace, of: chartText(release) }));
    const isNone = isBuiltIn(group) || makesNothing.has(group) || kindsOfNothing.has(`${group}/${kind}`);
    return isNone ? [] : [{ what, namespace: textOf(metadata.namespace) }];
  });
}
