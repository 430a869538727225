/** The apps behind a Gateway, told by their routes, Services and Deployments. Pure. */
import { missed } from '../../runbook/fact.ts';
import type { KubeObject } from '../../runbook/kinds.ts';
import type { App, Stack } from '../../../runbooks/stack-type.ts';
import { hangsOn } from '../../../runbooks/models/topology.ts';
import type { Facts } from './facts.ts';
import { fullName } from './told.ts';

type Route = KubeObject<'HTTPRoute'>;

export interface FoundApps {
  apps: readonly App[];
  /** Routes that are no such app, each with why. */
  others: readonly string[];
}

/** The routes of a Gateway that lead to a Service and a Deployment of their name, in the domain; that of Vault is known apart. */
export function appsBehind(gateway: string, { domain, vault }: Stack, facts: Facts): FoundApps {
  const found = facts.gateways.find((one) => fullName(one) === gateway);
  const routes = found === undefined ? [] : facts.httpRoutes.filter((route) => hangsOn(route, found));
  const told = routes
    .filter(({ spec }) => spec.hostnames?.some((name) => name.endsWith(`.${domain}`) && name !== vault?.hostname))
    .map((route) => ({ route, app: attempt(() => appOf(route, domain, facts)) }));
  return {
    apps: told.flatMap(({ app }) => (typeof app === 'string' ? [] : [app])),
    others: told.flatMap(({ route, app }) => (typeof app === 'string' ? [`HTTPRoute ${fullName(route)}: ${app}`] : [])),
  };
}

function attempt(find: () => App | string): App | string {
  try {
    return find();
  } catch (error) {
    return missed(error).problem.message;
  }
}

function appOf(route: Route, domain: string, { services, deployments }: Facts): App | string {
  const { namespace = '', name } = route.metadata;
  const isOwn = ({ metadata }: { metadata: { namespace?: string; name: string } }): boolean =>
    metadata.namespace === namespace && metadata.name === name;
  const service = services.find(isOwn);
  const [container] = deployments.find(isOwn)?.spec?.template.spec?.containers ?? [];
  const hostname = route.spec.hostnames?.find((one) => one.endsWith(`.${domain}`)) ?? '';
  const ports = service === undefined || container === undefined ? undefined : portsOf(route, service, container);
  if (ports === undefined) return 'it does not lead to a Service and a Deployment of its name whose ports are told.';
  const image = container?.image ?? '';
  const program = programs.find((one) => image.includes(one));
  return {
    ...{ namespace, name, hostname, ...ports, image, exposed: isExposed(route) },
    ...(program === undefined ? {} : { program }),
  };
}

type Container = NonNullable<NonNullable<KubeObject<'Deployment'>['spec']>['template']['spec']>['containers'][number];

function portsOf(
  route: Route,
  service: KubeObject<'Service'>,
  container: Container,
): Pick<App, 'port' | 'containerPort'> | undefined {
  const backends = route.spec.rules?.flatMap(({ backendRefs }) => backendRefs ?? []) ?? [];
  const backend = backends.find((one) => one.name === service.metadata.name);
  const found = service.spec?.ports?.find(({ port }) => port === backend?.port);
  if (found === undefined) return undefined;
  const target = found.targetPort ?? found.port;
  const containerPort =
    typeof target === 'number' ? target : container.ports?.find((one) => one.name === target)?.containerPort;
  return containerPort === undefined ? undefined : { port: found.port, containerPort };
}

const isExposed = ({ metadata }: Route): boolean =>
  Object.entries(metadata.annotations ?? {}).some(
    ([key, value]) => /^external-dns\.[^/]+\/expose$/.test(key) && value === 'true',
  );

/** What the demo cluster shows as what it is. */
const programs = ['headlamp', 'jellyfin'] as const satisfies readonly NonNullable<App['program']>[];

/** Whether two apps are one, whatever else is told of it. */
export const isSame = (one: App, other: App): boolean => one.namespace === other.namespace && one.name === other.name;

/**
 * A stack with other apps, those that it has in their order first. The one that examples follow stays where it still is one of them; else the
 * first takes its place that is not in the public DNS, as the page about split horizon has it. A site that is published at its hostname moves
 * with it, unless its address is given.
 */
export function withApps(stack: Stack, found: readonly App[], given: ReadonlyMap<string, string>): Stack {
  const apps = found
    // What was known of an app, and no object tells, stays.
    .map((app) => ({ app, known: stack.apps.findIndex((one) => isSame(one, app)) }))
    .map(({ app, known }) => ({ known, app: { ...app, ...programIn(stack.apps[known]) } }))
    .toSorted((one, other) => rank(one.known) - rank(other.known))
    .map(({ app }) => app);
  const app = apps.find((one) => isSame(one, stack.app)) ?? apps.find(({ exposed }) => !exposed) ?? apps[0];
  if (app === undefined) return stack;
  const isPublishedThere = stack.site.url === `https://${stack.app.hostname}` && !given.has('site.url');
  return {
    ...stack,
    site: { ...stack.site, ...(isPublishedThere ? { url: `https://${app.hostname}` } : {}) },
    splitHorizon: stack.splitHorizon && { ...stack.splitHorizon, hostname: app.hostname },
    app,
    apps,
  };
}

const rank = (known: number): number => (known === -1 ? Number.MAX_SAFE_INTEGER : known);

const programIn = (app: App | undefined): Pick<App, 'program'> =>
  app?.program === undefined ? {} : { program: app.program };
