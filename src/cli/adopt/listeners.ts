/** What a Gateway's HTTPS listeners tell: whether one certificate is for all hostnames or each has its own, and what these are called. Pure. */
import type { KubeObject } from '../../runbook/kinds.ts';
import { hostMark, hostOf } from '../../../runbooks/stack-listeners.ts';
import type { Facts } from './facts.ts';
import { fullName, toldBy, type Proposal } from './told.ts';

type Gateway = KubeObject<'Gateway'>;
type Listener = Gateway['spec']['listeners'][number];
type Certificate = KubeObject<'Certificate'>;

const isWildcard = (hostname: string | undefined): boolean => hostname?.startsWith('*.') === true;

/** The one that tells most: that of the domain, where there is one. */
export const httpsListener = ({ spec }: Gateway): Listener | undefined =>
  spec.listeners.find(({ protocol, hostname }) => protocol === 'HTTPS' && isWildcard(hostname)) ??
  spec.listeners.find(({ protocol }) => protocol === 'HTTPS');

/** The listeners of a Gateway each of which is for one hostname, with that. */
function ownListeners({ spec }: Gateway): readonly (readonly [Listener, string])[] {
  const all = spec.listeners.filter(({ protocol }) => protocol === 'HTTPS');
  const named = all.flatMap((listener) =>
    listener.hostname === undefined || isWildcard(listener.hostname) ? [] : [[listener, listener.hostname] as const],
  );
  return named.length === all.length ? named : [];
}

/** The Certificate that writes the Secret of a listener. */
export function certificateOf(
  gateway: Gateway,
  listener: Listener | undefined,
  { certificates }: Facts,
): Certificate | undefined {
  const [reference] = listener?.tls?.certificateRefs ?? [];
  const namespace = reference?.namespace ?? gateway.metadata.namespace;
  return certificates.find(
    ({ metadata, spec }) => spec.secretName === reference?.name && metadata.namespace === namespace,
  );
}

/** The domain that the hostnames of listeners have in common, where each has one. */
export function domainOfListeners(gateway: Gateway): string | undefined {
  const [first, ...others] = [...new Set(ownListeners(gateway).map(([, hostname]) => hostname))];
  if (first === undefined) return undefined;
  const isIn = (domain: string): boolean => others.every((name) => name === domain || name.endsWith(`.${domain}`));
  const labels = first.split('.');
  const domains = labels.map((_, index) => labels.slice(index).join('.')).slice(others.length === 0 ? 1 : 0);
  return domains.find((domain) => domain.includes('.') && isIn(domain));
}

/** The names of listeners, Certificates and Secrets: of one, or as a pattern for all. */
export function ofListeners(gateway: Gateway, facts: Facts, domain: string | undefined): readonly Proposal[] {
  const own = ownListeners(gateway).filter(([, hostname]) => domain !== undefined && hostname.endsWith(`.${domain}`));
  const isEach = own.length > 0 && !own.some(([listener]) => coversDomain(certificateOf(gateway, listener, facts)));
  if (!isEach || domain === undefined) return ofOne(gateway, facts);
  const told = own.map(([listener, hostname]) => {
    const certificate = certificateOf(gateway, listener, facts);
    const secret = certificate?.spec.secretName ?? listener.tls?.certificateRefs?.[0]?.name;
    return { host: hostOf(hostname, domain), listener: listener.name, name: certificate?.metadata.name, secret };
  });
  const pattern = (path: string, otherwise: string, nameOf: (one: (typeof told)[number]) => string | undefined) => {
    const value = commonPattern(told.map((one) => [one.host, nameOf(one)] as const));
    return value === undefined
      ? { path, value: otherwise, from: `the names of Gateway ${fullName(gateway)} follow no pattern` }
      : { path, value, from: `Gateway ${fullName(gateway)}` };
  };
  const [first] = own;
  return [
    ...toldBy(gateway, {
      'certificate.covers': 'hostname',
      'certificate.namespace': first && certificateOf(gateway, first[0], facts)?.metadata.namespace,
    }),
    pattern('gateway.listener', hostMark, ({ listener }) => listener),
    pattern('certificate.name', `${hostMark}-tls`, ({ name }) => name),
    pattern('certificate.secret', `${hostMark}-tls`, ({ secret }) => secret),
  ];
}

const coversDomain = (certificate: Certificate | undefined): boolean =>
  certificate?.spec.dnsNames?.some(isWildcard) === true;

function ofOne(gateway: Gateway, facts: Facts): readonly Proposal[] {
  const listener = httpsListener(gateway);
  const certificate = certificateOf(gateway, listener, facts);
  const isDomains = isWildcard(listener?.hostname) || coversDomain(certificate);
  return [
    ...toldBy(gateway, {
      'certificate.covers': isDomains ? 'domain' : undefined,
      'gateway.listener': listener?.name,
    }),
    ...(certificate === undefined
      ? toldBy(gateway, { 'certificate.secret': listener?.tls?.certificateRefs?.[0]?.name })
      : toldBy(certificate, {
          'certificate.namespace': certificate.metadata.namespace,
          'certificate.name': certificate.metadata.name,
          'certificate.secret': certificate.spec.secretName,
        })),
  ];
}

/** What most names have in common once the hostname in each is taken out: `docs-tls` and `films-tls` are `{host}-tls`. */
function commonPattern(names: readonly (readonly [string, string | undefined])[]): string | undefined {
  const patterns = names.flatMap(([host, name]) => (name?.includes(host) ? [name.replace(host, hostMark)] : []));
  const [most] = [...Map.groupBy(patterns, (pattern) => pattern)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  return most?.[0];
}
