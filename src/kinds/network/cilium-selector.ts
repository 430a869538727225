/**
 * Cilium’s selectors: label selectors whose keys may say where a label comes from (`k8s:app`, `reserved:host`), over the labels of a pod, of its
 * namespace and of its ServiceAccount, or over the reserved ones of what is no pod. [Cilium 1.14 to 1.18, pkg/labels, pkg/policy/api]
 */
import { meets, requirementsOf, type Requirement } from '../../formats/label-selector.ts';
import { allOf, doubt, type Answer } from './answer.ts';
import { isOfIdentity } from './identity-labels.ts';
import type { Party, PodParty } from './traffic.ts';

const namespaceLabel = 'io.kubernetes.pod.namespace';
const namespaceLabels = 'io.cilium.k8s.namespace.labels.';
const accountLabel = 'io.cilium.k8s.policy.serviceaccount';
const clusterLabel = 'io.cilium.k8s.policy.cluster';

/** A key without its source; `any` where none is written. */
function keyOf(key: string): { source: string; name: string } {
  const [, source = 'any', name = key] =
    /^(any|k8s|reserved|container|cidr|cidrgroup|fqdn|node|unspec)[:](.*)$/.exec(key) ?? [];
  return { source, name };
}

/** Whether a selector takes a party. The selectors of a policy take pods of its namespace, unless they name namespaces themselves. */
export function selectsParty(selector: unknown, party: Party, namespace: string | undefined): Answer {
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return false;
  const keys = requirements.map(({ key }) => keyOf(key));
  if (keys.some(({ source }) => source === 'reserved')) return takesReserved(requirements, party);
  if (party.is !== 'pod') return false;
  const namesNamespaces = keys.some(
    ({ name }) => name === namespaceLabel || (namespace !== undefined && name.startsWith(namespaceLabels)),
  );
  return allOf(
    () => namesNamespaces || namespace === undefined || party.namespace === namespace,
    ...requirements.map((requirement) => () => meetsPod(requirement, party)),
  );
}

/** Whether a policy’s endpointSelector takes a pod: with a namespace, whatever it says of namespaces itself, only there. */
export const selectsEndpoint = (selector: unknown, pod: PodParty, namespace: string | undefined): Answer =>
  allOf(
    () => namespace === undefined || pod.namespace === namespace,
    () => selectsParty(withoutNamespace(selector, namespace), pod, namespace),
  );

/** Cilium puts the policy’s own namespace in the place of any other. */
function withoutNamespace(selector: unknown, namespace: string | undefined): unknown {
  if (namespace === undefined || typeof selector !== 'object' || selector === null) return selector;
  const { matchLabels } = selector as { matchLabels?: Readonly<Record<string, unknown>> };
  const left = Object.entries(matchLabels ?? {}).filter(([key]) => keyOf(key).name !== namespaceLabel);
  return { ...selector, matchLabels: Object.fromEntries(left) };
}

function meetsPod(requirement: Requirement, pod: PodParty): Answer {
  const { source, name } = keyOf(requirement.key);
  if (source !== 'any' && source !== 'k8s') return false;
  const meetsWith = (labels: Readonly<Record<string, unknown>>): boolean =>
    meets({ ...requirement, key: name }, labels);
  if (name === namespaceLabel) return meetsWith({ [name]: pod.namespace });
  if (name === accountLabel) {
    return pod.serviceAccount === undefined
      ? doubt(`the ServiceAccount of pod ${pod.namespace}/${pod.name} is not known`)
      : meetsWith({ [name]: pod.serviceAccount });
  }
  if (name === clusterLabel) return doubt('a rule names a cluster, and no object tells the name of this one');
  if (name.startsWith(namespaceLabels)) return meetsNamespace({ ...requirement, key: name }, pod);
  if (!isOfIdentity(name)) return doubt(`Cilium may leave label ${name} out of the identities that it knows pods by`);
  return meetsWith(pod.labels);
}

function meetsNamespace(requirement: Requirement, { namespace, namespaceLabels: labels }: PodParty): Answer {
  const key = requirement.key.slice(namespaceLabels.length);
  const own = { 'kubernetes.io/metadata.name': namespace };
  if (labels === undefined && !(key in own)) return doubt(`the labels of namespace ${namespace} are not known`);
  return meets({ ...requirement, key }, { ...labels, ...own });
}

/** A selector of reserved labels takes what is no pod; the labels of nodes and the like are not followed further. */
function takesReserved(requirements: readonly Requirement[], party: Party): Answer {
  if (party.is === 'pod') return false;
  const names = requirements.flatMap(({ key, operator }) => {
    const { source, name } = keyOf(key);
    return source === 'reserved' && (operator === 'In' || operator === 'Exists') ? [name] : [];
  });
  if (names.length < requirements.length) return doubt('a rule combines reserved labels with others');
  return allOf(...names.map((name) => () => isReserved(name, party)));
}

/** Whether a party has a reserved identity: `host` is the pod’s own node, `remote-node` another one. */
function isReserved(name: string, party: Exclude<Party, PodParty>): Answer {
  if (name === 'world') return party.is === 'outside';
  if (name === 'kube-apiserver') return party.isApiServer === true;
  if (name === 'host' || name === 'remote-node') {
    return party.is === 'node' && doubt('a rule names a node by its reserved label, in place of an entity');
  }
  return false;
}
