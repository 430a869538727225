/**
 * The options of a list and of a watch: what they may be, in what combinations, and what an API server says of the others.
 *
 * [apimachinery 1.36, apis/meta/internalversion/validation and runtime/conversion.go; apiserver 1.36, storage/continue.go]
 */
import { fromBase64, toBase64Url } from '../bytes/base64.ts';
import { toText } from '../bytes/utf8.ts';
import { badRequest, cause, invalid, StatusError, type Cause } from '../http/statuses.ts';

export interface ListOptions {
  /** 0 for all. */
  limit: number;
  /** Where an earlier page ended. */
  after: ContinueToken | undefined;
  resourceVersion: string;
  resourceVersionMatch: string;
  timeoutSeconds: number;
  allowWatchBookmarks: boolean;
  /** Undefined where the client does not say. */
  sendInitialEvents: boolean | undefined;
}

/** What a `continue` token says. */
export interface ContinueToken {
  /** The version that the first page was of; -1 for whatever is there now. */
  version: number;
  key: string;
}

/** Go's conversion of query parameters: what is there and does not say no is a yes. */
export const isTrue = (value: string | null): boolean => value !== null && value !== '0' && !/^false$/i.test(value);

/** @throws StatusError 400 for a value that is no whole number. */
export function whole(query: URLSearchParams, option: string): number | undefined {
  const value = query.get(option) ?? '';
  if (value === '') return undefined;
  if (!/^[-+]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}

/** @throws StatusError 400 for what cannot be read, 422 for options that contradict each other. */
export function listOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  const given = {
    timeoutSeconds: whole(query, 'timeoutSeconds') ?? 0,
    limit: Math.max(0, whole(query, 'limit') ?? 0),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined,
  };
  const token = query.get('continue') ?? '';
  const causes = (isWatch ? wrongForWatch : wrongForList)(given, token !== '');
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
  return { ...given, after: isWatch || token === '' ? undefined : parseContinue(token, given.resourceVersion) };
}

type Given = Omit<ListOptions, 'after'>;

const whenContinued = cause.forbidden(
  'resourceVersionMatch',
  'resourceVersionMatch is forbidden when continue is provided',
);

function wrongForList(
  { resourceVersion, resourceVersionMatch: match, sendInitialEvents }: Given,
  continues: boolean,
): readonly Cause[] {
  const wrong: readonly (readonly [boolean, Cause])[] = [
    [
      match !== '' && resourceVersion === '',
      cause.forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    ],
    [match !== '' && continues, whenContinued],
    [
      !['', 'Exact', 'NotOlderThan'].includes(match),
      cause.unsupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']),
    ],
    [
      match === 'Exact' && resourceVersion === '0',
      cause.forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    ],
    [sendInitialEvents !== undefined, cause.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')],
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}

function wrongForWatch(
  { resourceVersionMatch: match, sendInitialEvents }: Given,
  continues: boolean,
): readonly Cause[] {
  const wrong: readonly (readonly [boolean, Cause])[] = [
    [
      sendInitialEvents !== undefined && match !== 'NotOlderThan',
      cause.forbidden(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    ],
    [
      match !== '' && sendInitialEvents === undefined,
      cause.forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    ],
    [match !== '' && match !== 'NotOlderThan', cause.unsupported('resourceVersionMatch', match, ['NotOlderThan'])],
    [match !== '' && continues, whenContinued],
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}

/** @throws StatusError 400 for a token that no API server made. */
function parseContinue(token: string, resourceVersion: string): ContinueToken {
  const refuse = (problem: string): StatusError =>
    badRequest(`invalid continue token: continue key is not valid: ${problem}`);
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const illegal = token.search(/[^A-Za-z0-9_-]/);
  if (illegal >= 0 || token.length % 4 === 1) {
    throw refuse(`illegal base64 data at input byte ${illegal >= 0 ? illegal : token.length - 1}`);
  }
  const bytes = toText(fromBase64(token));
  let decoded: unknown;
  try {
    decoded = JSON.parse(bytes);
  } catch {
    throw refuse(`invalid character '${bytes.charAt(0)}' looking for beginning of value`);
  }
  const { v, rv, start } = (decoded ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1') {
    throw refuse(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`);
  }
  if (typeof rv !== 'number' || rv === 0) {
    throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  }
  return { version: rv, key: start.replace(/\u0000$/, '') };
}

/** The token with which a list goes on after an object. */
export const continueToken = ({ version, key }: ContinueToken): string =>
  toBase64Url(
    JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: `${key}\u0000` }).replaceAll('\u0000', '\\u0000'),
  );

/**
 * A version as a number.
 *
 * @throws StatusError 500 for what is none, as API servers do to this day, unless the caller knows better.
 */
export function parseVersion(
  version: string,
  refuse = (message: string) => new StatusError(500, undefined, message),
): number {
  if (/^\d+$/.test(version)) return Number(version);
  const quoted = JSON.stringify(version);
  throw refuse(`resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`);
}
