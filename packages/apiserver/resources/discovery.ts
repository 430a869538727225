/** The documents in which an API server says what it serves: the plain lists, and the aggregated one that `kubectl` asks for. */
import { healthPaths } from '../http/health.ts';
import { groupVersion, isStored, storageVersionHash, verbsOf, type Resource } from './resources.ts';
import { subresource } from './subresources.ts';

export const apiVersions = (address: string): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
});

interface GroupEntry {
  name: string;
  versions: readonly string[];
}

/** Every group but the core one, with its versions, built-in ones first. */
function groups(resources: readonly Resource[]): readonly GroupEntry[] {
  const found = new Map<string, string[]>();
  for (const { group, versions } of resources) {
    if (group === '') continue;
    const known = found.get(group) ?? [];
    found.set(group, [...known, ...versions.filter((version) => !known.includes(version))]);
  }
  return [...found].map(([name, versions]) => ({ name, versions }));
}

const apiGroup = ({ name, versions }: GroupEntry) => {
  const entries = versions.map((version) => ({ groupVersion: groupVersion(name, version), version }));
  return { name, versions: entries, preferredVersion: entries[0] };
};

export const apiGroupList = (resources: readonly Resource[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups(resources).map(apiGroup),
});

/** One group, or undefined when nothing serves it. */
export function apiGroupDocument(resources: readonly Resource[], name: string): object | undefined {
  const group = groups(resources).find((entry) => entry.name === name);
  return group === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) };
}

export const servesVersion = (resources: readonly Resource[], group: string, version: string): boolean =>
  group === ''
    ? version === 'v1'
    : groups(resources).some(({ name, versions }) => name === group && versions.includes(version));

const of = (resources: readonly Resource[], group: string, version: string): readonly Resource[] =>
  resources.filter((resource) => resource.group === group && resource.versions.includes(version));

export const apiResourceList = (resources: readonly Resource[], group: string, version: string): object => ({
  kind: 'APIResourceList',
  ...(group === '' ? {} : { apiVersion: 'v1' }),
  groupVersion: groupVersion(group, version),
  resources: [
    ...of(resources, group, version).flatMap((resource) => [
      {
        name: resource.plural,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: verbsOf(resource),
        ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
        ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
        ...(isStored(resource) ? { storageVersionHash: storageVersionHash(resource) } : {}),
      },
      ...resource.subresources.map((name) => {
        const { kind = { kind: resource.kind }, verbs } = subresource(resource, name);
        return {
          name: `${resource.plural}/${name}`,
          singularName: '',
          namespaced: resource.namespaced,
          ...kind,
          verbs,
        };
      }),
    ]),
  ],
});

/** The version of the aggregated document that a client accepts, the first that it names; undefined where it wants the plain lists. */
export const aggregatedVersion = (accept: string): string | undefined =>
  accept
    .split(',')
    .filter((clause) => clause.includes('as=APIGroupDiscoveryList') && clause.includes('g=apidiscovery.k8s.io'))
    .map((clause) => /;\s*v=(v2|v2beta1)\s*(?:;|$)/.exec(clause)?.[1])
    .find((version) => version !== undefined);

/** The aggregated document of /api (the core group alone) or of /apis (all others). */
export function aggregatedDiscovery(resources: readonly Resource[], core: boolean, version: string): object {
  const entries = core ? [{ name: '', versions: ['v1'] }] : groups(resources);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: entries.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: of(resources, name, version).map((resource) => aggregated(resource, version)),
        freshness: 'Current',
      })),
    })),
  };
}

/** Every path that an API server lists of itself. */
export const rootPaths = (resources: readonly Resource[]): object => ({
  paths: [
    ...[
      '/.well-known/openid-configuration',
      '/api',
      '/api/v1',
      '/apis',
      '/apis/',
      '/metrics',
      '/openapi/v3',
      '/openid/v1/jwks',
    ],
    ...['/openapi/v3/', '/version', ...healthPaths],
    ...groups(resources).flatMap(({ name, versions }) => [
      `/apis/${name}`,
      ...versions.map((version) => `/apis/${name}/${version}`),
    ]),
  ].sort(),
});

function aggregated(resource: Resource, version: string): object {
  // Built-in kinds leave group and version empty: they are those of the document.
  const responseKind = {
    group: resource.custom ? resource.group : '',
    version: resource.custom ? version : '',
    kind: resource.kind,
  };
  return {
    resource: resource.plural,
    responseKind,
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: verbsOf(resource),
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(resource.subresources.length > 0
      ? {
          subresources: resource.subresources.map((name) => {
            const { kind, verbs } = subresource(resource, name);
            return { subresource: name, responseKind: { ...responseKind, ...kind }, verbs };
          }),
        }
      : {}),
  };
}
