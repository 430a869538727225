/**
 * What can be asked about users: who one is (`kubectl auth whoami`), what one may do (`kubectl auth can-i`), what somebody else may,
 * and whose token it is; and the tokens themselves. None of it is stored.
 */
import { grantFor, pathGrantFor, rulesOf, type Grant } from './authorization.ts';
import { at, fieldsOf, isFields, list, number, text, type Fields } from '../objects/fields.ts';
import { recordUpdate } from '../writes/managed-fields.ts';
import { timestamp } from '../objects/object.ts';
import { userNamed, type User } from './rbac.ts';
import type { State } from '../state/state.ts';
import { badRequest, cause, invalid, notFound, type Cause } from '../http/statuses.ts';
import { issuer, type Tokens } from './tokens.ts';

export interface Asking {
  user: User;
  state: State;
  users: readonly User[];
  tokens: Tokens;
  /** What the client calls itself. */
  manager: string;
  /** Where it is asked. */
  namespace: string;
  /** The ServiceAccount that a token is to be of. */
  name: string;
}

type Answer = (review: Fields, asking: Asking) => object;

const authentication = 'authentication.k8s.io';
const authorization = 'authorization.k8s.io';

/** By kind. */
const answers: Readonly<Record<string, Answer>> = {
  SelfSubjectReview: (_review, { user, state }) => ({
    kind: 'SelfSubjectReview',
    apiVersion: `${authentication}/v1`,
    metadata: { creationTimestamp: timestamp(state.now()) },
    status: { userInfo: userInfo(user) },
  }),

  SelfSubjectAccessReview: (review, asking) => accessReview('SelfSubjectAccessReview', review, asking, asking.user),

  SubjectAccessReview: (review, asking) =>
    accessReview('SubjectAccessReview', review, asking, subjectOf(review, asking)),

  LocalSubjectAccessReview: (review, asking) => {
    const asked = text(review, 'spec', 'resourceAttributes', 'namespace');
    if (at(review, 'spec', 'resourceAttributes') !== undefined && asked !== asking.namespace) {
      const field = 'spec.resourceAttributes.namespace';
      throw contradiction([cause.invalid(field, asked, 'must match metadata.namespace')]);
    }
    return accessReview('LocalSubjectAccessReview', review, asking, subjectOf(review, asking));
  },

  SelfSubjectRulesReview: (review, { user, state }) => {
    const namespace = text(review, 'spec', 'namespace');
    if (namespace === '') throw badRequest('no namespace on request');
    const rules = rulesOf(user, state, namespace);
    return {
      kind: 'SelfSubjectRulesReview',
      apiVersion: `${authorization}/v1`,
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules.filter((rule) => rule.nonResourceURLs === undefined),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined),
        incomplete: false,
      },
    };
  },

  TokenReview: (review, asking) => {
    const token = text(review, 'spec', 'token');
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    const audiences = list(review, 'spec', 'audiences');
    const owner = asking.users.find((user) => user.token === token) ?? asking.tokens.userOf(token);
    const spec = { token, ...(audiences.length === 0 ? {} : { audiences }) };
    return {
      ...recorded('TokenReview', authentication, spec, asking),
      status:
        owner === undefined
          ? { user: {}, error: 'invalid bearer token' }
          : { authenticated: true, user: userInfo(owner), audiences: [issuer] },
    };
  },

  TokenRequest: (review, asking) => {
    const { state, tokens, namespace, name } = asking;
    const account = state.get({ group: '', kind: 'ServiceAccount' }, namespace, name);
    if (account === undefined) throw notFound({ group: '', plural: 'serviceaccounts' }, name);
    const seconds = number(review, 'spec', 'expirationSeconds') || 3600;
    const wrong = [
      [seconds < 600, 'may not specify a duration less than 10 minutes'],
      [seconds > 2 ** 32, 'may not specify a duration larger than 2^32 seconds'],
    ].flatMap(([isWrong, problem]) =>
      isWrong === true ? [cause.invalid('spec.expirationSeconds', seconds, String(problem))] : [],
    );
    if (wrong.length > 0) throw invalid({ group: authentication, kind: 'TokenRequest' }, name, wrong);
    const given = list(review, 'spec', 'audiences').map(String);
    const { kind, apiVersion, metadata } = recorded(
      'TokenRequest',
      authentication,
      { expirationSeconds: seconds },
      asking,
      'token',
    );
    return {
      kind,
      apiVersion,
      metadata: { name, namespace, creationTimestamp: timestamp(state.now()), ...metadata },
      spec: {
        audiences: given.length === 0 ? [issuer] : given,
        expirationSeconds: seconds,
        boundObjectRef: at(review, 'spec', 'boundObjectRef') ?? null,
      },
      status: tokens.issue(account, given.length === 0 ? [issuer] : given, seconds),
    };
  },
};

