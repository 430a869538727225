/**
 * Which cluster to ask, and as whom: kubectl's own rules for finding, merging and choosing.
 *
 * Nothing is imported here that takes long to load, so that contexts can be listed at once. Errors name places, never
 * contents: a kubeconfig holds credentials.
 */
import { Refusal } from '../formats/refusal.ts';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { closest } from '../formats/closest-name.ts';
import { readKubeconfig, type ClusterEntry, type ContextEntry, type UserEntry } from './kubeconfig-file.ts';
import { checkFiles, checkServer, checkUser } from './target-checks.ts';

export interface KubeconfigOptions {
  /** As `--kubeconfig` gives it: this file and no other. */
  kubeconfig?: string;
  /** As `--context` gives it, in place of the current context. */
  context?: string;
  /** Where to look; the process's own environment, home and service account when left out. */
  env?: Readonly<Record<string, string | undefined>>;
  home?: string;
  serviceAccount?: string;
}

export interface Kubeconfig {
  /** Where it was found, for sentences: a path, several, or "the service account of this pod". */
  origin: string;
  currentContext: string | undefined;
  contexts: ReadonlyMap<string, ContextEntry>;
  clusters: ReadonlyMap<string, ClusterEntry>;
  users: ReadonlyMap<string, UserEntry>;
}

/** One context, resolved: what a connection needs. */
export interface Target {
  origin: string;
  context: string;
  cluster: ClusterEntry;
  user: UserEntry;
  /** What the kubeconfig calls the user, for sentences. */
  userName: string;
}

export interface ContextSummary {
  name: string;
  cluster: string;
  /** Undefined when the kubeconfig does not say what the context's cluster is. */
  server: string | undefined;
  user: string;
  current: boolean;
}

/** The contexts that there are to choose from, without anybody's credentials. */
export function listContexts(options: KubeconfigOptions = {}): ContextSummary[] {
  const { contexts, clusters, currentContext } = loadKubeconfig(options);
  return [...contexts].map(([name, { cluster, user }]) => {
    const server = clusters.get(cluster)?.server;
    return {
      name,
      cluster,
      server: server === undefined ? undefined : displayUrl(server),
      user: user ?? '',
      current: name === (options.context ?? currentContext),
    };
  });
}

/**
 * Finds the kubeconfig: `--kubeconfig`, else the files of KUBECONFIG, else ~/.kube/config, else a pod's service account.
 *
 * @throws {Refusal}
 */
export function loadKubeconfig(options: KubeconfigOptions = {}): Kubeconfig {
  const env = options.env ?? process.env;
  if (options.kubeconfig !== undefined) return merge([options.kubeconfig]);

  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  // Like kubectl, which skips files of the list that do not exist.
  const existing = listed.filter((file) => existsSync(file));
  if (existing.length > 0) return merge(existing);
  if (listed.length > 0) {
    throw new Refusal(
      'input',
      `No kubeconfig found: KUBECONFIG names ${listed.join(' and ')}, which ${listed.length === 1 ? 'does' : 'do'} not exist.`,
      'Correct KUBECONFIG, unset it to use ~/.kube/config, or pass --kubeconfig FILE.',
      { code: 'no-kubeconfig' },
    );
  }

  const usual = path.join(options.home ?? homedir(), '.kube', 'config');
  if (existsSync(usual)) return merge([usual]);

  const serviceAccount = options.serviceAccount ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const inCluster = inClusterConfig(env, serviceAccount);
  if (inCluster !== undefined) return inCluster;
  throw new Refusal(
    'input',
    `No kubeconfig found: KUBECONFIG is not set, ${usual} does not exist, and this is not a pod (no ${path.join(serviceAccount, 'token')}).`,
    'Pass --kubeconfig FILE, set KUBECONFIG, or use --demo for the demo cluster.',
    { code: 'no-kubeconfig' },
  );
}

/**
 * Resolves a context to its cluster and user.
 *
 * @throws {Refusal}
 */
