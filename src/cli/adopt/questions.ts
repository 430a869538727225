/** The names of a stack file, one line each: where they stand, and what is asked where nothing tells them. */
import type { Stack } from '../../../runbooks/stack-type.ts';

export interface Question {
  /** Where the answer stands in the stack file; an answer of two parts is written as `NAMESPACE/NAME`. */
  paths: readonly [string, ...string[]];
  /** What is asked on a terminal; what has none is rarely another, and is kept unless it is read or given. */
  ask?: string;
}

const place = (at: string, name: string): Question['paths'] => [`${at}.namespace`, `${at}.${name}`];

/** In the order of the questions: what others follow from first. */
export const questions: readonly Question[] = [
  { paths: place('gateway', 'name'), ask: 'The Gateway that serves your hostnames, as NAMESPACE/NAME' },
  { paths: ['domain'], ask: 'The domain of these hostnames' },
  {
    paths: ['certificate.covers'],
    ask: 'What a Certificate covers: the domain, with one wildcard, or one hostname each (domain or hostname)',
  },
  {
    paths: ['gateway.listener'],
    ask: 'The name of its HTTPS listener; of one for each hostname, with {host} in its place',
  },
  { paths: ['gatewayClass.name'], ask: 'Its GatewayClass' },
  { paths: place('envoyProxy', 'name'), ask: 'The EnvoyProxy with the settings of its proxies, as NAMESPACE/NAME' },
  { paths: ['device.name'], ask: 'The tailnet device that the Gateway registers as' },
  { paths: ['tailnet'], ask: 'The tailnet’s MagicDNS suffix, as in tailscale status' },
  { paths: place('certificate', 'name'), ask: 'The Certificate of the listener, as NAMESPACE/NAME' },
  { paths: ['certificate.secret'], ask: 'The Secret that it is written to' },
  { paths: ['clusterIssuer.name'], ask: 'The ClusterIssuer that it is issued by' },
  { paths: ['clusterIssuer.email'], ask: 'The address of its ACME account' },
  { paths: ['site.title'], ask: 'The title of your copy' },
  { paths: ['site.url'], ask: 'The address that it is published at' },
  { paths: ['site.repository'], ask: 'The address of your repository' },
  { paths: ['splitHorizon.pages'], ask: 'The host that Cloudflare Pages gives it, PROJECT.pages.dev' },
  { paths: ['site.branch'] },
  { paths: ['device.tag'] },
  { paths: ['node.name'] },
  { paths: ['node.address'] },
  { paths: ['loadBalancerClass'] },
  { paths: place('envoyGateway', 'deployment') },
  { paths: ['envoyGateway.controllerName'] },
  { paths: place('tailscaleOperator', 'deployment') },
  { paths: ['tailscaleOperator.oauthSecret'] },
  { paths: place('internalService', 'name') },
  { paths: place('coredns', 'deployment') },
  { paths: ['coredns.configMap'] },
  { paths: place('cilium', 'daemonSet') },
  { paths: ['cilium.configMap'] },
  { paths: place('externalDns', 'deployment') },
  { paths: ['externalDns.owner'] },
  { paths: ['externalDns.tokenSecret'] },
  { paths: place('certManager', 'deployment') },
  { paths: ['certManager.tokenSecret'] },
  { paths: place('externalSecrets', 'deployment') },
  { paths: ['externalSecrets.store'] },
  { paths: place('vault', 'service') },
  { paths: ['vault.port'] },
  { paths: ['vault.hostname'] },
  { paths: place('tailnetResolver', 'name') },
  { paths: ['tailnetResolver.device'] },
  { paths: ['tailnetResolver.updater'] },
];

/** What stands at a place of the stack, as text. */
function valueAt(stack: Stack, path: string): string {
  const found = path.split('.').reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], stack);
  return String(found);
}

/** The answer to a question that a stack file gives. */
export const answerIn = (stack: Stack, { paths }: Question): string =>
  paths.map((path) => valueAt(stack, path)).join('/');

/** The stack with something else at a place; a number where one stands there. */
export function withValue(stack: Stack, path: string, value: string): Stack {
  const set = (object: Readonly<Record<string, unknown>>, [step = '', ...rest]: readonly string[]): unknown => {
    const before = object[step];
    const after = rest.length > 0 ? set(before as Record<string, unknown>, rest) : asBefore(before, value);
    return { ...object, [step]: after };
  };
  return set(stack as unknown as Record<string, unknown>, path.split('.')) as Stack;
}

const asBefore = (before: unknown, text: string): unknown =>
  typeof before === 'number' && /^\d+$/.test(text) ? Number(text) : text;

/** The stack with an answer; nothing where it has not as many parts as the question. */
export function withAnswer(stack: Stack, { paths }: Question, answer: string): Stack | undefined {
  const parts = paths.length === 1 ? [answer] : answer.split('/');
  if (parts.length !== paths.length) return undefined;
  return paths.reduce((all, path, index) => withValue(all, path, parts[index] ?? ''), stack);
}
