/**
 * Which proxy stands before a server: `proxy-url` of the kubeconfig, else the environment, by the rules that kubectl has from
 * Go. Node's own rules differ where it hurts at home: they know no CIDR in NO_PROXY and send loopback through the proxy.
 */
import { isIP } from 'node:net';
import { isInRange } from '../formats/cidr.ts';

export function proxyFor(
  server: URL,
  { proxyUrl, env }: { proxyUrl: string | null | undefined; env: Readonly<Record<string, string | undefined>> },
): URL | undefined {
  if (proxyUrl) return parseProxy(proxyUrl);
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const set = env[name] || env[name.toLowerCase()];
  if (!set) return undefined;
  return bypassed(server, env['NO_PROXY'] || env['no_proxy'] || '') ? undefined : parseProxy(set);
}

/** A proxy's URL; one that is given without a scheme is for HTTP. */
export const parseProxy = (text: string): URL | undefined => {
  const url = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(url) ? new URL(url) : undefined;
};

/** A URL's scheme, host and port; its own `origin` is "null" for a scheme that browsers do not know, such as SOCKS. */
export const originOf = ({ protocol, host }: URL): string => `${protocol}//${host}`;

function bypassed(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isInRange(host, '127.0.0.0/8') || isInRange(host, '::1')) return true;
  return noProxy
    .toLowerCase()
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '')
    .some((rule) => {
      if (rule === '*') return true;
      if (rule.includes('/')) return isInRange(host, rule);
      if (isIP(rule)) return rule === host;
      const [, name = rule, rulePort] = /^\[?(.*?)\]?:(\d+)$/.exec(rule) ?? [];
      if (rulePort !== undefined && rulePort !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      // ".example.com" covers what is below example.com, "example.com" covers itself too.
      return host.endsWith(`.${domain}`) || (domain === name && host === name);
    });
}
