/** Which package knows the kinds of an API group, and where in it a kind's declaration and validator stand. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Groups of custom resources; every other group is looked for among the built-in ones. */
const packageOfGroup: Readonly<Record<string, string>> = {
  'acme.cert-manager.io': '@kubernetes-models/cert-manager',
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'cilium.io': '@kubernetes-models/cilium',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'gateway.envoyproxy.io': '@kubernetes-models/envoy-gateway',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'generators.external-secrets.io': '@kubernetes-models/external-secrets',
};
const builtin = 'kubernetes-models';

// Both end up in a path, and both come from a file or a request: nothing but what Kubernetes allows them to be.
const apiVersionShape = /^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*\/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?$/;
const kindShape = /^[A-Z][A-Za-z0-9]*$/;

/** The group of an `apiVersion`; empty for the core group. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** The module of a kind; undefined when no package has one of that name. */
export function moduleOf(apiVersion: string, kind: string): string | undefined {
  if (!apiVersionShape.test(apiVersion) || !kindShape.test(kind)) return undefined;
  return `${packageOfGroup[groupOf(apiVersion)] ?? builtin}/${apiVersion}/${kind}`;
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
