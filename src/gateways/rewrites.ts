/** Filters that change where a request goes: rewrites and redirects, and what of them the controller refuses. */
import { at, isFields, number, text } from '../formats/fields.ts';
import { hostnameRefusal } from './names.ts';

/** What the filters of a rule rewrite, so far. `extended` are rewrites that only the controller's own filters know. */
export interface Rewritten {
  host: 'core' | 'extended' | undefined;
  path: 'core' | 'extended' | undefined;
  /** Whether the host is taken from the request's path. */
  isHostFromPath: boolean;
}

export const twice = (filter: string): string =>
  `cannot configure multiple ${filter} filters for a single HTTPRouteRule`;

/** The field that a kind of path rewrite needs, and the one that it must not have. */
const pathFields: Readonly<Record<string, readonly [needed: string, other: string]>> = {
  ReplaceFullPath: ['replaceFullPath', 'replacePrefixMatch'],
  ReplacePrefixMatch: ['replacePrefixMatch', 'replaceFullPath'],
};

const capital = (field: string): string => `${field.slice(0, 1).toUpperCase()}${field.slice(1)}`;

const isThere = (value: unknown, field: string): boolean => at(value, field) !== undefined && at(value, field) !== null;

export function rewriteRefusal(rewrite: unknown, done: Rewritten): string | undefined {
  const [hasHost, hasPath] = [isThere(rewrite, 'hostname'), isThere(rewrite, 'path')];
  const isSecond = (done.host === 'core' || done.path === 'core') && (hasHost || hasPath);
  const isContrary = (hasHost && done.host === 'extended') || (hasPath && done.path === 'extended');
  if (isSecond || isContrary) return twice('urlRewrite');
  const wrong = hasHost ? hostnameRefusal(text(rewrite, 'hostname')) : undefined;
  if (wrong !== undefined) return wrong;
  if (hasHost) done.host ??= 'core';
  const why = hasPath ? pathRefusal(at(rewrite, 'path')) : undefined;
  if (why === undefined && hasPath) done.path ??= 'core';
  return why;
}

function pathRefusal(path: unknown): string | undefined {
  const type = text(path, 'type');
  const fields = pathFields[type];
  if (fields === undefined) return invalidPath('rewrite', type);
  const [needed, other] = fields;
  if (isThere(path, other)) return `${capital(other)} cannot be set when rewrite path type is "${type}"`;
  return isThere(path, needed) ? undefined : `${capital(needed)} must be set when rewrite path type is "${type}"`;
}

const invalidPath = (what: string, type: string): string =>
  `${what} path type: ${type} is invalid, only "ReplaceFullPath" and "ReplacePrefixMatch" are supported`;

const statusCodes: readonly number[] = [301, 302, 303, 307, 308];

export function redirectRefusal(redirect: unknown): string | undefined {
  const scheme = text(redirect, 'scheme');
  if (scheme !== '' && scheme !== 'http' && scheme !== 'https') {
    return `scheme: ${scheme} is unsupported, only 'https' and 'http' are supported`;
  }
  const hostname = text(redirect, 'hostname');
  const wrong = hostname === '' ? undefined : hostnameRefusal(hostname);
  if (wrong !== undefined) return wrong;
  const path = at(redirect, 'path');
  const type = text(path, 'type');
  if (isFields(path) && !Object.hasOwn(pathFields, type)) return invalidPath('redirect', type);
  const code = number(redirect, 'statusCode');
  return code === 0 || statusCodes.includes(code)
    ? undefined
    : `status code ${code} is invalid, only 302 and 301 are supported`;
}
