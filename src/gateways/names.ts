/** Names as Kubernetes and the controller take them, in their words. */

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Why a name is no subdomain [apimachinery, IsDNS1123Subdomain]. */
export const subdomainRefusals = (name: string): readonly string[] => [
  ...(name.length > 253 ? ['must be no more than 253 characters'] : []),
  ...(subdomain.test(name)
    ? []
    : [
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ]),
];

/** Whether a name is an IP address. */
export const namesAddress = (name: string): boolean =>
  (/^\d{1,3}(\.\d{1,3}){3}$/.test(name) && name.split('.').every((part) => Number(part) < 256)) ||
  (/^[0-9a-f:.]+$/i.test(name) && name.includes(':'));

/** Why a hostname that requests are given cannot be one [internal/gatewayapi/validate.go, validateHostname]. */
export function hostnameRefusal(hostname: string): string | undefined {
  const why = subdomainRefusals(hostname);
  if (why.length > 0) return `hostname "${hostname}" is invalid: [${why.join(' ')}]`;
  if (namesAddress(hostname)) return `hostname: "${hostname}" cannot be an ip address`;
  const long = hostname.split('.').find((label) => label.length > 63);
  return long === undefined ? undefined : `label: "${long}" in hostname "${hostname}" cannot exceed 63 characters`;
}
