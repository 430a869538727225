/**
 * The errors of an API server: `Status` objects whose message, reason, details and code clients rely on.
 */
import { qualified, type Resource } from '../resources/resources.ts';

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Failure';
  message: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: readonly Cause[];
    retryAfterSeconds?: number;
  };
  code: number;
}

/** One of the things that are wrong, and the field that it is about. */
export interface Cause {
  reason: string;
  message: string;
  /** Absent where it is about none. */
  field?: string;
}

/** Thrown where a request ends in an error; the server answers with its status. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(code: number, reason: string | undefined, message: string, details?: Status['details']) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** Thrown where the answer is a plain-text 404: the path belongs to no kind that is installed. */
export class NoSuchPath extends Error {}

type GroupResource = Pick<Resource, 'group' | 'plural'>;

const details = ({ group, plural }: GroupResource, name?: string): Status['details'] => ({
  ...(name === undefined ? {} : { name }),
  ...(group === '' ? {} : { group }),
  kind: plural,
});

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized');

export const notFound = (resource: GroupResource, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, details(resource, name));

/** An unknown kind under a built-in group. (Under any other group it is a `NoSuchPath`.) */
export const noSuchResource = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const verbNotSupported = (resource: GroupResource, verb: string): StatusError =>
  new StatusError(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${qualified(resource)}"`,
    details(resource),
  );

export const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

/** The same where the router of a built-in kind finds it, before the kind itself is asked. */
export const noRepresentation = (available: readonly string[]): StatusError =>
  new StatusError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`,
    {},
  );

/** What is behind a proxy does not answer. */
export const unreachable = (host: string): StatusError =>
  new StatusError(503, 'ServiceUnavailable', `error trying to reach service: dial tcp: lookup ${host}: no such host`);

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** The same where the router of a built-in kind finds it. */
export const noSuchMediaType = (): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});

export const tooLarge = (limit: number): StatusError =>
  new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`, {});

export const alreadyExists = (resource: GroupResource, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, details(resource, name));

export const conflict = (resource: GroupResource, name: string, problem: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${problem}`,
    details(resource, name),
  );

export const modified = (resource: GroupResource, name: string): StatusError =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

/** Server-side apply: other managers own fields that the apply would change. */
export const applyConflict = (message: string, causes: readonly Cause[]): StatusError =>
  new StatusError(409, 'Conflict', message, { causes });

/** The version that a watch or a list is to go on from is no longer remembered. */
export const expired = (asked: string, oldest: number): StatusError =>
  new StatusError(410, 'Expired', `too old resource version: ${asked} (${oldest})`);

/** The version that a list is to be of is no longer remembered. */
export const listExpired = (): StatusError =>
  new StatusError(410, 'Expired', 'The resourceVersion for the provided list is too old.');

/** The same for a list that goes on; the client may go on with what is there now. */
export function continueExpired(token: string): StatusError {
  const error = new StatusError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata = { continue: token };
  return error;
}

/** A version that is yet to come. */
export const tooLargeVersion = (asked: number, current: string): StatusError =>
  new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

/** What an object's fields may not be. The kind stands in place of the resource here. */
export function invalid(
  { group, kind }: Pick<Resource, 'group' | 'kind'>,
  name: string,
  causes: readonly Cause[],
): StatusError {
  const unique = [...new Map(causes.map((cause) => [`${cause.field ?? ''} ${cause.message}`, cause])).values()];
  const problems = unique.map(({ field = '', message }) => `${field}: ${message}`);
  const [only = ''] = problems;
  return new StatusError(
    422,
    'Invalid',
    `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${problems.length === 1 ? only : `[${problems.join(', ')}]`}`,
    {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(kind === '' ? {} : { kind }),
      causes: unique,
    },
  );
}

export const cause = {
  required: (field: string, message = ''): Cause => ({
    reason: 'FieldValueRequired',
    message: message === '' ? 'Required value' : `Required value: ${message}`,
    field,
  }),
  invalid: (field: string, value: unknown, message: string): Cause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value ?? null)}: ${message}`,
    field,
  }),
  unsupported: (field: string, value: unknown, supported: readonly string[]): Cause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
    field,
  }),
  tooLong: (field: string, bytes: number): Cause => ({
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${bytes} bytes`,
    field,
  }),
  forbidden: (field: string, message: string): Cause => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${message}`,
    field,
  }),
};

/** The answer to a delete of an object that is gone. */
export const deleted = (resource: GroupResource, name: string, uid: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { ...details(resource, name), uid },
});

/** A namespace that is on its way out takes nothing new. */
export const beingTerminated = (resource: GroupResource, name: string, namespace: string): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    `${qualified(resource)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    details(resource, name),
  );

export interface Attempt {
  user: string;
  verb: string;
  resource: string;
  subresource: string;
  group: string;
  namespace: string;
  name: string;
}

export function forbidden({ user, verb, resource, subresource, group, namespace, name }: Attempt): StatusError {
  const what = qualified({ group, plural: resource }) + (name === '' ? '' : ` "${name}"`);
  const target = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return new StatusError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${user}" cannot ${verb} resource "${target}" in API group "${group}" ${where}`,
    details({ group, plural: resource }, name === '' ? undefined : name),
  );
}

export const forbiddenPath = (user: string, verb: string, path: string): StatusError =>
  new StatusError(403, 'Forbidden', `forbidden: User "${user}" cannot ${verb} path "${path}"`, {});
