/**
 * A kind at one of its versions: everything that its maker says of it, wherever it was read.
 *
 * Who asks for a kind does not know where it comes from: definitions (of a cluster, or given as files), a server's OpenAPI, or the
 * packages of models. What is said by it names its release.
 */
import type { KindSchema } from './schema.ts';
import type { Violation } from './violation.ts';

export interface Kind {
  group: string;
  version: string;
  kind: string;
  structure: KindSchema;
  release: Release;
  /** How it is called in paths and by kubectl; only definitions tell. */
  names?: Names;
  /** Every version, this one included; only definitions tell. */
  versions?: readonly Version[];
  /** What `kubectl get` shows after the name. */
  columns?: readonly Column[];
  /** Judges values beyond what the structure tells, where the source carries no more than a judge. */
  judgeValues?: (object: object) => Promise<readonly Violation[]>;
}

export interface Names {
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
}

export interface Version {
  name: string;
  served: boolean;
  storage: boolean;
}

export interface Column {
  name: string;
  jsonPath: string;
  type: string;
  priority?: number;
}

export interface Release {
  /** For people: `Gateway API v1.5.1 (standard channel)`. */
  name: string;
  /** Whether this is what the object will meet, and not only what is at hand: then what it does not know does not exist. */
  installed: boolean;
}

/** A version that its kind has and that no server takes: its kind at that version, and what to write instead. */
export interface NotServed {
  served: readonly string[];
  release: Release;
}

/** Where kinds are looked up. */
export interface Kinds {
  /** Undefined for a kind that is not known here. */
  find: (apiVersion: string, kind: string) => Promise<Kind | NotServed | undefined>;
}

export const isServed = (found: Kind | NotServed): found is Kind => 'structure' in found;

/** The first that knows a kind tells of it. */
export const firstOf = (...sources: readonly Kinds[]): Kinds => ({
  find: async (apiVersion, kind) => {
    for (const source of sources) {
      const found = await source.find(apiVersion, kind);
      if (found !== undefined) return found;
    }
    return undefined;
  },
});

/** The group of an `apiVersion`; empty for the core group. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** Groups with a domain that a server is built with; a group without one is always built in, for no definition may have it. */
const builtInDomains: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** Whether a server is built with the kinds of a group, and needs no definition for them. */
export const isBuiltIn = (group: string): boolean => !group.includes('.') || builtInDomains.has(group);

export const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;
