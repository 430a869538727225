/** What must be true of a cluster and a user before anybody is asked anything. Errors name places, never contents. */
import { Refusal } from '../formats/refusal.ts';
import { accessSync, constants } from 'node:fs';
import type { ClusterEntry, UserEntry } from './kubeconfig-file.ts';
import { parseProxy } from './proxy.ts';
import { checkFile, FileError, readSmallFile } from './small-file.ts';

/** @throws {Refusal} when its server is not the root of an API, to which the paths of requests can be added. */
export function checkServer(origin: string, name: string, cluster: ClusterEntry): void {
  const { server } = cluster;
  const invalid = (what: string, hint: string): Refusal =>
    new Refusal('input', `The server of cluster "${name}" in ${origin} ${what}.`, hint, { code: 'invalid' });
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw invalid('is not an http(s) URL', 'It should look like https://192.168.1.10:6443.');
  }
  const proxy = cluster['proxy-url'];
  if (proxy && !/^(https?|socks(4a?|5h?)?):$/.test(parseProxy(proxy)?.protocol ?? '')) {
    // To go without it would be to ask somebody else than the kubeconfig means.
    throw new Refusal(
      'input',
      `The proxy-url of cluster "${name}" in ${origin} is not the URL of an HTTP or SOCKS proxy.`,
      'It should look like http://proxy.example.com:3128 or socks5://127.0.0.1:1080.',
      { code: 'invalid' },
    );
  }
  // Also an empty one, which `URL` does not show: the path of a request would become part of it.
  const extra = server.includes('?') ? 'query (what stands after ?)' : 'fragment (what stands after #)';
  if (/[?#]/.test(server)) {
    throw invalid(
      `has a ${extra}, and no API server is at such an address`,
      'Take that away. A path is kept: https://rancher.example.com/k8s/clusters/c-1. Credentials belong to the user.',
    );
  }
}

/** @throws {Refusal} when kubectl would not log in as this user either. */
export function checkUser(origin: string, name: string, user: UserEntry): void {
  const provider = user['auth-provider']?.name;
  if (provider !== undefined && provider !== 'oidc') {
    throw new Refusal(
      'input',
      `User "${name}" in ${origin} logs in with the auth-provider "${provider}", which kubectl has not had since 1.26, and which may run any program. Nothing was run.`,
      `${successors[provider] ?? 'Use a credential plugin (exec) in its place'}, or choose another context with --context NAME.`,
      { code: 'invalid' },
    );
  }
  const more = (['as-uid', 'as-groups', 'as-user-extra'] as const).filter((field) => isGiven(user[field]));
  if (!user.as && more.length > 0) {
    throw new Refusal(
      'input',
      `User "${name}" in ${origin} has ${more.join(' and ')}, and no one to impersonate.`,
      'Add the user with "as", or take the rest away, as kubectl demands too.',
      { code: 'invalid' },
    );
  }
}

const successors: Readonly<Record<string, string>> = {
  gcp: 'Install gke-gcloud-auth-plugin, and write the kubeconfig anew with: gcloud container clusters get-credentials',
  azure: 'Install kubelogin, and change the kubeconfig with: kubelogin convert-kubeconfig',
};

const isGiven = (field: string | readonly string[] | object | null | undefined): boolean =>
  field !== null && field !== undefined && (typeof field === 'string' ? field !== '' : Object.keys(field).length > 0);

/** @throws {Refusal} when a file that they name cannot be read. */
export function checkFiles(origin: string, cluster: ClusterEntry, user: UserEntry): void {
  const entry = { ...cluster, ...user };
  for (const field of ['certificate-authority', 'client-certificate', 'client-key'] as const) {
    // What is given as data takes precedence over a file, which then need not exist.
    if (!entry[`${field}-data`]) check(origin, field, entry[field], checkReadable);
  }
  check(origin, 'tokenFile', user.tokenFile, readSmallFile);
  check(
    origin,
    'idp-certificate-authority',
    user['auth-provider']?.config?.['idp-certificate-authority'],
    checkReadable,
  );
}

function check(origin: string, field: string, file: string | null | undefined, look: (file: string) => unknown): void {
  if (!file) return;
  try {
    look(file);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new Refusal(
      'input',
      `${origin} names ${file} as ${field}, which cannot be read: ${error.message}.`,
      'Restore the file, or renew the kubeconfig from the cluster.',
      { code: 'unreadable' },
    );
  }
}

function checkReadable(file: string): void {
  checkFile(file);
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new FileError(`this user may not read it (${(error as NodeJS.ErrnoException).code})`);
  }
}
