/** An object as Git has it, and where it stands. */

/** An object as a file has it, or as it is built of files. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Readonly<Record<string, string>> } & Readonly<
    Record<string, unknown>
  >;
}

/** Lines and columns count from 1. */
export interface Place {
  line: number;
  column: number;
}

export type Path = readonly (string | number)[];

export interface Manifest {
  object: ManifestObject;
  file: string;
  /** Where a field stands, or the nearest field around it that is there. */
  place: (path: Path) => Place;
  /** The folder of the kustomization or of the chart that it was built of, where it was. */
  builtFrom?: string;
  /** Who built it; kustomize where nobody is named. With values, no command alone builds it again. */
  builtBy?: 'helm' | 'helm with values';
}

/** Something about a file that people have to know: it cannot be read, or was left out. */
export interface FileNote {
  file: string;
  place?: Place;
  /** A sentence without the file, which begins with a small letter: `is not YAML: …`. */
  message: string;
  /** What to do. */
  hint?: string;
}

/** The file of a note and its place in it, as editors and compilers write them. */
export const noteText = ({ file, place, message, hint }: FileNote): string =>
  `${file}${place === undefined ? '' : `:${place.line}:${place.column}`} ${message}.${hint === undefined ? '' : ` ${hint}`}`;

/** Who makes objects that no manifest shows: a chart, an operator, what is fetched from elsewhere. */
export interface Maker {
  /** As a person calls it: `HelmRelease network/envoy-gateway`. */
  what: string;
  /** Where it makes them; undefined where that may be anywhere. */
  namespace: string | undefined;
  /** What would have to be rendered to see them: `the chart podinfo 6.5.0 of https://…`. */
  of?: string;
}

/** A chart, and who installs it. */
export interface InstalledChart {
  /** `HelmRelease shop/web`. */
  by: string;
  /** The chart's name; undefined where an object tells it that is not at hand. */
  chart: string | undefined;
  /** As whoever installs it says it: one, or a range. */
  version: string | undefined;
}

/** What one cluster gets. */
export interface Applied {
  /** What the cluster is called, as its folder, where a tree holds several. */
  cluster: string | undefined;
  manifests: readonly Manifest[];
  makers: readonly Maker[];
  /** Every chart that somebody installs. */
  charts: readonly InstalledChart[];
  /** What charts that are known make of values in Git, as far as a check reads it. */
  told: readonly Manifest[];
}
