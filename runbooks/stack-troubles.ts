/**
 * What is wrong with a stack file, told before anything is made of it: a name that no cluster would take, or two that do not fit together,
 * would come out much later as something else. Nothing checks types before Node runs the file. Pure.
 */
import { z } from 'zod';
import { dnsLabel, dnsSubdomain, type Shape } from '../src/kinds/metadata.ts';
import { hostMark, listenersOf } from './stack-listeners.ts';
import type { Stack } from './stack-type.ts';

/** A name of a shape that API servers ask for. */
const named = ({ pattern, longest }: Shape, what: string) => z.string().max(longest).regex(pattern, what);
const label = named(dnsLabel, 'is no name that Kubernetes takes here: a-z, 0-9 and -, at most 63 of them');
const objectName = named(dnsSubdomain, 'is no name that Kubernetes takes here: a-z, 0-9 and -, with dots between');
const isLabel = (part: string): boolean => dnsLabel.pattern.test(part) && part.length <= dnsLabel.longest;
const hostname = z
  .string()
  .max(dnsSubdomain.longest)
  .refine(
    (name) => name.includes('.') && name.split('.').every(isLabel),
    'is no hostname: labels of a-z, 0-9 and -, with dots between them, and none at the end',
  );
/** A name that may hold the mark of a hostname. */
const marked = (name: typeof label) =>
  z
    .string()
    .refine(
      (text) => name.safeParse(text.replaceAll(hostMark, 'x')).success,
      `is no name that Kubernetes takes here: a-z, 0-9 and -, with ${hostMark} for a hostname`,
    );
const port = z.int().min(1).max(65_535);
const text = z.string().min(1, 'is empty');
const place = { namespace: label, name: objectName };

const app = z.strictObject({
  ...place,
  hostname,
  port,
  containerPort: port,
  image: text,
  exposed: z.boolean(),
  program: z.enum(['handbook', 'headlamp', 'jellyfin']).optional(),
});

const shape = z.strictObject({
  site: z.strictObject({ title: text, url: z.url({ protocol: /^https$/ }), repository: z.url(), branch: text }),
  domain: hostname,
  tailnet: hostname,
  node: z.strictObject({ name: objectName, address: z.union([z.ipv4(), z.ipv6()]) }),
  loadBalancerClass: text,
  gatewayClass: z.strictObject({ name: objectName }),
  gateway: z.strictObject({ ...place, listener: marked(label) }),
  envoyProxy: z.strictObject(place),
  device: z.strictObject({ name: label, tag: z.string().startsWith('tag:') }),
  certificate: z.strictObject({
    namespace: label,
    name: marked(objectName),
    secret: marked(objectName),
    covers: z.enum(['domain', 'hostname']),
  }),
  clusterIssuer: z.strictObject({ name: objectName, email: z.email() }),
  envoyGateway: z.strictObject({ namespace: label, deployment: objectName, controllerName: text }),
  tailscaleOperator: z.strictObject({ namespace: label, deployment: objectName, oauthSecret: objectName }),
  internalService: z.strictObject(place).nullable(),
  coredns: z.strictObject({ namespace: label, configMap: objectName, deployment: objectName }),
  cilium: z.strictObject({ namespace: label, configMap: objectName, daemonSet: objectName }).nullable(),
  externalDns: z
    .strictObject({ namespace: label, deployment: objectName, owner: text, tokenSecret: objectName })
    .nullable(),
  certManager: z.strictObject({ namespace: label, deployment: objectName, tokenSecret: objectName }),
  externalSecrets: z.strictObject({ namespace: label, deployment: objectName, store: objectName }).nullable(),
  vault: z.strictObject({ namespace: label, service: label, port, hostname }).nullable(),
  tailnetResolver: z.strictObject({ ...place, device: label, updater: objectName }).nullable(),
  splitHorizon: z.strictObject({ hostname, pages: hostname }).nullable(),
  app,
  apps: z.array(app).min(1),
}) satisfies z.ZodType<Stack>;

/** What is wrong with a stack, a sentence each; empty for a sound one. */
export function stackTroubles(stack: unknown): readonly string[] {
  const read = shape.safeParse(stack);
  return read.success ? misfits(read.data) : read.error.issues.map((issue) => toldOf(issue, stack));
}

