/**
 * What is kept of what a container is told. Credentials stand in arguments, scripts and variables under any name, so it is known by name
 * what is kept: the flags and variables that checks read. Of the others only their names remain.
 */

/** The flags whose values checks read, without their dashes. */
const readFlags = [
  // ExternalDNS
  'annotation-filter',
  'annotation-prefix',
  'domain-filter',
  'dry-run',
  'enable-legacy-annotation-prefix',
  'exclude-domains',
  'fqdn-template',
  'gateway-label-filter',
  'gateway-name',
  'gateway-namespace',
  'ignore-hostname-annotation',
  'label-filter',
  'namespace',
  'policy',
  'provider',
  'regex-domain-exclusion',
  'regex-domain-filter',
  'registry',
  'source',
  'txt-owner-id',
  // cert-manager
  'acme-http01-solver-nameservers',
  'cluster-resource-namespace',
  'dns01-recursive-nameservers',
  'dns01-recursive-nameservers-only',
  // CoreDNS
  'conf',
  'dns.port',
] as const;

const isRead = (flag: string): boolean => (readFlags as readonly string[]).includes(flag.replace(/^no-/, ''));

/** The words that a check looks for: what a script does with kubectl and to what, and which part of External Secrets a container is. */
const readWords = new Set(
  'kubectl rollout restart delete pod pods deployment daemonset patch apply scale configmap webhook certcontroller'.split(
    ' ',
  ),
);

/** A list of arguments with the values of flags that nobody reads taken out; what is no list of texts stays as it is. */
export function readArguments(raw: unknown): unknown {
  if (!Array.isArray(raw)) return raw;
  let before: 'read' | 'unread' | undefined;
  return raw.map((word: unknown) => {
    if (typeof word !== 'string') return word;
    const [, dashes = '', flag = '', value] = /^(--?)([a-z][\w.-]*)(?:=(.*))?$/is.exec(word) ?? [];
    if (flag === '') {
      const follows = before;
      before = undefined;
      return follows === 'read' ? word : scriptWords(word);
    }
    before = value !== undefined ? undefined : isRead(flag) ? 'read' : 'unread';
    return value === undefined || isRead(flag) ? word : `${dashes}${flag}=`;
  });
}

const scriptWords = (text: string): string =>
  text
    .split(/\s+/)
    .map((word) => (readWords.has(word) ? word : '…'))
    .join(' ')
    .replace(/…(?: …)+/g, '…');

/** A list of variables with the values that nobody reads taken out. */
export function readVariables(raw: unknown): unknown {
  if (!Array.isArray(raw)) return raw;
  return raw.map((variable: unknown) => {
    if (typeof variable !== 'object' || variable === null || !('value' in variable)) return variable;
    const { value, ...rest } = variable;
    const name = 'name' in variable && typeof variable.name === 'string' ? variable.name : '';
    return isReadVariable(name) ? { ...rest, value } : rest;
  });
}

/** Each flag of ExternalDNS has a variable; the Tailscale Operator tells its proxies where to send packets. */
const isReadVariable = (name: string): boolean =>
  name === 'TS_DEST_IP' ||
  (name.startsWith('EXTERNAL_DNS_') && isRead(name.slice('EXTERNAL_DNS_'.length).toLowerCase().replaceAll('_', '-')));
