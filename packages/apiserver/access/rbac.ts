/**
 * Users with bearer tokens, and the rules of RBAC. (What a cluster's own roles add is in `bindings.ts`.)
 *
 * Every API server also lets anyone see its health and version, and every authenticated user its discovery and reviews.
 */
import { toBase64Url } from '../bytes/base64.ts';

export interface PolicyRule {
  verbs: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

export interface User {
  name: string;
  groups: readonly string[];
  /** What it may do whatever the cluster's objects say. */
  rules: readonly PolicyRule[];
  /** Absent for the anonymous user, and for whoever is impersonated. */
  token?: string;
  uid?: string;
  /** What else its credentials say. */
  extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ResourceAttributes {
  verb: string;
  group: string;
  resource: string;
  subresource: string;
  name: string;
}

/** What the group system:masters may do. */
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** ClusterRole system:public-info-viewer: for everyone, known or not. */
export const publicInfo: readonly PolicyRule[] = [
  { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
];

/** ClusterRole system:basic-user: for everyone with a valid token. */
const basicUser: readonly PolicyRule[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
];

/** ClusterRole system:discovery: for everyone with a valid token. */
const discovery: readonly PolicyRule[] = [
  { verbs: ['get'], nonResourceURLs: ['/.well-known', '/.well-known/*'] },
  {
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/healthz',
      '/livez',
      '/openapi',
      '/openapi/*',
      '/readyz',
      '/version',
      '/version/',
    ],
  },
];

export const authenticated: readonly PolicyRule[] = [...basicUser, ...discovery];

const ownRoles: readonly (readonly [rules: readonly PolicyRule[], role: string])[] = [
  [everything, ''],
  [publicInfo, 'system:public-info-viewer'],
  [basicUser, 'system:basic-user'],
  [discovery, 'system:discovery'],
];

/** The ClusterRole that a rule of the server's own is of; otherwise the user's own, which is called like it. */
export const roleOf = (rule: PolicyRule, user: string): string =>
  ownRoles.find(([rules]) => rules.includes(rule))?.[1] ?? user;

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'], rules: publicInfo };

/** Somebody with a token, which is another in every run. */
export const createUser = (name: string, groups: readonly string[], rules: readonly PolicyRule[] = []): User => ({
  name,
  groups: [...groups, 'system:authenticated'],
  rules: [...publicInfo, ...authenticated, ...rules],
  token: toBase64Url(crypto.getRandomValues(new Uint8Array(24))),
  uid: name,
});

/** Who may do everything. */
export const createAdmin = (): User => createUser('admin', ['system:masters'], everything);

/** Somebody by that name in these groups, who need not exist. */
export function userNamed(name: string, groups: readonly string[], users: readonly User[]): User {
  const known = users.find((user) => user.name === name);
  const rules = groups.includes('system:masters') ? everything : (known?.rules ?? []);
  return { name, groups, rules };
}

const includes = (allowed: readonly string[] | undefined, wanted: string): boolean =>
  allowed !== undefined && (allowed.includes('*') || allowed.includes(wanted));

/** Whether one of these rules allows it. */
export const allows = (
  rules: readonly PolicyRule[],
  { verb, group, resource, subresource, name }: ResourceAttributes,
): boolean =>
  rules.some(
    (rule) =>
      includes(rule.verbs, verb) &&
      includes(rule.apiGroups, group) &&
      (includes(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`) ||
        (subresource !== '' && rule.resources?.includes(`*/${subresource}`) === true)) &&
      (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name)),
  );

/** The same for a path that is no resource. */
export const allowsPath = (rules: readonly PolicyRule[], verb: string, path: string): boolean =>
  rules.some(
    (rule) =>
      includes(rule.verbs, verb) &&
      rule.nonResourceURLs?.some((url) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path)) ===
        true,
  );
