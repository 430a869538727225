/** Kubernetes' functions about URLs [k8s.io/apiserver 0.36, pkg/cel/library/urls.go]: absolute ones, or a path from the root. */
import { celFunc, celMethod, CelScalar, type CelFunc, type CelInput } from '@bufbuild/cel';
import { expectText, opaque, RuleError } from './opaque.ts';

const { BOOL, DYN, STRING } = CelScalar;
const type = 'net.URL';

interface Parts {
  scheme: string;
  host: string;
  path: string;
  query: string;
}

/** Go's url.ParseRequestURI, as far as its parts go. */
function parse(text: string): Parts | undefined {
  if (text === '' || /[\u0000-\u001f\u007f ]/.test(text)) return undefined;
  const found = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?@]*@)?([^/?]*))?([^?]*)(?:\?(.*))?$/.exec(text);
  const [, scheme = '', host = '', path = '', query = ''] = found ?? [];
  if (found === null || /%(?![0-9A-Fa-f]{2})/.test(path) || !/^[^:]*(?::\d*)?$|^\[[^\]]*\](?::\d*)?$/.test(host))
    return undefined;
  if (scheme === '' && !path.startsWith('/') && host === '') return undefined;
  return { scheme: scheme.toLowerCase(), host, path, query };
}

export const isUrl = (text: string): boolean => parse(text) !== undefined;

const part = (name: string, pick: (parts: Parts) => string): CelFunc =>
  celMethod(name, DYN, [], STRING, function () {
    return pick(parse(expectText(this, type)) ?? { scheme: '', host: '', path: '', query: '' });
  });

const hostname = ({ host }: Parts): string => /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, '');

function queryOf(query: string): CelInput {
  const values = new Map<string, CelInput[]>();
  for (const [key, value] of new URLSearchParams(query)) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

export const urlFunctions: readonly CelFunc[] = [
  celFunc('isURL', [STRING], BOOL, isUrl),
  celFunc('url', [STRING], DYN, (text) => {
    if (!isUrl(text))
      throw new RuleError(`URL parse error during conversion from string: parse "${text}": invalid URI for request`);
    return opaque(type, text);
  }),
  part('getScheme', ({ scheme }) => scheme),
  part('getHost', ({ host }) => host),
  part('getHostname', hostname),
  part('getPort', ({ host }) => /:(\d*)$/.exec(host)?.[1] ?? ''),
  part('getEscapedPath', ({ path }) => path),
  celMethod('getQuery', DYN, [], DYN, function () {
    return queryOf(parse(expectText(this, type))?.query ?? '');
  }),
];
