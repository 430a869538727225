/** `/livez`, `/readyz` and `/healthz`: as a whole, check by check, and in words. [kube-apiserver 1.36] */
const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((hook) => `poststarthook/${hook}`);

const last = [
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

const alive = ['ping', 'log', 'etcd', ...hooks, ...last];

const checks: Readonly<Record<string, readonly string[]>> = {
  healthz: alive,
  livez: alive,
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...hooks, ...last, 'shutdown'],
};

/** Every path that says something of health. */
export const healthPaths: readonly string[] = Object.entries(checks).flatMap(([name, parts]) => [
  `/${name}`,
  ...parts.map((part) => `/${name}/${part}`),
]);

/** What a path says; undefined where it is no question of health. A server that answers at all is in good health. */
export function healthReport(path: string, query: URLSearchParams): string | undefined {
  const [, name = '', part] = /^\/([a-z]+)(?:\/(.+))?$/.exec(path) ?? [];
  const parts = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (parts === undefined || (part !== undefined && !parts.includes(part))) return undefined;
  if (part !== undefined || !query.has('verbose')) return 'ok';
  const excluded = query.getAll('exclude');
  const unknown = excluded.filter((one) => !parts.includes(one)).map((one) => JSON.stringify(one));
  return [
    ...parts.map((one) => `[+]${one} ${excluded.includes(one) ? 'excluded: ok' : 'ok'}`),
    ...(unknown.length === 0
      ? []
      : [`warn: some health checks cannot be excluded: no matches for ${unknown.join(',')}`]),
    `${name} check passed\n`,
  ].join('\n');
}
