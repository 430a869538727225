/**
 * What charts make of their values, as far as a check reads it, as data. Each entry is as the chart's own templates have it; what a template
 * does with a value that is left out stands here only where it is known, with its releases.
 */
import { isObject } from '../../kinds/violation.ts';
import { valueAt, type Fields } from '../fields.ts';

/** How one value becomes arguments of a program. */
interface Flag {
  /** Path of the value; dots lead into it. */
  value: string;
  /** The argument, without its dashes; of a list once for each item. */
  flag: string;
  /** What the chart writes where the value is left out. */
  otherwise?: unknown;
  /** It is written whatever the value is, be it nothing. */
  isAlways?: boolean;
  /** The first release of the chart, 1.x, that reads the value. */
  since?: number;
}

export interface Chart {
  /** Its name, wherever it is kept. */
  name: string;
  /** Registries that keep another chart of that name. */
  notFrom?: RegExp;
  makes: {
    container: string;
    image: string;
    flags: readonly Flag[];
    /** Path of further arguments: a list of them, or a map of flags to values. */
    more: string;
    /** The first release of the chart, 1.x, that writes a true further argument as `--flag`, and a false one as `--no-flag`. */
    switchesSince?: number;
    labels: Readonly<Record<string, string>>;
  };
}

export const charts: readonly Chart[] = [
  {
    // kubernetes-sigs/external-dns, charts/external-dns 1.14.3 to 1.21.1, each rendered by helm 4.1: templates/deployment.yaml.
    name: 'external-dns',
    notFrom: /bitnami/,
    makes: {
      container: 'external-dns',
      image: 'registry.k8s.io/external-dns/external-dns',
      flags: [
        { value: 'sources', flag: 'source', otherwise: ['service', 'ingress'] },
        { value: 'policy', flag: 'policy', otherwise: 'upsert-only', isAlways: true },
        { value: 'registry', flag: 'registry', otherwise: 'txt', isAlways: true },
        { value: 'txtOwnerId', flag: 'txt-owner-id' },
        { value: 'txtPrefix', flag: 'txt-prefix' },
        { value: 'gatewayNamespace', flag: 'gateway-namespace', since: 18 },
        { value: 'domainFilters', flag: 'domain-filter' },
        { value: 'excludeDomains', flag: 'exclude-domains' },
        { value: 'labelFilter', flag: 'label-filter' },
        { value: 'annotationFilter', flag: 'annotation-filter', since: 19 },
        { value: 'annotationPrefix', flag: 'annotation-prefix', since: 20 },
      ],
      more: 'extraArgs',
      switchesSince: 21,
      labels: { 'app.kubernetes.io/name': 'external-dns' },
    },
  },
  {
    // cert-manager/cert-manager, deploy/charts/cert-manager 1.12 to 1.20, each rendered by helm 4.1: templates/deployment.yaml.
    name: 'cert-manager',
    makes: {
      container: 'cert-manager-controller',
      image: 'quay.io/jetstack/cert-manager-controller',
      flags: [
        { value: 'clusterResourceNamespace', flag: 'cluster-resource-namespace', otherwise: '$(POD_NAMESPACE)' },
        { value: 'dns01RecursiveNameservers', flag: 'dns01-recursive-nameservers' },
        { value: 'dns01RecursiveNameserversOnly', flag: 'dns01-recursive-nameservers-only' },
      ],
      more: 'extraArgs',
      labels: { 'app.kubernetes.io/name': 'cert-manager', 'app.kubernetes.io/component': 'controller' },
    },
  },
];

/** The paths of the values that are read of a chart. */
export const valuesRead = ({ makes: { flags, more } }: Chart): readonly (readonly string[])[] =>
  [...flags.map(({ value }) => value), more].map((path) => path.split('.'));

/**
 * The arguments that values become, in the order of the template.
 *
 * @param minor The release of the chart, 1.x; the newest where that is not known.
 */
export const argumentsOf = (
  { makes: { flags, more, switchesSince = 0 } }: Chart,
  values: Fields,
  minor = Infinity,
): readonly string[] => [
  ...flags.flatMap(({ value, flag, otherwise, isAlways, since = 0 }) => {
    if (minor < since) return [];
    const path = value.split('.');
    // A null takes away the chart's own value, too.
    const isTaken = path.some((_step, index) => valueAt(values, path.slice(0, index + 1)) === null);
    const given = isTaken ? undefined : (valueAt(values, path) ?? otherwise);
    if (given === undefined && isAlways === true) return [`--${flag}=`];
    if (given === undefined || given === '' || given === false) return [];
    const all = Array.isArray(given) ? given.map(String) : [textOf(given)];
    return all.map((one) => `--${flag}=${one}`);
  }),
  ...furtherArguments(valueAt(values, more.split('.')), minor >= switchesSince),
];

function furtherArguments(more: unknown, asSwitches: boolean): readonly string[] {
  if (Array.isArray(more)) return more.map(textOf);
  if (!isObject(more)) return [];
  return Object.entries(more).flatMap(([flag, value]) => {
    if (value === null) return [`--${flag}`];
    if (typeof value === 'boolean' && asSwitches) return [value ? `--${flag}` : `--no-${flag}`];
    return (Array.isArray(value) ? value : [value]).map((one) => `--${flag}=${textOf(one)}`);
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
