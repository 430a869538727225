/** The domain of a mail address, as a certificate authority looks at it. */

/** Reserved for documents and for tests [RFC 2606, RFC 6761], or for networks at home [RFC 6762, RFC 8375]: no registry has them. */
const withoutRegistry: ReadonlySet<string> = new Set([
  ...['example', 'invalid', 'localhost', 'test'],
  ...['home', 'internal', 'lan', 'local', 'localdomain'],
]);

/** Domains of examples that Let's Encrypt refuses by name [boulder, policy/pa.go, forbiddenMailDomains]. */
const ofExamples: ReadonlySet<string> = new Set(['example.com', 'example.net', 'example.org']);

/** What follows the last `@`, in lower case. */
export const mailDomain = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/**
 * Why Let's Encrypt refuses contacts of a domain, in its own words; undefined where it does not [boulder of August 2026, policy.ValidEmail]. Of
 * its rules those are here that need no list of registries.
 */
export function contactRefusal(domain: string): string | undefined {
  if (ofExamples.has(domain)) return `contact email has forbidden domain "${domain}"`;
  const labels = domain.split('.');
  if (labels.length < 2) return 'contact email has invalid domain: Domain name needs at least one dot';
  return withoutRegistry.has(labels.at(-1) ?? '')
    ? 'contact email has invalid domain: Domain name does not end with a valid public suffix (TLD)'
    : undefined;
}
