/**
 * What a user may ask about itself: who it is (`kubectl auth whoami`) and what it may do (`kubectl auth can-i`).
 */
import { mayAccess, mayVisit, rulesOf } from './authorization.ts';
import { at, text } from '../fields.ts';
import { recordUpdate } from './managed-fields.ts';
import { timestamp } from '../objects.ts';
import { decodeMessage } from './protobuf.ts';
import type { User } from './rbac.ts';
import type { State } from '../state.ts';
import { badRequest } from './statuses.ts';

const groups: Readonly<Record<string, string>> = {
  selfsubjectreviews: 'authentication.k8s.io',
  selfsubjectaccessreviews: 'authorization.k8s.io',
  selfsubjectrulesreviews: 'authorization.k8s.io',
};

interface ReviewTarget {
  group: string;
  version: string;
  resource: string;
  name: string;
}

export const isReview = ({ group, version, resource, name }: ReviewTarget): boolean =>
  groups[resource] === group && version === 'v1' && name === '';

interface Asking {
  user: User;
  state: State;
  /** What the client calls itself. */
  manager: string;
}

export function answerReview(resource: string, body: Buffer, { user, state, manager }: Asking): object {
  const review = parse(body);
  const apiVersion = `${groups[resource] ?? ''}/v1`;
  const time = timestamp(state.now());
  switch (resource) {
    case 'selfsubjectreviews':
      return {
        kind: 'SelfSubjectReview',
        apiVersion,
        metadata: { creationTimestamp: time },
        status: {
          userInfo: {
            username: user.name,
            // Nobody says what the uid is of whom a user speaks for.
            ...(user.token === undefined ? {} : { uid: user.name }),
            groups: user.groups,
          },
        },
      };
    case 'selfsubjectaccessreviews': {
      const asked = { kind: 'SelfSubjectAccessReview', apiVersion, spec: inOrder(review) };
      const writer = { manager, operation: 'Update', apiVersion, subresource: '', time } as const;
      return {
        kind: asked.kind,
        apiVersion,
        metadata: { managedFields: recordUpdate(undefined, asked, [], writer) },
        spec: asked.spec,
        status: { allowed: allowed(user, state, review) },
      };
    }
    default: {
      const rules = rulesOf(user, state, text(review, 'spec', 'namespace'));
      return {
        kind: 'SelfSubjectRulesReview',
        apiVersion,
        metadata: {},
        spec: {},
        status: {
          resourceRules: rules.filter((rule) => rule.nonResourceURLs === undefined),
          nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined),
          incomplete: false,
        },
      };
    }
  }
}

/** What the request asks, in JSON or in kubectl's protobuf: each shows in its first byte. */
function parse(body: Buffer): unknown {
  try {
    return body[0] === 0x7b ? JSON.parse(body.toString('utf8')) : decodeMessage(body);
  } catch {
    throw badRequest('the object provided is unrecognized (must be JSON or Kubernetes protobuf)');
  }
}

const attributeOrder = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'];

/** What was asked, its attributes in the order of their type. */
function inOrder(review: unknown): object {
  const asked = at(review, 'spec', 'resourceAttributes');
  if (asked === undefined) return { nonResourceAttributes: at(review, 'spec', 'nonResourceAttributes') };
  const given = attributeOrder.filter((attribute) => text(asked, attribute) !== '');
  return { resourceAttributes: Object.fromEntries(given.map((attribute) => [attribute, text(asked, attribute)])) };
}

/** @throws StatusError 400 when the review asks about neither a resource nor a path. */
function allowed(user: User, state: State, review: unknown): boolean {
  const path = at(review, 'spec', 'nonResourceAttributes');
  if (path !== undefined) return mayVisit(user, state, text(path, 'verb'), text(path, 'path'));
  const asked = at(review, 'spec', 'resourceAttributes');
  if (asked === undefined) {
    throw badRequest(
      'spec.resourceAttributes: Required value: must specify resourceAttributes or nonResourceAttributes',
    );
  }
  return mayAccess(user, state, {
    namespace: text(asked, 'namespace'),
    verb: text(asked, 'verb'),
    group: text(asked, 'group'),
    resource: text(asked, 'resource'),
    subresource: text(asked, 'subresource'),
    name: text(asked, 'name'),
  });
}
