/**
 * What a request asks for, before anything is known of the kinds that there are: its path, its body, its options.
 */
import { parse } from 'yaml';
import { joined, toHex, toText } from '../bytes/utf8.ts';
import { isFields, text, type Fields } from '../objects/fields.ts';
import type { ApiRequest } from './exchange.ts';
import { decodeMessage } from './protobuf.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from './statuses.ts';

/** What a path names: resources, one of them, or a subresource of one. */
export interface Target {
  group: string;
  version: string;
  /** Empty in all namespaces and for kinds without one. */
  namespace: string;
  resource: string;
  name: string;
  subresource: string;
  /** By the old path of watches: `/api/v1/watch/...`. */
  isWatch: boolean;
}

/** `/api/v1/...` and `/apis/GROUP/VERSION/...` with a resource; undefined for every other path. */
export function parseTarget(path: string): Target | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const [root, ...rest] = segments;
  if (root !== 'api' && root !== 'apis') return undefined;
  const [group = '', apiVersion = '', ...named] = root === 'api' ? ['', ...rest] : rest;
  const isWatch = named[0] === 'watch' && named.length > 1;
  const parts = isWatch ? named.slice(1) : named;
  const [first, second, ...others] = parts;
  if (first === undefined) return undefined;
  // A namespace is a resource itself, and the place of others: `namespaces/docs/status` is its own.
  const own = ['status', 'finalize'];
  const placed = first === 'namespaces' && second !== undefined && others[0] !== undefined && !own.includes(others[0]);
  const [resource = '', name = '', subresource = ''] = placed ? others : parts;
  const namespace = placed || (first === 'namespaces' && second !== undefined) ? second : '';
  return { group, version: apiVersion, namespace, resource, name, subresource, isWatch };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in "${segment}"`);
  }
}

/** As the API server's default, 3 MiB. */
const maxBody = 3 * 1024 * 1024;

export async function readBody({ body }: ApiRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Read to its end all the same, or the client would hear of a broken connection in place of the answer.
    if (size <= maxBody) chunks.push(chunk);
  }
  if (size > maxBody) throw tooLarge(maxBody);
  return joined(chunks);
}

/** The media type that a request's body is in, without parameters. */
export const mediaTypeOf = ({ headers }: ApiRequest): string =>
  (headers['content-type']?.[0] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** Who writes: what the client calls itself, or the program that it is. */
export const managerOf = (query: URLSearchParams, userAgent = ''): string =>
  query.get('fieldManager') || userAgent.split('/')[0] || 'unknown';

export interface Body {
  bytes: Uint8Array;
  media: string;
}

/**
 * The object in a request's body: JSON when it does not say what it is.
 *
 * @throws StatusError 415 for a format that nobody reads, 400 for what is not in its format.
 */
export function parseObject({ bytes, media }: Body, resource: Pick<Resource, 'kind' | 'custom'>): Fields {
  const isProtobuf = media === 'application/vnd.kubernetes.protobuf';
  if (!['', 'application/json', 'application/yaml'].includes(media) && !(isProtobuf && !resource.custom)) {
    throw unsupportedMediaType([
      'application/json',
      'application/yaml',
      ...(resource.custom ? [] : ['application/vnd.kubernetes.protobuf']),
    ]);
  }
  const unrecognized = (problem: string): StatusError =>
    badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): ${problem} (${summary(bytes)})`,
    );
  let value: unknown;
  try {
    if (isProtobuf) value = decodeMessage(bytes);
    else value = media === 'application/yaml' ? parse(toText(bytes)) : JSON.parse(toText(bytes));
  } catch (error) {
    if (isProtobuf) throw unrecognized(String(error));
    throw unrecognized(`couldn't get version/kind; json parse error: ${jsonProblem(bytes, error)}`);
  }
  if (!isFields(value)) {
    throw unrecognized("couldn't get version/kind; json parse error: json: cannot unmarshal a value that is no object");
  }
  if (resource.custom && text(value, 'kind') === '') {
    throw unrecognized(`Object 'Kind' is missing in '${toText(bytes)}'`);
  }
  return value;
}

/** What of a body the API server's messages show. */
function summary(bytes: Uint8Array): string {
  const shown = 30;
  if (bytes.length === 0) return '<empty>';
  if (bytes[0] !== 0x7b) return toHex(bytes.subarray(0, shown)) + (bytes.length > shown ? ' ...' : '');
  return toText(bytes.subarray(0, shown)) + (bytes.length > shown ? ' ...' : '');
}

/** What is wrong with some JSON, as Go's parser says it. */
function jsonProblem(bytes: Uint8Array, error: unknown): string {
  const message = String(error);
  if (bytes.length === 0 || /end of JSON input|Unterminated/.test(message)) return 'unexpected end of JSON input';
  const [, token] = /token '?(.)'?/s.exec(message) ?? [];
  return token === undefined ? message : `invalid character '${token}' looking for beginning of value`;
}

/**
 * Compares what an object says it is with where it was sent; what it does not say it is taken for.
 *
 * @throws StatusError 400 when it is something else.
 */
export function checkType(object: Fields, resource: Resource, version: string): void {
  const expected = groupVersion(resource.group, version);
  const { kind } = resource;
  const given = { apiVersion: text(object, 'apiVersion') || expected, kind: text(object, 'kind') || kind };
  if (given.kind !== kind) {
    const [, itsVersion = given.apiVersion] = given.apiVersion.split('/');
    throw badRequest(
      `${given.kind} in version "${itsVersion}" cannot be handled as a ${kind}: expected ${expected}, Kind=${kind}`,
    );
  }
  if (given.apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${given.apiVersion}) does not match the expected API version (${expected})`,
    );
  }
}
