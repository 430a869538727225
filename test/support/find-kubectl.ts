/**
 * Finds kubectl, and fetches Debian's where there is none: what is printed for a reader to paste has to work with the real one. Tests of
 * kubectl itself also run against Debian's own, which in Debian 12 is four years older than the cluster.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { told, unpack, unpackedAt } from './debian-package.ts';

export interface Kubectl {
  path: string;
  /** Of `v1.MINOR`. */
  minor: number;
}

/** The first whose `exec` speaks WebSocket unless told otherwise, as API servers do since; older ones speak SPDY [KEP 4006]. */
export const execsSince = 31;

const debians = 'kubernetes-client';
const hint = 'Install it (Debian: apt-get install kubernetes-client; macOS: brew install kubernetes-cli).';

const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');

const findKubectl = (): string | undefined =>
  [...folders.map((folder) => join(folder, 'kubectl')), debiansPath()].find((path) => existsSync(path));

const debiansPath = (): string => join(unpackedAt(debians), 'usr/bin/kubectl');

/**
 * Makes sure that there is a kubectl.
 *
 * @throws when none is found and none could be fetched, with what was tried.
 */
export function ensureKubectl(say: (text: string) => void = console.log): Kubectl {
  const tried = findKubectl() === undefined ? unpack(debians, 'No kubectl found', say) : [];
  const found = findKubectl();
  if (found === undefined) throw new Error(`No kubectl found.${told(tried)} ${hint}`);
  return withVersion(found);
}

/** The one that is there, for tests that can do without. */
export function presentKubectl(): Kubectl | undefined {
  const path = findKubectl();
  return path === undefined ? undefined : withVersion(path);
}

/** Debian's own, beside the one that is found anyway. */
function ensureDebiansKubectl(say: (text: string) => void): Kubectl {
  const tried = existsSync(debiansPath()) ? [] : unpack(debians, "Debian's kubectl is not there", say);
  if (!existsSync(debiansPath())) throw new Error(`Debian's kubectl is not there.${told(tried)}`);
  return withVersion(debiansPath());
}

/**
 * Every one that tests of kubectl run against: the one that is found, others such as `kubectl-1.36`, and Debian's; one of a version.
 *
 * @throws when there is none, or Debian's could not be fetched where there are packages of Debian.
 */
export function allKubectls(say: (text: string) => void = console.log): readonly Kubectl[] {
  const others = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((file) => /^kubectl-1\.3\d$/.test(file))
      .map((file) => join(folder, file)),
  );
  const found = [ensureKubectl(say), ...others.map(withVersion)];
  // Where there is no Debian there is none of its packages.
  const all = existsSync('/usr/bin/apt-get') ? [...found, ensureDebiansKubectl(say)] : found;
  return [...new Map(all.toReversed().map((one) => [one.minor, one])).values()].toReversed();
}

/** An environment in which `kubectl` is this one, for shells. */
export const withKubectl = ({ path }: Kubectl, environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...environment,
  PATH: [dirname(path), ...folders].join(delimiter),
});

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function withVersion(path: string): Kubectl {
  const { stdout, error } = spawnSync(path, ['version', '--client', '--output=json'], { encoding: 'utf8' });
  const minor = Number(/"minor": "(\d+)/.exec(error === undefined ? stdout : '')?.[1]);
  if (error !== undefined || !(minor > 0)) throw new Error(`${path} does not tell its version. ${hint}`);
  return { path, minor };
}
