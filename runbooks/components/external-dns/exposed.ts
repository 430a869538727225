/** What checks of ExternalDNS share: which routes ask for a record, and how the flags are read and set. */
import { parseSelector, textSelects } from '../../../src/formats/label-selector-text.ts';
import { refOf, type Evidence } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { currentPrefix, legacyPrefix, type ExternalDns } from '../../models/external-dns-options.ts';
import { jsonPatch, pointer } from '../../models/patches.ts';
import { deployments, httpRoutes, topologyReads } from '../../models/reads.ts';
import { partNames } from '../../parts.ts';
import { hangsOn, tailnetGateways, type ResolvedGateway, type Topology } from '../../models/topology.ts';

export type Route = KubeObject<'HTTPRoute'>;
export type Gateway = KubeObject<'Gateway'>;

export const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  deployments: plain(deployments),
};

export type Values = Topology & { routes: readonly Route[]; deployments: readonly KubeObject<'Deployment'>[] };

export const showArguments = sh`kubectl get deployment -n ${partNames.externalDns.namespace} ${partNames.externalDns.deployment} -o jsonpath='{range .spec.template.spec.containers[0].args[*]}{@}{"\\n"}{end}'`;
export const showRoutes = sh`kubectl get httproute -A -o json | jq -r '.items[] | "\\(.metadata.namespace)/\\(.metadata.name) \\(.spec.hostnames) \\(.metadata.annotations)"'`;
export const untold = 'ExternalDNS’s flags stand neither in its arguments nor in its environment.';
export const notInstalled = 'ExternalDNS is not installed, and no route asks for a record.';
export const disturbs = 'Nothing: records that exist stay while ExternalDNS restarts.';

export const knownPrefixes = [legacyPrefix, currentPrefix];

/** The prefixes that an ExternalDNS reads; any known one where neither flag nor version tells. */
export const prefixesOf = (options: ExternalDns | undefined): readonly string[] => options?.prefixes ?? knownPrefixes;

const isFalse = (value: string): boolean => ['', 'false', 'no', 'off', '0'].includes(value.toLowerCase());

/** Whether a route carries an expose annotation, whatever its prefix and whoever reads it. */
export const isAnnotated = ({ metadata }: Route): boolean =>
  knownPrefixes.some((prefix) => {
    const value = metadata.annotations?.[`${prefix}expose`];
    return value !== undefined && !isFalse(value);
  });

/** The routes on the tailnet's Gateways that ask for a record: by the expose annotation, or by what the filter asks for. */
export function exposedRoutes(values: Values, all: readonly ExternalDns[]): readonly Route[] {
  const found = tailnetGateways(values);
  return values.routes.filter(
    (route) =>
      isOn(route, found) &&
      (isAnnotated(route) ||
        all.some(
          ({ annotationFilter }) =>
            annotationFilter !== '' &&
            asksFor(annotationFilter) &&
            textSelects(annotationFilter, route.metadata.annotations),
        )),
  );
}

/** A filter that only excludes asks for nothing by itself. */
function asksFor(filter: string): boolean {
  const parsed = parseSelector(filter);
  return !('refused' in parsed) && parsed.some(({ operator }) => !['NotIn', 'DoesNotExist'].includes(operator));
}

export const isOn = (route: Route, some: readonly ResolvedGateway[]): boolean =>
  some.some(({ gateway }) => hangsOn(route, gateway));

export const argumentsOf = ({ deployment, path }: ExternalDns, observed: unknown, expected: unknown): Evidence => ({
  object: refOf(deployment),
  path,
  observed,
  expected,
});

export const editArguments = ({ deployment }: ExternalDns): Shell =>
  sh`kubectl edit deployment ${place(deployment.metadata)}`;

/** Replaces a flag among the arguments, or adds it; opens an editor where the flag is not known, or not given as one word. */
export function setArgument(options: ExternalDns, flag: string): Shell {
  const { deployment, path } = options;
  const [name = ''] = /^--[a-z-]+=/.exec(flag) ?? [];
  const index = Number(/\[(\d+)\]/.exec(path)?.[1] ?? 0);
  const { args } = deployment.spec?.template.spec?.containers[index] ?? {};
  if (name === '' || args === undefined || args.includes(name.slice(0, -1))) return editArguments(options);
  const found = args.findIndex((argument) => argument.startsWith(name));
  return jsonPatch(
    'deployment',
    deployment.metadata,
    found === -1
      ? { op: 'add', path: `${pointer(path)}/-`, value: flag }
      : { op: 'replace', path: pointer(`${path}[${found}]`), value: flag },
  );
}

export const exposeAnnotations = ({ metadata }: Route): string =>
  Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith('external-dns.'))
    .map(([key, value]) => `${key}=${value}`)
    .join(', ') || 'none of ExternalDNS';
