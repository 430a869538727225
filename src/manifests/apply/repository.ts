/** The repository in which the manifests stand: what of the places and sources that Flux and Argo CD name is in it. */
import { basename, join, normalize, resolve } from 'node:path';
import { pathIn } from '../files/paths.ts';
import type { Tree } from '../files/tree.ts';

export interface Repository {
  /** Its folder, written as the places in it are. */
  root: string;
  /** Where a path below its root leads; undefined where it leads out of it. */
  at: (path: string) => string | undefined;
  /** Whether this is where a URL leads, as far as its names tell. */
  isAt: (url: string) => boolean;
}

/** Whether a source is this repository. `perhaps`: no manifest says where it is, as of what Flux's own installation makes. */
export type Home = 'here' | 'perhaps' | 'elsewhere';

export interface Sources {
  ofFlux: (kind: string, name: string) => Home;
  /** Where a path in a source of Flux leads in the repository: an artifact is a copy of some of its folders. */
  pathIn: (kind: string, name: string, path: string, file: string) => string;
  ofArgo: (url: string) => Home;
}

export async function repositoryAt(tree: Tree, root: string): Promise<Repository> {
  const remotes = await remotesOf(tree, root);
  // Where Git tells nothing, the folder is called as the repository is, mostly.
  const name = basename(resolve(root)).toLowerCase();
  return {
    root,
    at: (path) => {
      const inner = normalize(`./${path}`);
      return /^\.\.(?:\/|$)/.test(inner) ? undefined : pathIn(root, inner);
    },
    isAt: (url) => {
      const wanted = comparable(url);
      return remotes.length > 0 ? remotes.includes(wanted) : wanted.split('/').at(-1) === name;
    },
  };
}

async function remotesOf(tree: Tree, root: string): Promise<readonly string[]> {
  const config = (await tree.text(join(root, '.git', 'config'))) ?? '';
  return Array.from(config.matchAll(/^\s*url\s*=\s*(\S+)/gm), ([, url = '']) => comparable(url));
}

/** `git@host:owner/name.git` and `https://host/owner/name` are one place. */
const comparable = (url: string): string =>
  url
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/@]*@/, '')
    .replace(/^([^/:]+):(?:\d+\/)?/, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
