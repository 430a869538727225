/** Which package knows the kinds of an API group, and where in it a kind's declaration and validator stand. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groupOf } from '../kind.ts';

interface Package {
  name: string;
  /** What its models were made from [tommy351/kubernetes-models-ts at f819b64: go.mod of each, scripts/generate.ts]. */
  release: string;
}

const certManager: Package = { name: '@kubernetes-models/cert-manager', release: 'cert-manager v1.20.2' };
const externalSecrets: Package = { name: '@kubernetes-models/external-secrets', release: 'External Secrets v0.16.2' };

/** Groups of custom resources; every other group is looked for among the built-in ones. */
const packageOfGroup: Readonly<Record<string, Package>> = {
  'acme.cert-manager.io': certManager,
  'cert-manager.io': certManager,
  'cilium.io': { name: '@kubernetes-models/cilium', release: 'Cilium v1.19.3' },
  'external-secrets.io': externalSecrets,
  'gateway.envoyproxy.io': { name: '@kubernetes-models/envoy-gateway', release: 'Envoy Gateway v1.7.3' },
  'gateway.networking.k8s.io': {
    name: '@kubernetes-models/gateway-api',
    release: 'Gateway API v1.5.1',
  },
  'generators.external-secrets.io': externalSecrets,
};
const builtin: Package = { name: 'kubernetes-models', release: 'Kubernetes v1.36.0' };

/** The package that would know a kind of a group. */
const packageOf = (apiVersion: string): Package => packageOfGroup[groupOf(apiVersion)] ?? builtin;

/** Which release the package's models are of. */
export const releaseOf = (apiVersion: string): string => packageOf(apiVersion).release;

// Both end up in a path, and both come from a file or a request: nothing but what Kubernetes allows them to be.
const apiVersionShape = /^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*\/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?$/;
const kindShape = /^[A-Z][A-Za-z0-9]*$/;

/** The module of a kind; undefined when no package has one of that name. */
export function moduleOf(apiVersion: string, kind: string): string | undefined {
  if (!apiVersionShape.test(apiVersion) || !kindShape.test(kind)) return undefined;
  return `${packageOf(apiVersion).name}/${apiVersion}/${kind}`;
}

/** The file that declares a kind; undefined when there is none. */
export function declarationFile(apiVersion: string, kind: string): string | undefined {
  const module = moduleOf(apiVersion, kind);
  if (module === undefined) return undefined;
  try {
    const file = packageFile(module);
    return existsSync(file) ? file : undefined;
  } catch {
    // Not among the package's exports.
    return undefined;
  }
}

/** The file that an import in a declaration leads to. */
export const resolveImport = (specifier: string, from: string): string =>
  specifier.startsWith('.') ? join(dirname(from), specifier.replace(/\.js$/, '.d.ts')) : packageFile(specifier);

const packageFile = (module: string): string => fileURLToPath(import.meta.resolve(module)).replace(/\.js$/, '.d.ts');
