/** What the apps are: their pods as the manifests in `apps/` have them, and a plain web server for any other. */
import type { Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { App, Stack } from '../../../../runbooks/stack-type.ts';
import { confined, httpGet, named, port, unprivileged } from '../build/basics.ts';

export interface Program {
  /** The Pod Security Standard of its namespace. */
  standard: 'restricted' | 'baseline';
  replicas: number;
  strategy?: Fields;
  podSpec: Fields;
  /** Whether its pods have a ServiceAccount of their own. */
  hasAccount?: boolean;
  /** How long its pods have run, and what their names end in. */
  started: string;
  hash?: string;
  suffixes?: readonly string[];
  /** What its EndpointSlice's name ends in. */
  slice?: string;
}

const container = (app: App, more: Fields): Fields => ({
  name: app.name,
  image: app.image,
  ports: [port('http', app.containerPort)],
  ...more,
});

/** Within limits, and no more than it needs of everything else. */
const modest = (app: App, path: string, more: Fields = {}): Fields =>
  container(app, {
    livenessProbe: httpGet(path, 'http'),
    readinessProbe: httpGet(path, 'http'),
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    ...more,
  });

const webServer = (app: App): Program => ({
  standard: 'restricted',
  replicas: 1,
  podSpec: {
    automountServiceAccountToken: false,
    securityContext: unprivileged(65532),
    containers: [modest(app, '/')],
  },
  started: '24d',
});

const handbook = (app: App): Program => ({
  standard: 'restricted',
  replicas: 2,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  podSpec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: named(app.name) },
        matchLabelKeys: ['pod-template-hash'],
      },
    ],
    securityContext: unprivileged(65532),
    containers: [
      container(app, {
        livenessProbe: httpGet('/healthz', 'http'),
        readinessProbe: { ...httpGet('/readyz', 'http'), periodSeconds: 5 },
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
        securityContext: confined,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      }),
    ],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }],
  },
  started: '9d',
  hash: '2wx9k2sqs',
  suffixes: ['p7gks', 'fvwfp'],
  slice: 'zgxck',
});

/** Where there is Vault it fetches Vault's OIDC keys from inside the cluster: the reason why pods must resolve the apps' hostnames. */
const headlamp = (app: App, { vault }: Stack): Program => ({
  standard: 'restricted',
  replicas: 1,
  hasAccount: true,
  podSpec: {
    serviceAccountName: app.name,
    securityContext: unprivileged(100, 101),
    containers: [
      {
        name: app.name,
        image: app.image,
        args: [
          '-in-cluster',
          ...(vault === null
            ? []
            : [
                `-oidc-idp-issuer-url=https://${vault.hostname}/v1/identity/oidc/provider/default`,
                `-oidc-client-id=${app.name}`,
                '-oidc-scopes=openid,profile,groups',
                '-oidc-use-pkce',
              ]),
        ],
        ...modest(app, '/'),
      },
    ],
  },
  started: '26d',
  hash: 'c524b5hjh',
  suffixes: ['spl2n'],
  slice: '9nh8m',
});

const jellyfin = (app: App): Program => ({
  standard: 'baseline',
  replicas: 1,
  strategy: { type: 'Recreate' },
  podSpec: {
    automountServiceAccountToken: false,
    securityContext: unprivileged(1000, 1000, { fsGroup: 1000 }),
    containers: [
      modest(app, '/health', {
        resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '2Gi' } },
        volumeMounts: [
          { name: 'config', mountPath: '/config' },
          { name: 'cache', mountPath: '/cache' },
          { name: 'media', mountPath: '/media', readOnly: true },
        ],
      }),
    ],
    volumes: [
      { name: 'config', persistentVolumeClaim: { claimName: `${app.name}-config` } },
      { name: 'cache', emptyDir: {} },
      { name: 'media', persistentVolumeClaim: { claimName: `${app.name}-media`, readOnly: true } },
    ],
  },
  started: '21d',
  hash: 'k8z6jb8db',
  suffixes: ['fcv6w'],
  slice: 'jpqxx',
});

const programs: Readonly<Record<NonNullable<App['program']>, (app: App, stack: Stack) => Program>> = {
  handbook,
  headlamp,
  jellyfin,
};

export const programOf = (app: App, stack: Stack): Program =>
  app.program === undefined ? webServer(app) : programs[app.program](app, stack);
