/**
 * What an ExternalDNS was told: its flags, from the arguments and the environment of its container, and the defaults that
 * its version has. Pure. [ExternalDNS 0.19 to 0.22]
 */
import { flagsOf } from '../../src/formats/container-flags.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { isNone, known } from '../../src/runbook/told.ts';
import { goRegExp, isRefused, type GoRegExp, type RefusedPattern } from '../../src/formats/go-regexp.ts';
import { imageBase, imageVersion, parseVersion } from '../../src/formats/image-version.ts';
import { externalDnsRules } from '../../src/formats/program-flags.ts';
import { partNames } from '../parts.ts';

type Deployment = KubeObject<'Deployment'>;

export const legacyPrefix = 'external-dns.alpha.kubernetes.io/';
export const currentPrefix = 'external-dns.kubernetes.io/';

export interface ExternalDns {
  deployment: Deployment;
  /** Where its arguments stand, as a path. */
  path: string;
  /** Minor version of 0.x; undefined when neither image nor label tells. */
  minor: number | undefined;
  /** Whether it is told anything in sight; without any flag it would not start. */
  isTold: boolean;
  sources: readonly string[];
  annotationFilter: string;
  labelFilter: string;
  domains: readonly string[];
  excludedDomains: readonly string[];
  /** A regular expression decides instead of the lists. */
  domainPattern: GoRegExp | RefusedPattern | undefined;
  /** What it matches is left out, before the other pattern is asked. */
  excludedPattern: GoRegExp | RefusedPattern | undefined;
  namespace: string;
  gatewayName: string;
  gatewayNamespace: string;
  gatewayLabelFilter: string;
  /** Prefixes of the annotations that it reads; undefined when neither flag nor version tells. */
  prefixes: readonly string[] | undefined;
  prefixIsDefault: boolean;
  ignoresHostnameAnnotation: boolean;
  hasTemplate: boolean;
  isDryRun: boolean;
  hasPolicy: boolean;
  /** Secrets in its own namespace that its pods cannot start without. */
  secrets: readonly string[];
}

/** Every ExternalDNS of the cluster: by the stack's name, by its image, or by the chart's label. */
export function externalDnsOf(deployments: readonly Deployment[]): readonly ExternalDns[] {
  const found = foundIn(deployments);
  // Who has one in Git has all of them there.
  return isNone(found) ? [] : known(found);
}

const foundIn = (deployments: readonly Deployment[]): readonly ExternalDns[] =>
  deployments
    .filter(({ metadata, spec }) => {
      const isStacks =
        metadata.name === partNames.externalDns.deployment && metadata.namespace === partNames.externalDns.namespace;
      const containers = spec?.template.spec?.containers ?? [];
      return (
        isStacks ||
        containers.some(({ image }) => imageBase(image ?? '') === 'external-dns') ||
        metadata.labels?.['app.kubernetes.io/name'] === 'external-dns'
      );
    })
    .map(optionsOf);

function optionsOf(deployment: Deployment): ExternalDns {
  const containers = deployment.spec?.template.spec?.containers ?? [];
  const at = Math.max(
    0,
    containers.findIndex(({ name, image }) => name === 'external-dns' || image?.includes('external-dns') === true),
  );
  const container = containers[at];
  // Every flag has an environment variable too; a list is written in it line by line.
  const { all, last, isOn, isTold } = flagsOf(container, externalDnsRules);
  const minor = minorOf(container?.image, deployment);
  const prefix = last('annotation-prefix') || (minor === undefined ? '' : minor >= 22 ? currentPrefix : legacyPrefix);
  return {
    deployment,
    path: `spec.template.spec.containers[${at}].args`,
    minor,
    isTold,
    sources: all('source'),
    annotationFilter: last('annotation-filter'),
    labelFilter: last('label-filter'),
    domains: all('domain-filter').filter((domain) => domain !== ''),
    excludedDomains: all('exclude-domains').filter((domain) => domain !== ''),
    domainPattern: patternOf(last('regex-domain-filter')),
    excludedPattern: patternOf(last('regex-domain-exclusion')),
    namespace: last('namespace'),
    gatewayName: last('gateway-name'),
    gatewayNamespace: last('gateway-namespace'),
    gatewayLabelFilter: last('gateway-label-filter'),
    prefixes: prefix === '' ? undefined : isOn('enable-legacy-annotation-prefix') ? [prefix, legacyPrefix] : [prefix],
    prefixIsDefault: last('annotation-prefix') === '',
    ignoresHostnameAnnotation: isOn('ignore-hostname-annotation'),
    hasTemplate: last('fqdn-template') !== '',
    isDryRun: isOn('dry-run'),
    hasPolicy: last('policy') !== '',
    secrets: [
      ...(container?.env ?? []).flatMap(({ valueFrom }) =>
        valueFrom?.secretKeyRef?.optional === true ? [] : [valueFrom?.secretKeyRef?.name],
      ),
      ...(container?.envFrom ?? []).flatMap(({ secretRef }) => (secretRef?.optional === true ? [] : [secretRef?.name])),
      ...(deployment.spec?.template.spec?.volumes ?? []).flatMap(({ secret }) =>
        secret?.optional === true ? [] : [secret?.secretName],
      ),
    ].filter((name) => name !== undefined),
  };
}

function minorOf(image: string | undefined, { metadata, spec }: Deployment): number | undefined {
  const labelled = [metadata.labels, spec?.template.metadata?.labels].map((labels) =>
    parseVersion(labels?.['app.kubernetes.io/version'] ?? ''),
  );
  return [imageVersion(image), ...labelled].find((version) => version?.major === 0)?.minor;
}

const patternOf = (source: string): GoRegExp | RefusedPattern | undefined =>
  source === '' ? undefined : goRegExp(source);

/** Whether a pattern takes a name. One that Go refuses ends ExternalDNS at start, so nothing is said of names by it. */
const matches = (pattern: GoRegExp | RefusedPattern | undefined, name: string, otherwise: boolean): boolean =>
  pattern === undefined || isRefused(pattern) ? otherwise : pattern.test(name);

/** Whether the domain filters let a name through. A filter with a leading dot does not take the domain itself. */
export function domainsAllow(options: ExternalDns, hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '');
  const takes = (filter: string): boolean => {
    const domain = filter.toLowerCase().trim().replace(/\.$/, '');
    return domain.startsWith('.') ? name.endsWith(domain) : name === domain || name.endsWith(`.${domain}`);
  };
  const { domainPattern, excludedPattern } = options;
  if (domainPattern !== undefined || excludedPattern !== undefined) {
    return !matches(excludedPattern, name, false) && matches(domainPattern, name, true);
  }
  return (options.domains.length === 0 || options.domains.some(takes)) && !options.excludedDomains.some(takes);
}
