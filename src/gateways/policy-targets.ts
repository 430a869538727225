/** What policies are about: objects that they name, or choose by labels, whole or a part of each [internal/gatewayapi/helpers.go, resolvePolicyTargets]. */
import { requirementsOf, selects } from '../formats/label-selector.ts';
import { at, isFields, list, strings, text } from '../formats/fields.ts';
import { isSelected } from './listener.ts';
import { routeKinds } from './routes.ts';
import { envoyGateway, gatewayApi, isPermitted, namespaceOf, type Resource, type World } from './world.ts';

export interface PolicyTarget {
  kind: string;
  namespace: string;
  name: string;
  /** A listener, or a rule of a route; empty for the whole. */
  section: string;
}

/** Of the same time, by name: the older policy comes first. */
export const byAge = (policies: readonly Resource[]): readonly Resource[] =>
  policies.toSorted((one, other) => {
    const key = (object: Resource): string =>
      `${text(object, 'metadata', 'creationTimestamp')} ${namespaceOf(object)}/${object.metadata.name}`;
    return key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0;
  });

/** What a policy is about: those that it chooses, and then those that it names. */
export function targetsOf(world: World, policy: Resource): readonly PolicyTarget[] {
  const namespace = namespaceOf(policy);
  const spec = at(policy, 'spec');
  const single = at(spec, 'targetRef');
  const named = [...(isFields(single) ? [single] : []), ...list(spec, 'targetRefs')].map((target) => ({
    kind: text(target, 'kind'),
    namespace,
    name: text(target, 'name'),
    section: text(target, 'sectionName'),
  }));
  const chosen = list(spec, 'targetSelectors').flatMap((selector) => chosenBy(world, policy, selector));
  const key = (target: PolicyTarget): string => JSON.stringify(target);
  return [...new Map([...chosen, ...named].map((target) => [key(target), target])).values()];
}

const choosable: readonly string[] = ['Gateway', 'ListenerSet', ...routeKinds];

function chosenBy(world: World, policy: Resource, selector: unknown): readonly PolicyTarget[] {
  const kind = text(selector, 'kind');
  if (!choosable.includes(kind) || ![gatewayApi, ''].includes(text(selector, 'group'))) return [];
  const labels = { matchLabels: at(selector, 'matchLabels'), matchExpressions: at(selector, 'matchExpressions') };
  if (requirementsOf(labels) === undefined) return [];
  const from = { group: envoyGateway, kind: policy.kind, namespace: namespaceOf(policy) };
  return world
    .list(kind)
    .filter(
      (object) =>
        isInNamespaces(world, policy, selector, namespaceOf(object)) &&
        selects(labels, strings(object, 'metadata', 'labels')) &&
        isPermitted(world, from, {
          group: gatewayApi,
          kind,
          namespace: namespaceOf(object),
          name: object.metadata.name,
        }),
    )
    .map((object) => ({ kind, namespace: namespaceOf(object), name: object.metadata.name, section: '' }));
}

/** Left out, a policy chooses in its own namespace. */
function isInNamespaces(world: World, policy: Resource, selector: unknown, namespace: string): boolean {
  switch (text(selector, 'namespaces', 'from')) {
    case 'All':
      return true;
    case 'Selector':
      return isSelected(at(selector, 'namespaces', 'selector'), namespace, world);
    default:
      return namespace === namespaceOf(policy);
  }
}

/** How a policy's status names whom it works on. */
export const ancestor = (kind: string, namespace: string, name: string, sectionName: string): unknown => ({
  ...{ group: gatewayApi, kind, namespace, name },
  ...(sectionName === '' ? {} : { sectionName }),
});