/** `apps[1].program is "grafana": ...` */
function toldOf({ path, message }: z.core.$ZodIssue, stack: unknown): string {
  const place = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1);
  const found = path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    stack,
  );
  const seen =
    found === undefined ? 'is not there' : typeof found === 'object' ? 'is wrong' : `is ${JSON.stringify(found)}`;
  return `${place === '' ? 'stack' : place} ${seen}: ${message}.`;
}

/** Names that are each in order and do not fit together. */
function misfits(stack: Stack): readonly string[] {
  const { domain, app: followed, apps, vault, splitHorizon } = stack;
  const all = apps.map(({ hostname }, index) => ({ hostname, at: `apps[${index}]` }));
  const isServed = (name: string): boolean => name === domain || name.endsWith(`.${domain}`);
  const double = apps.flatMap(({ namespace, name }, index) => {
    const first = apps.findIndex((one) => one.namespace === namespace && one.name === name);
    return first === index
      ? []
      : [`apps[${index}] is ${namespace}/${name}, as apps[${first}] is: each app has a name of its own.`];
  });
  return [
    ...(vault === null ? all : [...all, { hostname: vault.hostname, at: 'vault' }])
      .filter((one) => !isServed(one.hostname))
      .map(
        (one) =>
          `${one.at}.hostname is ${one.hostname}, which is not in the domain ${domain}: the Gateway does not serve it.`,
      ),
    ...double,
    ...(apps.some(({ namespace, name }) => namespace === followed.namespace && name === followed.name)
      ? []
      : [
          `app is ${followed.namespace}/${followed.name}, which is none of apps: the app that examples follow is one of them.`,
        ]),
    ...(splitHorizon === null || apps.some((one) => one.hostname === splitHorizon.hostname)
      ? []
      : [`splitHorizon.hostname is ${splitHorizon.hostname}, which is the hostname of none of apps.`]),
    ...misnamedListeners(stack),
    ...contradictions(stack),
  ];
}

/** Names of listeners, Certificates and Secrets that do not fit what a certificate covers. */
function misnamedListeners(stack: Stack): readonly string[] {
  const { gateway, certificate } = stack;
  const isEach = certificate.covers === 'hostname';
  const wrong = Object.entries({
    'gateway.listener': gateway.listener,
    'certificate.name': certificate.name,
    'certificate.secret': certificate.secret,
  }).filter(([, name]) => name.includes(hostMark) !== isEach);
  if (wrong.length > 0)
    return wrong.map(([path, name]) =>
      isEach
        ? `${path} is ${name}, for every hostname: with certificate.covers "hostname" it holds ${hostMark}, which stands for each.`
        : `${path} is ${name}: ${hostMark} stands for a hostname, and with certificate.covers "domain" one certificate is for all.`,
    );
  const all = listenersOf(stack);
  const double = all.find((one, index) => all.findIndex(({ name }) => name === one.name) !== index);
  return double === undefined
    ? []
    : [`gateway.listener is ${gateway.listener}, and two hostnames would have the listener ${double.name}.`];
}

/** Parts that cannot do without one another. */
function contradictions(stack: Stack): readonly string[] {
  const { apps, externalDns, externalSecrets, vault, splitHorizon, tailnetResolver } = stack;
  const unanswered = apps.flatMap(({ exposed }, index) => (exposed ? [] : [index]));
  return [
    ...(externalSecrets !== null && vault === null
      ? [
          'vault is null, and externalSecrets is not: here External Secrets copies out of Vault. Make both null, or none.',
        ]
      : []),
    ...(externalSecrets === null && vault !== null
      ? ['externalSecrets is null, and vault is not: nothing would copy out of Vault. Make both null, or none.']
      : []),
    ...(splitHorizon !== null && tailnetResolver === null
      ? ['tailnetResolver is null, and splitHorizon is not: without it the tailnet gets the public answer, too.']
      : []),
    ...(externalDns !== null && tailnetResolver === null
      ? unanswered.map(
          (index) => `apps[${index}].exposed is false, and tailnetResolver is null: nothing answers for its hostname.`,
        )
      : []),
  ];
}
