/**
 * Objects of kinds that a controller looks at only when it is told to: Envoy Gateway leaves an EnvoyPatchPolicy and a Backend alone unless its
 * configuration switches their API on [Envoy Gateway 1.3 to 1.9, api/v1alpha1, ExtensionAPISettings].
 */
import { groupOf } from '../kinds/kind.ts';
import { envoyGatewayChart, envoyGatewayConfig } from './charts/envoy-gateway.ts';
import { fieldsOf, textOf, valueAt } from './fields.ts';
import { valuesOf } from './files/documents.ts';
import type { Finding } from './finding.ts';
import type { Applied, Manifest, ManifestObject } from './manifest.ts';
import { nameOf } from './scope.ts';

/** The switch of each kind. */
const switches: Readonly<Record<string, string>> = {
  Backend: 'enableBackend',
  EnvoyPatchPolicy: 'enableEnvoyPatchPolicy',
};

export const isSwitched = ({ apiVersion, kind }: ManifestObject): boolean =>
  groupOf(apiVersion) === 'gateway.envoyproxy.io' && Object.hasOwn(switches, kind);

/** The switched kinds that the configuration leaves off, and what says so; undefined where it is not known to whom it is told. */
export function switchedOff({
  manifests,
  told,
  charts,
}: Applied): { by: Manifest; isOff: (kind: string) => boolean } | undefined {
  const byChart = told.filter(isConfig);
  const configs = [...manifests.filter(isConfig), ...byChart];
  // Of one whose values are not all here nobody knows what it is told.
  const isAnyUntold = charts.filter(({ chart }) => chart === envoyGatewayChart).length > byChart.length;
  const [by] = configs;
  if (by === undefined || isAnyUntold) return undefined;
  return { by, isOff: (kind) => configs.every((config) => isOff(config, kind)) };
}

export function judgeSwitches(applied: Applied): readonly Finding[] {
  const off = switchedOff(applied);
  if (off === undefined) return [];
  return applied.manifests
    .filter(({ object }) => isSwitched(object) && off.isOff(object.kind))
    .map((manifest) => findingOf(manifest, off.by));
}

const isConfig = ({ object: { apiVersion, kind, metadata } }: Manifest): boolean =>
  apiVersion === 'v1' && kind === 'ConfigMap' && metadata.name === envoyGatewayConfig.name;

function isOff({ object }: Manifest, kind: string): boolean {
  const text = textOf(valueAt(object, ['data', envoyGatewayConfig.key]));
  const settings = text === undefined ? undefined : valuesOf(text)?.[0];
  if (settings === undefined) return false;
  const value = fieldsOf(fieldsOf(settings)['extensionApis'])[switches[kind] ?? ''];
  return value === undefined || value === null || value === false;
}

function findingOf(manifest: Manifest, { file, place }: Manifest): Finding {
  const { object } = manifest;
  const field = `extensionApis.${switches[object.kind] ?? ''}`;
  const told = `${file}:${place([]).line}`;
  return {
    manifest,
    outcome: 'failed',
    what: 'switchedOff',
    place: manifest.place(['kind']),
    path: 'kind',
    observed: object.kind,
    expected: `${field}: true in the configuration of Envoy Gateway`,
    message: `${object.kind} ${nameOf(object)} does nothing: Envoy Gateway looks at its kind only where ${field} is true, and ${told} does not say so.`,
    advice: `Set ${field} to true in the configuration of Envoy Gateway (${told}), or take the object out.`,
  };
}
