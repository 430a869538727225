/**
 * The errors of an API server: `Status` objects whose message, reason, details and code clients rely on.
 */
import { qualified, type Resource } from './resources.ts';

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
  status: 'Failure';
  message: string;
  reason?: string;
  details?: { name?: string; group?: string; kind?: string };
  code: number;
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

export const notAcceptable = (): StatusError =>
  new StatusError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml',
  );

export const unsupportedMediaType = (): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json',
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
