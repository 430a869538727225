/** What objects of Flux and Argo CD have applied, as far as it can be read from them. */
import type { Overlay } from '../kustomize/build.ts';
import type { FileNote, Maker, Manifest, Path } from '../manifest.ts';
import type { Release } from '../charts/release.ts';
import type { Fields } from '../fields.ts';

/** A folder of this repository that somebody applies. */
export interface Step {
  /** `Flux Kustomization flux-system/apps`. */
  by: string;
  /** The object that says so, and where in it the path stands. */
  manifest: Manifest;
  path: Path;
  /** Undefined where the path leads out of the repository. */
  folder: string | undefined;
  /** Whether it is certain that this is the repository that is meant. */
  isCertain: boolean;
  overlay: Overlay;
  /** How a folder without kustomization is read: Flux makes one, Argo CD takes the files, and of a HelmRelease it is a chart. */
  files: 'generated' | 'chart' | ReadAsFiles;
  /** Whether a plugin of Argo CD builds it: one that knows kustomize, where there is a kustomization. */
  isByPlugin?: boolean;
  /** Argo CD's namespace, for what names none. */
  otherwiseIn?: string | undefined;
  /** Flux's `postBuild`, where it is set. */
  postBuild?: Fields | undefined;
  /** What is installed, where the folder is a chart. */
  release?: Release;
  /** Another cluster than the one that this object stands in. */
  cluster?: string | undefined;
}

export interface ReadAsFiles {
  recurse: boolean;
  /** Whether they are read one by one beside a kustomization, too. */
  evenWithKustomization: boolean;
  /** Whether a file is taken, by its path in the folder. */
  takes: (path: string) => boolean;
}

export interface Plan {
  steps: readonly Step[];
  makers: readonly Maker[];
  /** Charts that are installed by what no manifest is. */
  releases: readonly Release[];
  notes: readonly FileNote[];
  faults: readonly FileNote[];
}

export const nothing: Plan = { steps: [], makers: [], releases: [], notes: [], faults: [] };

export const joined = (plans: readonly Plan[]): Plan => ({
  steps: plans.flatMap(({ steps }) => steps),
  makers: plans.flatMap(({ makers }) => makers),
  releases: plans.flatMap(({ releases }) => releases),
  notes: plans.flatMap(({ notes }) => notes),
  faults: plans.flatMap(({ faults }) => faults),
});
