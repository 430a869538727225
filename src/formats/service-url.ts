/** Addresses by the cluster DNS names of Services. [Kubernetes DNS specification 1.1] */

export interface ServiceAddress {
  namespace: string;
  name: string;
  port: number;
}

/** The Service that a URL names: `https://name.namespace.svc`, with the cluster's domain or without; undefined for any other host. */
export function serviceOfUrl(text: string): ServiceAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const [name = '', namespace = '', svc] = url.hostname.replace(/\.$/, '').split('.');
  if (svc !== 'svc' || name === '' || namespace === '') return undefined;
  return { namespace, name, port: portOfUrl(url) };
}

/** The port of a URL, which its scheme gives where it names none. */
export const portOfUrl = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
