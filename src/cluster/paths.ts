/**
 * From a kind and a name to the path of a request. Every segment is checked, for a name may come from a reader's input.
 */
import type { Kind } from '../runbook/kinds.ts';
import type { LogRead } from '../runbook/read.ts';
import { shorten } from '../runbook/words.ts';

export const json = 'application/json';
/** Asks for metadata only, so that the object's data never crosses the wire. */
export const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface Request {
  path: string;
  accept: string;
}

export interface Where {
  namespace?: string | undefined;
  name?: string | undefined;
  query?: Readonly<Record<string, string | undefined>>;
  accept?: string;
}

/** @throws when asked for the data of Secrets, or for a name that would lead elsewhere. */
export function resourceRequest(
  kind: Kind,
  version: string,
  { namespace, name, query, accept = json }: Where,
): Request {
  if (kind.plural === 'secrets' && !accept.includes(';as=PartialObjectMetadata'))
    throw new Error('Secrets are never read.');
  const segments = [
    ...(kind.group === '' ? ['api', version] : ['apis', kind.group, version]),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    kind.plural,
    ...(name === undefined ? [] : [name]),
  ];
  return { path: join(segments, query), accept };
}

export const logRequest = ({ namespace, pod, container, tailLines }: LogRead): Request => ({
  path: join(['api', 'v1', 'namespaces', namespace, 'pods', pod, 'log'], { container, tailLines: String(tailLines) }),
  accept: `${json}, */*`,
});

/** The OpenAPI v3 document of a group and version; of all of them, the index. */
export const openApiRequest = (apiVersion?: string): Request => ({
  path: join([
    'openapi',
    'v3',
    ...(apiVersion === undefined ? [] : [apiVersion.includes('/') ? 'apis' : 'api', ...apiVersion.split('/')]),
  ]),
  accept: json,
});

function join(segments: readonly string[], query: Where['query'] = {}): string {
  for (const segment of segments) {
    // The empty one would turn one object into a list, and dots would climb to another path.
    if (segment === '' || segment === '.' || segment === '..' || /[/%]/.test(segment) || segment.length > 253) {
      throw new Error(`"${shorten(segment)}" is not the name of an object or a namespace.`);
    }
  }
  const parameters = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();
  return `/${segments.map(encodeURIComponent).join('/')}${parameters === '' ? '' : `?${parameters}`}`;
}
