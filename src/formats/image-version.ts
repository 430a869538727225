/** Which version a container's image is of, by its tag: `registry.k8s.io/external-dns/external-dns:v0.19.0@sha256:…`. */

export interface ImageVersion {
  major: number;
  minor: number;
  /** Missing where the tag names none, as `1.36`. */
  patch: number | undefined;
  /** What follows, without its sign: `rc.1`, `alpine`. */
  suffix: string;
}

export interface ImageReference {
  /** With the registry, and its port. */
  name: string;
  tag: string | undefined;
  digest: string | undefined;
}

/** The parts of an image's reference [distribution/reference]. */
export function parseImage(image: string): ImageReference {
  const [whole = '', digest] = image.split('@', 2);
  // A colon before the last slash is that of a registry's port.
  const colon = whole.lastIndexOf(':');
  const hasTag = colon > whole.lastIndexOf('/');
  return {
    name: hasTag ? whole.slice(0, colon) : whole,
    tag: hasTag ? whole.slice(colon + 1) : undefined,
    digest,
  };
}

/** The last part of its name: `external-dns`. */
export function imageBase(image: string): string {
  const { name } = parseImage(image);
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A version such as `v1.36.2`, `0.19`, `1.2.3-rc.1`; undefined for what names none. */
export function parseVersion(text: string): ImageVersion | undefined {
  const [found, major, minor, patch, suffix = ''] =
    /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:[-+_.](.*))?$/s.exec(text) ?? [];
  if (found === undefined) return undefined;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? undefined : Number(patch),
    suffix,
  };
}

/** The version that an image's tag names; undefined without a tag, and for tags such as `latest`. */
export const imageVersion = (image: string | undefined): ImageVersion | undefined =>
  parseVersion(parseImage(image ?? '').tag ?? '');