/** The kinds that are asked, and never stored. */
export const isReview = (kind: string): boolean => Object.hasOwn(answers, kind);

/** @throws StatusError 400 or 422 for a question that makes no sense. */
export const answerReview = (kind: string, review: Fields, asking: Asking): object =>
  answers[kind]?.(review, asking) ?? {};

/** A review with what it asks, and who asked. */
function recorded(kind: string, group: string, spec: Fields, { manager, state }: Asking, subresource = '') {
  const apiVersion = `${group}/v1`;
  const asked = { kind, apiVersion, spec };
  const time = timestamp(state.now());
  const writer = { manager, operation: 'Update', apiVersion, subresource, time } as const;
  return { kind, apiVersion, metadata: { managedFields: recordUpdate(undefined, asked, [], writer) }, spec };
}

function accessReview(kind: string, asked: Fields, asking: Asking, subject: User): object {
  const [resource, path] = [at(asked, 'spec', 'resourceAttributes'), at(asked, 'spec', 'nonResourceAttributes')];
  const problems = [
    ...(isFields(resource) && isFields(path)
      ? [
          cause.invalid(
            'spec.nonResourceAttributes',
            path,
            'cannot be specified in combination with resourceAttributes',
          ),
        ]
      : []),
    ...(!isFields(resource) && !isFields(path)
      ? [
          cause.invalid(
            'spec.resourceAttributes',
            null,
            'exactly one of nonResourceAttributes or resourceAttributes must be specified',
          ),
        ]
      : []),
    ...(kind !== 'SelfSubjectAccessReview' && subject.name === '' && subject.groups.length === 0
      ? [cause.invalid('spec.user', '', 'at least one of user or group must be specified')]
      : []),
  ];
  if (problems.length > 0) throw contradiction(problems);
  const grant = isFields(path)
    ? pathGrantFor(subject, asking.state, text(path, 'verb'), text(path, 'path'))
    : grantFor(subject, asking.state, {
        namespace: text(resource, 'namespace'),
        verb: text(resource, 'verb'),
        group: text(resource, 'group'),
        resource: text(resource, 'resource'),
        subresource: text(resource, 'subresource'),
        name: text(resource, 'name'),
      });
  const review = recorded(kind, authorization, specOf(asked), asking);
  const place = kind === 'LocalSubjectAccessReview' ? { namespace: asking.namespace } : {};
  return { ...review, metadata: { ...place, ...review.metadata }, status: verdict(grant) };
}

const verdict = (grant: Grant | undefined): object =>
  grant === undefined
    ? { allowed: false }
    : { allowed: true, ...(grant.reason === '' ? {} : { reason: grant.reason }) };

/** The kind's own name is lost on the way to its rules (pkg/registry/authorization, `Kind(review.Kind)` of an internal type). */
const contradiction = (causes: readonly Cause[]) => invalid({ group: authorization, kind: '' }, '', causes);

const attributeOrder = [
  'namespace',
  'verb',
  'group',
  'version',
  'resource',
  'subresource',
  'name',
  'fieldSelector',
  'labelSelector',
];
const specOrder = ['user', 'groups', 'extra', 'uid'];

/** What was asked, its fields in the order of their type. */
function specOf(review: Fields): Fields {
  const spec = fieldsOf(review, 'spec');
  const inOrder = (fields: Fields, order: readonly string[]): Fields =>
    Object.fromEntries(
      order.flatMap((field) => (fields[field] === undefined || fields[field] === '' ? [] : [[field, fields[field]]])),
    );
  return {
    ...(isFields(spec['resourceAttributes'])
      ? { resourceAttributes: inOrder(spec['resourceAttributes'], attributeOrder) }
      : {}),
    ...(isFields(spec['nonResourceAttributes'])
      ? { nonResourceAttributes: inOrder(spec['nonResourceAttributes'], ['path', 'verb']) }
      : {}),
    ...inOrder(spec, specOrder),
  };
}

/** The user that a review is about, with the groups that it names and no others. */
const subjectOf = (review: Fields, { users }: Asking): User =>
  userNamed(text(review, 'spec', 'user'), list(review, 'spec', 'groups').map(String), users);

const userInfo = ({ name, uid, groups, extra }: User): object => ({
  username: name,
  // Nobody says what the uid is of whom a user speaks for.
  ...(uid === undefined ? {} : { uid }),
  groups,
  ...(extra === undefined ? {} : { extra }),
});