export function chooseTarget(kubeconfig: Kubeconfig, wanted?: string): Target {
  const { origin, contexts, clusters, users } = kubeconfig;
  const name = wanted ?? kubeconfig.currentContext;
  if (name === undefined) {
    throw new Refusal(
      'input',
      `${origin} has no current context. ${knownContexts(contexts, '')}`,
      contexts.size === 0
        ? 'Pass another kubeconfig with --kubeconfig FILE, or use the demo cluster.'
        : 'Pass --context NAME, or choose one for good with: kubectl config use-context NAME',
      { code: 'no-current-context' },
    );
  }
  const context = contexts.get(name);
  if (context === undefined) {
    throw new Refusal(
      'input',
      `${origin} has no context "${name}"${wanted === undefined ? ', which it says is current' : ''}. ${knownContexts(contexts, name)}`,
      'Pass --context with one of these, or another kubeconfig with --kubeconfig FILE.',
      { code: 'unknown-context' },
    );
  }
  const cluster = clusters.get(context.cluster);
  if (cluster === undefined) {
    throw new Refusal(
      'input',
      `Context "${name}" in ${origin} refers to cluster "${context.cluster}", which is not defined there.`,
      'Add the cluster, or choose another context with --context NAME.',
      { code: 'unknown-cluster' },
    );
  }
  checkServer(origin, context.cluster, cluster);
  const userName = context.user ?? '';
  const user = userName === '' ? {} : users.get(userName);
  if (user === undefined) {
    throw new Refusal(
      'input',
      `Context "${name}" in ${origin} refers to user "${userName}", which is not defined there.`,
      'Add the user, or choose another context with --context NAME.',
      { code: 'unknown-user' },
    );
  }
  checkUser(origin, userName, user);
  checkFiles(origin, cluster, user);
  return { origin, context: name, cluster, user, userName };
}

/** Nobody reads more names than these. */
const mostNames = 5;

function knownContexts(contexts: Kubeconfig['contexts'], wanted: string): string {
  const names = [...contexts.keys()];
  if (names.length === 0) return 'It has no contexts.';
  if (names.length <= mostNames) return `It has: ${names.join(', ')}.`;
  const near = closest(wanted, names, mostNames);
  return near.length > 0
    ? `Of its ${names.length} contexts the nearest ${near.length === 1 ? 'is' : 'are'}: ${near.join(', ')}.`
    : `It has ${names.length} contexts, among them: ${names.slice(0, mostNames).join(', ')}.`;
}

/** A URL as it may be shown: without the user and password that it may hold. */
export function displayUrl(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/$/, '')}`;
}

/** Merges files as kubectl does: the first to define a name wins, and none is merged into another of the same name. */
function merge(files: readonly string[]): Kubeconfig {
  const parts = files.map(readKubeconfig);
  return {
    origin: files.join(', '),
    currentContext: parts.map((part) => part['current-context']).find((current) => current) ?? undefined,
    contexts: firstWins(parts.flatMap((part) => part.contexts ?? []).map((entry) => [entry.name, entry.context])),
    clusters: firstWins(parts.flatMap((part) => part.clusters ?? []).map((entry) => [entry.name, entry.cluster])),
    users: firstWins(parts.flatMap((part) => part.users ?? []).map((entry) => [entry.name, entry.user ?? {}])),
  };
}

function firstWins<V>(entries: readonly [string, V][]): Map<string, V> {
  const first = new Map<string, V>();
  for (const [key, entry] of entries) if (!first.has(key)) first.set(key, entry);
  return first;
}

function inClusterConfig(env: NonNullable<KubeconfigOptions['env']>, serviceAccount: string): Kubeconfig | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const tokenFile = path.join(serviceAccount, 'token');
  if (host === undefined || !existsSync(tokenFile)) return undefined;
  const name = 'in-cluster';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  return {
    origin: 'the service account of this pod',
    currentContext: name,
    contexts: new Map([[name, { cluster: name, user: name }]]),
    clusters: new Map([[name, { server, 'certificate-authority': path.join(serviceAccount, 'ca.crt') }]]),
    users: new Map([[name, { tokenFile }]]),
  };
}
